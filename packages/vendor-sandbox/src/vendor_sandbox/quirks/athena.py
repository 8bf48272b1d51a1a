"""Athena's main API, which both login methods share: a Django REST framework application.

Facts that no OpenAPI document states:

- No credentials: 403 ``{"detail": "Authentication credentials were not provided."}``; a wrong or expired token: 401
  ``{"detail": "Custom bearer token is not valid"}`` (documented). No permission: 403 (assumed, the framework's way).
- Lists are pages of ``limit`` entries (default 10) from ``offset``, with absolute ``next`` and ``previous``
  (documented for buckets, assumed for the others).
- Validation errors are keyed by field (documented); a list of sentences per field (the framework's way, assumed).
- A PAY needs both parties, a DEPOSIT party B, a WITHDRAW party A; they must be enrolled, the currency must be the
  master currency, every bucket must exist, or the whole record is refused (documented).
- Buckets have unique names; "Ordinary" cannot be renamed or deleted (documented). The response to a taken id of a
  subject or a transaction is not documented: it is not refused.
- Buckets, blacklist entries, cases and users are deactivated, not erased (documented).
- Findings, report codes and report indicators are added to those of the case (their names; assumed). One unknown case
  in a bulk assignment causes a refusal of all of it (assumed).
- The media type of reports is not documented: ``application/octet-stream`` (assumed).
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vendor_sandbox.document import Document, Media
from vendor_sandbox.json_values import JsonObject, array_of, object_of
from vendor_sandbox.messages import Request, Response, json_response
from vendor_sandbox.quirks.athena_views import CONCLUDED, AthenaViews, is_wanted
from vendor_sandbox.quirks.base import Backend, Call, handles
from vendor_sandbox.resources import Resources
from vendor_sandbox.schemas import members_of
from vendor_sandbox.tokens import Why
from vendor_sandbox.validation import Violation

__all__ = ["AthenaQuirks"]

PARTIES = {"PAY": ("cp_a_id", "cp_b_id"), "DEPOSIT": ("cp_b_id",), "WITHDRAW": ("cp_a_id",)}
ORDINARY = "Ordinary"


class PlainShape:
    """Items are bare objects; pages have them in ``results``."""

    def items_in(self, body: object) -> list[JsonObject]:
        """See :class:`~vendor_sandbox.resources.Shape`."""
        node = object_of(body)
        return [object_of(item) for item in array_of(node["results"])] if "results" in node else [node]

    def member_names(self, document: Document, media: Media | None) -> set[str]:
        """See :class:`~vendor_sandbox.resources.Shape`."""
        return set(members_of(document, media.schema)) if media is not None else set()

    def new_item(self, example: JsonObject, key: str, value: object, members: Mapping[str, Any]) -> JsonObject:
        """See :class:`~vendor_sandbox.resources.Shape`."""
        return {**copy.deepcopy(example), key: value, **members}

    def change(self, item: JsonObject, members: Mapping[str, Any]) -> None:
        """See :class:`~vendor_sandbox.resources.Shape`."""
        item.update(members)


class AthenaQuirks(AthenaViews):
    """See the module."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.resources = Resources(backend.document, PlainShape(), backend.synthetic)
        self._seed_references()
        known = set(self.resources.collection("/api/transactions").items)
        self.resources.fill(
            without=["/api/assignees", "/api/bucketcontent", "/api/currency"],
            kind=lambda item: item.get("case_status", item.get("transaction_type")),
        )
        first = next(iter(self.resources.collection("/api/buckets").items.values()))
        for place, transaction in self.resources.collection("/api/transactions").items.items():
            if place not in known:
                transaction["client_transaction_id"] = f"{transaction['client_transaction_id']}-{transaction['id']}"
                self._fill_buckets(transaction, [ORDINARY, first["name"]])

    # --- errors

    def refused(self, call: Call, why: Why) -> Response:
        """403 without credentials or permission, 401 for a token that is not valid."""
        match why:
            case Why.MISSING:
                return _detail(403, "Authentication credentials were not provided.")
            case Why.FORBIDDEN:
                return _detail(403, "You do not have permission to perform this action.")
            case _:
                return _detail(401, "Custom bearer token is not valid")

    def invalid(self, call: Call, violations: Sequence[Violation]) -> Response:
        """A sentence per field; 404 for a path that cannot be an id; 415 for another media type."""
        if any(violation.location == "path" for violation in violations):
            return self.not_found(call.request)
        if any(violation.rule == "media type" for violation in violations):
            return _detail(415, f'Unsupported media type "{call.request.media_type}" in request.')
        errors: dict[str, list[str]] = {}
        for violation in violations:
            text = "This field is required." if violation.rule == "required" else violation.message
            errors.setdefault(violation.name or "non_field_errors", []).append(text)
        return json_response(400, errors)

    def not_found(self, request: Request) -> Response:
        """The framework's sentence."""
        return _detail(404, "Not found.")

    def method_not_allowed(self, request: Request, allowed: Sequence[str]) -> Response:
        """The framework's sentence."""
        return _detail(405, f'Method "{request.method}" not allowed.').with_header("Allow", ", ".join(allowed))

    def failure(self, status: int) -> Response:
        """The documented sentence."""
        return _detail(status, "Unexpected Error.")

    # --- resources

    def fallback(self, call: Call) -> Response:
        """Resources by the document, or its example."""
        role = self.resources.role(call.operation)
        if role is None:
            return super().fallback(call)
        collection = role.collection
        status = call.operation.success_status
        if role.name == "list":
            items = [item for item in collection.list(call.parameters) if is_wanted(item, call.parameters)]
            return self.page(call, items)
        if role.name == "create":
            created = self.resources.create(role, call.operation, call.parameters, object_of(call.body))
            return json_response(status, created)
        item = collection.get(call.parameters)
        if item is None:
            return self.not_found(call.request)
        match role.name:
            case "update" | "replace":
                self.resources.change(item, call.operation, object_of(call.body))
            case "delete":
                collection.remove(call.parameters)
                return Response(status)
            case _:
                pass
        return json_response(status, item)

    @handles("POST", "/api/logout")
    def logout(self, call: Call) -> Response:
        """Revoke the token in the body (documented); an unknown token gets the same response."""
        self.issuer.revoke(str(object_of(call.body)["token"]))
        return Response(call.operation.success_status)

    @handles("PATCH", "/api/currency/{alphabetic_code}")
    def update_currency(self, call: Call) -> Response:
        """One master currency, chosen once."""
        currencies = self.resources.collection("/api/currency")
        currency = currencies.get(call.parameters)
        if currency is None:
            return self.not_found(call.request)
        body = dict(object_of(call.body))
        if body.pop("activate_currency", False):
            if any(other["active_indicator"] and other is not currency for other in currencies.items.values()):
                return json_response(400, {"activate_currency": ["There is a master currency already."]})
            currency["active_indicator"] = True
        self.resources.change(currency, call.operation, body)
        return json_response(200, currency)

    @handles("POST", "/api/buckets")
    def create_bucket(self, call: Call) -> Response:
        """Names are unique."""
        if object_of(call.body)["name"] in self._bucket_ids():
            return json_response(400, {"name": ["A bucket with this name exists already."]})
        response = self.fallback(call)
        bucket = next(reversed(self.resources.collection("/api/buckets").items.values()))
        bucket.setdefault("active_indicator", True)
        return response

    @handles("PATCH", "/api/buckets/{bucket_id}")
    def update_bucket(self, call: Call) -> Response:
        """The bucket "Ordinary" keeps its name."""
        bucket = self.resources.collection("/api/buckets").get(call.parameters)
        if bucket is not None and bucket["name"] == ORDINARY and {"name", "description"} & set(object_of(call.body)):
            return json_response(400, {"name": ["The bucket Ordinary cannot be renamed."]})
        return self.fallback(call)

    @handles("DELETE", "/api/buckets/{bucket_id}")
    def deactivate_bucket(self, call: Call) -> Response:
        """Switched off, not erased; not "Ordinary"."""
        bucket = self.resources.collection("/api/buckets").get(call.parameters)
        if bucket is None:
            return self.not_found(call.request)
        if bucket["name"] == ORDINARY:
            return json_response(400, {"name": ["The bucket Ordinary cannot be deleted."]})
        bucket["active_indicator"] = False
        return Response(call.operation.success_status)

    @handles("DELETE", "/api/blacklist/{entry_id}")
    def deactivate_blacklist_entry(self, call: Call) -> Response:
        """No longer listed, not erased."""
        entries = self.resources.collection("/api/blacklist")
        if entries.get(call.parameters) is None:
            return self.not_found(call.request)
        entries.hide(call.parameters)
        return super().fallback(call)

    @handles("DELETE", "/api/users/{user_id}")
    def deactivate_user(self, call: Call) -> Response:
        """Marked as inactive, not erased."""
        user = self.resources.collection("/api/users").get(call.parameters)
        if user is None:
            return self.not_found(call.request)
        user["is_active"] = False
        return json_response(200, {"name": user["name"], "pk": user["id"], "is_active": False})

    @handles("DELETE", "/api/whitelist/{entry_id}/delete")
    def delete_whitelist_entry(self, call: Call) -> Response:
        """By subject and bucket where the body has them, else by id."""
        entries = self.resources.collection("/api/whitelist")
        exemption = {name: value for name, value in object_of(call.body).items() if name in ("bucket", "subject")}
        wanted = entries.get(call.parameters)
        named = [
            place
            for place, entry in entries.items.items()
            if (is_wanted(entry, exemption) if exemption else entry is wanted)
        ]
        for place in named:
            del entries.items[place]
        return Response(call.operation.success_status) if named else self.not_found(call.request)

    @handles("GET", "/api/permissions")
    def list_permissions(self, call: Call) -> Response:
        """Without pages (documented)."""
        return super().fallback(call)

    # --- transactions and bucket content

    @handles("POST", "/api/transactions")
    def create_transaction(self, call: Call) -> Response:
        """Store a transaction in its buckets; parties, currency and buckets must exist."""
        body = object_of(call.body)
        transactions = self.resources.collection("/api/transactions")
        errors = self._transaction_errors(body)
        if errors:
            return json_response(400, errors)
        names = [ORDINARY, *array_of(body.get("populate_buckets"))]
        item: JsonObject = {
            **self.resources.storable(call.operation, body),
            "id": transactions.next_key(),
            "transaction_currency": self._item("/api/currency", "alphabetic_code", body["transaction_currency_id"]),
            "alt_currency": self._item("/api/currency", "alphabetic_code", body.get("alt_currency_id")),
            "cp_a": self._item("/api/subjects", "client_subject_id", body.get("cp_a_id")),
            "cp_b": self._item("/api/subjects", "client_subject_id", body.get("cp_b_id")),
            "bucket_loading_status": f"Transaction loaded into [{', '.join(names)}]",
            "created_by": {"id": 7},
            "modified_by": {"id": 7},
        }
        transactions.put(call.parameters, item["id"], item)
        self._fill_buckets(item, names)
        return json_response(call.operation.success_status, item)

    @handles("POST", "/api/bucketcontent")
    def add_bucket_content(self, call: Call) -> Response:
        """Add a stored transaction to the named buckets."""
        body = object_of(call.body)
        transaction = self._item("/api/transactions", "client_transaction_id", body["client_transaction_id"])
        if transaction is None:
            return json_response(400, {"client_transaction_id": ["There is no such transaction."]})
        unknown = [name for name in body["populate_buckets"] if name not in self._bucket_ids()]
        if unknown:
            return json_response(400, {"populate_buckets": [f"There is no bucket {name}." for name in unknown]})
        self._fill_buckets(transaction, body["populate_buckets"])
        return json_response(201, {"client_transaction_id": body["client_transaction_id"]})

    @handles("GET", "/api/bucketcontent")
    def list_bucket_content(self, call: Call) -> Response:
        """One entry for each pair of bucket and transaction."""
        wanted = call.parameters.get("bucket_id")
        rows = self.resources.collection("/api/bucketcontent").list(call.parameters)
        if wanted is not None:
            rows = [row for row in rows if object_of(row["bucket"]).get("id") == wanted]
        return self.page(call, [row for row in rows if is_wanted(row, call.parameters)])

    # --- cases

    @handles("PATCH", "/api/cases/{case_id}/alert")
    def rate_case(self, call: Call) -> Response:
        """Sets the rating."""
        return self._on_case(call, lambda case: case.update(object_of(call.body)), returns_case=True)

    @handles("PATCH", "/api/cases/{case_id}/approval")
    def decide_case(self, call: Call) -> Response:
        """A conclusion closes the case; recommending a true hit needs a reason."""
        body = object_of(call.body)
        if body["case_action"] == "Recommend True Hit" and not body.get("reason_for_escalation"):
            return json_response(400, {"reason_for_escalation": ["This field is required."]})

        def decide(case: JsonObject) -> None:
            action = str(body["case_action"])
            case["case_action"] = action
            if action.startswith("Conclude "):
                case["case_status"] = action.removeprefix("Conclude ")

        return self._on_case(call, decide)

    @handles("PATCH", "/api/cases/{case_id}/assign_checker", "/api/cases/{case_id}/assign_maker")
    def assign_case(self, call: Call) -> Response:
        """Assign the case to a user."""
        assignee = self._assignee(object_of(call.body)["assignee_id"])
        return self._on_case(call, lambda case: case.update({"assignee": assignee}))

    @handles("PATCH", "/api/cases/{case_id}/reopen")
    def reopen_case(self, call: Call) -> Response:
        """Reopen a case; only a concluded one can be reopened."""
        case = self.resources.collection("/api/cases").get(call.parameters)
        if case is not None and case["case_status"] not in CONCLUDED:
            return json_response(400, {"case_status": ["Only a concluded case can be reopened."]})
        return self._on_case(call, lambda case: case.update({"case_status": "Open"}))

    @handles("DELETE", "/api/cases/{case_id}")
    def delete_case(self, call: Call) -> Response:
        """No longer listed, not erased."""
        return self._on_case(call, lambda case: self.resources.collection("/api/cases").hide(call.parameters))

    @handles("PATCH", "/api/cases/{case_id}/document")
    def add_document(self, call: Call) -> Response:
        """Add a file."""
        document = {"name": call.request.parts["name"][0]}
        return self._on_case(call, lambda case: case.setdefault("documents", []).append(document))

    @handles("PATCH", "/api/cases/{case_id}/findings")
    def add_finding(self, call: Call) -> Response:
        """Add a text."""
        return self._on_case(call, lambda case: case.setdefault("findings", []).append(dict(object_of(call.body))))

    @handles("PATCH", "/api/cases/{case_id}/report_code", "/api/cases/{case_id}/report_indicator")
    def add_to_report(self, call: Call) -> Response:
        """Add a code or indicator; a case has them in ``reports_code`` and ``reports_indicator`` (documented)."""
        name = call.operation.path.rpartition("/")[2]
        member, value = name.replace("report_", "reports_"), object_of(call.body)[name]
        return self._on_case(call, lambda case: case.setdefault(member, []).append(value), returns_case=True)

    @handles("PATCH", "/api/cases/bulk_assign")
    def assign_cases(self, call: Call) -> Response:
        """Assign all cases or none."""
        body = object_of(call.body)
        cases = self.resources.collection("/api/cases")
        found = [cases.get({"case_id": number}) for number in body["case_list"]]
        if None in found:
            return json_response(400, {"case_list": ["There is no such case."]})
        for case in found:
            object_of(case)["assignee"] = self._assignee(body["assignee"])
        return super().fallback(call)

    @handles(
        "GET", "/api/cases/{case_id}/generate_case_report", "/api/subjects/{client_subject_id}/generate-subject-report"
    )
    def report(self, call: Call) -> Response:
        """A file."""
        path = "/api/cases" if "case_id" in call.parameters else "/api/subjects"
        if self.resources.collection(path).get(call.parameters) is None:
            return self.not_found(call.request)
        return Response(200, super().fallback(call).body, "application/octet-stream")

    # --- helpers

    def _on_case(self, call: Call, act: Callable[[JsonObject], object], *, returns_case: bool = False) -> Response:
        case = self.resources.collection("/api/cases").get(call.parameters)
        if case is None:
            return self.not_found(call.request)
        act(case)
        return json_response(200, case) if returns_case else super().fallback(call)

    def _transaction_errors(self, body: JsonObject) -> JsonObject:
        errors: JsonObject = {}
        for name in PARTIES[body["transaction_type"]]:
            if name not in body:
                errors[name] = ["This field is required."]
        for name in ("cp_a_id", "cp_b_id"):
            if name in body and self._item("/api/subjects", "client_subject_id", body[name]) is None:
                errors[name] = [f"There is no subject {body[name]}."]
        currency = self._item("/api/currency", "alphabetic_code", body["transaction_currency_id"])
        if currency is None or not currency["active_indicator"]:
            errors["transaction_currency_id"] = ["This is not the master currency."]
        unknown = [name for name in array_of(body.get("populate_buckets")) if name not in self._bucket_ids()]
        if unknown:
            errors["populate_buckets"] = [f"There is no bucket {name}." for name in unknown]
        return errors

    def _fill_buckets(self, transaction: JsonObject, names: Sequence[str]) -> None:
        content = self.resources.collection("/api/bucketcontent")
        ids = self._bucket_ids()
        shown = {name: value for name, value in transaction.items() if name not in ("id", "bucket_loading_status")}
        # A transaction contains its users as objects; an entry of a bucket contains only their ids.
        shown.update({name: object_of(shown.get(name)).get("id") for name in ("created_by", "modified_by")})
        for name in names:
            row = {"bucket": {"id": ids[name], "name": name}, **shown}
            content.put({}, f"{name}/{transaction['client_transaction_id']}", row)

    def _assignee(self, number: int) -> JsonObject:
        user = self.resources.collection("/api/users").get({"user_id": number}) or {}
        return {"id": number, "name": user.get("name", f"User {number}")}

    def _bucket_ids(self) -> dict[str, Any]:
        return {item["name"]: item["id"] for item in self.resources.collection("/api/buckets").items.values()}

    def _item(self, path: str, member: str, value: object) -> JsonObject | None:
        """The item of a collection with this value, as other responses contain it."""
        items = self.resources.collection(path).items.values()
        return next((copy.deepcopy(item) for item in items if value is not None and item.get(member) == value), None)

    def _seed_references(self) -> None:
        """Create the items that the examples mention: parties, assignees, closed cases, the permanent bucket."""
        subjects = self.resources.collection("/api/subjects")
        for transaction in self.resources.collection("/api/transactions").items.values():
            for party in (object_of(transaction.get("cp_a")), object_of(transaction.get("cp_b"))):
                name = str(party.get("client_subject_id", ""))
                if name and ((), name) not in subjects.items:
                    subjects.put({}, name, copy.deepcopy(party))
        buckets = self.resources.collection("/api/buckets")
        buckets.put({}, 1, {"id": 1, "name": ORDINARY, "active_indicator": True, "bucket_rules": []})
        content = self.resources.collection("/api/bucketcontent")
        for row in self._examples("listBucketContent"):
            bucket = object_of(row.get("bucket"))
            content.put({}, f"{bucket.get('name')}/{row.get('client_transaction_id')}", row)
        cases = self.resources.collection("/api/cases")
        first = next(iter(cases.items.values()))
        for case in self._examples("listInactiveCases"):
            cases.put({}, case["id"], {**copy.deepcopy(first), **case})
        users = self.resources.collection("/api/users")
        for user in self.resources.collection("/api/assignees").items.values():
            users.put({}, user["id"], user)
        for body in self.document.operation("checkLoginEmail").body.values():
            reporter = {
                "id": users.next_key(),
                "name": "Example Reporter",
                "email": object_of(body.examples[0])["email"],
            }
            users.put({}, reporter["id"], reporter)

    def _examples(self, operation_id: str) -> list[JsonObject]:
        """The items of a list's examples."""
        media = self.document.operation(operation_id).success_media
        bodies = copy.deepcopy(media.examples) if media is not None else ()
        return [object_of(item) for body in bodies for item in array_of(object_of(body).get("results", body))]


def _detail(status: int, text: str) -> Response:
    return json_response(status, {"detail": text})

"""CRM.COM: RPC-style calls, an envelope around every response, the token in the query or in the body.

Facts that no OpenAPI document states:

- A failure is HTTP 200 with ``status.code`` other than ``OK``, in the form of a Java exception's name (documented by
  what clients check). The code for a bad token is not documented; the names here follow the pattern.
- The key is the user name of HTTP Basic, with an empty password; only the two methods that return a token for a key
  accept it. A login with an authentication code needs no key, one with a pass code does. A token of the identity
  management is sent with its organisation and no other credential (documented, R16.2.0).
- A consumer's token gives access to what that consumer owns (documented), and to entities that belong to no customer,
  such as products. All others are reported as not found (assumed).
- GET carries the token in the query, POST as a member of the JSON body, no method in a header (documented).
- Tokens are JWTs with HS256, valid for two hours; ``exp`` and ``iat`` are strings; the claim of the account is ``ari``,
  though the text names ``acr`` (documented sample). No refresh token. Several tokens can be valid at the same time.
- An identifier in a query is written ``field=value`` (documented); of the selectors of a list exactly one is given
  (documented). A consumer's access token with the wrong pass code selects nothing (assumed).
- ``fields_set`` names the members to return; lists take ``number_of_results`` and ``offset`` (documented).
- In an update, an omitted member is unchanged and ``null`` clears it (documented).
- A purchase is created posted, and only a posted one can be cancelled (documented). Responses never contain a pass
  code, except when one is reset (documented).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from auth_core_testing import TokenIssuer

from vendor_sandbox.document import Operation, SecurityScheme
from vendor_sandbox.json_values import JsonObject, is_object, object_of, read_json
from vendor_sandbox.messages import Request, Response
from vendor_sandbox.quirks.base import Backend, Call, Quirks, handles, issues_tokens
from vendor_sandbox.quirks.crmcom_entities import Consumer, Entities
from vendor_sandbox.quirks.crmcom_envelope import (
    arguments_of,
    code_of,
    example_data,
    failed,
    is_selected,
    named,
    parts_of,
    sparse,
    succeeded,
)
from vendor_sandbox.tokens import Access, Why
from vendor_sandbox.validation import Violation

__all__ = ["VENDOR", "CrmcomQuirks"]

CONSUMER_KEY = "sandbox-consumer-application-key"
WEB_KEY = "sandbox-web-api-key"
ORGANISATION = "9A0C4D1E52F04B0E8B61A3F6C2D70011"
UNIT = "1"
LIFETIME = 7200
CONSUMER_TOKEN = "/authentication/consumer_application_key/token"
PLACE = "body/access_token_identifier"
WEB_TOKEN = "/authentication/web_api_key/token"

SELECTORS = {
    "access_tokens": ("accounts_receivable_identifier", "rewards_participant_identifier"),
    "accounts_receivable": (
        "subscription_identifier",
        "contact_information_identifier",
        "payment_preference_identifier",
        "presentment_preference_identifier",
        "wallet_identifier",
        "email_address",
    ),
    "customer_events/purchases": (
        "accounts_receivable_identifier",
        "rewards_participant_identifier",
        "classification_identifier",
    ),
    "products": ("type_identifier", "brand_identifier", "family_identifier", "category_identifier"),
    "rewards_participants": (
        "accounts_receivable_identifier",
        "contact_information_identifier",
        "wallet_identifier",
    ),
    "service_requests": ("accounts_receivable_identifier", "caller_identifier"),
    "wallets": ("accounts_receivable_identifier", "subscription_identifier"),
}
"""The parameters of which a list requires exactly one; those of other lists are optional or checked by the document."""
CREATED = {"customer_events/purchases": {"life_cycle_state": "POSTED"}}
"""Default members of newly created entities."""
NO_FILTERS = {"fields_set", "number_of_results", "offset"}
UNASSOCIATED = "NOT_EFFECTIVE"
"""The state of a consumer's access token that is not assigned yet."""
SHOWN_IN_STATE = {"get_draft": "DRAFT", "get_not_associated": UNASSOCIATED}
"""The state of the entities in a list, by the list's action."""
JOB_MOVES = {
    "start_progress": (("PENDING",), "IN PROGRESS"),
    "complete": (("IN PROGRESS",), "COMPLETED"),
    "cancel": (("DRAFT", "PENDING", "IN PROGRESS"), "CANCELLED"),
}
"""The state transitions of a job, by action."""
ON_ENTITY = {
    "/access_tokens/generate_otp": ("access_tokens", "access_token_identifier"),
    "/customer_events/purchases/apply_settlement": ("customer_events/purchases", "customer_event_identifier"),
    "/service_requests/response_accept": ("service_requests", "service_request_identifier"),
    "/service_requests/temporary_resolve": ("service_requests", "service_request_identifier"),
}
"""The entities of calls that have no visible effect."""

REFUSED = {
    Why.MISSING: "COM.CRM.EXCEPTION.AUTHENTICATION.TOKENMANDATORYEXCEPTION",
    Why.INVALID: "COM.CRM.EXCEPTION.AUTHENTICATION.INVALIDTOKENEXCEPTION",
    Why.EXPIRED: "COM.CRM.EXCEPTION.AUTHENTICATION.EXPIREDTOKENEXCEPTION",
    Why.FORBIDDEN: "COM.CRM.EXCEPTION.AUTHENTICATION.NOTPERMITTEDEXCEPTION",
}


class CrmcomQuirks(Quirks):
    """See the module."""

    wire_values = {
        f"{PLACE}/authentication_code": "CARD-0001",
        f"{PLACE}/identifier": "sandbox.user@consumer.example",
        f"{PLACE}/pass_code": "4711",
        "body/jwt": "sandbox-identity-token",
        "body/organisation": ORGANISATION,
        "body/unit": UNIT,
        "body/username": "sandbox.user",
        "body/password": "correct horse battery staple",
    }
    static_values = {"username": WEB_KEY}

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.entities = Entities(backend.synthetic, standard_pass_code=self.wire_values[f"{PLACE}/pass_code"])
        for operation in self.document.operations:
            entity, action = parts_of(operation)
            data = example_data(operation)
            if data and (action in ("show", "list", *SHOWN_IN_STATE) or operation.path == "/wallets/get_balance"):
                self.entities.add_example(entity, data)
            elif action == "create":
                self.entities.open(entity)
        self.entities.fill()

    def new_issuer(self) -> TokenIssuer:
        """See the module's facts."""
        return TokenIssuer(clock=self.clock, lifetime=LIFETIME, algorithm="HS256", rotates=False)

    # --- tokens

    def wire_value(self, operation: Operation, place: str, constants: Mapping[str, Any]) -> str | None:
        """The key is at the same place in both methods that take one."""
        if place == "basic/username":
            return WEB_KEY if operation.path == WEB_TOKEN else CONSUMER_KEY
        return super().wire_value(operation, place, constants)

    @issues_tokens("POST", CONSUMER_TOKEN)
    def consumer_token(self, call: Call) -> Response:
        """For a consumer: the key with a pass code, an authentication code, or a token of the identity management."""
        body = self._token_body(call)
        if body is None:
            return failed("COM.CRM.EXCEPTION.AUTHENTICATION.INVALIDREQUESTEXCEPTION", "The body is not JSON.")
        selectors = {"access_token_identifier", "jwt", "organisation"} & set(body)
        if selectors not in ({"access_token_identifier"}, {"jwt", "organisation"}):
            return failed(
                "COM.CRM.EXCEPTION.AUTHENTICATION.INVALIDREQUESTEXCEPTION",
                "Give the access_token_identifier, or the jwt with the organisation.",
            )
        if "jwt" in body:
            accepted = (body["jwt"], body["organisation"]) == (self.wire_values["body/jwt"], ORGANISATION)
        else:
            accepted = self._identified(body)
        by_pass_code = "identifier" in object_of(body.get("access_token_identifier"))
        if by_pass_code or call.request.header("authorization") is not None:
            accepted = accepted and call.request.basic == (CONSUMER_KEY, "")
        return self._token_or_refusal(accepted and self._unit(body), {"cii": CONSUMER_ID, "ari": ACCOUNT_ID})

    @issues_tokens("POST", WEB_TOKEN)
    def web_token(self, call: Call) -> Response:
        """For a system: a key alone; the body may be missing."""
        body = self._token_body(call) if call.request.body else {}
        if body is None:
            return failed("COM.CRM.EXCEPTION.AUTHENTICATION.INVALIDREQUESTEXCEPTION", "The body is not JSON.")
        return self._token_or_refusal(call.request.basic == (WEB_KEY, "") and self._unit(body), {})

    @issues_tokens("POST", "/authentication/token")
    def user_token(self, call: Call) -> Response:
        """For a user with a password."""
        body = self._token_body(call)
        if body is None:
            return failed("COM.CRM.EXCEPTION.AUTHENTICATION.INVALIDREQUESTEXCEPTION", "The body is not JSON.")
        names = ("username", "password", "organisation")
        accepted = all(body.get(name) == self.wire_values[f"body/{name}"] for name in names)
        return self._token_or_refusal(accepted and self._unit(body), {})

    @handles("POST", "/authentication/token/release")
    def release_token(self, call: Call) -> Response:
        """Revoke a token."""
        self.issuer.revoke(str(object_of(call.body).get("token", "")))
        return succeeded({})

    def presented(self, scheme: SecurityScheme, request: Request) -> str | None:
        """The token is in the query of GET and in the body of POST; headers are ignored."""
        if request.method == "GET":
            return dict(request.query).get("token")
        value = object_of(request.json).get("token")
        return value if isinstance(value, str) else None

    def accept(self, scheme: SecurityScheme, request: Request) -> Access:
        """Limit the call to what the consumer owns, if the token is a consumer's."""
        access = super().accept(scheme, request)
        consumer = "cii" in access.claims
        self.entities.consumer = Consumer(access.claims["cii"], access.claims["ari"]) if consumer else None
        return access

    # --- errors

    def refused(self, call: Call, why: Why) -> Response:
        """Under HTTP 200."""
        return failed(REFUSED[why], why.value)

    def invalid(self, call: Call, violations: Sequence[Violation]) -> Response:
        """Under HTTP 200."""
        first = violations[0]
        return failed(code_of(call, "INVALIDPARAMETER"), f"{first.name or 'body'}: {first.message}")

    def not_found(self, request: Request) -> Response:
        """An unknown path: HTTP 404 (assumed)."""
        return failed("COM.CRM.EXCEPTION.WEBAPI.METHODNOTFOUNDEXCEPTION", "There is no such method.", 404)

    def method_not_allowed(self, request: Request, allowed: Sequence[str]) -> Response:
        """HTTP 405 (assumed)."""
        response = failed("COM.CRM.EXCEPTION.WEBAPI.METHODNOTALLOWEDEXCEPTION", "Use another HTTP method.", 405)
        return response.with_header("Allow", ", ".join(allowed))

    def failure(self, status: int) -> Response:
        """The envelope."""
        return failed("COM.CRM.EXCEPTION.WEBAPI.UNEXPECTEDEXCEPTION", "The request failed.", status)

    def locked_out(self, call: Call) -> Response:
        """The envelope (assumed)."""
        return failed("COM.CRM.EXCEPTION.AUTHENTICATION.ACCOUNTLOCKEDEXCEPTION", "The account is locked.")

    def succeeded(self, response: Response) -> bool:
        """A failure is HTTP 200, too."""
        return object_of(object_of(read_json(response.body)).get("status")).get("code") == "OK"

    # --- entities

    def fallback(self, call: Call) -> Response:
        """``show``, ``list``, ``create`` and ``update`` of what the document has examples of."""
        entity, action = parts_of(call.operation)
        if entity not in self.entities:
            return super().fallback(call)
        match action:
            case "show":
                return self._show(call, entity)
            case "list":
                return self._list(call, entity)
            case "create":
                return self._create(call, entity)
            case "update":
                return self._update(call, entity)
            case _:
                return super().fallback(call)

    @handles("POST", "/wallets/get_balance")
    def wallet_balance(self, call: Call) -> Response:
        """Of a wallet, now or at a later date."""
        body = object_of(call.body)
        as_of = body.get("as_of_date")
        now = datetime.fromtimestamp(self.clock.wall(), UTC).strftime("%Y-%m-%dT%H:%M:%S")
        if isinstance(as_of, str) and as_of <= now:
            return failed(code_of(call, "DATEMUSTBEINTHEFUTURE"), "as_of_date must be in the future.")
        selectors = [name for name in body if name.endswith("_identifier")]
        if len(selectors) != 1:
            return failed(code_of(call, "ONESELECTORONLY"), "Give exactly one of the identifiers.")
        if self._selects_nothing(body):
            return self._not_there(call)
        if selectors[0] != "wallet_identifier":
            return self._balance(call, self.entities["wallets"][0])
        wallet = self.entities.find("wallets", body["wallet_identifier"])
        return self._not_there(call) if wallet is None else self._balance(call, wallet)

    @handles("POST", "/customer_events/purchases/cancel")
    def cancel_purchase(self, call: Call) -> Response:
        """Of a posted purchase."""
        purchase = self.entities.find("customer_events/purchases", object_of(call.body)["customer_event_identifier"])
        if purchase is None:
            return self._not_there(call)
        if purchase["life_cycle_state"] != "POSTED":
            return failed(code_of(call, "NOTPOSTED"), "The purchase is not posted.")
        purchase["life_cycle_state"] = "CANCELLED"
        return self._sparse(call, purchase)

    @handles("POST", "/perception/subscriber/authenticate")
    def subscriber(self, call: Call) -> Response:
        """By the login of the sandbox's consumer."""
        login = {name: value for name, value in object_of(call.body).items() if name != "token"}
        if not self._identified({"access_token_identifier": login}):
            return failed(code_of(call, "INVALIDCREDENTIALS"), "The credentials are wrong.")
        return succeeded(example_data(call.operation))

    @handles("POST", "/customer_events/purchases/create_spend")
    def create_purchase_with_spend(self, call: Call) -> Response:
        """Create a purchase; the documentation does not describe the spend."""
        return self._create(call, "customer_events/purchases")

    @handles("POST", "/payments/create")
    def create_payment(self, call: Call) -> Response:
        """Posted, it lowers what the account owes, or is in the wallet (assumed)."""
        body = object_of(call.body)
        amount = body["payment_amount"] if body["life_cycle_state"] == "POSTED" else 0
        if "wallet_identifier" in body:
            found, changes = self.entities.find("wallets", body["wallet_identifier"]), {"balance": amount}
        else:
            found = self.entities.find("accounts_receivable", body["accounts_receivable_identifier"])
            changes = {"balance": -amount, "outstanding_amount": -amount}
        if found is None:
            return self._not_there(call)
        found.update({name: found[name] + change for name, change in changes.items() if name in found})
        return self._create(call, "payments")

    @handles("POST", *(f"/jobs/all_scopes/{action}" for action in JOB_MOVES))
    def move_job(self, call: Call) -> Response:
        """Move a job to its next state, from one of the documented states."""
        job = self.entities.find("jobs", object_of(call.body)["job_identifier"])
        if job is None:
            return self._not_there(call)
        states, state = JOB_MOVES[parts_of(call.operation)[1]]
        if job["life_cycle_state"] not in states:
            return failed(code_of(call, "INVALIDSTATE"), f"The job is not {' or '.join(states)}.")
        job["life_cycle_state"] = state
        return self._sparse(call, job)

    @handles("GET", "/jobs/all_scopes/get_draft")
    def list_drafts(self, call: Call) -> Response:
        """Jobs that are drafts."""
        return self._list(call, "jobs", SHOWN_IN_STATE["get_draft"])

    # --- consumers' access tokens

    @handles("GET", "/access_tokens/get_not_associated")
    def list_unassociated_tokens(self, call: Call) -> Response:
        """Create ``number`` access tokens."""
        return self._list(call, "access_tokens", UNASSOCIATED, count="number")

    @handles("POST", *ON_ENTITY)
    def on_entity(self, call: Call) -> Response:
        """The documented response, for an existing entity."""
        entity, name = ON_ENTITY[call.operation.path]
        found = self.entities.find(entity, object_of(call.body)[name])
        if found is None:
            return self._not_there(call)
        documented = example_data(call.operation)
        return succeeded({name: found.get(name, value) for name, value in documented.items()})

    @handles("POST", "/access_tokens/create")
    def create_access_token(self, call: Call) -> Response:
        """Effective if it is assigned to a consumer (assumed)."""
        owned = any(name.endswith("_identifier") for name in arguments_of(call))
        return self._create(call, "access_tokens", life_cycle_state="EFFECTIVE" if owned else UNASSOCIATED)

    @handles("POST", "/access_tokens/reset_pass_code")
    def reset_pass_code(self, call: Call) -> Response:
        """Six letters and digits (documented), with which the next login is made."""
        named = {name: value for name, value in arguments_of(call).items() if name != "fields_set"}
        token = self.entities.find("access_tokens", named)
        if token is None:
            return self._not_there(call)
        code = self.backend.synthetic.next_uuid()[:6]
        self.entities.pass_codes[str(token.get("identifier"))] = code
        return self._sparse(call, {**token, "random_pass_code": code})

    @handles("POST", "/access_tokens/change_pass_code")
    def change_pass_code(self, call: Call) -> Response:
        """The data of the sandbox's only consumer, for any login."""
        self.entities.pass_codes[self.wire_values[f"{PLACE}/identifier"]] = object_of(call.body)["pass_code"]
        return super().fallback(call)

    # --- what all entities have

    def _show(self, call: Call, entity: str) -> Response:
        identifiers = [each for each in call.operation.parameters if each.name.endswith("_identifier")]
        if call.request.method == "GET" and not identifiers:
            return super().fallback(call) if self.entities[entity] else self._not_there(call)  # there is one
        arguments = arguments_of(call)
        identifier = next((value for name, value in arguments.items() if name.endswith("_identifier")), None)
        found = self.entities.find(entity, identifier)
        return self._not_there(call) if found is None else self._sparse(call, found)

    def _list(self, call: Call, entity: str, state: str | None = None, *, count: str = "number_of_results") -> Response:
        arguments = arguments_of(call)
        entities = self.entities[entity]
        if state is not None:
            entities = [item for item in entities if item.get("life_cycle_state") == state]
        elif entity == "access_tokens":
            entities = [item for item in entities if item.get("life_cycle_state") != UNASSOCIATED]
        selectors = SELECTORS.get(entity, ()) if state is None else ()
        if selectors and sum(name in arguments for name in selectors) != 1:
            return failed(code_of(call, "ONESELECTORONLY"), f"Give exactly one of {', '.join(selectors)}.")
        if self._selects_nothing(arguments):
            return self._not_there(call)
        wanted = {
            name.removesuffix("_identifier"): value
            for name, value in arguments.items()
            if name not in {*NO_FILTERS, count}
        }
        items = [item for item in entities if all(is_selected(item, *pair) for pair in wanted.items())]
        start = int(arguments.get("offset", 0))
        end = start + int(arguments[count]) if count in arguments else None
        return succeeded([sparse(item, arguments.get("fields_set")) for item in items[start:end]])

    def _create(self, call: Call, entity: str, **made: Any) -> Response:
        if self._selects_nothing(arguments_of(call)):
            return self._not_there(call)
        account = self.entities.find("accounts_receivable", arguments_of(call).get("accounts_receivable_identifier"))
        arguments = {name: value for name, value in arguments_of(call).items() if not name.endswith("_identifier")}
        item = {"id": self.entities.next_id(entity), **copy.deepcopy(arguments), **CREATED.get(entity, {}), **made}
        if (code := item.pop("pass_code", None)) is not None:
            self.entities.pass_codes[str(item.get("identifier"))] = code
        if (number := self.entities.next_number(entity)) is not None:
            item["number"] = number
        self.entities.add(entity, named(item), account)
        documented = example_data(call.operation)
        return succeeded({name: item[name] for name in documented if name in item})

    def _update(self, call: Call, entity: str) -> Response:
        arguments = arguments_of(call)
        identifier = next((value for name, value in arguments.items() if name == f"{entity}_identifier"), None)
        item = self.entities.find(entity, identifier)
        if item is None:
            return self._not_there(call)
        item.update({name: value for name, value in arguments.items() if not name.endswith("_identifier")})
        named(item)
        return succeeded({"id": item["id"]})

    # --- helpers

    def _token_body(self, call: Call) -> JsonObject | None:
        body = call.request.json
        return body if call.request.media_type == "application/json" and is_object(body) else None

    def _identified(self, body: JsonObject) -> bool:
        identifier = object_of(body.get("access_token_identifier"))
        wire = {name.rpartition("/")[2]: value for name, value in self.wire_values.items() if "identifier/" in name}
        ways = ({"authentication_code"}, {"identifier", "pass_code"})
        wire["pass_code"] = self.entities.pass_codes.get(wire["identifier"], wire["pass_code"])
        return set(identifier) in ways and all(wire[name] == value for name, value in identifier.items())

    def _unit(self, body: JsonObject) -> bool:
        return str(body.get("unit", UNIT)) == UNIT

    def _token_or_refusal(self, accepted: bool, claims: Mapping[str, Any]) -> Response:
        if not accepted:
            return failed("COM.CRM.EXCEPTION.AUTHENTICATION.INVALIDCREDENTIALSEXCEPTION", "The credentials are wrong.")
        now = int(self.clock.wall())
        times = {"iat": str(now), "exp": str(now + int(self.issuer.lifetime))}
        who = {"usr": "SANDBOX", "org": ORGANISATION, "oun": UNIT}
        token = self.issuer.issue("SANDBOX", claims={**who, **claims, **times}, refresh=False)
        return succeeded({"token": token.access_token})

    def _balance(self, call: Call, wallet: JsonObject) -> Response:
        return self._sparse(call, {name: wallet[name] for name in example_data(call.operation)})

    def _sparse(self, call: Call, item: JsonObject) -> Response:
        return succeeded(sparse(item, arguments_of(call).get("fields_set")))

    def _selects_nothing(self, arguments: Mapping[str, Any]) -> bool:
        """Whether a consumer's call names an entity that the consumer cannot access."""
        named_entities = {name.removesuffix("_identifier"): value for name, value in arguments.items()}
        return self.entities.consumer is not None and any(
            entity in self.entities
            and f"{entity}_identifier" in arguments
            and self.entities.find(entity, value) is None
            for entity, value in named_entities.items()
        )

    def _not_there(self, call: Call) -> Response:
        return failed(code_of(call, "NOTFOUND"), "Nothing has this identifier.")


CONSUMER_ID = "0C1F5A7E9B2D4C6688AA00BB11CC22DD"
ACCOUNT_ID = "3B9E1D5C7F2A4E6088BB11CC22DD33EE"


VENDOR = CrmcomQuirks

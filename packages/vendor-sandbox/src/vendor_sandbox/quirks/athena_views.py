"""Responses of Athena that are computed from stored data: filtered cases, counts, totals, assignable users.

Facts that no OpenAPI document states:

- A case is active until it is concluded (assumed). Its transactions are those in its bucket between its subjects
  (assumed); they go by ``cursor``, without a count (documented).
- Members of the counts are not documented. Here an entry has the grouping value, under the name in the path, and
  ``total``, which the examples have. The filters of the counts are lists with commas, of ids or names (assumed).
- PAY goes from party A to party B, WITHDRAW to A, DEPOSIT to B (documented): out of the country of A, into that of B;
  if a transaction states no country for a party, that of the subject counts (assumed). Days and months are those of
  the transactions' timestamps (assumed).
- Cases contain a number of each subject (documented), assigned in ascending order of creation (assumed).
- Active users can be assigned, and looked up by e-mail address (documented for the latter).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from vendor_sandbox.json_values import JsonObject, is_array, is_object, object_of
from vendor_sandbox.messages import Response, json_response
from vendor_sandbox.quirks.base import Call, Quirks, handles
from vendor_sandbox.resources import Resources

__all__ = ["CONCLUDED", "PAGE_SIZE", "AthenaViews", "is_wanted"]

PAGE_SIZE = 10
CONCLUDED = ("True Hit", "False Hit")
FIRST_SUBJECT = 11
"""The number of the first subject, in the examples of cases."""
OLDEST = 5
"""Age in days up to which cases are counted by day."""
COUNTED_BY = {
    "assignee": "assignee",
    "bucket": "bucket",
    "priority": "priority",
    "rule": "rule",
    "status": "case_status",
    "timeline": "alert_date",
    "violations": "rule",
}
"""The member of a case, by the last part of the path."""
COUNT_FILTERS = {"statuses": "case_status", "assignees": "assignee", "buckets": "bucket", "rules": "rule"}
FLOWS: Mapping[str, Mapping[str, str]] = {
    "PAY": {"outflow": "cp_a", "inflow": "cp_b"},
    "WITHDRAW": {"outflow": "cp_a"},
    "DEPOSIT": {"inflow": "cp_b"},
}
"""The parties whose flows a transaction counts for, by its type."""


class AthenaViews(Quirks):
    """See the module."""

    resources: Resources

    # --- cases

    @handles("GET", "/api/cases/active")
    def active_cases(self, call: Call) -> Response:
        """The cases without a conclusion."""
        return json_response(200, [case for case in self._cases if _is_active(case)])

    @handles("GET", "/api/cases/not_active")
    def inactive_cases(self, call: Call) -> Response:
        """The cases with a conclusion."""
        return json_response(200, [case for case in self._cases if not _is_active(case)])

    @handles("GET", "/api/cases/active_cases", "/api/cases/closed_cases")
    def total_of_cases(self, call: Call) -> Response:
        """The number of active or closed cases."""
        active = call.operation.path.endswith("active_cases")
        return json_response(200, {"total": sum(_is_active(case) is active for case in self._cases)})

    @handles("GET", *(f"/api/cases/{name}" for name in COUNTED_BY))
    def count_cases(self, call: Call) -> Response:
        """An entry for each group."""
        name = call.operation.path.rpartition("/")[2]
        entries: list[JsonObject] = []
        for case in self._cases:
            if not _is_counted(case, call.parameters):
                continue
            value = case.get(COUNTED_BY[name])
            entry = next((entry for entry in entries if entry[name] == value), None)
            if entry is None:
                entries.append(entry := {name: value, "total": 0})
            entry["total"] += 1
        return json_response(200, entries)

    @handles("GET", "/api/ageing")
    def ageing(self, call: Call) -> Response:
        """The counts of all cases; a list with one entry, without pages (documented)."""
        return json_response(200, [_by_age(self._cases)])

    @handles("GET", "/api/ageing/{user_id}")
    def ageing_of_user(self, call: Call) -> Response:
        """The counts of the cases that are assigned to the user."""
        if self.resources.collection("/api/users").get(call.parameters) is None:
            return self.not_found(call.request)
        user = call.parameters["user_id"]
        return json_response(
            200, _by_age([case for case in self._cases if object_of(case.get("assignee")).get("id") == user])
        )

    @handles("GET", "/api/cases/{case_id}/transactions")
    def case_transactions(self, call: Call) -> Response:
        """By cursor, without a count."""
        case = self.resources.collection("/api/cases").get(call.parameters)
        if case is None:
            return self.not_found(call.request)
        rows = [self._in_case(each) for each in self._transactions if self._is_of_case(each, case)]
        size = int(call.parameters.get("page_limit", PAGE_SIZE))
        cursor = str(call.parameters.get("cursor", "0"))
        start = int(cursor) if re.fullmatch(r"[0-9]{1,9}", cursor) else 0
        url = f"{call.request.server_url}{call.request.path}"
        forward = f"{url}?{urlencode({'cursor': start + size, 'page_limit': size})}"
        back = f"{url}?{urlencode({'cursor': max(start - size, 0), 'page_limit': size})}"
        page = {
            "next": forward if start + size < len(rows) else None,
            "previous": back if start else None,
            "results": rows[start : start + size],
        }
        return json_response(200, page)

    def _is_of_case(self, transaction: JsonObject, case: JsonObject) -> bool:
        subjects = {object_of(each).get("client_subject_id") for each in object_of(case.get("case_subjects")).values()}
        parties = {object_of(transaction.get(party)).get("client_subject_id") for party in ("cp_a", "cp_b")} - {None}
        place = f"{object_of(case.get('bucket')).get('name')}/{transaction['client_transaction_id']}"
        return parties <= subjects and ((), place) in self.resources.collection("/api/bucketcontent").items

    def _in_case(self, transaction: JsonObject) -> JsonObject:
        """A transaction with the numbers of its parties."""
        numbers = {place[1]: FIRST_SUBJECT + index for index, place in enumerate(self._subjects)}
        parties = {
            name: {**party, "id": numbers.get(str(party.get("client_subject_id")))}
            for name in ("cp_a", "cp_b")
            if is_object(party := transaction.get(name))
        }
        return {**transaction, **parties}

    # --- subjects

    @handles("GET", "/api/subjectinfo/{subject_id}")
    def subject_info(self, call: Call) -> Response:
        """A subject by the number that cases contain."""
        index = int(call.parameters["subject_id"]) - FIRST_SUBJECT
        subjects = list(self._subjects.values())
        return json_response(200, subjects[index]) if 0 <= index < len(subjects) else self.not_found(call.request)

    @handles("GET", "/api/subjects/risk_assessment_report")
    def risk_report(self, call: Call) -> Response:
        """The data of the first subject that matches the filters."""
        for subject in self._subjects.values():
            if is_wanted(subject, call.parameters):
                names = ("client_subject_id", "risk_assessment_score")
                return json_response(200, {name: subject[name] for name in names if name in subject})
        return self.not_found(call.request)

    # --- totals of transactions

    @handles("GET", "/api/transactions/countries")
    def totals_by_country(self, call: Call) -> Response:
        """An entry for each known country."""

        def country(transaction: JsonObject, party: str) -> JsonObject | None:
            subject = self._subjects.get(((), str(object_of(transaction.get(party)).get("client_subject_id"))), {})
            name = transaction.get(f"{party}_country") or subject.get("country_of_birth_or_incorporation")
            return {"country": name} if name else None

        return json_response(200, self._flow_totals(country))

    @handles("GET", "/api/transactions/summary")
    def totals_by_month(self, call: Call) -> Response:
        """An entry for each month."""

        def month(transaction: JsonObject, party: str) -> JsonObject | None:
            day = _day_of(transaction)
            return {"year": int(day[:4]), "month": int(day[5:7])} if day else None

        return json_response(200, self._flow_totals(month))

    @handles("GET", "/api/transactions/timeline")
    def totals_by_day(self, call: Call) -> Response:
        """An entry for each day."""
        days: dict[str, JsonObject] = {}
        for transaction in self._transactions:
            if (day := _day_of(transaction)) is None:
                continue
            none = {member: 0 for kind in FLOWS for member in (kind, f"{kind}_AMOUNT")}
            entry = days.setdefault(day, {"created_date": day, **none})
            entry[transaction["transaction_type"]] += 1
            entry[f"{transaction['transaction_type']}_AMOUNT"] += transaction["amount"]
        return json_response(200, list(days.values()))

    def _flow_totals(self, group_of: Callable[[JsonObject, str], JsonObject | None]) -> list[JsonObject]:
        entries: list[JsonObject] = []
        for transaction in self._transactions:
            for flow, party in FLOWS[transaction["transaction_type"]].items():
                group = group_of(transaction, party)
                if group is None:
                    continue
                entry = next((entry for entry in entries if group.items() <= entry.items()), None)
                if entry is None:
                    none = {f"{what}_{each}": 0 for each in ("inflow", "outflow") for what in ("sum", "total")}
                    entries.append(entry := {**group, **none})
                entry[f"sum_{flow}"] += transaction["amount"]
                entry[f"total_{flow}"] += 1
        return entries

    # --- users

    @handles("GET", "/api/assignees")
    def list_assignees(self, call: Call) -> Response:
        """Active users by e-mail address (documented)."""
        return self.page(call, sorted(self._active_users, key=lambda user: str(user.get("email"))))

    @handles("GET", "/api/assignees/{user_id}")
    def show_assignee(self, call: Call) -> Response:
        """One active user."""
        user = next((each for each in self._active_users if each["id"] == call.parameters["user_id"]), None)
        return self.not_found(call.request) if user is None else json_response(200, user)

    @handles("POST", "/api/login")
    def check_login_email(self, call: Call) -> Response:
        """Whether an active user has the address; 400 if none has (documented)."""
        if any(user.get("email") == object_of(call.body)["email"] for user in self._active_users):
            return super().fallback(call)
        return json_response(400, {"detail": "There is no active user with this e-mail address."})

    # --- helpers

    def page(self, call: Call, items: Sequence[JsonObject]) -> Response:
        """The page of a list that the request asks for, with absolute links."""
        limit, offset = int(call.parameters.get("limit", PAGE_SIZE)), int(call.parameters.get("offset", 0))
        others = [(name, value) for name, value in call.request.query if name not in ("limit", "offset")]

        def link(start: int) -> str:
            query = urlencode([*others, ("limit", limit), ("offset", start)])
            return f"{call.request.server_url}{call.request.path}?{query}"

        page = {
            "count": len(items),
            "next": link(offset + limit) if offset + limit < len(items) else None,
            "previous": link(max(offset - limit, 0)) if offset else None,
            "results": items[offset : offset + limit],
        }
        return json_response(200, page)

    @property
    def _cases(self) -> list[JsonObject]:
        return self.resources.collection("/api/cases").list({})

    @property
    def _transactions(self) -> list[JsonObject]:
        return self.resources.collection("/api/transactions").list({})

    @property
    def _subjects(self) -> Mapping[tuple[tuple[str, ...], str], JsonObject]:
        return self.resources.collection("/api/subjects").items

    @property
    def _active_users(self) -> list[JsonObject]:
        users = self.resources.collection("/api/users").list({})
        return [user for user in users if user.get("is_active", True)]


def is_wanted(item: JsonObject, parameters: Mapping[str, Any]) -> bool:
    """Whether an item matches the filters named after its members; references match by id or name."""
    for name, value in parameters.items():
        if name not in item:
            continue
        member = item[name]
        if is_object(member):
            if str(value) not in {str(member.get("id")), str(member.get("name"))}:
                return False
        elif is_array(member):
            if not set(str(value).split(",")) <= {str(entry) for entry in member}:
                return False
        elif str(member).casefold() != str(value).casefold():
            return False
    return True


def _is_active(case: JsonObject) -> bool:
    return case["case_status"] not in CONCLUDED


def _is_counted(case: JsonObject, parameters: Mapping[str, Any]) -> bool:
    """Whether a case matches the filters of a count."""
    day = str(case.get("alert_date", ""))
    if not str(parameters.get("start_date", day)) <= day <= str(parameters.get("end_date", day)):
        return False
    if str(parameters.get("is_active", _is_active(case))).casefold() != str(_is_active(case)).casefold():
        return False
    return all(
        any(is_wanted(case, {member: each}) for each in str(parameters[name]).split(","))
        for name, member in COUNT_FILTERS.items()
        if name in parameters
    )


def _by_age(cases: Sequence[JsonObject]) -> JsonObject:
    names = [*(f"T_{days}" for days in range(OLDEST + 1)), f"T_plus_{OLDEST}"]
    groups: JsonObject = {name: [] for name in names}
    for case in cases:
        days = case.get("ageing")
        groups[f"T_{days}" if f"T_{days}" in groups else names[-1]].append({"id": case["id"]})
    return groups


def _day_of(transaction: JsonObject) -> str | None:
    """``2026-03-02`` of a timestamp, which may be any text."""
    found = re.match(r"\d{4}-\d{2}-\d{2}", str(transaction["transaction_timestamp"]), re.ASCII)
    return found[0] if found else None

"""Athena's cases, users and lists keep what is done with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.support import login
from vendor_sandbox import Sandbox

Api = Callable[..., httpx.Response]


@pytest.fixture(params=["athena-crm", "athena-cognito"])
def api(request: pytest.FixtureRequest, client: httpx.Client) -> Iterator[Api]:
    with Sandbox(request.param) as sandbox:
        vendor = sandbox[request.param]
        headers = {"Authorization": f"Bearer {login(vendor, client)['access_token']}"}

        def call(method: str, path: str, **arguments: Any) -> httpx.Response:
            return client.request(method, f"{vendor.servers['base_url']}{path}", headers=headers, **arguments)

        yield call


def test_a_case_keeps_its_findings_documents_codes_and_indicators(api: Api) -> None:
    finding = {"finding_content": "The invoices match"}
    assert api("PATCH", "/api/cases/41/findings", json=finding).status_code == 200
    document = {"name": (None, "Statement"), "document": ("statement.pdf", b"PDF")}
    assert api("PATCH", "/api/cases/41/document", files=document).status_code == 200
    assert api("PATCH", "/api/cases/41/report_code", json={"report_code": "STR"}).json()["reports_code"] == ["STR"]
    api("PATCH", "/api/cases/41/report_indicator", json={"report_indicator": "Structuring"})

    case = api("GET", "/api/cases/41").json()
    assert (case["findings"], case["documents"]) == ([finding], [{"name": "Statement"}])
    assert (case["reports_code"], case["reports_indicator"]) == (["STR"], ["Structuring"])


def test_a_deleted_case_is_not_listed_and_still_there(api: Api) -> None:
    assert api("DELETE", "/api/cases/41").status_code == 200
    assert [case["id"] for case in api("GET", "/api/cases").json()["results"]] == [40]
    assert api("GET", "/api/cases/41").status_code == 200


def test_a_concluded_case_is_not_active(api: Api) -> None:
    assert [case["id"] for case in api("GET", "/api/cases/active").json()] == [41]
    api("PATCH", "/api/cases/41/approval", json={"case_action": "Conclude True Hit"})
    assert api("GET", "/api/cases/active").json() == []
    assert [case["id"] for case in api("GET", "/api/cases/not_active").json()] == [41, 40]
    assert api("GET", "/api/cases/closed_cases").json() == {"total": 2}


def test_cases_are_counted_by_content_and_by_the_filters(api: Api) -> None:
    api("PATCH", "/api/cases/41/assign_maker", json={"assignee_id": 8})
    by_status = {"status": "Open", "total": 1}, {"status": "False Hit", "total": 1}
    assert api("GET", "/api/cases/status").json() == list(by_status)
    assert api("GET", "/api/cases/status", params={"is_active": "true"}).json() == [by_status[0]]
    assert api("GET", "/api/cases/status", params={"assignees": "7,8"}).json() == [by_status[0]]
    assert api("GET", "/api/cases/status", params={"end_date": "2026-03-01"}).json() == []
    assert api("GET", "/api/ageing/8").json()["T_3"] == [{"id": 41}]
    assert api("GET", "/api/ageing/7").json()["T_3"] == []


def test_transactions_count_in_totals_and_the_case_of_their_bucket(api: Api) -> None:
    """The case is that of their bucket and parties."""
    transaction = {
        "client_transaction_id": "T-6001",
        "transaction_type": "DEPOSIT",
        "transaction_timestamp": "2026-04-02T13:31",
        "amount": 10,
        "transaction_currency_id": "SGD",
        "cp_b_id": "C-1002",
        "cp_b_country": "SGP",
        "populate_buckets": ["Large transfers"],
    }
    assert api("POST", "/api/transactions", json=transaction).status_code == 201
    april = {"year": 2026, "month": 4, "sum_inflow": 10, "total_inflow": 1, "sum_outflow": 0, "total_outflow": 0}
    assert april in api("GET", "/api/transactions/summary").json()
    abroad = {"country": "SGP", "sum_inflow": 64010, "total_inflow": 2, "sum_outflow": 0, "total_outflow": 0}
    assert abroad in api("GET", "/api/transactions/countries").json()
    rows = api("GET", "/api/cases/41/transactions").json()["results"]
    assert [row["client_transaction_id"] for row in rows] == ["T-5001", "T-6001"]
    assert rows[1]["cp_b"]["id"] == 12
    assert api("GET", "/api/subjectinfo/12").json()["client_subject_id"] == "C-1002"


def test_only_active_users_can_be_assigned_and_asked_for(api: Api) -> None:
    person = {"name": "Auditor", "email": "auditor@example.com", "groups": [], "permissions": []}
    number = api("POST", "/api/users", json=person).json()["id"]
    emails = [user["email"] for user in api("GET", "/api/assignees").json()["results"]]
    assert person["email"] in emails
    assert emails == sorted(emails)
    assert api("POST", "/api/login", json={"email": person["email"]}).status_code == 200
    api("DELETE", f"/api/users/{number}")
    assert api("GET", f"/api/assignees/{number}").status_code == 404
    assert api("POST", "/api/login", json={"email": person["email"]}).status_code == 400


def test_cases_are_assigned_together_or_not_at_all(api: Api) -> None:
    refused = api("PATCH", "/api/cases/bulk_assign", json={"case_list": [41, 999], "assignee": 8})
    assert (refused.status_code, list(refused.json())) == (400, ["case_list"])
    assert api("GET", "/api/cases/41").json()["assignee"]["id"] != 8
    assert api("PATCH", "/api/cases/bulk_assign", json={"case_list": [41], "assignee": 8}).status_code == 200
    assert api("GET", "/api/cases/41").json()["assignee"]["id"] == 8


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "/api/cases/999/findings", {"finding_content": "x"}),
        ("PATCH", "/api/cases/999/report_code", {"report_code": "x"}),
        ("DELETE", "/api/cases/999", None),
        ("GET", "/api/cases/999/generate_case_report", None),
        ("GET", "/api/subjects/nobody/generate-subject-report", None),
        ("DELETE", "/api/users/999", None),
        ("DELETE", "/api/whitelist/999/delete", None),
    ],
)
def test_what_is_not_there_is_not_found(api: Api, method: str, path: str, body: object) -> None:
    assert api(method, path, json=body).status_code == 404 if body else api(method, path).status_code == 404


def test_a_user_is_created_changed_and_deactivated(api: Api) -> None:
    person = {"name": "Checker", "email": "checker@example.com", "groups": [2], "permissions": []}
    created = api("POST", "/api/users", json=person)
    assert created.status_code == 201
    place = f"/api/users/{created.json()['id']}"
    assert api("PATCH", place, json={"groups": [2, 3]}).json()["groups"] == [2, 3]
    gone = api("DELETE", place).json()
    assert gone == {"name": "Checker", "pk": created.json()["id"], "is_active": False}
    assert api("GET", place).json()["is_active"] is False, "deactivated, not erased"


def test_a_group_is_erased(api: Api) -> None:
    created = api("POST", "/api/groups", json={"name": "Auditors", "users": [], "permissions": []}).json()
    assert api("DELETE", f"/api/groups/{created['id']}").status_code == 204
    assert api("GET", f"/api/groups/{created['id']}").status_code == 404


def test_whitelist_entries_are_deleted_by_id_or_subject_and_bucket(api: Api) -> None:
    entry = {"rules": [12], "bucket": "Ordinary", "subject": "C-1002"}
    first = api("POST", "/api/whitelist", json=entry).json()["id"]
    second = api("POST", "/api/whitelist", json={**entry, "subject": "C-1003"}).json()["id"]
    assert api("DELETE", f"/api/whitelist/{first}/delete").status_code == 204
    assert api("GET", f"/api/whitelist/{first}").status_code == 404
    exemption = {"bucket": "Ordinary", "subject": "C-1003"}
    assert api("DELETE", "/api/whitelist/0/delete", json=exemption).status_code == 204
    assert api("GET", f"/api/whitelist/{second}").status_code == 404
    assert api("GET", "/api/whitelist").json()["count"] == 1, "the others stay"
    assert api("DELETE", "/api/whitelist/0/delete", json=exemption).status_code == 404


def test_anybody_may_ask_whether_it_is_alive(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        assert client.get(f"{sandbox['athena-crm'].servers['base_url']}/health/").status_code == 200


def test_lists_without_pages_are_lists(api: Api) -> None:
    assert isinstance(api("GET", "/api/ageing").json(), list)
    assert isinstance(api("GET", "/api/permissions").json(), list)
    assert api("GET", "/api/permissions/31").json()["action"] == "reopen"

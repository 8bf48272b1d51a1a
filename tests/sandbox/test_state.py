"""What is created can be read, listed, changed and deleted; and stays with its own sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.support import login, stopped_clock
from vendor_sandbox import Sandbox, Vendor


class Api:
    """A vendor's API with a token, and nothing else of a client."""

    def __init__(self, vendor: Vendor, client: httpx.Client) -> None:
        self.vendor = vendor
        self._client = client
        self._token = login(vendor, client)["access_token"]

    def __call__(self, method: str, path: str, **request: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"}
        return self._client.request(method, f"{self.vendor.servers['base_url']}{path}", headers=headers, **request)

    def rpc(self, method: str, path: str, **arguments: Any) -> Any:
        """CRM.COM's way; the envelope."""
        where = "params" if method == "GET" else "json"
        request: dict[str, Any] = {where: {**arguments, "token": self._token}}
        return self._client.request(method, f"{self.vendor.servers['base_url']}{path}", **request).json()


@pytest.fixture
def api(request: pytest.FixtureRequest, client: httpx.Client) -> Iterator[Api]:
    with Sandbox(request.param) as sandbox:
        yield Api(sandbox[request.param], client)


athena = pytest.mark.parametrize("api", ["athena-crm", "athena-cognito"], indirect=True)
crmcom = pytest.mark.parametrize("api", ["crmcom"], indirect=True)
amino = pytest.mark.parametrize("api", ["amino"], indirect=True)
cinchy = pytest.mark.parametrize("api", ["cinchy"], indirect=True)

ENTRY = {"name": "Person", "reference_id": "C-1", "list_name": "RESTRICTED"}


# --- Athena


@athena
def test_a_created_entry_is_read_listed_changed_and_gone(api: Api) -> None:
    created = api("POST", "/api/whitelist", json={"rules": [3], "bucket": "Ordinary", "subject": "C-1001"})
    assert created.status_code == 201
    place = f"/api/whitelist/{created.json()['id']}"
    assert api("GET", place).json() == created.json()
    assert api("GET", "/api/whitelist").json()["count"] == 2
    assert api("PATCH", place, json={"rules": [3, 4]}).json()["rules"] == [3, 4]
    assert api("GET", place).json()["rules"] == [3, 4]
    assert api("DELETE", place).status_code == 204
    assert api("GET", place).status_code == 404
    assert api("GET", "/api/whitelist").json()["count"] == 1


@athena
def test_a_subject_is_found_by_the_callers_own_id(api: Api) -> None:
    name = "Å/B & Co?"
    api("POST", "/api/subjects", json={"client_subject_id": name, "subject_name": "Ab"})
    assert api("GET", "/api/subjects/%C3%85%2FB%20%26%20Co%3F").json()["client_subject_id"] == name
    assert api("GET", "/api/subjects", params={"client_subject_id": name}).json()["count"] == 1


@athena
def test_pages_lead_through_all_entries_and_back(api: Api) -> None:
    for number in range(23):
        api("POST", "/api/blacklist", json={**ENTRY, "name": f"Name {number}"})
    page = api("GET", "/api/blacklist", params={"reference_id": "C-1"}).json()
    assert (page["count"], len(page["results"]), page["previous"]) == (23, 10, None)
    assert page["next"].startswith(api.vendor.servers["base_url"])
    names = [entry["name"] for entry in page["results"]]
    for _ in range(5):
        if page["next"] is None:
            break
        page = api("GET", "/api/blacklist", params=httpx.URL(page["next"]).params).json()
        names += [entry["name"] for entry in page["results"]]
    assert names == [f"Name {number}" for number in range(23)]
    assert httpx.URL(page["previous"]).params["offset"] == "10"
    page = api("GET", "/api/blacklist", params={"reference_id": "C-1", "limit": 23}).json()
    assert (len(page["results"]), page["next"]) == (23, None), "a page that is just full is the last one"


@athena
def test_a_transaction_needs_parties_currency_and_buckets_that_are_there(api: Api) -> None:
    good = {
        "client_transaction_id": "T-1",
        "transaction_type": "PAY",
        "transaction_timestamp": "2026-03-02T13:31:02",
        "amount": 10,
        "transaction_currency_id": "SGD",
        "cp_a_id": "C-1001",
        "cp_b_id": "C-1002",
        "populate_buckets": ["Large transfers"],
    }
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"cp_b_id": "nobody"}, "cp_b_id"),
        ({"cp_a_id": None}, "cp_a_id"),
        ({"transaction_currency_id": "NOK"}, "transaction_currency_id"),
        ({"populate_buckets": ["Large transfers", "No such bucket"]}, "populate_buckets"),
    ]
    for change, member in wrong:
        body = {name: value for name, value in {**good, **change}.items() if value is not None}
        response = api("POST", "/api/transactions", json=body)
        assert (response.status_code, list(response.json())) == (400, [member])
    assert api("GET", "/api/transactions", params={"client_transaction_id": "T-1"}).json()["count"] == 0

    stored = api("POST", "/api/transactions", json=good)
    assert stored.status_code == 201
    assert stored.json()["cp_a"]["subject_name"] == "Fjord Trading AS"
    assert api("GET", f"/api/transactions/{stored.json()['id']}").json() == stored.json()
    content = api("GET", "/api/bucketcontent", params={"client_transaction_id": "T-1"}).json()["results"]
    assert [row["bucket"]["name"] for row in content] == ["Ordinary", "Large transfers"]


@athena
def test_a_withdrawal_needs_one_party_only(api: Api) -> None:
    body = {
        "client_transaction_id": "T-2",
        "transaction_type": "WITHDRAW",
        "transaction_timestamp": "2026-03-02T13:31",
        "amount": 1.5,
        "transaction_currency_id": "SGD",
        "cp_a_id": "C-1001",
    }
    assert api("POST", "/api/transactions", json=body).json()["cp_b"] is None


@athena
def test_the_master_currency_is_chosen_once(api: Api) -> None:
    assert api("PATCH", "/api/currency/NOK", json={"activate_currency": True}).status_code == 400
    assert api("GET", "/api/currency/NOK").json()["active_indicator"] is False


@athena
def test_buckets_keep_their_rules(api: Api) -> None:
    assert api("POST", "/api/buckets", json={"name": "Large transfers"}).status_code == 400, "names are unique"
    created = api("POST", "/api/buckets", json={"name": "Night", "rule_id": 12, "activate_rule": True})
    place = f"/api/buckets/{created.json()['id']}"
    assert created.json()["name"] == "Night"
    assert api("DELETE", place).content == b""
    assert api("GET", place).json()["active_indicator"] is False, "deactivated, not erased"
    assert api("PATCH", "/api/buckets/1", json={"name": "Other"}).status_code == 400
    assert api("DELETE", "/api/buckets/1").status_code == 400
    assert api("GET", "/api/buckets", params={"name": "Ordinary"}).json()["count"] == 1


@athena
def test_a_blacklist_entry_is_deactivated_and_not_erased(api: Api) -> None:
    place = f"/api/blacklist/{api('POST', '/api/blacklist', json=ENTRY).json()['id']}"
    assert api("DELETE", place).status_code == 200
    assert api("GET", "/api/blacklist", params={"reference_id": "C-1"}).json()["count"] == 0
    assert api("GET", place).status_code == 200


@athena
def test_a_case_is_concluded_and_reopened(api: Api) -> None:
    def status() -> str:
        text: str = api("GET", "/api/cases/41").json()["case_status"]
        return text

    reopening = {"reason": "New papers"}
    assert api("PATCH", "/api/cases/41/reopen", json=reopening).status_code == 400
    escalation = {"case_action": "Recommend True Hit"}
    assert list(api("PATCH", "/api/cases/41/approval", json=escalation).json()) == ["reason_for_escalation"]
    assert api("PATCH", "/api/cases/41/approval", json={"case_action": "Conclude False Hit"}).status_code == 200
    assert status() == "False Hit"
    assert api("PATCH", "/api/cases/41/reopen", json=reopening).status_code == 200
    assert status() == "Open"
    assert api("PATCH", "/api/cases/41/alert", json={"alert_risk_rating": "LOW"}).json()["alert_risk_rating"] == "LOW"
    assert api("PATCH", "/api/cases/41/assign_maker", json={"assignee_id": 8}).status_code == 200
    assert api("GET", "/api/cases", params={"assignee": "8"}).json()["count"] == 1


@athena
def test_wrong_values_are_reported_by_field(api: Api) -> None:
    response = api("POST", "/api/blacklist", json={"name": "X", "list_name": "GREY"})
    assert response.status_code == 400
    assert response.json()["reference_id"] == ["This field is required."]
    assert "GREY" in response.json()["list_name"][0]
    assert api("POST", "/api/blacklist", data=ENTRY).status_code == 415
    broken = api("POST", "/api/blacklist", content=b'{"name": ')
    assert broken.status_code == 415, "no media type"
    assert api("GET", "/api/blacklist", params={"limit": "many"}).status_code == 400
    assert api("GET", "/api/blacklist/many").status_code == 404
    assert api("DELETE", "/api/currency").json() == {"detail": 'Method "DELETE" not allowed.'}


@athena
def test_without_credentials_it_is_403_and_with_wrong_ones_401(api: Api, client: httpx.Client) -> None:
    url = f"{api.vendor.servers['base_url']}/api/cases"
    nothing, wrong = client.get(url), client.get(url, headers={"Authorization": "Bearer wrong"})
    assert (nothing.status_code, nothing.json()) == (403, {"detail": "Authentication credentials were not provided."})
    assert (wrong.status_code, wrong.json()) == (401, {"detail": "Custom bearer token is not valid"})


# --- CRM.COM


@crmcom
def test_a_contact_is_created_shown_changed_and_cleared(api: Api) -> None:
    person = {"type": "PERSON", "first_name": "Bo", "middle_name": "M", "last_name": "Ek"}
    response = api.rpc("POST", "/contact_information/create", **person)
    identifier = f"id={response['data']['id']}"
    show = {"contact_information_identifier": identifier}
    assert api.rpc("GET", "/contact_information/show", **show)["data"]["name"] == "Bo M Ek"
    change = {
        "contact_information_identifier": {"id": response["data"]["id"]},
        "middle_name": None,
        "last_name": "Berg",
    }
    assert api.rpc("POST", "/contact_information/update", **change)["status"]["code"] == "OK"
    shown = api.rpc("GET", "/contact_information/show", **show)["data"]
    assert (shown["first_name"], shown["middle_name"], shown["last_name"]) == ("Bo", None, "Berg")


@crmcom
def test_failures_come_under_status_200(api: Api, client: httpx.Client) -> None:
    url = f"{api.vendor.servers['base_url']}/products/show"
    without_token = client.get(url, params={"product_identifier": "code=BROADBAND"})
    assert without_token.status_code == 200
    assert without_token.json()["status"]["code"] != "OK"
    unknown = api.rpc("GET", "/products/show", product_identifier="code=NOTHING")
    assert unknown["status"]["code"] == "COM.CRM.EXCEPTION.PRODUCTS.NOTFOUNDEXCEPTION"
    assert "data" not in unknown
    missing = api.rpc("GET", "/products/show")
    assert missing["status"]["code"] == "COM.CRM.EXCEPTION.PRODUCTS.INVALIDPARAMETEREXCEPTION"


@crmcom
def test_a_list_requires_one_selector_and_takes_pages_and_fields(api: Api) -> None:
    kind = {"type_identifier": "name=Service"}
    assert [p["code"] for p in api.rpc("GET", "/products/list", **kind)["data"]] == ["BROADBAND"]
    assert api.rpc("GET", "/products/list", type_identifier="name=Other")["data"] == []
    assert api.rpc("GET", "/products/list", **kind, offset=1)["data"] == []
    assert len(api.rpc("GET", "/products/list", **kind, number_of_results=1)["data"]) == 1
    assert list(api.rpc("GET", "/products/list", **kind, fields_set="id,code")["data"][0]) == ["id", "code"]
    selections: list[dict[str, Any]] = [{}, {**kind, "brand_identifier": "id=1"}]
    for selectors in selections:
        assert api.rpc("GET", "/products/list", **selectors)["status"]["code"].endswith("ONESELECTORONLYEXCEPTION")


@crmcom
def test_an_account_gets_the_next_number(api: Api) -> None:
    created = api.rpc("POST", "/accounts_receivable/create", name="Household")["data"]
    assert created["number"] == "ACR0000000002"
    shown = api.rpc("GET", "/accounts_receivable/show", accounts_receivable_identifier=f"number={created['number']}")
    assert shown["data"]["name"] == "Household"


@crmcom
def test_a_balance_is_asked_for_now_or_later(api: Api) -> None:
    wallet = {"wallet_identifier": {"number": "W0000000001"}}
    assert api.rpc("POST", "/wallets/get_balance", **wallet)["data"]["balance"] == 120.75
    assert api.rpc("POST", "/wallets/get_balance", **wallet, as_of_date="2001-01-01T00:00:00")["status"]["code"] != "OK"
    assert api.rpc("POST", "/wallets/get_balance", wallet_identifier={"number": "W9"})["status"]["code"] != "OK"
    assert api.rpc("POST", "/wallets/get_balance")["status"]["code"] != "OK"


# --- Amino


@amino
def test_a_profile_is_created_once_and_listed_with_its_user(api: Api) -> None:
    path = "/api/users/v1/users/4711/user_profiles"
    body = {"name": "Dad", "user_id": 4711, "is_child_profile": False, "age_limit": 18, "is_default": False}
    created = api("POST", path, json=body)
    assert created.json()["data"][0]["attributes"] == body
    assert [item["attributes"]["name"] for item in api("GET", path).json()["data"]] == ["Living room", "Dad"]
    assert api("GET", path.replace("4711", "9")).json() == {"data": []}
    assert api("POST", path, json=body).status_code == 400
    assert created.headers["content-type"] == "application/vnd.api+json"


@amino
def test_a_recording_is_made_and_deleted(api: Api) -> None:
    path = "/api/recordings/v4/user_profiles/0e4f6d3a-4c1b-4f0e-8d57-6a1f6a2b9c22/recordings"
    assert api("POST", path, json={"broadcast_slot_id": "s-1"}).content == b""
    seeded, made = api("GET", path).json()["data"]
    assert made["attributes"] == {"broadcast_slot_id": "s-1"}
    assert api("PATCH", f"{path}/{made['id']}", json={"favourite": True}).status_code == 200
    assert api("GET", path).json()["data"][1]["attributes"]["favourite"] is True
    assert api("DELETE", f"{path}/{made['id']}").status_code == 200
    assert api("DELETE", f"{path}/{made['id']}").status_code == 404
    assert api("GET", path).json() == {"data": [seeded]}


@amino
def test_play_sessions_are_limited_by_type_of_device(api: Api) -> None:
    path = "/api/v1/media/users/4711/media_play_sessions"
    assert api("POST", path, json={"device_type": "stb", "service": "live"}).status_code == 200
    refused = api("POST", path, json={"device_type": "stb", "service": "live"})
    assert (refused.status_code, refused.json()["title"]) == (403, "Too many sessions")
    assert set(refused.json()) == {"id", "code", "title", "details"}
    assert api("POST", path, json={"device_type": "phone"}).status_code == 200
    assert api("DELETE", f"{path}/box-7f3a").status_code == 200
    assert api("POST", path, json={"device_type": "stb"}).status_code == 200


@amino
def test_a_named_play_session_is_kept_alive_by_repeating_it(api: Api) -> None:
    path = "/api/v1/media/users/4711/media_play_sessions/phone-1"
    first, second = (api("PUT", path, json={"device_type": "phone"}) for _ in range(2))
    assert first.json()["data"][0]["id"] == second.json()["data"][0]["id"] == "phone-1"
    assert api("PUT", path, json={"device_type": "tv"}).status_code == 409
    assert api("PUT", path.replace("4711", "9"), json={"device_type": "phone"}).status_code == 404


def test_a_play_session_without_keep_alive_ends_after_two_hours(client: httpx.Client) -> None:
    with Sandbox("amino", clock=stopped_clock()) as sandbox:
        api = Api(sandbox["amino"], client)
        path = "/api/v1/media/users/4711/media_play_sessions"
        sandbox.clock.advance(3600)
        assert api("PATCH", f"{path}/box-7f3a").status_code == 200
        sandbox.clock.advance(3600 * 2 - 1)
        assert len(api("GET", path).json()["data"]) == 1
        sandbox.clock.advance(2)
        assert api("GET", path).json() == {"data": []}


# --- all


def test_two_sandboxes_side_by_side_do_not_see_each_other(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as one, Sandbox("athena-crm") as other:
        first, second = Api(one["athena-crm"], client), Api(other["athena-crm"], client)
        first("POST", "/api/blacklist", json=ENTRY)
        assert first("GET", "/api/blacklist").json()["count"] == 2
        assert second("GET", "/api/blacklist").json()["count"] == 1
        assert one.url != other.url


def test_what_is_made_gets_the_same_keys_in_every_run(client: httpx.Client) -> None:
    keys: list[str] = []
    body = {"name": "Dad", "user_id": 4711, "is_child_profile": False, "age_limit": 18, "is_default": False}
    for _ in range(2):
        with Sandbox("amino") as sandbox:
            created = Api(sandbox["amino"], client)("POST", "/api/users/v1/users/4711/user_profiles", json=body)
            keys.append(created.json()["data"][0]["id"])
    assert keys[0] == keys[1]

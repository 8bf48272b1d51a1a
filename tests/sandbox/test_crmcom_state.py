"""CRM.COM in the sandbox: purchases, access tokens and lists that are narrowed down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from sandbox.support import login
from vendor_sandbox import Sandbox

Rpc = Callable[..., Any]

ACCOUNT = {"number": "ACR0000000001"}


@pytest.fixture
def rpc(client: httpx.Client) -> Iterator[Rpc]:
    """Calls a method with a token where the vendor requires it; gives the envelope."""
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]
        token = login(vendor, client)["access_token"]

        def call(method: str, path: str, **arguments: Any) -> Any:
            where = "params" if method == "GET" else "json"
            request: dict[str, Any] = {where: {**arguments, "token": token}}
            return client.request(method, f"{vendor.servers['base_url']}{path}", **request).json()

        yield call


def test_a_consumers_token_reaches_what_the_consumer_owns_alone(client: httpx.Client) -> None:
    with Sandbox("crmcom", records=2) as sandbox:
        vendor = sandbox["crmcom"]
        url = vendor.servers["base_url"]
        body = {"access_token_identifier": vendor.credentials["authentication_code"]}
        login_url = f"{url}/authentication/consumer_application_key/token"
        consumer = client.post(login_url, json=body).json()["data"]["token"]
        system = login(vendor, client)["access_token"]

        def get(token: str, path: str, **arguments: str) -> Any:
            return client.get(f"{url}{path}", params={**arguments, "token": token}).json().get("data")

        def post(token: str, path: str, **arguments: Any) -> Any:
            return client.post(f"{url}{path}", json={**arguments, "token": token}).json().get("data")

        other = {"accounts_receivable_identifier": {"number": "ACR0000000002"}}
        purchase = {"performed_on": "2026-07-28T13:58:40", "reference_number": "R-2"}
        others = post(system, "/customer_events/purchases/create", **other, **purchase)["number"]
        unreached: list[tuple[Rpc, str, dict[str, Any]]] = [
            (get, "/accounts_receivable/show", {"accounts_receivable_identifier": "number=ACR0000000002"}),
            (get, "/accounts_receivable/suspense_account/show", {}),
            (get, "/contact_information/show", {"contact_information_identifier": "number=CI000002"}),
            (get, "/payments/list", {"accounts_receivable_identifier": "number=ACR0000000002"}),
            (get, "/customer_events/purchases/show", {"customer_event_identifier": f"number={others}"}),
            (post, "/wallets/get_balance", other),
            (post, "/customer_events/purchases/create", {**other, **purchase}),
        ]
        for call, path, arguments in unreached:
            assert call(consumer, path, **arguments) is None, path
            assert call(system, path, **arguments) is not None, path
        own = {"accounts_receivable_identifier": ACCOUNT}
        mine = post(consumer, "/customer_events/purchases/create", **own, **purchase)["number"]
        listed = post(consumer, "/customer_events/purchases/list", **own)
        assert mine in [each["number"] for each in listed]
        assert others not in [each["number"] for each in listed]
        assert get(consumer, "/access_tokens/get_not_associated", number="5") == []
        assert post(consumer, "/wallets/get_balance", **own)
        assert get(consumer, "/products/show", product_identifier="code=BROADBAND")


def test_a_purchase_is_created_posted_listed_and_cancelled_once(rpc: Rpc) -> None:
    path = "/customer_events/purchases"
    purchase = {"performed_on": "2026-07-28T13:58:40", "reference_number": "R-2"}

    created = rpc("POST", f"{path}/create", accounts_receivable_identifier=ACCOUNT, **purchase)["data"]
    assert (created["number"], created["life_cycle_state"]) == ("CE0000000002", "POSTED")
    listed = rpc("POST", f"{path}/list", accounts_receivable_identifier=ACCOUNT, offset=1, number_of_results=5)["data"]
    assert [each["reference_number"] for each in listed] == ["R-2"]

    identifier = {"customer_event_identifier": {"number": created["number"]}}
    assert rpc("POST", f"{path}/cancel", **identifier)["data"]["life_cycle_state"] == "CANCELLED"
    again = rpc("POST", f"{path}/cancel", **identifier)
    assert again["status"]["code"] == "COM.CRM.EXCEPTION.CUSTOMEREVENTS.NOTPOSTEDEXCEPTION"
    shown = rpc("GET", f"{path}/show", customer_event_identifier=f"number={created['number']}")["data"]
    assert shown["life_cycle_state"] == "CANCELLED"


def test_a_purchase_that_is_not_there_cannot_be_cancelled(rpc: Rpc) -> None:
    response = rpc("POST", "/customer_events/purchases/cancel", customer_event_identifier={"number": "CE9"})

    assert response["status"]["code"] == "COM.CRM.EXCEPTION.CUSTOMEREVENTS.NOTFOUNDEXCEPTION"


def test_a_new_access_token_is_shown_for_its_pass_code(rpc: Rpc) -> None:
    """The response does not repeat the pass code."""
    login = {"identifier": "bo@consumer.example", "pass_code": "0815"}
    rpc("POST", "/access_tokens/create", authentication_code="CARD-9", **login)

    shown = rpc("POST", "/access_tokens/show", access_token_identifier=login)["data"]
    assert shown["authentication_code"] == "CARD-9"
    assert "pass_code" not in shown
    wrong = rpc("POST", "/access_tokens/show", access_token_identifier={**login, "pass_code": "1234"})
    assert wrong["status"]["code"] == "COM.CRM.EXCEPTION.ACCESSTOKENS.NOTFOUNDEXCEPTION"


def test_a_subscriber_is_who_knows_identifier_and_pass_code(rpc: Rpc) -> None:
    login = {"identifier": "sandbox.user@consumer.example", "pass_code": "4711"}

    assert rpc("POST", "/perception/subscriber/authenticate", **login)["data"]["number"] == "S0000000001"
    wrong = rpc("POST", "/perception/subscriber/authenticate", **{**login, "pass_code": "1234"})
    assert "data" not in wrong


def test_a_balance_is_less_than_the_wallet(rpc: Rpc) -> None:
    wallet = rpc("GET", "/wallets/show", wallet_identifier="number=W0000000001")["data"]
    balance = rpc("POST", "/wallets/get_balance", wallet_identifier={"number": "W0000000001"})["data"]

    assert balance.items() <= wallet.items()
    assert "currency" not in balance


def test_lists_are_narrowed_down_by_what_entities_show(rpc: Rpc) -> None:
    tokens = {"accounts_receivable_identifier": "number=ACR0000000001"}
    assert len(rpc("GET", "/access_tokens/list", **tokens, classification_identifier="name=Loyalty card")["data"]) == 1
    assert rpc("GET", "/access_tokens/list", **tokens, classification_identifier="name=Login")["data"] == []
    assert len(rpc("GET", "/rewards_participants/list", **tokens, life_cycle_state="EFFECTIVE")["data"]) == 1
    assert rpc("GET", "/rewards_participants/list", **tokens, life_cycle_state="TERMINATED")["data"] == []
    assert rpc("GET", "/customer_events/configuration/classifications/list", type="WEB")["data"] == []
    assert len(rpc("GET", "/workflow_rules/list", entity="CONTACTINFORMATION")["data"]) == 1


@pytest.mark.parametrize("path", ["/access_tokens/list", "/service_requests/list", "/wallets/list"])
def test_a_list_without_a_selector_fails_as_one_with_two(rpc: Rpc, path: str) -> None:
    assert rpc("GET", path)["status"]["code"].endswith("ONESELECTORONLYEXCEPTION")


def test_an_optional_filter_is_no_selector(rpc: Rpc) -> None:
    assert rpc("GET", "/activities/configuration/types/list")["data"][0]["name"] == "Call"
    assert rpc("POST", "/reward_offers/list", spend_method="SPEND_ON_REQUEST")["data"][0]["number"] == "169"
    assert rpc("POST", "/reward_offers/list", spend_method="SPEND_INSTANTLY")["data"] == []


def state_of(rpc: Rpc, number: str) -> str:
    job = rpc("GET", "/jobs/deactivate_subscription/show", job_identifier=f"number={number}")["data"]
    state: str = job["life_cycle_state"]
    return state


def test_a_job_goes_through_its_states_in_order(rpc: Rpc) -> None:
    job = {"job_identifier": {"number": "J0000000001"}}
    done = {**job, "status_identifier": {"name": "Done"}}
    assert rpc("POST", "/jobs/all_scopes/complete", **done)["status"]["code"].endswith("INVALIDSTATEEXCEPTION")
    assert rpc("POST", "/jobs/all_scopes/start_progress", **job)["data"]["life_cycle_state"] == "IN PROGRESS"
    assert rpc("POST", "/jobs/all_scopes/complete", **done)["data"]["life_cycle_state"] == "COMPLETED"
    assert state_of(rpc, "J0000000001") == "COMPLETED"
    cancel = {**job, "cancellation_reason_identifier": {"name": "Regret"}}
    assert rpc("POST", "/jobs/all_scopes/cancel", **cancel)["status"]["code"] != "OK"
    assert (
        rpc("POST", "/jobs/all_scopes/cancel", **{**cancel, "job_identifier": {"number": "J9"}})["status"]["code"]
        != "OK"
    )


def test_a_cancelled_draft_is_no_draft(rpc: Rpc) -> None:
    (draft,) = rpc("GET", "/jobs/all_scopes/get_draft")["data"]
    cancel = {"job_identifier": {"number": draft["number"]}, "cancellation_reason_identifier": {"name": "Regret"}}
    assert rpc("POST", "/jobs/all_scopes/cancel", **cancel)["status"]["code"] == "OK"
    assert rpc("GET", "/jobs/all_scopes/get_draft")["data"] == []
    assert state_of(rpc, draft["number"]) == "CANCELLED"


def test_an_access_token_of_nobody_is_listed_apart(rpc: Rpc) -> None:
    rpc("POST", "/access_tokens/create", authentication_code="CARD-8")
    rpc("POST", "/access_tokens/create", authentication_code="CARD-9", accounts_receivable_identifier=ACCOUNT)
    free = rpc("GET", "/access_tokens/get_not_associated", number=10)["data"]
    assert [token["authentication_code"] for token in free] == ["CARD-0002", "CARD-8"]
    assert len(rpc("GET", "/access_tokens/get_not_associated", number=1)["data"]) == 1
    owned = rpc("GET", "/access_tokens/list", accounts_receivable_identifier="number=ACR0000000001")["data"]
    assert [token["authentication_code"] for token in owned] == ["CARD-0001", "CARD-9"]


def test_a_pass_code_is_replaced(rpc: Rpc) -> None:
    identifier = "sandbox.user@consumer.example"

    def knows(code: str) -> bool:
        asked: Any = rpc("POST", "/perception/subscriber/authenticate", identifier=identifier, pass_code=code)
        return bool(asked["status"]["code"] == "OK")

    random = rpc("POST", "/access_tokens/reset_pass_code", authentication_code="CARD-0001")["data"]["random_pass_code"]
    assert (len(random), knows("4711"), knows(random)) == (6, False, True)
    assert rpc("POST", "/access_tokens/change_pass_code", pass_code="0815")["status"]["code"] == "OK"
    assert (knows(random), knows("0815")) == (False, True)
    assert rpc("POST", "/access_tokens/reset_pass_code", authentication_code="CARD-77")["status"]["code"] != "OK"


def test_posted_payments_change_the_balance_and_drafts_do_not(rpc: Rpc) -> None:
    def balance() -> float:
        shown = rpc("GET", "/accounts_receivable/show", accounts_receivable_identifier="number=ACR0000000001")
        value: float = shown["data"]["balance"]
        return value

    payment = {
        "accounts_receivable_identifier": ACCOUNT,
        "type_identifier": {"name": "Payment"},
        "payment_method_identifier": {"name": "Cash"},
        "payment_amount": 2.5,
    }
    rpc("POST", "/payments/create", **payment, life_cycle_state="DRAFT")
    assert balance() == 42.5
    rpc("POST", "/payments/create", **payment, life_cycle_state="POSTED")
    assert balance() == 40


@pytest.mark.parametrize(
    ("path", "arguments"),
    [
        ("/access_tokens/generate_otp", {"access_token_identifier": {"authentication_code": "CARD-77"}}),
        ("/customer_events/purchases/apply_settlement", {"customer_event_identifier": {"number": "CE9"}}),
        ("/payments/create", {"accounts_receivable_identifier": {"number": "ACR9"}}),
    ],
)
def test_a_call_about_what_is_not_there_fails(path: str, arguments: dict[str, Any], rpc: Rpc) -> None:
    payment = {
        "type_identifier": {"name": "Payment"},
        "payment_method_identifier": {"name": "Cash"},
        "payment_amount": 1,
        "life_cycle_state": "POSTED",
    }
    response = rpc("POST", path, **arguments, **(payment if path == "/payments/create" else {}))
    assert response["status"]["code"].endswith("NOTFOUNDEXCEPTION")

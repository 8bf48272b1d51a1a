"""Amino's back office, purchases and legacy logins, as the sandbox has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.support import accepted, get_amino, login
from vendor_sandbox import Sandbox, Vendor

DEVICES = "/api/device/management/v4/devices"
LICENSES = "/api/license/management/v4/licenses"


@pytest.fixture
def amino() -> Iterator[Vendor]:
    with Sandbox("amino") as sandbox:
        yield sandbox["amino"]


class BackOffice:
    """The operator's calls, with the key."""

    def __init__(self, vendor: Vendor, client: httpx.Client) -> None:
        self._client = client
        self._base = vendor.servers["base_url"]
        self._headers = {"Authorization": f"Apikey {vendor.credentials['api_key']['api_key']}"}

    def __call__(self, method: str, path: str, *resources: dict[str, Any]) -> httpx.Response:
        body: dict[str, Any] = {}
        headers = dict(self._headers)
        if resources:
            headers["content-type"] = "application/vnd.api+json"
            body["json"] = {"data": list(resources)}
        return self._client.request(method, f"{self._base}{path}", headers=headers, **body)

    def data(self, method: str, path: str, *resources: dict[str, Any]) -> Any:
        return self(method, path, *resources).json()["data"]


@pytest.fixture
def office(amino: Vendor, client: httpx.Client) -> BackOffice:
    return BackOffice(amino, client)


def license_of(user: str) -> dict[str, Any]:
    relationships = {
        "user": {"data": {"type": "User", "id": user}},
        "product": {"data": {"type": "Product", "id": "1"}},
    }
    return {"type": "License", "attributes": {"status": "ACTIVE"}, "relationships": relationships}


def test_a_device_is_created_changed_and_deleted_where_the_path_has_no_devices(office: BackOffice) -> None:
    owner = {"user": {"data": {"type": "User", "id": "7"}}}
    created = office("POST", DEVICES, {"type": "Device", "attributes": {"serial_number": None}, "relationships": owner})
    assert created.status_code == 201
    (device,) = created.json()["data"]
    assert device["attributes"] == {"serial_number": None}
    place = f"/api/device/management/v4/{device['id']}"
    office("PATCH", place, {"type": "Device", "attributes": {"player_id": "p-1"}})
    (changed,) = office.data("GET", place)
    assert changed["attributes"] == {"serial_number": None, "player_id": "p-1"}
    assert changed["relationships"] == owner
    assert [one["id"] for one in office.data("GET", DEVICES)] == ["41", device["id"]]
    assert office("DELETE", place).status_code == 200
    assert office("DELETE", place).status_code == 404
    assert office("GET", place).status_code == 404
    assert office("PATCH", place, {"type": "Device"}).status_code == 404


def test_a_user_is_unregistered_unless_the_request_says_otherwise_and_shows_no_password(office: BackOffice) -> None:
    path = "/api/user/management/v4/users"
    meta = {"security": {"user_password": "moon landing"}}
    registered = {"registration_information": {"registration_state": "REGISTERED"}}
    answers = [
        office("POST", path, {"type": "User", "attributes": attributes, "meta": meta})
        for attributes in ({"name": "Ada"}, registered)
    ]
    states = [answer.json()["data"][0]["attributes"]["registration_information"] for answer in answers]
    assert [state["registration_state"] for state in states] == ["UNREGISTERED", "REGISTERED"]
    assert "moon landing" not in office("GET", path).text


def test_licenses_are_granted_and_taken_one_by_one_and_in_batches(office: BackOffice) -> None:
    (one,) = office.data("POST", LICENSES, license_of("7"))
    two, three = office.data("POST", f"{LICENSES}/batch_create", license_of("7"), license_of("8"))
    assert [each["id"] for each in office.data("GET", "/api/license/management/v4/users/7/licenses")] == [
        one["id"],
        two["id"],
    ]
    office("POST", f"{LICENSES}/batch_delete", *({"type": "License", "id": each["id"]} for each in (one, three)))
    assert [each["id"] for each in office.data("GET", LICENSES)] == ["42", two["id"]]
    assert office("PATCH", f"{LICENSES}/42", license_of("7")).status_code == 405


def test_a_purchase_with_the_same_key_happens_once(amino: Vendor, client: httpx.Client) -> None:
    url = f"{amino.servers['base_url']}/api/license/v4/users/4711/licenses"
    token = login(amino, client)["access_token"]

    def buy(key: str | None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        return client.post(url, json={"payment_method": "billing"}, headers=headers)

    first, again, other = buy("a"), buy("a"), buy("b")
    assert first.json() == again.json() != other.json()
    assert buy(None).status_code == 400


@pytest.mark.parametrize(
    ("path", "request_of"),
    [
        ("/api/user/viewer@example.com/login?service=demo", {"headers": {"Cookie": "ssid=s; usid=u"}}),
        ("/api/oauth/login_with_token", {"data": {"access_token": "theirs", "service": "demo"}}),
        ("/api/stb/auth", {"data": {"token": "a.device.jwt"}}),
    ],
)
def test_a_legacy_login_gives_a_token_and_one_to_renew_it(
    path: str, request_of: dict[str, Any], amino: Vendor, client: httpx.Client
) -> None:
    answer = client.post(f"{amino.servers['base_url']}{path}", **request_of).json()["userStat"]
    assert accepted(get_amino(amino, client, answer["accessToken"][0]))
    assert answer["refreshToken"][1] > answer["accessToken"][1]
    body = {"grant_type": "refresh_token", "refresh_token": answer["refreshToken"][0]}
    renewed = client.post(f"{amino.servers['base_url']}/api/auth/v1/access_tokens", json=body)
    assert accepted(get_amino(amino, client, renewed.json()["data"][0]["attributes"]["access_token"]))


def test_the_exchange_of_cookies_wants_both(amino: Vendor, client: httpx.Client) -> None:
    url = f"{amino.servers['base_url']}/api/user/viewer@example.com/login?service=demo"
    assert client.post(url, headers={"Cookie": "ssid=s"}).status_code == 400


def test_a_renewal_is_counted_as_one_also_where_a_login_looks_the_same(amino: Vendor, client: httpx.Client) -> None:
    url = f"{amino.servers['base_url']}/api/auth/v1/access_tokens"
    for token in (login(amino, client)["refresh_token"], amino.credentials["refresh_token"]["refresh_token"]):
        assert client.post(url, json={"grant_type": "refresh_token", "refresh_token": token}).status_code == 200
    assert amino.token_requests == {"password": 1, "refresh": 2}

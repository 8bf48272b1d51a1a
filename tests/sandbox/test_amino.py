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


def test_devices_are_created_changed_and_deleted_at_documented_paths(office: BackOffice) -> None:
    """The path has no ``devices``."""
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


def test_a_user_is_unregistered_by_default_and_shows_no_password(office: BackOffice) -> None:
    path = "/api/user/management/v4/users"
    meta = {"security": {"user_password": "moon landing"}}
    registered = {"registration_information": {"registration_state": "REGISTERED"}}
    responses = [
        office("POST", path, {"type": "User", "attributes": attributes, "meta": meta})
        for attributes in ({"name": "Ada"}, registered)
    ]
    states = [response.json()["data"][0]["attributes"]["registration_information"] for response in responses]
    assert [state["registration_state"] for state in states] == ["UNREGISTERED", "REGISTERED"]
    assert "moon landing" not in office("GET", path).text


def test_licenses_are_granted_and_revoked_singly_and_in_batches(office: BackOffice) -> None:
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
def test_a_legacy_login_returns_an_access_and_a_refresh_token(
    path: str, request_of: dict[str, Any], amino: Vendor, client: httpx.Client
) -> None:
    response = client.post(f"{amino.servers['base_url']}{path}", **request_of).json()["userStat"]
    assert accepted(get_amino(amino, client, response["accessToken"][0]))
    assert response["refreshToken"][1] > response["accessToken"][1]
    body = {"grant_type": "refresh_token", "refresh_token": response["refreshToken"][0]}
    renewed = client.post(f"{amino.servers['base_url']}/api/auth/v1/access_tokens", json=body)
    assert accepted(get_amino(amino, client, renewed.json()["data"][0]["attributes"]["access_token"]))


def test_the_exchange_of_cookies_wants_both(amino: Vendor, client: httpx.Client) -> None:
    url = f"{amino.servers['base_url']}/api/user/viewer@example.com/login?service=demo"
    assert client.post(url, headers={"Cookie": "ssid=s"}).status_code == 400


def test_a_refresh_is_counted_as_one_where_logins_look_alike(amino: Vendor, client: httpx.Client) -> None:
    url = f"{amino.servers['base_url']}/api/auth/v1/access_tokens"
    for token in (login(amino, client)["refresh_token"], amino.credentials["refresh_token"]["refresh_token"]):
        assert client.post(url, json={"grant_type": "refresh_token", "refresh_token": token}).status_code == 200
    assert amino.token_requests == {"password": 1, "refresh": 2}


class Viewer:
    """A user's calls, with a token."""

    def __init__(self, vendor: Vendor, client: httpx.Client) -> None:
        self._client, self._base = client, vendor.servers["base_url"]
        self._headers = {"Authorization": f"Bearer {login(vendor, client)['access_token']}"}

    def __call__(self, method: str, path: str, *, key: str = "", **request: Any) -> httpx.Response:
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return self._client.request(method, f"{self._base}{path}", headers=headers, **request)

    def ids(self, path: str) -> list[str]:
        return [one["id"] for one in self("GET", path).json()["data"]]


@pytest.fixture
def viewer(amino: Vendor, client: httpx.Client) -> Viewer:
    return Viewer(amino, client)


PROFILE = "0e4f6d3a-4c1b-4f0e-8d57-6a1f6a2b9c22"
RECORDINGS = f"/api/recordings/v4/user_profiles/{PROFILE}/recordings"
SERIES = "c2b5a8d0-2f5e-4f6b-8a53-0d9e7b1c4d44"


def test_several_recordings_are_deleted_at_once(viewer: Viewer) -> None:
    viewer("POST", RECORDINGS, json={"broadcast_slot_id": "s-1"})
    viewer("POST", RECORDINGS, json={"broadcast_slot_id": "s-2"})
    seeded, first, second = viewer.ids(RECORDINGS)
    gone = {"recording_ids": [seeded, second, "no-such-id"]}
    assert viewer("POST", f"{RECORDINGS}/batch_delete_recordings", json=gone).is_success
    assert viewer.ids(RECORDINGS) == [first]
    assert viewer("POST", f"{RECORDINGS}/batch_delete_recordings", json={}).is_success, "the names are not documented"
    assert viewer.ids(f"{RECORDINGS.rpartition('/')[0]}/recorded_broadcast_slots") == ["s-1"]


def test_recordings_belong_to_the_group_of_their_series_or_none(viewer: Viewer) -> None:
    (seeded,) = viewer.ids(RECORDINGS)
    viewer("POST", RECORDINGS, json={"broadcast_slot_id": "s-1"})
    other = viewer.ids(RECORDINGS)[1]
    groups = f"{RECORDINGS}/recording_groups"
    assert viewer.ids(groups) == [SERIES]
    assert (
        viewer.ids(f"{groups}/{SERIES}/recordings")
        == viewer.ids(f"{RECORDINGS}?filter[series.id]={SERIES}")
        == [seeded]
    )
    assert viewer.ids(f"{groups}/ungrouped/recordings") == viewer.ids(f"{RECORDINGS}?filter[series.id]=null") == [other]
    assert viewer.ids(f"{groups}?filter[favourite]=true") == [], "a group without a recording that passes is none"
    viewer("PATCH", f"{RECORDINGS}/{seeded}", json={"favourite": True})
    assert viewer.ids(f"{groups}?filter[favourite]=true") == [SERIES]


def test_the_slot_with_the_most_recordings_comes_first(viewer: Viewer) -> None:
    for slot in ("s-1", "s-2", "s-2"):
        viewer("POST", RECORDINGS, json={"broadcast_slot_id": slot})
    assert viewer.ids("/api/recordings/v4/most_popular/week")[0] == "s-2"


def test_channels_are_added_to_favourites_and_taken_out(viewer: Viewer) -> None:
    lists = f"/api/users/v1/users/{PROFILE}/favourite_channel_lists"
    viewer("POST", lists, json={"name": "Sport"})
    place = f"{lists}/{viewer.ids(lists)[1]}/relationships/channels"

    def related() -> list[str]:
        made = viewer("GET", lists).json()["data"][1]
        return [channel["id"] for channel in made.get("relationships", {}).get("channels", {"data": []})["data"]]

    assert related() == []
    for _ in range(2):
        assert viewer("POST", f"{place}/100").is_success
    assert related() == ["100"]
    assert viewer("POST", f"{place}/no-such-channel").status_code == 404
    assert viewer("DELETE", f"{place}/100").is_success
    assert related() == []
    assert viewer("POST", f"{lists}/no-such-list/relationships/channels/100").status_code == 404


def test_users_see_the_channels_that_the_operator_manages(viewer: Viewer, office: BackOffice) -> None:
    managed = "/api/channel/management/v4/channels"
    name = {"name": [{"lang": "eng", "value": "East"}]}
    made = office.data("POST", managed, {"type": "Channel", "attributes": name})[0]["id"]
    assert viewer.ids("/api/metadata/v1/channels") == ["100", made]
    shown = viewer("GET", f"/api/metadata/v1/channels/{made}").json()["data"]
    assert shown == [{"type": "Channel", "id": made, "attributes": {"name": "East"}}]
    assert viewer.ids(f"/channels/{made}/relationships/streams") == []
    assert viewer.ids("/channels/100/relationships/streams") == ["live-100001-hls"]
    office("DELETE", f"{managed}/100")
    assert viewer("GET", "/channels/100/relationships/streams").status_code == 404
    assert viewer("GET", "/api/metadata/v1/channels/100").status_code == 404
    assert office.data("GET", "/api/streams/v4/live?filter[tv_channel_id]=100") == []


def test_what_a_user_buys_is_what_the_operator_sees(viewer: Viewer, office: BackOffice) -> None:
    purchase = {"product_id": "7", "payment_method": "billing"}
    path = "/api/license/v4/users/4711/licenses"
    (bought,) = viewer("POST", path, json=purchase, key="k-1").json()["data"]
    seen = office.data("GET", f"{LICENSES}/{bought['id']}")[0]
    assert seen["attributes"]["stop_date"] == bought["attributes"]["end_date"] > seen["attributes"]["start_date"]
    assert seen["relationships"]["product"]["data"]["id"] == "7"
    of_user = office.data("GET", "/api/license/management/v4/users/4711/licenses")
    assert [one["id"] for one in of_user] == ["42", bought["id"]]


def test_a_legacy_user_has_unique_identifiers_and_licenses_until_deleted(amino: Vendor, client: httpx.Client) -> None:
    """The address and the CID are unique."""
    base = amino.servers["base_url"]
    token = login(amino, client)["access_token"]

    def create(email: str, cid: int) -> httpx.Response:
        return client.post(f"{base}/api/management/user", params={"email": email, "cid": cid})

    def licenses(email: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        page = client.get(f"{base}/api/user/{email}/license", params={"Service": "demo"}, headers=headers).json()
        assert page["license"]["resultSet"]["totalItems"] == len(page["license"]["licenseList"]["licenses"])
        return len(page["license"]["licenseList"]["licenses"])

    assert create("bo@viewer.example", 7).is_success
    assert (create("bo@viewer.example", 8).json()["title"], create("ada@viewer.example", 7).json()["title"]) == (
        "1412",
        "1413",
    )
    assert (licenses("bo@viewer.example"), licenses("viewer@example.com")) == (0, 1)
    assert client.delete(f"{base}/api/management/user", params={"email": "viewer@example.com"}).is_success
    assert licenses("viewer@example.com") == 0
    assert client.delete(f"{base}/api/management/user", params={"email": "bo@viewer.example"}).is_success
    assert create("bo@viewer.example", 7).is_success

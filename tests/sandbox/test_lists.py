"""Lists in pages, as ``x-pagination`` says; data that is synthetic, and is the same with the same seed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from sandbox.support import (
    Operation,
    authorized,
    document,
    example_requests,
    judge,
    login,
    operations,
    schemes,
    stopped_clock,
)
from sandbox.test_state import Api
from vendor_sandbox import Sandbox, bundled_vendors

PAGED = [operation for operation in operations() if "x-pagination" in operation.node]
RECORDS = 25
FIXED = {
    "listCurrencies": "there are the currencies that there are",
}


def at(value: Any, expression: str) -> Any:
    """What is at ``$response.body#/data``."""
    for token in expression.partition("#/")[2].split("/"):
        value = value[token]
    return value


class Lists:
    """One list, as somebody reads it who knows its ``x-pagination`` only."""

    def __init__(self, sandbox: Sandbox, operation: Operation, client: httpx.Client) -> None:
        self._vendor = sandbox[operation.vendor]
        self._operation = operation
        self._client = client
        self._style: dict[str, Any] = operation.node["x-pagination"]
        scheme = next(iter(schemes(operation)), "")
        self._scheme, self._token = scheme, login(self._vendor, client)["access_token"]

    def pages(self, limit: int) -> Iterator[list[Any]]:
        """The items of page after page, each judged by the document."""
        offset = first = self._style.get("first", 0)
        url: str | None = None
        for _ in range(100):
            response = self._client.send(self._request(limit, offset, url))
            assert judge(self._operation, response) == [], response.text
            body = response.json()
            items = at(body, self._style["items"])
            if items:
                yield items
            if self._style["style"] == "link":
                url = at(body, self._style["next"])
                if url is None:
                    return
            elif len(items) < limit:
                return
            offset += 1 if self._style.get("unit") == "pages" else len(items)
            assert offset > first
        raise AssertionError("the list does not end")

    def _request(self, limit: int, offset: int, url: str | None) -> httpx.Request:
        request = example_requests(self._operation, self._vendor.servers[self._operation.server])[0]
        if url is not None:
            request = httpx.Request("GET", url)
        else:
            given = {self._style["limit"]: limit, self._style.get("offset", ""): offset}
            for place, value in given.items():
                name = place.rpartition("/" if "#" in place else ".")[2]
                if "body" in place and "form" in request.headers["content-type"]:
                    fields = {**dict(parse_qsl(request.content.decode())), name: str(value)}
                    request = httpx.Request("POST", request.url, data=fields)
                elif "body" in place:
                    body = {**json.loads(request.content), name: value}
                    request = httpx.Request("POST", request.url, json=body)
                elif name:
                    request.url = request.url.copy_merge_params({name: value})
        return authorized(self._vendor, request, self._scheme, self._token) if self._scheme else request


def selecting(operation: Operation) -> bool:
    """CRM.COM's lists that want one selector, which the examples of parameters do not have."""
    return operation.name in {"crmcom:listProducts", "crmcom:listAccessTokens", "crmcom:listRewardsParticipants"}


@pytest.mark.parametrize("operation", [one for one in PAGED if not selecting(one)], ids=lambda one: one.name)
def test_pages_hold_every_item_once(operation: Operation, client: httpx.Client) -> None:
    with Sandbox(operation.vendor, records=RECORDS) as sandbox:
        lists = Lists(sandbox, operation, client)
        pages = list(lists.pages(limit=10))
        items = [item for page in pages for item in page]
        if operation.node["operationId"] not in FIXED:
            assert {len(page) for page in pages[:-1]} == {10}
            assert 0 < len(pages[-1]) <= 10
            # one of the example's transactions is in no bucket of its content
            assert len(items) >= RECORDS - (operation.node["operationId"] == "listBucketContent")
        singles = [item for page in lists.pages(limit=1) for item in page]
        assert singles == items
        distinct = {json.dumps(item, sort_keys=True) for item in items}
        assert len(distinct) == len(items), "each is told from the others"


@pytest.mark.parametrize("path", ["/products/list", "/access_tokens/list", "/rewards_participants/list"])
def test_a_list_by_a_selector_comes_in_pages_too(path: str, client: httpx.Client) -> None:
    with Sandbox("crmcom", records=RECORDS) as sandbox:
        api = Api(sandbox["crmcom"], client)
        selector = {
            "/products/list": {"type_identifier": "name=Service"},
            "/access_tokens/list": {"accounts_receivable_identifier": "number=ACR0000000001"},
            "/rewards_participants/list": {"accounts_receivable_identifier": "number=ACR0000000001"},
        }[path]
        found = [
            item["id"]
            for offset in (0, 10, 20)
            for item in api.rpc("GET", path, **selector, offset=offset, number_of_results=10)["data"]
        ]
        assert len(set(found)) == len(found) == RECORDS


def test_what_is_synthetic_can_be_read_changed_and_deleted(client: httpx.Client) -> None:
    with Sandbox("athena-crm", records=RECORDS) as sandbox:
        api = Api(sandbox["athena-crm"], client)
        last = api("GET", "/api/blacklist", params={"limit": 1, "offset": 24}).json()["results"][0]
        place = f"/api/blacklist/{last['id']}"
        assert api("GET", place).json() == last
        assert api("PATCH", place, json={"name": "Other"}).json()["name"] == "Other"
        assert api("DELETE", place).status_code == 200
        assert api("GET", "/api/blacklist").json()["count"] == RECORDS - 1


def test_a_key_is_not_given_twice(client: httpx.Client) -> None:
    """Not even after a deletion, when there are as many things as before."""
    path = "/api/recordings/v4/user_profiles/0e4f6d3a-4c1b-4f0e-8d57-6a1f6a2b9c22/recordings"
    with Sandbox("amino") as sandbox:
        api = Api(sandbox["amino"], client)

        def record(slot: str) -> str:
            assert api("POST", path, json={"broadcast_slot_id": slot}).status_code == 200
            made: str = api("GET", path).json()["data"][-1]["id"]
            return made

        first, second = record("s-1"), record("s-2")
        assert api("DELETE", f"{path}/{first}").status_code == 200
        assert len({first, second, record("s-3")}) == 3


def test_a_number_is_not_given_twice(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        api = Api(sandbox["athena-crm"], client)

        def create() -> int:
            group: int = api("POST", "/api/groups", json={"name": "Auditors", "users": [], "permissions": []}).json()[
                "id"
            ]
            return group

        first = create()
        api("DELETE", f"/api/groups/{first}")
        assert create() == first + 1


def responses(vendor: str, client: httpx.Client, seed: int) -> list[str]:
    """What the lists of a vendor say, and what it makes of a few requests."""
    with Sandbox(vendor, seed=seed, records=5) as sandbox:
        running = sandbox[vendor]
        api, found = Api(running, client), list[str]()
        for operation in operations():
            if operation.vendor == vendor and operation.method == "GET" and "{" not in operation.path:
                url = f"{running.servers[operation.server]}{operation.path}"
                response = client.get(url, headers={"Authorization": f"Bearer {api._token}"})  # pyright: ignore
                found.append(response.text.replace(sandbox.url, ""))
        if vendor == "amino":
            body = {"user_id": 4711, "is_child_profile": False, "age_limit": 18, "is_default": False, "name": "Dad"}
            found.append(api("POST", "/api/users/v1/users/4711/user_profiles", json=body).text)
            found.append(api("POST", "/api/v1/media/users/4711/media_play_sessions", json={"device_type": "tv"}).text)
        return [text for text in found if "systemTime" not in text and "_timestamp" not in text]


@pytest.mark.parametrize("vendor", bundled_vendors())
def test_the_same_seed_gives_the_same_data(vendor: str, client: httpx.Client) -> None:
    first = responses(vendor, client, seed=7)
    assert first == responses(vendor, client, seed=7)
    if vendor == "amino":
        assert first != responses(vendor, client, seed=8)


def test_a_reset_gives_the_same_data_again(client: httpx.Client) -> None:
    path = "/api/users/v1/users/4711/user_profiles"
    with Sandbox("amino", records=5, seed=3) as sandbox:
        before = Api(sandbox["amino"], client)("GET", path).json()
        sandbox.reset()
        assert Api(sandbox["amino"], client)("GET", path).json() == before


def test_a_reset_gives_the_same_times_again(client: httpx.Client) -> None:
    path = "/api/v1/media/users/4711/media_play_sessions"
    with Sandbox("amino", clock=stopped_clock()) as sandbox:
        before = Api(sandbox["amino"], client)("GET", path).json()
        sandbox.clock.advance(3600)
        sandbox.reset()
        assert Api(sandbox["amino"], client)("GET", path).json() == before


def test_too_many_records_are_refused() -> None:
    for records in (-1, 1001):
        with pytest.raises(ValueError, match=f"records={records}: must be from 0 to 1000"):
            Sandbox("amino", records=records)


def test_the_lists_that_are_fixed_are_some_that_there_are() -> None:
    assert set(FIXED) <= {operation.node["operationId"] for operation in PAGED}
    assert {operation.vendor for operation in PAGED} == set(bundled_vendors())
    assert document("amino")["paths"]

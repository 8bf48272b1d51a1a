"""Faults on demand, as a plain HTTP client sees them."""

from __future__ import annotations

import json
import re
import socket
import threading
import typing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from sandbox.support import NOON, login, stopped_clock
from support.repository import ROOT
from vendor_sandbox import Sandbox, Vendor, faults
from vendor_sandbox.faults import (
    KINDS,
    ErrorStatus,
    HalfBody,
    HeldResponse,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
    SlowDrip,
    SlowResponse,
    UnknownOperation,
    WrongFault,
)
from vendor_sandbox.faults.written import FaultOrder, kind_of


@pytest.fixture
def get(cinchy: Vendor, client: httpx.Client) -> Callable[[], httpx.Response]:
    token = login(cinchy, client)["access_token"]

    def send() -> httpx.Response:
        url = f"{cinchy.servers['base_url']}/API/HR/Employees"
        params = {"ResultFormat": "JSON", "CompressJSON": "true"}
        return client.get(url, params=params, headers={"Authorization": f"Bearer {token}"})

    return send


Get = Callable[[], httpx.Response]


def test_an_error_status_applies_as_often_as_ordered(cinchy: Vendor, get: Get) -> None:
    rule = cinchy.faults.add(ErrorStatus(503, retry_after=7), times=2)
    first, second, third = get(), get(), get()
    assert [response.status_code for response in (first, second, third)] == [503, 503, 200]
    assert first.headers["Retry-After"] == "7"
    assert rule.hits == 2


def test_a_fault_may_strike_one_operation_only(cinchy: Vendor, get: Get, client: httpx.Client) -> None:
    cinchy.faults.add(ErrorStatus(500), operation="getHealth", times=None)
    health = f"{cinchy.servers['base_url']}/healthcheck"
    assert get().status_code == 200
    assert [client.get(health).status_code for _ in range(3)] == [500, 500, 500]
    cinchy.faults.clear()
    assert client.get(health).status_code == 200


def test_a_fault_can_be_taken_back(cinchy: Vendor, get: Get) -> None:
    rule = cinchy.faults.add(ErrorStatus(500), times=None)
    cinchy.faults.remove(rule)
    cinchy.faults.remove(rule)
    assert get().status_code == 200
    assert rule.hits == 0


def test_a_fault_for_an_operation_that_is_none_is_refused(cinchy: Vendor) -> None:
    with pytest.raises(UnknownOperation, match=r"did you mean 'runQuery'"):
        cinchy.faults.add(ErrorStatus(500), operation="runQueries")
    with pytest.raises(ValueError, match="times=0: must be at least 1"):
        cinchy.faults.add(ErrorStatus(500), times=0)


def test_a_proxys_page_comes_instead_of_the_response(cinchy: Vendor, get: Get) -> None:
    cinchy.faults.add(HtmlErrorPage(502))
    response = get()
    assert (response.status_code, response.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "X-Correlation-Id" not in response.headers, "the vendor never saw the request"


def test_malformed_json_comes_as_a_complete_message(cinchy: Vendor, get: Get) -> None:
    cinchy.faults.add(MalformedJson())
    response = get()
    assert response.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_connection_is_reset_before_the_request_is_processed(cinchy: Vendor, client: httpx.Client) -> None:
    cinchy.faults.add(ResetConnection())
    form = {"grant_type": "password", "scope": "js_api", **cinchy.credentials["password"]}
    with pytest.raises(httpx.ReadError):
        client.post(f"{cinchy.servers['sso_url']}/identity/connect/token", data=form)
    assert cinchy.requests[-1].status is None
    assert cinchy.token_requests == {}


def test_a_connection_is_reset_after_the_request_was_processed(cinchy: Vendor, client: httpx.Client) -> None:
    cinchy.faults.add(ResetConnection(processed=True))
    form = {"grant_type": "password", "scope": "js_api", **cinchy.credentials["password"]}
    with pytest.raises(httpx.ReadError):
        client.post(f"{cinchy.servers['sso_url']}/identity/connect/token", data=form)
    assert cinchy.token_requests == {"password": 1}


def test_a_connection_is_reset_in_the_middle_of_the_body(cinchy: Vendor, get: Get) -> None:
    cinchy.faults.add(ResetConnection(after_bytes=10))
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        get()
    assert get().status_code == 200


@pytest.mark.parametrize("text", [b"12", b"[1]", b"", b"null", b"1.5e3"])
def test_what_is_malformed_never_happens_to_be_json(text: bytes, client: httpx.Client) -> None:
    own: dict[str, Any] = {
        "openapi": "3.1.0",
        "paths": {
            "/it": {
                "get": {
                    "operationId": "get",
                    "responses": {"200": {"content": {"text/json": {"example": json.loads(text) if text else ""}}}},
                }
            }
        },
    }
    with Sandbox("own", documents={"own": own}) as sandbox:
        sandbox["own"].faults.add(MalformedJson())
        with pytest.raises(json.JSONDecodeError):
            client.get(f"{sandbox['own'].servers['base_url']}/it").json()


def test_half_the_announced_body_arrives_and_the_request_takes_effect(cinchy: Vendor) -> None:
    cinchy.faults.add(HalfBody())
    url = httpx.URL(f"{cinchy.servers['base_url']}/healthcheck")
    with socket.create_connection((url.host, url.port or 0), timeout=30) as plain:
        plain.sendall(f"GET {url.path} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode())
        received = b"".join(iter(lambda: plain.recv(65536), b""))
    head, _, body = received.partition(b"\r\n\r\n")
    promised = re.search(rb"content-length: (\d+)", head.lower())
    assert promised is not None
    assert len(body) == int(promised[1]) // 2 > 0
    assert cinchy.requests[-1].status == 200


def test_a_slow_drip_comes_in_pieces_and_is_whole(cinchy: Vendor, client: httpx.Client) -> None:
    url = f"{cinchy.servers['base_url']}/healthcheck"
    whole = client.get(url)
    cinchy.faults.add(SlowDrip(seconds=0.001))
    with client.stream("GET", url) as response:
        pieces = list(response.iter_raw())
    assert len(b"".join(pieces)) == len(whole.content)
    assert len(pieces) > 1
    assert all(len(piece) % 16 == 0 for piece in pieces[:-1])


def test_a_slow_drip_that_nobody_waits_for_ends(cinchy: Vendor, client: httpx.Client) -> None:
    """The sandbox stops without waiting for it, though it would take days."""
    cinchy.faults.add(SlowDrip(seconds=3600))
    with client.stream("GET", f"{cinchy.servers['base_url']}/healthcheck") as response:
        assert next(response.iter_raw())
    assert client.get(f"{cinchy.servers['base_url']}/healthcheck").status_code == 200


def test_a_held_response_waits_for_its_release(cinchy: Vendor, get: Get) -> None:
    held = HeldResponse()
    cinchy.faults.add(held, operation="runQuery", times=2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(get) for _ in range(2)]
        held.wait_until_held()
        held.wait_until_held()
        assert not any(future.done() for future in waiting)
        held.release()
        assert [future.result(30).status_code for future in waiting] == [200, 200]


def test_waiting_for_a_response_that_no_caller_asks_for_ends(cinchy: Vendor) -> None:
    with pytest.raises(TimeoutError):
        HeldResponse().wait_until_held(timeout=0.01)


def test_a_stopping_sandbox_lets_held_and_slow_responses_go(client: httpx.Client) -> None:
    held, slow = HeldResponse(), SlowResponse(seconds=3600)
    with ThreadPoolExecutor(2) as pool, Sandbox("cinchy") as sandbox:
        vendor = sandbox["cinchy"]
        vendor.faults.add(held)
        url = f"{vendor.servers['base_url']}/healthcheck"
        first = pool.submit(client.get, url)
        held.wait_until_held()
        vendor.faults.add(slow)
        second = pool.submit(client.get, url)
        for _ in range(1000):
            if len(vendor.requests) == 2:
                break
            threading.Event().wait(0.01)
        sandbox.stop()
        assert [first.result(30).status_code, second.result(30).status_code] == [200, 200]


def test_permission_denied_is_the_vendors_response_to_a_good_token(client: httpx.Client) -> None:
    with Sandbox("cinchy", "athena-crm") as sandbox:
        for name, status in (("cinchy", 401), ("athena-crm", 403)):
            vendor = sandbox[name]
            token = login(vendor, client)["access_token"]
            vendor.faults.add(PermissionDenied())
            path = {"cinchy": "/API/HR/Employees", "athena-crm": "/api/cases"}[name]
            headers = {"Authorization": f"Bearer {token}"}
            assert client.get(f"{vendor.servers['base_url']}{path}", headers=headers).status_code == status
            assert vendor.refused == 1


def test_the_clock_of_one_vendor_can_be_wrong(client: httpx.Client) -> None:
    with Sandbox("amino", "cinchy", clock=stopped_clock()) as sandbox:
        sandbox["amino"].clock.skew = -7200
        right, wrong = (
            parsedate_to_datetime(client.get(f"{sandbox[name].servers['base_url']}{path}").headers["date"])
            for name, path in (("cinchy", "/healthcheck"), ("amino", "/api/metadata/v1/channels"))
        )
        assert (right - wrong).total_seconds() == 7200
        response = login(sandbox["amino"], client)
        assert response["login_timestamp"] == int(NOON) - 7200


def test_an_error_status_is_in_the_vendors_own_form(client: httpx.Client) -> None:
    shapes = {
        "amino": ("/api/metadata/v1/channels", {"id", "code", "title", "details"}),
        "athena-crm": ("/api/cases", {"detail"}),
        "crmcom": ("/products/list", {"status"}),
    }
    with Sandbox(*shapes) as sandbox:
        for name, (path, members) in shapes.items():
            sandbox[name].faults.add(ErrorStatus(500))
            response = client.get(f"{sandbox[name].servers['base_url']}{path}")
            assert (response.status_code, set(response.json())) == (500, members)


def test_every_fault_is_public_and_tested_here() -> None:
    public = {getattr(faults, name) for name in faults.__all__ if isinstance(getattr(faults, name), type)}
    kinds = set(typing.get_args(faults.Fault))
    assert kinds <= public
    assert all(kind.__name__ in globals() for kind in kinds)


# --- as rules


def statuses(get: Get, number: int) -> list[int]:
    return [get().status_code for _ in range(number)]


def test_every_nth_request_fails_at_most_the_stated_times(cinchy: Vendor, get: Get) -> None:
    rule = cinchy.faults.add(ErrorStatus(500), operation="runQuery", every=3, times=2)
    assert statuses(get, 10) == [200, 200, 500, 200, 200, 500, 200, 200, 200, 200]
    assert rule.hits == 2


def test_chance_is_the_same_in_every_run_of_a_seed(client: httpx.Client) -> None:
    def run(seed: int) -> list[int]:
        with Sandbox("cinchy", seed=seed) as sandbox:
            vendor = sandbox["cinchy"]
            vendor.faults.add(ErrorStatus(500), probability=0.5, times=None)
            return [client.get(f"{vendor.servers['base_url']}/healthcheck").status_code for _ in range(40)]

    first = run(7)
    assert first == run(7)
    assert first != run(8)
    assert 5 < first.count(500) < 35


def test_the_first_of_two_rules_applies_and_hides_the_request(cinchy: Vendor, get: Get) -> None:
    """The second rule is not shown that request."""
    cinchy.faults.add(ErrorStatus(500), every=2, times=None)
    cinchy.faults.add(ErrorStatus(429), every=2, times=None)
    assert statuses(get, 8) == [200, 500, 429, 500, 200, 500, 429, 500]


def test_a_fault_may_strike_all_token_requests(cinchy: Vendor, get: Get, client: httpx.Client) -> None:
    cinchy.faults.add(ErrorStatus(503), operation="token", times=None)
    assert get().status_code == 200
    form = {"grant_type": "password", "scope": "js_api", **cinchy.credentials["password"]}
    assert client.post(f"{cinchy.servers['sso_url']}/identity/connect/token", data=form).status_code == 503


def test_a_renewal_is_a_token_request_too(client: httpx.Client) -> None:
    with Sandbox("athena-crm") as sandbox:
        crm = sandbox["athena-crm"]
        renewal = {
            "grant_type": "refresh_token",
            "client_id": crm.credentials["password"]["client_id"],
            "refresh_token": login(crm, client)["refresh_token"],
        }
        rule = crm.faults.add(ErrorStatus(503), operation="token")
        statuses = [client.post(f"{crm.servers['crm_url']}/oauth/token", data=renewal).status_code for _ in range(2)]
        assert (statuses, rule.used_up) == ([503, 200], True)


def test_a_sandbox_wide_rule_applies_every_vendor_with_one_count(client: httpx.Client) -> None:
    with Sandbox("cinchy", "amino") as sandbox:
        rule = sandbox.faults.add(ErrorStatus(503), times=2)
        urls = [
            f"{sandbox['cinchy'].servers['base_url']}/healthcheck",
            f"{sandbox['amino'].servers['base_url']}/api/metadata/v1/channels",
        ]
        assert [client.get(url).status_code for url in urls] == [503, 503]
        assert [client.get(url).status_code for url in urls] == [200, 200]
        assert (rule.hits, rule.used_up) == (2, True)
        assert sandbox["cinchy"].faults.all() == sandbox["amino"].faults.all() == [rule]
        sandbox["cinchy"].faults.clear()
        assert sandbox.faults.all() == [rule], "it is about another vendor, too"
        sandbox.faults.clear()
        assert sandbox.faults.all() == []


def test_rules_that_cannot_be_are_refused(cinchy: Vendor) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"every": 0}, "every=0: must be at least 1"),
        ({"probability": 0.0}, "above 0"),
        ({"probability": 1.5}, "at most 1"),
        ({"probability": float("nan")}, "above 0"),
        ({"probability": 0.5, "every": 2}, "cannot be combined"),
    ]
    for settings, message in wrong:
        with pytest.raises(ValueError, match=message):
            cinchy.faults.add(ErrorStatus(500), **settings)
    for make, message in (
        (lambda: ErrorStatus(200), "400 to 599"),
        (lambda: ErrorStatus(503, retry_after=-1), "must be at least 0 seconds"),
        (lambda: SlowResponse(0), "must be above 0"),
        (lambda: SlowDrip(float("inf")), "at most"),
    ):
        with pytest.raises(ValueError, match=message):
            make()


# --- as they are written


WRITTEN: dict[str, tuple[str, faults.Fault]] = {
    "latency": ("latency=0.5", SlowResponse(0.5)),
    "status": ("status=503,retry_after=7", ErrorStatus(503, retry_after=7)),
    "reset_before": ("reset_before", ResetConnection()),
    "reset_after": ("reset_after", ResetConnection(processed=True)),
    "half_body": ("half_body", HalfBody()),
    "html": ("html=504", HtmlErrorPage(504)),
    "malformed_json": ("malformed_json", MalformedJson()),
    "slow_drip": ("slow_drip=0.2", SlowDrip(0.2)),
    "permission_denied": ("permission_denied", PermissionDenied()),
}


def test_every_kind_has_a_written_form_and_is_documented() -> None:
    assert list(WRITTEN) == list(KINDS)
    for name, (text, fault) in WRITTEN.items():
        order = faults.parse_order(f"cinchy:*:{text},every=3,times=5")
        assert order == FaultOrder(fault, "cinchy", None, every=3, times=5)
        assert kind_of(fault) == name
    page = (ROOT / "docs/sandbox.md").read_text()
    rows = re.findall(
        r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", page.partition("## Faults")[2].partition("\n## ")[0], re.MULTILINE
    )
    assert rows == [
        (name, kind.meaning, ", ".join(f"`{member}`" for member in kind.takes)) for name, kind in KINDS.items()
    ]
    only_in_python = {HeldResponse}
    assert {type(fault) for _, fault in WRITTEN.values()} == set(typing.get_args(faults.Fault)) - only_in_python


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("status=503", r"write VENDOR:OPERATION:KIND\[=VALUE\]"),
        ("cinchy::status=503", "write VENDOR"),
        ("cinchy:*:sttus=503", "kind must be one of latency, status"),
        ("cinchy:*:status", "status requires status"),
        ("cinchy:*:status=", "is not NAME=VALUE"),
        ("cinchy:*:status=often", "status must be a number"),
        ("cinchy:*:status=503.5", "status must be a whole number"),
        ("cinchy:*:status=200", "400 to 599"),
        ("cinchy:*:status=503,status=500", "status is given twice"),
        ("cinchy:*:status=503,seconds=1", "status does not take seconds"),
        ("cinchy:*:half_body=1", "half_body takes no value"),
        ("cinchy:*:half_body,every", "'every' is not NAME=VALUE"),
        ("cinchy:*:half_body,every=0", "every must be at least 1"),
        ("cinchy:*:half_body,times=0", "times must be at least 1"),
        ("cinchy:*:half_body,probability=2", "at most 1"),
        ("cinchy:*:half_body,probability=nan", "must be a number"),
        ("cinchy:*:half_body,probability=0.1,every=2", "not both"),
        ("cinchy:*:latency=1e999", "must be a number"),
        ("cinchy:*:latency=-1", "must be above 0"),
    ],
)
def test_a_fault_that_is_written_wrong_gets_a_clear_message(text: str, message: str) -> None:
    with pytest.raises(WrongFault, match=message) as error:
        faults.parse_order(text)
    assert text in str(error.value)

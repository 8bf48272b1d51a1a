"""Faults on demand, as a plain HTTP client sees them."""

from __future__ import annotations

import json
import threading
import typing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sandbox.support import NOON, login, stopped_clock
from vendor_sandbox import Sandbox, Vendor, faults
from vendor_sandbox.faults import (
    ErrorStatus,
    HeldAnswer,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
    SlowAnswer,
    UnknownOperation,
)


@pytest.fixture
def get(cinchy: Vendor, client: httpx.Client) -> Callable[[], httpx.Response]:
    token = login(cinchy, client)["access_token"]

    def send() -> httpx.Response:
        url = f"{cinchy.servers['base_url']}/API/HR/Employees"
        params = {"ResultFormat": "JSON", "CompressJSON": "true"}
        return client.get(url, params=params, headers={"Authorization": f"Bearer {token}"})

    return send


Get = Callable[[], httpx.Response]


def test_an_error_status_strikes_as_often_as_ordered(cinchy: Vendor, get: Get) -> None:
    rule = cinchy.faults.add(ErrorStatus(503, retry_after=7), times=2)
    first, second, third = get(), get(), get()
    assert [answer.status_code for answer in (first, second, third)] == [503, 503, 200]
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
    with pytest.raises(UnknownOperation, match=r"there are .*runQuery"):
        cinchy.faults.add(ErrorStatus(500), operation="runQueries")
    with pytest.raises(ValueError, match="at least once"):
        cinchy.faults.add(ErrorStatus(500), times=0)


def test_a_proxys_page_comes_instead_of_the_answer(cinchy: Vendor, get: Get) -> None:
    cinchy.faults.add(HtmlErrorPage(502))
    answer = get()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert "X-Correlation-Id" not in answer.headers, "the vendor never saw the request"


def test_malformed_json_comes_as_a_complete_message(cinchy: Vendor, get: Get) -> None:
    cinchy.faults.add(MalformedJson())
    answer = get()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


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


def test_a_held_answer_waits_for_its_release(cinchy: Vendor, get: Get) -> None:
    held = HeldAnswer()
    cinchy.faults.add(held, operation="runQuery", times=2)
    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(get) for _ in range(2)]
        held.wait_until_held()
        held.wait_until_held()
        assert not any(future.done() for future in waiting)
        held.release()
        assert [future.result(30).status_code for future in waiting] == [200, 200]


def test_waiting_for_an_answer_that_nobody_asks_for_ends(cinchy: Vendor) -> None:
    with pytest.raises(TimeoutError):
        HeldAnswer().wait_until_held(timeout=0.01)


def test_a_stopping_sandbox_lets_held_and_slow_answers_go(client: httpx.Client) -> None:
    held, slow = HeldAnswer(), SlowAnswer(seconds=3600)
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


def test_permission_denied_is_the_vendors_answer_to_a_good_token(client: httpx.Client) -> None:
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
        answer = login(sandbox["amino"], client)
        assert answer["login_timestamp"] == int(NOON) - 7200


def test_an_error_status_is_in_the_vendors_own_form(client: httpx.Client) -> None:
    shapes = {
        "amino": ("/api/metadata/v1/channels", {"id", "code", "title", "details"}),
        "athena-crm": ("/api/cases", {"detail"}),
        "crmcom": ("/products/list", {"status"}),
    }
    with Sandbox(*shapes) as sandbox:
        for name, (path, members) in shapes.items():
            sandbox[name].faults.add(ErrorStatus(500))
            answer = client.get(f"{sandbox[name].servers['base_url']}{path}")
            assert (answer.status_code, set(answer.json())) == (500, members)


def test_every_fault_is_public_and_tested_here() -> None:
    public = {getattr(faults, name) for name in faults.__all__ if isinstance(getattr(faults, name), type)}
    kinds = set(typing.get_args(faults.Fault))
    assert kinds <= public
    assert all(kind.__name__ in globals() for kind in kinds)

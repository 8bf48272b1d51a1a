"""The defects of generated clients that users meet first: none of the five has one of them."""

from __future__ import annotations

import asyncio
import datetime
import inspect
import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from clients.methods import METHODS, Method, is_required, methods_of, sample, way_to_call
from clients.responses import async_client_of, client_of
from clients.vendors import SUBJECTS, Subject
from support.http_library import LIBRARY, httpx
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox, Vendor

every_vendor = pytest.mark.parametrize("vendor", VENDORS)
FIRST = {vendor: next(method for method in METHODS if method.vendor == vendor) for vendor in VENDORS}
IN_PATH = [method for method in METHODS if "{" in method.operation.path]


class Notes:
    """A failure that no other attempt would change, for each request, and what was asked."""

    def __init__(self, status: int = 501) -> None:
        self.status = status
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return httpx.Response(self.status, text="noted")


def call(subject: Subject, client: Any, **options: Any) -> None:
    """One call that is noted and fails."""
    method = FIRST[subject.vendor]
    with pytest.raises(subject.package.ServerError):
        method.call(client, **options)


# --- defaults --------------------------------------------------------------------------------------------------------


@every_vendor
def test_no_call_waits_for_ever(vendor: str, vendors: Sandbox) -> None:
    notes = Notes()
    with client_of(vendor, vendors, notes) as client:
        call(SUBJECTS[vendor], client)
        call(SUBJECTS[vendor], client, timeout=3.0)
    first, second = [request.extensions["timeout"] for request in notes.requests]
    assert first == {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0}
    assert set(second.values()) == {3.0}


@every_vendor
def test_the_user_agent_says_who_calls(vendor: str, vendors: Sandbox) -> None:
    notes = Notes()
    with client_of(vendor, vendors, notes) as client:
        call(SUBJECTS[vendor], client)
    version = SUBJECTS[vendor].package.__version__
    agent = notes.requests[0].headers["user-agent"]
    assert re.fullmatch(rf"{vendor}-client/{re.escape(version)} python/3\.\d+ {LIBRARY}/\d+\.\d+", agent)


@every_vendor
def test_two_clients_share_no_headers_and_calls_leave_none_behind(vendor: str, vendors: Sandbox) -> None:
    notes = Notes()
    with client_of(vendor, vendors, notes, headers={"X-Of": "one"}) as one, client_of(vendor, vendors, notes) as two:
        call(SUBJECTS[vendor], one, extra_headers={"X-Once": "yes"})
        call(SUBJECTS[vendor], one)
        call(SUBJECTS[vendor], two)
    seen = [(request.headers.get("x-of"), request.headers.get("x-once")) for request in notes.requests]
    assert seen == [("one", "yes"), ("one", None), (None, None)]


@every_vendor
def test_nothing_changes_a_client_that_exists(vendor: str) -> None:
    """No ``with_headers`` or ``set_token`` that would reach through to other users; ``with_options`` makes a client."""
    subject = SUBJECTS[vendor]
    for kind in (subject.client, subject.async_client):
        assert [name for name in dir(kind) if name.startswith(("with_", "set_", "get_"))] == ["with_options"]


# --- addresses and environment ---------------------------------------------------------------------------------------


@every_vendor
@pytest.mark.parametrize(
    "base", ["https://api.example", "https://api.example/", "https://api.example/a/b", "https://api.example/a/b/"]
)
def test_a_base_url_may_have_a_path_and_trailing_slash(vendor: str, base: str, vendors: Sandbox) -> None:
    notes = Notes()
    subject = SUBJECTS[vendor]
    method = next(method for method in METHODS if method.vendor == vendor and method.is_anonymous)
    servers = dict.fromkeys((name for name in vendors[vendor].servers), base)
    with (
        httpx.Client(transport=httpx.MockTransport(notes)) as http,
        subject.client(**servers, credentials=(), http_client=http) as client,
        pytest.raises(subject.package.ServerError),
    ):
        method.call(client)
    literal = method.operation.path.partition("{")[0]
    assert str(notes.requests[0].url).startswith(base.rstrip("/") + literal)


@every_vendor
def test_the_environment_is_read_when_a_client_is_made(
    vendor: str, vendors: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when the package is imported, which it was long ago, and not later."""
    subject = SUBJECTS[vendor]
    for name, value in vendors[vendor].environment.items():
        monkeypatch.setenv(name, value)
    with subject.client() as client:
        for name in vendors[vendor].environment:
            monkeypatch.delenv(name)
        subject.call(client)


# --- tokens ----------------------------------------------------------------------------------------------------------


def shown(vendor: Vendor) -> set[str]:
    """The tokens of the calls that this vendor responded."""
    found: set[str] = set()
    for request in vendor.requests:
        scheme, _, token = {name.lower(): value for name, value in request.headers}.get("authorization", "").partition(
            " "
        )
        found |= {token} if scheme.lower() == "bearer" else set()
        found |= {value for name, value in request.query if name == "token"}
    return found


def test_no_client_keeps_a_token_and_calls_may_use_others(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any]
) -> None:
    with subject.client(**arguments) as client:
        subject.call(client)
        client.forget_tokens()
        first = shown(vendor)
        subject.call(client)
        texts = repr(client) + repr(client._sender.connection.authenticator)
        assert not [token for token in shown(vendor) if token in texts]
        assert " 0x" not in repr(client)
    assert len(first) == 1
    assert shown(vendor) > first


# --- httpx clients ---------------------------------------------------------------------------------------------------


def test_a_client_can_be_entered_late_and_closed_twice(subject: Subject, arguments: dict[str, Any]) -> None:
    """Late means after the first call."""
    client = subject.client(**arguments)
    subject.call(client)
    with client:
        subject.call(client)
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        subject.call(client)


async def test_so_can_an_awaited_one(subject: Subject, arguments: dict[str, Any]) -> None:
    client = subject.async_client(**arguments)
    await subject.call(client)
    async with client:
        await subject.call(client)
    await client.close()
    with pytest.raises(RuntimeError, match="closed"):
        await subject.call(client)


def test_threads_that_start_together_share_one_pool(subject: Subject, arguments: dict[str, Any]) -> None:
    together = threading.Barrier(8)
    with subject.client(**arguments) as client:
        made: list[httpx.Client] = []
        make = client._sender.clients.make

        def make_and_count() -> httpx.Client:
            made.append(make())
            return made[-1]

        client._sender.clients.make = make_and_count

        def start(_: int) -> None:
            together.wait(10)
            subject.call(client)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(start, range(8)))
    assert len(made) == 1


def test_a_client_serves_one_event_loop_after_another(subject: Subject, arguments: dict[str, Any]) -> None:
    client = subject.async_client(**arguments)

    async def use() -> None:
        await subject.call(client)
        await client._sender.clients.get(asyncio.get_running_loop()).close()

    for _ in range(2):
        asyncio.run(use())
    asyncio.run(client.close())


@every_vendor
async def test_the_users_own_httpx_client_is_not_changed(vendor: str, vendors: Sandbox) -> None:
    subject = SUBJECTS[vendor]
    method = FIRST[vendor]
    notes, hooked = Notes(), []
    servers = vendors[vendor].servers
    credentials = [
        subject.credentials(vendors[vendor], life.grants[0].name) for life in subject.auth.LIFECYCLES.values()
    ]

    async def note(request: httpx.Request) -> None:
        hooked.append(request.method)

    mine = {"X-Mine": "yes", "User-Agent": "mine/1"}
    with (
        httpx.Client() as tokens,
        httpx.Client(
            transport=httpx.MockTransport(notes),
            headers=mine,
            event_hooks={"request": [lambda r: hooked.append(r.method)]},
        ) as own,
    ):
        before = dict(own.headers), own.timeout, own.auth, own.follow_redirects, own.base_url
        with subject.client(**servers, credentials=credentials, http_client=own, token_http_client=tokens) as client:
            call(subject, client)
        assert (dict(own.headers), own.timeout, own.auth, own.follow_redirects, own.base_url) == before
        assert not own.is_closed
        assert not tokens.is_closed
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(notes), headers=mine, event_hooks={"request": [note]}
        ) as other:
            async with subject.async_client(
                **servers, credentials=credentials, http_client=other, token_http_client=tokens
            ) as client:
                with pytest.raises(subject.package.ServerError):
                    await method.call(client)
            assert not other.is_closed
    assert len(hooked) == len(notes.requests) == 2
    assert {(request.headers["x-mine"], request.headers["user-agent"]) for request in notes.requests} == {
        ("yes", "mine/1")
    }


# --- what is sent ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("vendor", {method.vendor: None for method in IN_PATH})
@pytest.mark.parametrize("value", ["", ".", ".."])
def test_no_parameter_of_a_path_can_climb(vendor: str, vendors: Sandbox, value: str) -> None:
    notes = Notes()
    with client_of(vendor, vendors, notes) as client, all_pass() as check:
        for method in IN_PATH:
            if method.vendor == vendor:
                with check(method):
                    refuses_in_path(method, client, value)
    assert notes.requests == []


def refuses_in_path(method: Method, client: Any, value: str) -> None:
    """The value is refused for each parameter in the path."""
    function = method.of(client)
    by_name, hints = way_to_call(function)
    parameters = by_name.values()
    given = {p.name: sample(hints[p.name]) for p in parameters if is_required(p)}
    template = method.operation.path.replace("_", "").lower()
    in_path = [name for name in given if f"{{{name.replace('_', '')}}}" in template]
    for name in in_path:
        changed = {**given, name: value}
        positional = [changed.pop(p.name) for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
        refused = "is a path parameter|expected an integer|expected a date"
        with pytest.raises(SUBJECTS[method.vendor].package.UsageError, match=refused):
            function(*positional, **changed)
    assert in_path


@pytest.mark.parametrize("vendor", ["athena-cognito", "athena-crm"])
def test_a_moment_without_a_time_zone_is_not_sent(vendor: str, vendors: Sandbox) -> None:
    notes = Notes()
    naive = datetime.datetime(2026, 1, 2, 3, 4)  # that is the point
    with client_of(vendor, vendors, notes) as client:
        with pytest.raises(ValueError, match="time zone"):
            client.cases.list(min_date=naive)
        with pytest.raises(SUBJECTS[vendor].package.ServerError):
            client.cases.list(min_date=naive.replace(tzinfo=datetime.UTC))
    assert [request.url.params["min_date"] for request in notes.requests] == ["2026-01-02T03:04:00+00:00"]


def test_no_file_can_start_another_field(vendors: Sandbox) -> None:
    from cinchy_client import ServerError
    from cinchy_client.models import JobOptions
    from cinchy_client.types import File

    notes = Notes()
    attack = b'x\r\n--+++\r\nContent-Disposition: form-data; name="options"\r\n\r\n{}\r\n--+++--\r\n'
    options = JobOptions(feed="f", server="s", param_values={})
    with client_of("cinchy", vendors, notes) as client:
        for _ in range(2):
            with pytest.raises(ServerError):
                client.jobs.start(options=options, files=[File(attack)])
    first, second = [request.headers["content-type"].partition("boundary=")[2] for request in notes.requests]
    assert first != second
    assert notes.requests[0].content.count(f"--{first}\r\n".encode()) == 2
    assert attack in notes.requests[0].content


@every_vendor
async def test_blocking_and_awaited_calls_send_the_same_bytes(vendor: str, vendors: Sandbox) -> None:
    package = SUBJECTS[vendor].package
    notes = Notes()
    with client_of(vendor, vendors, notes) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, notes) as async_:
            for method in methods_of(vendor):
                with check(method):
                    notes.requests.clear()
                    with pytest.raises(package.ServerError):
                        method.call(client)
                    with pytest.raises(package.ServerError):
                        await method.call(async_)
                    send_the_same(*notes.requests)


def send_the_same(first: httpx.Request, second: httpx.Request) -> None:
    """But for the token, the random boundary of a body in parts, and the key of a call."""
    own = {"authorization", "content-type", "idempotency-key"}
    assert {n: v for n, v in first.headers.items() if n not in own} == {
        n: v for n, v in second.headers.items() if n not in own
    }
    assert first.url.path == second.url.path
    if "json" in first.headers.get("content-type", ""):
        without = [{k: v for k, v in json.loads(r.content).items() if k != "token"} for r in (first, second)]
        assert without[0] == without[1]

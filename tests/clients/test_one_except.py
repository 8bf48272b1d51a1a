"""One ``except`` clause catches whatever a call raises, and each error still says what it is."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import auth_core
import pytest
from auth_core import MemoryStore, StoreUnavailable
from auth_core_testing import FakeClock

from clients.methods import METHODS
from clients.vendors import SUBJECTS, Call, Subject
from support.http_library import httpx
from support.repository import VENDORS
from vendor_sandbox import Vendor
from vendor_sandbox.faults import ErrorStatus, HeldResponse, HtmlErrorPage

PASSWORD = "wrong-and-unlike-any-other"


class World:
    """One vendor, and a client of it that blocks or is awaited."""

    def __init__(self, subject: Subject, vendor: Vendor, arguments: dict[str, Any], *, is_async: bool) -> None:
        self.subject = subject
        self.vendor = vendor
        self.arguments = arguments
        self.kind = subject.async_client if is_async else subject.client
        self.made: list[Any] = []

    def client(self, **changed: Any) -> Any:
        self.made.append(self.kind(**{**self.arguments, **changed}))
        return self.made[-1]

    async def call(self, client: Any, **options: Any) -> Any:
        plain = self.subject.call
        return await done(Call(plain.method, {**plain.arguments, **options})(client))


@asynccontextmanager
async def world_of(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any], *, is_async: bool
) -> AsyncGenerator[World]:
    """Its clients are closed at the end."""
    world = World(subject, vendor, arguments, is_async=is_async)
    try:
        yield world
    finally:
        for client in world.made:
            await done(client.close())


async def done(value: Any) -> Any:
    """What a method returns, awaited if need be."""
    return await value if inspect.isawaitable(value) else value


async def wrong_password(world: World) -> None:
    secret = [definition.name for definition in world.subject.first_grant.credentials if definition.secret][-1]
    credentials = world.subject.credentials(world.vendor, **{secret: PASSWORD})
    await world.call(world.client(credentials=credentials))


async def missing_credentials(world: World) -> None:
    client = world.client(credentials=())
    if world.subject.vendor == "cinchy":  # saved queries may be open to anybody; CQL is not
        await done(client.cql.query(query="SELECT 1"))
    await world.call(client)


async def insecure_server(world: World) -> None:
    world.client(**dict.fromkeys(world.vendor.servers, "http://api.example"))


async def no_address(world: World) -> None:
    world.client(**dict.fromkeys(world.vendor.servers, "api.example"))


async def credentials_of_no_kind(world: World) -> None:
    world.client(credentials="secret")


async def token_server_down(world: World) -> None:
    world.vendor.faults.add(ErrorStatus(503), operation=world.subject.first_grant.requests[0].operation_id)
    await world.call(world.client())


class AwayStore(MemoryStore):
    """Nothing can be forgotten: it cannot be reached."""

    def forget(self, key: str) -> None:
        raise StoreUnavailable("the store is away")


async def store_away(world: World) -> None:
    client = world.client(token_store=AwayStore())
    await world.call(client)
    await done(client.forget_tokens())


async def closed_client(world: World) -> None:
    client = world.client()
    await done(client.close())
    await world.call(client)


async def closed_httpx_client(world: World) -> None:
    with httpx.Client() as tokens:
        own = httpx.AsyncClient() if world.kind is world.subject.async_client else httpx.Client()
        client = world.client(http_client=own, token_http_client=tokens)
        await done(own.aclose() if isinstance(own, httpx.AsyncClient) else own.close())
        await world.call(client)


async def html_page(world: World) -> None:
    client = world.client()
    await world.call(client)
    world.vendor.faults.add(HtmlErrorPage(502))
    await world.call(client, max_retries=0)


async def timeout(world: World) -> None:
    client, held = world.client(), HeldResponse()
    await world.call(client)
    world.vendor.faults.add(held)
    try:
        await world.call(client, timeout=0.2, max_retries=0)
    finally:
        held.release()


async def header_with_a_line_break(world: World) -> None:
    await world.call(world.client(), extra_headers={"X-A": "1\r\nX-B: 2"})


async def header_of_other_characters(world: World) -> None:
    await world.call(world.client(), extra_headers={"X-A": "snow \N{SNOWMAN}"})


async def timeout_of_no_time(world: World) -> None:
    await world.call(world.client(), timeout=-1)


async def timeout_in_words(world: World) -> None:
    await world.call(world.client(), timeout="soon")


async def headers_that_are_none(world: World) -> None:
    world.client(headers=["X-A"])


CASES: list[tuple[Callable[[World], Awaitable[None]], str, type[Exception]]] = [
    (wrong_password, "LoginRefused", auth_core.LoginRefused),
    (missing_credentials, "MissingCredentials", auth_core.MissingCredentials),
    (insecure_server, "InsecureServer", auth_core.InsecureServer),
    (no_address, "ConfigurationError", auth_core.ConfigurationError),
    (credentials_of_no_kind, "InvalidCredentials", auth_core.InvalidCredentials),
    (token_server_down, "TokenUnavailable", auth_core.TokenUnavailable),
    (store_away, "StoreUnavailable", auth_core.StoreUnavailable),
    (closed_client, "ClientClosed", RuntimeError),
    (closed_httpx_client, "ClientClosed", RuntimeError),
    (html_page, "ServerError", Exception),
    (timeout, "TransportTimeoutError", TimeoutError),
    (header_with_a_line_break, "InvalidArgument", ValueError),
    (header_of_other_characters, "InvalidArgument", ValueError),
    (timeout_of_no_time, "InvalidArgument", ValueError),
    (timeout_in_words, "WrongArgumentType", TypeError),
    (headers_that_are_none, "WrongArgumentType", TypeError),
]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize(("case", "name", "also"), CASES, ids=lambda value: getattr(value, "__name__", None))
async def test_one_except_clause_catches_it_with_a_specific_class(
    case: Callable[[World], Awaitable[None]],
    name: str,
    also: type[Exception],
    subject: Subject,
    vendor: Vendor,
    arguments: dict[str, Any],
    *,
    is_async: bool,
) -> None:
    base = base_of(subject)
    async with world_of(subject, vendor, arguments, is_async=is_async) as world:
        with pytest.raises(base) as caught:
            await case(world)
    error = caught.value
    assert type(error) is getattr(subject.package, name)
    assert isinstance(error, also)
    shown = "".join(traceback.format_exception(error))
    logged = json.dumps(error.to_dict())
    assert (PASSWORD in shown, PASSWORD in logged, type(error).__name__ in logged) == (False, False, True)
    if isinstance(error, auth_core.AuthError):
        assert "During handling of the above exception" not in shown
        assert shown.count(str(error)) == 1
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert (type(twin), str(twin)) == (type(error), str(error))


def base_of(subject: Subject) -> type[Exception]:
    """The class that a program catches: it is called after the client."""
    found: type[Exception] = getattr(subject.package, f"{subject.client.__name__}Error")
    return found


def test_waiters_share_a_refusal_and_each_raises_its_own_error(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    """A recorded refusal is told to every client of these credentials; nobody's note is on another one's error."""
    secret = [definition.name for definition in subject.first_grant.credentials if definition.secret][-1]
    credentials = subject.credentials(vendor, **{secret: PASSWORD})
    seen: list[BaseException] = []
    with subject.client(**arguments | {"credentials": credentials}) as client:
        for _ in range(2):
            with pytest.raises(subject.package.LoginRefused) as caught:
                subject.call(client)
            caught.value.add_note("mine")
            seen.append(caught.value)
    assert seen[0] is not seen[1]
    assert [error.__notes__.count("mine") for error in seen] == [1, 1]


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
@pytest.mark.parametrize("subject", ["cinchy"], indirect=True)
async def test_pages_raise_the_same(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any], *, is_async: bool
) -> None:
    credentials = subject.credentials(vendor, password=PASSWORD)
    async with world_of(subject, vendor, arguments, is_async=is_async) as world:
        queries = world.client(credentials=credentials).queries

        async def rows() -> list[Any]:
            pages = queries.run_pages("HR", "Employees")
            return [row async for row in pages] if is_async else list(pages)

        with pytest.raises(base_of(subject)) as caught:
            await rows()
    assert type(caught.value) is subject.package.LoginRefused


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_method_leads_to_the_one_clause(vendor: str) -> None:
    subject = SUBJECTS[vendor]
    line = f"{base_of(subject).__name__}: Base class of all errors; ``errors.py`` has the tree."
    methods = [method for method in METHODS if method.vendor == vendor]
    assert methods
    assert [str(method) for method in methods if line not in (method.function.__doc__ or "")] == []
    assert base_of(subject).__name__ in (subject.client.__doc__ or "")


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_error_is_had_from_the_package(vendor: str) -> None:
    subject = SUBJECTS[vendor]
    base = base_of(subject)
    pending, classes = [base], set[type[Exception]]()
    while pending:
        classes.add(kind := pending.pop())
        pending += kind.__subclasses__()
    own = {kind for kind in classes if kind.__module__ == f"{subject.package.__name__}.errors"}
    assert len(own) > 30
    assert [kind.__name__ for kind in own if getattr(subject.package, kind.__name__, None) is not kind] == []
    assert {kind.__name__ for kind in own} <= set(subject.package.__all__)

"""No secret is shown: not in logs, reprs, errors, tracebacks with locals, pickles, nor in what event hooks kept.

Over real sockets, for every vendor and every grant, with every library that logs at DEBUG.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import inspect
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import pytest
from auth_core import AuthError
from auth_core_testing import Canary, FakeClock

from clients.test_token_lifecycle import GRANTS
from clients.vendors import SUBJECTS, Subject
from support.repository import VENDORS
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.clock import SandboxClock
from vendor_sandbox.faults import (
    ErrorStatus,
    Fault,
    HeldAnswer,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
)

SHORT = 8
"""Shorter texts turn up by chance (a pass code of four digits)."""


class Watched:
    """A sandbox and a client of it whose every secret is watched."""

    def __init__(self, sandbox: Sandbox, name: str, grant: str, clock: FakeClock) -> None:
        self.subject: Subject = SUBJECTS[name]
        self.vendor: Vendor = sandbox[name]
        self.grant = grant
        self.clock = clock
        self.canary = Canary()
        self.canary.ignore_loggers("uvicorn")  # the sandbox's own; it runs in this process
        self.signed: list[str] = []
        issuer = self.vendor.token_issuer
        sign = issuer.sign

        def recording(claims: Any) -> str:
            self.signed.append(sign(claims))
            return self.signed[-1]

        issuer.sign = recording  # type: ignore[method-assign]

    def arguments(self, **changed: Any) -> dict[str, Any]:
        for definition in self.subject.grants[self.grant].credentials:
            value = {**self.vendor.credentials[self.grant], **changed}.get(definition.name, "")
            if definition.secret and len(value) >= SHORT:
                self.canary.add(definition.name, value)
            if definition.single_use:  # the sandbox takes them again
                changed[definition.name] = lambda value=value: value
        credentials = self.subject.credentials(self.vendor, self.grant, **changed)
        return {**self.vendor.servers, "credentials": credentials, "clock": self.clock}

    def call(self, client: Any) -> Any:
        return self.subject.calls_for(self.grant)[0](client)

    def show_client(self, client: Any) -> None:
        connection = client._sender.connection
        authenticator = connection.authenticator
        self.canary.show(client, connection, connection.options, connection.options.credentials, authenticator)
        self.canary.show(connection.token_sender, connection._plans, vars(client))
        for source in authenticator._sources.values():
            self.canary.show(source, source._renewer, source._state.held, vars(source), vars(source._state))

    def show_error(self, error: BaseException) -> None:
        self.canary.show(error, vars(error), copy.deepcopy(error), getattr(error, "excerpt", ""))
        headers = getattr(error, "headers", {})
        self.canary.show(dict(headers), list(headers.items()))
        cause: BaseException | None = error
        while cause is not None:
            self.canary.show(cause, vars(cause), cause.args)
            if isinstance(cause, httpx.RequestError):
                self.show_request(cause.request)
            cause = cause.__cause__ or cause.__context__

    def show_request(self, request: httpx.Request) -> None:
        self.canary.show(request, str(request.url), dict(request.headers), request.headers.raw, request.extensions)
        content = request.__dict__.get("_content", b"")
        self.canary.show(content, content.decode("utf-8", "replace"))

    def leaks(self) -> list[str]:
        tokens = [*self.signed, *self.vendor.token_issuer._refresh]
        for number, token in enumerate(tokens):
            self.canary.add(f"token {number}", token)
        self.canary.look_at_processes()
        return self.canary.leaks()


@pytest.fixture
def watch(clock: FakeClock) -> Iterator[Callable[..., Watched]]:
    running: list[Sandbox] = []

    def start(name: str, grant: str | None = None) -> Watched:
        sandbox = Sandbox(name, clock=SandboxClock(clock.wall))
        running.append(sandbox.__enter__())
        return Watched(sandbox, name, grant or SUBJECTS[name].first_grant.name, clock)

    yield start
    for sandbox in running:
        sandbox.__exit__(None, None, None)


def kept_by_hooks() -> tuple[list[httpx.Request], list[httpx.Response], dict[str, Any], dict[str, Any]]:
    """What a user's event hooks keep, and the hooks for both kinds of client."""
    requests: list[httpx.Request] = []
    responses: list[httpx.Response] = []

    async def keep_request(request: httpx.Request) -> None:
        requests.append(request)

    async def keep_response(response: httpx.Response) -> None:
        responses.append(response)

    hooks: dict[str, Any] = {"request": [requests.append], "response": [responses.append]}
    async_hooks: dict[str, Any] = {"request": [keep_request], "response": [keep_response]}
    return requests, responses, hooks, async_hooks


def attempt(call: Callable[[], Any]) -> BaseException | None:
    """The error of a call. Its traceback begins here, where no secret is."""
    try:
        found = call()
        if inspect.isawaitable(found):
            raise AssertionError("await it")
    except Exception as error:
        return error
    return None


async def attempt_async(call: Callable[[], Awaitable[Any]]) -> BaseException | None:
    try:
        await call()
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize(("name", "grant"), GRANTS)
def test_a_client_that_works_shows_nothing(name: str, grant: str, watch: Callable[..., Watched]) -> None:
    watched = watch(name, grant)
    requests, responses, hooks, _ = kept_by_hooks()
    with (
        watched.canary.watching(),
        httpx.Client(event_hooks=hooks) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client) as client,
    ):
        watched.call(client)
        watched.show_client(client)
        watched.clock.advance(watched.vendor.token_issuer.lifetime + 1)
        watched.call(client)
        watched.vendor.expire_tokens()
        attempt(lambda: watched.call(client))
        client.logout()
        watched.show_client(client)
    for request in [*requests, *(response.request for response in responses)]:
        watched.show_request(request)
    if grant != "application_key":  # its only call is a login by hand: the answer is the token that was asked for
        watched.canary.show(*responses)

    assert "httpcore" in watched.canary.seen()
    assert responses
    assert watched.leaks() == []


@pytest.mark.parametrize(("name", "grant"), GRANTS)
async def test_an_awaited_client_that_works_shows_nothing(name: str, grant: str, watch: Callable[..., Watched]) -> None:
    watched = watch(name, grant)
    requests, responses, hooks, async_hooks = kept_by_hooks()
    with watched.canary.watching(), httpx.Client(event_hooks=hooks) as token_client:
        async with (
            httpx.AsyncClient(event_hooks=async_hooks) as http_client,
            watched.subject.async_client(
                **watched.arguments(), http_client=http_client, token_http_client=token_client
            ) as client,
        ):
            await watched.call(client)
            watched.clock.advance(watched.vendor.token_issuer.lifetime + 1)
            await watched.call(client)
            watched.vendor.expire_tokens()
            await attempt_async(lambda: watched.call(client))
            await client.logout()
            watched.show_client(client)
    for request in [*requests, *(response.request for response in responses)]:
        watched.show_request(request)
    if grant != "application_key":  # its only call is a login by hand: the answer is the token that was asked for
        watched.canary.show(*responses)

    assert "httpcore" in watched.canary.seen()
    assert watched.leaks() == []


TOKEN_FAULTS: dict[str, Fault] = {
    "503": ErrorStatus(503),
    "401": ErrorStatus(401),
    "html": HtmlErrorPage(),
    "malformed": MalformedJson(),
    "reset": ResetConnection(),
    "reset after the head": ResetConnection(after_bytes=10),
}
API_FAULTS: dict[str, Fault] = {**TOKEN_FAULTS, "forbidden": PermissionDenied()}


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
@pytest.mark.parametrize("renewal", ["login", "renewal"])
@pytest.mark.parametrize("name", VENDORS)
async def test_a_login_and_a_renewal_that_fail_show_nothing(
    name: str, renewal: str, fault: str, watch: Callable[..., Watched]
) -> None:
    watched = watch(name)
    operation = watched.subject.first_grant.requests[0].operation_id
    with watched.canary.watching():
        with watched.subject.client(**watched.arguments()) as client:
            if renewal == "renewal":
                watched.call(client)
                watched.clock.advance(watched.vendor.token_issuer.lifetime + 1)
                refresh = next(iter(watched.subject.auth.LIFECYCLES.values())).refresh
                operation = refresh.request.operation_id if refresh else operation
            watched.vendor.faults.add(TOKEN_FAULTS[fault], operation=operation, times=2)
            error = attempt(lambda: watched.call(client))
            watched.show_client(client)
        async with watched.subject.async_client(**watched.arguments()) as async_client:
            async_error = await attempt_async(lambda: watched.call(async_client))
    for shown in (error, async_error):
        if shown is not None:
            watched.show_error(shown)

    assert (error is None) <= (renewal == "renewal")
    assert watched.leaks() == []


@pytest.mark.parametrize(("name", "grant"), GRANTS)
def test_a_refused_credential_is_not_shown(name: str, grant: str, watch: Callable[..., Watched]) -> None:
    watched = watch(name, grant)
    given = watched.vendor.credentials[grant]
    secret = [item.name for item in watched.subject.grants[grant].credentials if item.secret and item.name in given][-1]
    with (
        watched.canary.watching(),
        watched.subject.client(**watched.arguments(**{secret: "a wrong one, and unlike any other"})) as client,
    ):
        error = attempt(lambda: watched.call(client))
        watched.show_client(client)
    assert error is not None
    watched.show_error(error)

    assert isinstance(error, AuthError | watched.subject.package.ApiError)
    assert watched.leaks() == []


@pytest.mark.parametrize("fault", API_FAULTS)
@pytest.mark.parametrize("name", VENDORS)
async def test_a_call_that_fails_shows_nothing(name: str, fault: str, watch: Callable[..., Watched]) -> None:
    watched = watch(name)
    with watched.canary.watching():
        with watched.subject.client(**watched.arguments()) as client:
            watched.call(client)
            operation = watched.vendor.requests[-1].operation_id
            watched.vendor.faults.add(API_FAULTS[fault], operation=operation, times=None)
            error = attempt(lambda: watched.call(client))
        async with watched.subject.async_client(**watched.arguments()) as async_client:
            async_error = await attempt_async(lambda: watched.call(async_client))
    assert error is not None
    assert async_error is not None
    watched.show_error(error)
    watched.show_error(async_error)

    assert watched.leaks() == []


# --- a server that repeats what it was sent, and one that points elsewhere -------------------------------------------


class Answering(httpx.HTTPTransport):
    """The sandbox, but for API calls with a token: these get an answer of the test's making."""

    def __init__(self, watched: Watched, answer: Callable[[httpx.Request], httpx.Response], times: int = 1) -> None:
        super().__init__()
        self.watched = watched
        self.answer = answer
        self.left = times

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if self.watched.vendor.requests[-1].operation_id in self.operations() or self.left == 0:
            return response
        response.close()
        self.left -= 1
        return self.answer(request)

    def operations(self) -> set[str]:
        grants = self.watched.subject.grants.values()
        return {request.operation_id for grant in grants for request in grant.requests}


def repeating(request: httpx.Request) -> httpx.Response:
    said = {"url": str(request.url), "headers": dict(request.headers), "body": request.read().decode()}
    status = {"code": "FAILED", "description": f"no {request.url} with {dict(request.headers)} {request.read()!r}"}
    headers = {"X-Cinchy-Error": str(said).encode("ascii", "replace").decode(), "Location": str(request.url)}
    return httpx.Response(400, json={"status": status, "error": said, "message": str(said)}, headers=headers)


def post(client: Any) -> Any:
    """CRM.COM's token goes into the body of a POST."""
    models = importlib.import_module("crmcom_client.models")
    return client.wallets.get_balance(wallet_identifier=models.NumberedIdentifier(number="W0000000001"))


def test_a_token_in_a_body_is_kept_by_nobody(watch: Callable[..., Watched]) -> None:
    watched = watch("crmcom")
    requests, responses, hooks, _ = kept_by_hooks()
    with (
        watched.canary.watching(),
        httpx.Client(event_hooks=hooks, transport=Answering(watched, repeating)) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client) as client,
    ):
        error = attempt(lambda: post(client))
        post(client)
    assert isinstance(error, watched.subject.package.ApiError)
    watched.show_error(error)
    for request in [*requests, *(response.request for response in responses)]:
        watched.show_request(request)

    assert b'"token"' in watched.vendor.requests[-1].body
    assert watched.leaks() == []


@pytest.mark.parametrize("name", VENDORS)
def test_a_broken_connection_leaves_nothing_in_the_frames_that_were_sending(
    name: str, watch: Callable[..., Watched]
) -> None:
    watched = watch(name)

    def broken(request: httpx.Request) -> httpx.Response:
        sent = f"{request.url} {request.headers.raw!r} {request.read()!r}"  # as the HTTP library's frames hold it
        raise httpx.WriteError(f"broken after {len(sent)} bytes", request=request)

    with (
        watched.canary.watching(),
        httpx.Client(transport=Answering(watched, broken)) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client) as client,
    ):
        error = attempt(lambda: (post if name == "crmcom" else watched.call)(client))
    assert isinstance(error, watched.subject.package.TransportError)
    watched.show_error(error)

    assert "in broken" in watched.canary.seen()  # the frames themselves are still there
    assert watched.leaks() == []


@pytest.mark.parametrize(("name", "grant"), GRANTS)
def test_what_a_server_repeats_is_masked(name: str, grant: str, watch: Callable[..., Watched]) -> None:
    watched = watch(name, grant)
    with (
        watched.canary.watching(),
        httpx.Client(transport=Answering(watched, repeating)) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client) as client,
    ):
        error = attempt(lambda: watched.call(client))
    if (name, grant) != ("crmcom", "application_key"):  # its only call is a login by hand
        assert isinstance(error, watched.subject.package.ApiError)
        watched.show_error(error)
    assert watched.leaks() == []


@pytest.mark.parametrize("name", VENDORS)
def test_a_redirect_within_the_origin_repeats_no_token(name: str, watch: Callable[..., Watched]) -> None:
    """Servers redirect ``/things?token=…`` to ``/things/?token=…``."""
    watched = watch(name)

    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(307, headers={"Location": str(request.url)})

    requests, responses, hooks, _ = kept_by_hooks()
    with (
        watched.canary.watching(),
        httpx.Client(transport=Answering(watched, moved), event_hooks=hooks) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client) as client,
    ):
        watched.call(client)
    for request in [*requests, *(response.request for response in responses)]:
        watched.show_request(request)

    assert [response.status_code for response in responses][-2:] == [307, 200]
    assert [name for name, _ in watched.vendor.requests[-1].query].count("token") <= 1
    assert watched.leaks() == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", VENDORS)
def test_a_redirect_to_another_origin_is_not_followed(name: str, status: int, watch: Callable[..., Watched]) -> None:
    watched = watch(name)

    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            status, headers={"Location": f"http://127.0.0.1:1/elsewhere?{request.url.query.decode()}"}
        )

    requests, _, hooks, _ = kept_by_hooks()
    with (
        watched.canary.watching(),
        httpx.Client(transport=Answering(watched, moved), event_hooks=hooks, follow_redirects=True) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client) as client,
    ):
        error = attempt(lambda: watched.call(client))
    assert isinstance(error, watched.subject.package.ApiError)
    watched.show_error(error)

    assert "http://127.0.0.1:1" in str(error)
    assert {request.url.port for request in requests} == {httpx.URL(watched.vendor.servers["base_url"]).port}
    assert watched.leaks() == []


# --- which server sees what -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "grant"), GRANTS)
def test_the_token_server_sees_no_token_and_the_api_no_credential(
    name: str, grant: str, watch: Callable[..., Watched]
) -> None:
    """Each server under an origin of its own: ``localhost`` is another than ``127.0.0.1``."""
    watched = watch(name, grant)
    token_server = {request.server for request in watched.subject.grants[grant].requests}
    arguments = watched.arguments()
    for argument in token_server & arguments.keys():
        arguments[argument] = arguments[argument].replace("127.0.0.1", "localhost")
    with watched.subject.client(**arguments) as client:
        watched.call(client)
    logins = {request.operation_id for request in watched.subject.grants[grant].requests}
    seen_by_api = [request for request in watched.vendor.requests if request.operation_id not in logins]
    for request in seen_by_api:
        watched.canary.show(str(request.headers), request.query_string, request.body.decode())
    if watched.subject.grants[grant].requests:
        assert watched.canary.leaks() == []  # only the credentials are watched so far
    for request in watched.vendor.requests:
        if request.operation_id in logins:
            assert not any(
                token in str((request.headers, request.query_string, request.body)) for token in watched.signed
            )
            assert str(request.header("host")).startswith("localhost")

    assert seen_by_api


@pytest.mark.parametrize("url", ["https://u:canary-pw@host", "https://host/?key=canary-pw", "https://host/#canary-pw"])
def test_a_server_with_a_secret_in_its_url_is_refused_without_showing_it(subject: Subject, url: str) -> None:
    error = attempt(lambda: subject.client(base_url=url, credentials=()))

    assert isinstance(error, AuthError)
    assert "canary-pw" not in f"{error} {error!r} {vars(error)}"


# --- the constructor, and what else holds secrets ---------------------------------------------------------------------


def test_an_incomplete_environment_is_in_no_frame_of_the_error(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    canary = Canary()
    monkeypatch.setenv("UNRELATED_PASSWORD", canary.secret("of another program"))
    error = attempt(subject.client)
    assert isinstance(error, AuthError)
    canary.show(error)

    assert canary.leaks() == []


def test_a_header_that_cannot_be_sent_is_not_shown(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    canary = Canary()
    headers = {"X-Gateway-Key": canary.secret("key") + "\n"}
    error = attempt(lambda: subject.client(**arguments, headers=headers))
    assert isinstance(error, ValueError)
    canary.show(repr(error), str(error), vars(error))

    assert canary.leaks() == []


async def test_a_cancelled_call_shows_nothing(subject: Subject, watch: Callable[..., Watched]) -> None:
    watched = watch(subject.vendor)
    held = HeldAnswer()
    watched.vendor.faults.add(held, operation=subject.first_grant.requests[0].operation_id)
    with watched.canary.watching():
        async with subject.async_client(**watched.arguments()) as client:
            task = asyncio.ensure_future(subject.call(client))
            await asyncio.to_thread(held.wait_until_held)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as cancelled:
                await task
            held.release()
            await subject.call(client)
    watched.canary.show(cancelled.value)

    assert watched.leaks() == []

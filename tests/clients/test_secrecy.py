"""No secret is shown: not in logs, reprs, errors, tracebacks with locals, pickles, nor in what event hooks kept.

Over real sockets, for every vendor and every grant, with every library that logs at DEBUG.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from auth_core import AuthError
from auth_core_testing import Canary

from clients.test_token_lifecycle import GRANTS
from clients.vendors import Subject
from clients.watched import Watched, attempt, attempt_async, kept_by_hooks
from support.http_library import httpx
from support.repository import VENDORS
from vendor_sandbox import Vendor
from vendor_sandbox.faults import (
    ErrorStatus,
    Fault,
    HeldResponse,
    HtmlErrorPage,
    MalformedJson,
    PermissionDenied,
    ResetConnection,
)


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
    if grant != "application_key":  # its only call is a login by hand: the response is the token that was asked for
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
    if grant != "application_key":  # its only call is a login by hand: the response is the token that was asked for
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


def test_a_constructor_that_fails_shows_no_secret(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    canary = Canary()
    for name, value in vendor.credentials[subject.first_grant.name].items():
        if len(value) >= 8 and any(given.name == name and given.secret for given in subject.first_grant.credentials):
            canary.add(name, value)
    headers = {"X-Gateway-Key": canary.secret("key")}
    proxy = f"http://u:{canary.secret('proxy')}@127.0.0.1:1"
    wrong: list[dict[str, Any]] = [
        {"headers": {"X-Gateway-Key": headers["X-Gateway-Key"] + "\n"}},
        {"proxy": proxy.replace("://", "")},
        {"credentials": [arguments["credentials"]] * 2},
        dict.fromkeys(vendor.servers, "no address"),
    ]
    for argument in wrong:
        with pytest.raises(Exception) as caught:
            subject.client(**{**arguments, "headers": headers, "proxy": proxy, **argument})
        assert type(caught.value).__module__ == f"{subject.package.__name__}.errors"
        canary.show(caught.value)

    assert canary.leaks() == []


async def test_a_cancelled_call_shows_nothing(subject: Subject, watch: Callable[..., Watched]) -> None:
    watched = watch(subject.vendor)
    held = HeldResponse()
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

"""A server that repeats what it was sent or points elsewhere shows no secret, and a wrong one is shown none."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest
from auth_core import AuthError

from clients.test_token_lifecycle import GRANTS
from clients.vendors import Subject
from clients.watched import Watched, attempt, kept_by_hooks
from support.http_library import httpx
from support.repository import VENDORS

# --- a server that repeats what it was sent, and one that points elsewhere -------------------------------------------


class Responding(httpx.HTTPTransport):
    """The sandbox, but for API calls with a token: these get a response of the test's making."""

    def __init__(self, watched: Watched, response: Callable[[httpx.Request], httpx.Response], times: int = 1) -> None:
        super().__init__()
        self.watched = watched
        self.response = response
        self.left = times

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if self.watched.vendor.requests[-1].operation_id in self.operations() or self.left == 0:
            return response
        response.close()
        self.left -= 1
        return self.response(request)

    def operations(self) -> set[str]:
        grants = self.watched.subject.grants.values()
        return {request.operation_id for grant in grants for request in grant.requests}


def repeating(request: httpx.Request) -> httpx.Response:
    reported = {"url": str(request.url), "headers": dict(request.headers), "body": request.read().decode()}
    status = {"code": "FAILED", "description": f"no {request.url} with {dict(request.headers)} {request.read()!r}"}
    headers = {"X-Cinchy-Error": str(reported).encode("ascii", "replace").decode(), "Location": str(request.url)}
    return httpx.Response(400, json={"status": status, "error": reported, "message": str(reported)}, headers=headers)


def post(client: Any) -> Any:
    """CRM.COM's token goes into the body of a POST."""
    models = importlib.import_module("crmcom_client.models")
    return client.wallets.get_balance(wallet_identifier=models.NumberedIdentifier(number="W0000000001"))


def test_a_token_in_a_body_is_kept_by_nobody(watch: Callable[..., Watched]) -> None:
    watched = watch("crmcom")
    requests, responses, hooks, _ = kept_by_hooks()
    with (
        watched.canary.watching(),
        httpx.Client(event_hooks=hooks, transport=Responding(watched, repeating)) as http_client,
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
def test_a_broken_connection_leaves_no_secret_in_the_sending_frames(name: str, watch: Callable[..., Watched]) -> None:
    watched = watch(name)

    def broken(request: httpx.Request) -> httpx.Response:
        sent = f"{request.url} {request.headers.raw!r} {request.read()!r}"  # as the HTTP library's frames hold it
        raise httpx.WriteError(f"broken after {len(sent)} bytes", request=request)

    with (
        watched.canary.watching(),
        httpx.Client(transport=Responding(watched, broken)) as http_client,
        watched.subject.client(**watched.arguments(), http_client=http_client, max_retries=0) as client,
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
        httpx.Client(transport=Responding(watched, repeating)) as http_client,
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
        httpx.Client(transport=Responding(watched, moved), event_hooks=hooks) as http_client,
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
        httpx.Client(transport=Responding(watched, moved), event_hooks=hooks, follow_redirects=True) as http_client,
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
def test_token_servers_get_no_token_and_apis_no_credential(
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
def test_a_url_with_a_secret_is_refused_without_showing_it(subject: Subject, url: str) -> None:
    error = attempt(lambda: subject.client(base_url=url, credentials=()))

    assert isinstance(error, AuthError)
    assert "canary-pw" not in f"{error} {error!r} {vars(error)}"

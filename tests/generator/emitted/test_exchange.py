"""One request and its redirects, without a network: what is sent next, and which error a response becomes."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import httpx
import pytest

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.pages import OffsetPages
from sdkgen.emitted._runtime.paging import PagedOperation, first_page
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted._runtime.send import Sender
from sdkgen.emitted.errors import (
    InvalidArgument,
    RedirectError,
    ServerError,
    TransportError,
    TransportTimeoutError,
    WrongArgumentType,
)
from sdkgen.emitted.types import File, multipart
from support.http_server import Reply, serve

OPERATION = Operation("sendThing", "POST", "/things/{id}")


def sender(response: Callable[[httpx.Request], httpx.Response], base_url: str = "https://a.example") -> Sender:
    """A sender whose requests are served by a function."""
    client = httpx.Client(transport=httpx.MockTransport(response))
    return Sender(connection(base_url, token_client=client), client)


def send(response: Callable[[httpx.Request], httpx.Response], **parts: Any) -> int:
    sent = sender(response).exchange(OPERATION, RequestParts("/things/7", **parts), {})
    return sent.status_code


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [(301, "GET", b""), (302, "GET", b""), (303, "GET", b""), (307, "POST", b"{}"), (308, "POST", b"{}")],
)
def test_a_redirect_within_the_origin_is_followed(status: int, method: str, body: bytes) -> None:
    requests: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(status if len(requests) == 1 else 200, headers={"location": "/moved"})

    assert send(respond, content=b"{}", content_type="application/json") == 200
    last = requests[-1]
    assert (last.method, last.url.path, last.content) == (method, "/moved", body)
    assert ("content-type" in last.headers) is bool(body)


@pytest.mark.parametrize(
    "target",
    ["https://b.example/", "http://a.example/", "https://a.example:8443/", "https://a.example.b.example/"],
)
def test_a_redirect_elsewhere_is_an_error_that_names_the_origin(target: str) -> None:
    with pytest.raises(RedirectError) as caught:
        send(lambda _: httpx.Response(307, headers={"location": f"{target}?token=s3cret"}))
    assert caught.value.target == target.rstrip("/")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("target", ["https://a.example:443/", "HTTPS://A.EXAMPLE/", "/", "?page=2"])
def test_the_same_origin_may_be_written_in_many_ways(target: str) -> None:
    responses = iter([httpx.Response(307, headers={"location": target}), httpx.Response(200)])
    assert send(lambda _: next(responses)) == 200


class Pipe(io.BytesIO):
    def seekable(self) -> bool:
        return False


@pytest.mark.parametrize(("payload", "again"), [(b"x", True), (io.BytesIO(b"x"), True), (Pipe(b"x"), False)])
def test_a_body_that_is_gone_is_not_sent_again(payload: Any, again: bool) -> None:
    parts = RequestParts("/", files=multipart({"file": File(payload)}))
    with serve() as server, httpx.Client() as client:
        server.response = lambda request: Reply(200 if request.path == "/moved" else 307, b"", {"location": "/moved"})
        with nullcontext() if again else pytest.raises(RedirectError):
            Sender(connection(server.url), client).exchange(OPERATION, parts, {})
    assert [b"x" in request.content for request in server.requests] == [True] * (2 if again else 1)


@pytest.mark.parametrize(
    ("failure", "kind", "was_sent"),
    [
        (httpx.ConnectError, TransportError, False),
        (httpx.ConnectTimeout, TransportTimeoutError, False),
        (httpx.PoolTimeout, TransportTimeoutError, False),
        (httpx.ProxyError, TransportError, False),
        (httpx.UnsupportedProtocol, TransportError, False),
        (httpx.ReadTimeout, TransportTimeoutError, True),
        (httpx.WriteError, TransportError, True),
        (httpx.RemoteProtocolError, TransportError, True),
        (httpx.LocalProtocolError, TransportError, True),
    ],
)
def test_a_failed_connection_says_whether_anything_was_sent(
    failure: type[httpx.RequestError], kind: type[TransportError], was_sent: bool
) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure("no luck")

    with pytest.raises(
        TransportError, match=r"sendThing \(POST /things/\{id\}\): no response from https://a.example: "
    ) as e:
        send(fail, query="token=s3cret")
    assert type(e.value) is kind
    assert e.value.request_sent is was_sent
    assert isinstance(e.value.__cause__, httpx.RequestError)
    assert "s3cret" not in str(e.value.__cause__.request.url)


def test_an_error_that_is_no_redirect_is_reported_at_once() -> None:
    with pytest.raises(ServerError, match="500 from sendThing"):
        send(lambda _: httpx.Response(500))


def test_an_address_of_ipv6_is_named_as_it_is_written() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no luck")

    with pytest.raises(TransportError, match=r"no response from http://\[::1\]:8080: "):
        sender(fail, "http://[::1]:8080/api").exchange(OPERATION, RequestParts("/"), {})


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "soon", [1]])
def test_a_timeout_that_nobody_can_wait_for_is_refused(timeout: Any) -> None:
    kind = InvalidArgument if isinstance(timeout, int | float) else WrongArgumentType
    with pytest.raises(kind, match=r"^`timeout` must be a number of seconds"):
        sender(lambda _: httpx.Response(200)).exchange(OPERATION, RequestParts("/"), {"timeout": timeout})
    with pytest.raises(kind, match=r"^`timeout` must be a number of seconds"):
        connection(timeout=timeout)


def test_a_url_that_is_too_long_is_an_invalid_argument() -> None:
    with pytest.raises(
        InvalidArgument, match=r"^sendThing \(POST /things/\{id\}\) was called with invalid arguments.*URL too long"
    ):
        sender(lambda _: httpx.Response(200)).exchange(OPERATION, RequestParts("/" + "a" * 70_000), {})


def test_a_non_numeric_offset_is_an_invalid_argument() -> None:
    pages = OffsetPages(items="$response.body#/data", offset="$request.query.offset")
    paged = PagedOperation(OPERATION, pages, ReceivedResponse.json, lambda body: [body])
    sending = sender(lambda _: httpx.Response(200, json={"data": [1]}))
    with pytest.raises(InvalidArgument, match=r"sendThing .* was called with invalid arguments: ValueError: "):
        list(first_page(sending, paged, RequestParts("/", query="offset=ten"), None, False, {}))


def test_errors_of_a_users_own_code_leave_as_they_are() -> None:
    for error in (RuntimeError("a hook"), ZeroDivisionError("a hook")):
        with pytest.raises(type(error), match="a hook") as caught:
            send(raising(error))
        assert caught.value is error


def raising(error: Exception) -> Callable[[httpx.Request], httpx.Response]:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    return fail

"""The limits of a token exchange hold whatever the server sends, and a closed kept connection does not fail a login."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import httpx
import pytest
from auth_core import Token
from auth_core.exchange import TokenExchange
from auth_core.httpx_auth import HttpxTokenSender, bounded, timeouts_until, with_exact_deadlines
from auth_core.httpx_auth.bounded import MAX_TOKEN_RESPONSE_BYTES
from auth_core.lifecycle import (
    Candidate,
    CredentialDefinition,
    FromCredential,
    Grant,
    Refresh,
    TokenLifecycle,
    TokenRequest,
    TokenResponse,
)
from auth_core.wire import TokenHttpRequest, TokenHttpResponse, TokenSendError
from auth_core_testing import BEARER, FakeClock

from support.raw_server import RawRequest, response, serve_raw


def token_request(url: str, *, repeatable: bool = False) -> TokenHttpRequest:
    return TokenHttpRequest(
        operation_id="token", method="POST", url=url, shown_url=url, content=b"a=1", repeatable=repeatable
    )


# --- time -----------------------------------------------------------------------------------------------------------

DRIPS = {
    "status": (b"", b"HTTP/1.1"),
    "headers": (b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"),
    "one header": (b"HTTP/1.1 200 OK\r\nX-A: ", b"b"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.parametrize(("first", "drop"), DRIPS.values(), ids=DRIPS)
def test_a_dripped_response_ends_at_the_deadline(first: bytes, drop: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(bounded, "time", SimpleNamespace(monotonic=clock.monotonic))
    delivered = 0

    def drip(_: RawRequest) -> Iterator[bytes]:
        nonlocal delivered
        yield first
        while True:
            delivered += 1
            clock.advance(4)
            yield drop

    with serve_raw(drip) as server, httpx.Client() as client:
        with pytest.raises(TokenSendError, match="not complete within the time limit") as failure:
            HttpxTokenSender(client)(token_request(server.url))
        server.join()  # the connection is closed, although the server would go on

    assert failure.value.request_sent is True
    assert delivered >= 7


def test_a_deadline_is_converted_when_a_step_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    monkeypatch.setattr(bounded, "time", SimpleNamespace(monotonic=clock.monotonic))
    deadline = bounded.Deadline.after(10)
    clock.advance(2.5)

    assert (float(deadline), deadline.__index__(), deadline.limited(5).__index__()) == (7.5, 8, 5)
    clock.advance(7.5)
    with pytest.raises(TimeoutError, match="time limit"):
        deadline.limited(5).__index__()


@pytest.mark.parametrize(
    ("left", "limit", "given"),
    [(7.5, None, 8), (7.5, 5, 5), (7.5, 0.3, 0.3), (7.5, 1.5, 1.5), (1.2, 1.5, 2), (0.4, None, 1), (0.4, 0.5, 1)],
)
def test_a_limit_below_a_second_is_not_rounded_up_by_a_socket(
    left: float, limit: float | None, given: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FakeClock()
    monkeypatch.setattr(bounded, "time", SimpleNamespace(monotonic=clock.monotonic))
    found = bounded.Deadline.after(left).limited(limit).for_sockets()

    assert (found.__index__() if isinstance(found, bounded.Deadline) else found) == pytest.approx(given)


class RecordingBackend:
    """A network backend, and a connection of it, that record the timeouts they are given."""

    def __init__(self) -> None:
        self.given: list[tuple[str, object]] = []

    def __getattr__(self, name: str) -> Callable[..., RecordingBackend]:
        def record(*args: object, timeout: object = None, **_: object) -> RecordingBackend:
            self.given.append((name, args[-1] if name in {"read", "write", "start_tls"} else timeout))
            return self

        return record


def test_connections_of_a_new_client_are_given_the_exact_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, network = FakeClock(), RecordingBackend()
    monkeypatch.setattr(bounded, "time", SimpleNamespace(monotonic=clock.monotonic))
    url = httpx.URL("http://a.example")
    with httpx.Client(trust_env=False) as client:
        client._transport._pool._network_backend = network  # type: ignore[attr-defined]
        with_exact_deadlines(client)
        limits = {"connect": 1.5, "read": 30.0, "write": None, "pool": 30.0}
        timeouts = timeouts_until(bounded.Deadline.after(2.25), client, url, limits)
        backend = client._transport._pool._network_backend  # type: ignore[attr-defined]
        connection = backend.connect_tcp("a.example", 80, timeout=timeouts["connect"]).start_tls(
            None, "a.example", timeouts["connect"]
        )
        connection.write(b"{}", timeouts["write"])
        for _ in range(3):
            connection.read(1, timeouts["read"])
            clock.advance(1)
        connection.write(b"{}", timeouts["write"])

    (_, late), (_, later) = network.given[2], network.given.pop()
    assert isinstance(late, bounded.Deadline)
    assert isinstance(later, bounded.Deadline), "which a socket cannot convert any more"
    assert timeouts["pool"] == 2.25
    assert network.given == [
        ("connect_tcp", 1.5),
        ("start_tls", 1.5),
        ("write", late),
        *(("read", seconds) for seconds in (2.25, 1.25, 0.25)),
    ]


# --- size -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_size_is_counted_while_decompressing(layers: int) -> None:
    body, encodings = b" " * 48 * MAX_TOKEN_RESPONSE_BYTES, ", ".join(["gzip"] * layers)
    for _ in range(layers):
        body = gzip.compress(body, 9)
    pieces = [response(body, *([f"Content-Encoding: {encodings}"] if layers else []))]
    with serve_raw(lambda _: pieces) as server, httpx.Client() as client:
        tracemalloc.start()
        try:
            with pytest.raises(TokenSendError, match="larger than"):
                HttpxTokenSender(client)(token_request(server.url))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert peak < 8 * MAX_TOKEN_RESPONSE_BYTES


PACKED = gzip.compress(b"{}", mtime=0)  # without the time, which the names of the tests would have


@pytest.mark.parametrize(
    ("encoding", "body", "outcome"),
    [
        ("gzip", PACKED, b"{}"),
        ("GZIP , identity", PACKED, b"{}"),
        ("gzip, x-gzip", gzip.compress(PACKED, mtime=0), b"{}"),
        ("gzip", b"", b""),
        ("deflate", zlib.compress(b"{}"), b"{}"),
        ("deflate", bytes.fromhex("abae0500"), b"{}"),  # without its header
        ("gzip", PACKED[:-9], "cannot be decompressed"),
        ("gzip", b"not compressed", "cannot be decompressed"),
        ("br", b"{}", "was not requested"),
        ("zstd, gzip", PACKED, "was not requested"),
    ],
)
def test_a_compressed_response_is_read_or_refused(encoding: str, body: bytes, outcome: bytes | str) -> None:
    pieces = [response(body, f"Content-Encoding: {encoding}")]
    with serve_raw(lambda _: pieces) as server, httpx.Client() as client:
        send = HttpxTokenSender(client)
        if isinstance(outcome, bytes):
            assert send(token_request(server.url)).content == outcome
        else:
            with pytest.raises(TokenSendError, match=outcome):
                send(token_request(server.url))


# --- closed connections ---------------------------------------------------------------------------------------------


def once_per_connection(request: RawRequest) -> list[bytes] | None:
    return [response()] if request.number == 0 else None


def kept(client: httpx.Client, url: str, connections: int) -> None:
    """Leave idle connections in the pool."""
    streams = [client.send(client.build_request("GET", url), stream=True) for _ in range(connections)]
    for stream in streams:
        stream.read()


@pytest.mark.parametrize("connections", [1, 3])
def test_a_repeatable_token_request_survives_closed_connections(connections: int) -> None:
    with serve_raw(once_per_connection) as server, httpx.Client() as client:
        kept(client, server.url, connections)
        assert HttpxTokenSender(client)(token_request(server.url, repeatable=True)).status == 200
        posts = [request for request in server.requests if request.line.startswith("POST")]

    assert [request.number for request in posts] == [1] * connections + [0]


def test_any_other_token_request_is_sent_once() -> None:
    with serve_raw(once_per_connection) as server, httpx.Client() as client:
        kept(client, server.url, 1)
        with pytest.raises(TokenSendError) as failure:
            HttpxTokenSender(client)(token_request(server.url))
        posts = [request for request in server.requests if request.line.startswith("POST")]

    assert failure.value.request_sent is True
    assert len(posts) == 1


def test_a_failure_on_a_new_connection_is_not_repeated() -> None:
    with serve_raw(lambda _: None) as server, httpx.Client() as client:
        with pytest.raises(TokenSendError):
            HttpxTokenSender(client)(token_request(server.url, repeatable=True))

        assert len(server.requests) == 1


@pytest.mark.parametrize(("single_use", "login"), [(False, True), (True, False)])
@pytest.mark.parametrize(("rotates", "refresh"), [(False, True), (True, False)])
def test_what_the_server_accepts_once_is_not_repeated(
    *, single_use: bool, login: bool, rotates: bool, refresh: bool
) -> None:
    sent: list[TokenHttpRequest] = []

    def send(request: TokenHttpRequest) -> TokenHttpResponse:
        sent.append(request)
        return TokenHttpResponse(status=200, content=b'{"access_token": "a"}')

    step = TokenRequest(
        "token",
        "POST",
        "base_url",
        "/token",
        "json",
        body={"code": FromCredential("code")},
        response=TokenResponse(access_token=(Candidate("$response.body#/access_token"),)),
    )
    grant = Grant("code", (CredentialDefinition("code", "CODE", single_use=single_use),), (step,))
    exchange = TokenExchange(
        lifecycle=TokenLifecycle("any", "any", (grant,), (BEARER,)),
        grant=grant,
        credentials={"code": "c"},
        servers={"base_url": "https://a.example"},
        send=send,
        clock=FakeClock(),
    )
    parts = exchange.log_in({"code": "c"})
    exchange.refresh(Refresh(step, rotates=rotates), Token.of(parts, generation=1, grant="code", unknown_lifetime=600))

    assert [request.repeatable for request in sent] == [login, refresh]

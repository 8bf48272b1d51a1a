"""What may be sent again on a new connection follows from the method, ``x-safe`` and the idempotency key."""

from __future__ import annotations

from collections.abc import Awaitable
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from attrs import evolve
from auth_core.httpx_auth import attempt

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.pages import requested
from sdkgen.emitted._runtime.repetition import Repetition, repetition, with_key
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import TransportError
from support.raw_server import RawRequest, response, serve_raw

KEY = "$request.header.Key"


@pytest.mark.parametrize(
    ("method", "safe", "key", "given", "expected"),
    [
        ("GET", None, None, False, Repetition.ALWAYS),
        ("HEAD", None, None, False, Repetition.ALWAYS),
        ("GET", False, None, False, Repetition.ENDED_AT_ONCE),
        ("GET", False, KEY, True, Repetition.ALWAYS),
        ("POST", True, None, False, Repetition.ALWAYS),
        ("POST", None, KEY, True, Repetition.ALWAYS),
        ("POST", None, KEY, False, Repetition.NEVER),
        ("POST", None, None, True, Repetition.NEVER),
        ("PUT", None, None, False, Repetition.NEVER),
        ("DELETE", None, None, False, Repetition.NEVER),
    ],
)
def test_permission_to_repeat_follows_the_description(
    *, method: str, safe: bool | None, key: str | None, given: bool, expected: Repetition
) -> None:
    operation = Operation("act", method, "/things", safe=safe, idempotency_key=key)

    assert repetition(operation, RequestParts("/things", headers={"Key": "1"} if given else None)) is expected


async def call(operation: Operation, client: httpx.Client | httpx.AsyncClient, url: str, **options: Any) -> int:
    parts = RequestParts("/things", content=b"{}" if operation.method == "POST" else None)
    if isinstance(client, httpx.Client):
        return Sender(connection(url), client).exchange(operation, parts, options).status_code
    return (await AsyncSender(connection(url), client).exchange(operation, parts, options)).status_code


async def keep(client: httpx.Client | httpx.AsyncClient, url: str, connections: int) -> None:
    """Leave idle connections in the pool."""

    async def done(value: Any) -> Any:
        return await cast("Awaitable[Any]", value) if isinstance(client, httpx.AsyncClient) else value

    open_ = [await done(client.send(client.build_request("GET", url), stream=True)) for _ in range(connections)]
    for one in open_:
        await (one.aread() if isinstance(client, httpx.AsyncClient) else done(one.read()))


@pytest.mark.parametrize("kind", [httpx.Client, httpx.AsyncClient])
@pytest.mark.parametrize(
    ("operation", "seconds", "sent"),
    [
        (Operation("read", "GET", "/things"), 60, 3),
        (Operation("query", "POST", "/things", safe=True), 60, 3),
        (Operation("run", "GET", "/things", safe=False), 0, 3),
        (Operation("run", "GET", "/things", safe=False), 60, 1),
        (Operation("create", "POST", "/things"), 0, 1),
    ],
    ids=lambda value: value.operation_id if isinstance(value, Operation) else None,
)
async def test_a_closed_kept_connection_is_replaced_where_permitted(
    kind: type[httpx.Client] | type[httpx.AsyncClient],
    operation: Operation,
    seconds: float,
    sent: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr(attempt, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def respond(request: RawRequest) -> list[bytes] | None:
        if request.number == 0:
            return [response()]
        now[0] += seconds
        return None

    with serve_raw(respond) as server:
        client = kind()
        await keep(client, f"{server.url}/idle", 2)
        try:
            outcome: object = await call(operation, client, server.url)
        except TransportError as error:
            outcome = error.request_sent
        finally:
            await client.aclose() if isinstance(client, httpx.AsyncClient) else client.close()
        received = [request for request in server.requests if request.line.split()[1] == "/things"]

    assert outcome == (200 if sent == 3 else True)
    assert len(received) == sent


async def test_a_new_connection_that_ends_was_no_closed_one() -> None:
    with serve_raw(lambda _: None) as server, httpx.Client() as client:
        with pytest.raises(TransportError):
            await call(Operation("read", "GET", "/things"), client, server.url, max_retries=0)

        assert len(server.requests) == 1


def test_a_key_is_made_where_the_description_has_a_place_for_it() -> None:
    parts = RequestParts("/things", query="a=1", content=b'{"a":1}', content_type="application/json")
    for place in ("$request.header.Key", "$request.query.key", "$request.body#/key"):
        operation = Operation("act", "POST", "/things", idempotency_key=place, makes_key=True)
        made, other = with_key(operation, parts), with_key(operation, parts)

        assert str(UUID(requested(made, place))) == requested(made, place) != requested(other, place)
        assert with_key(operation, made) is made  # given
        assert with_key(evolve(operation, makes_key=False), parts) is parts
    assert with_key(operation, RequestParts("/things")) == RequestParts("/things")  # no body to put it in

"""One sender that blocks and one that awaits: both send the same and give the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import ClientClosed, NotFoundError, TransportError, UsageError
from support.raw_server import response, serve_raw

OPERATION = Operation("listThings", "GET", "/things")
Respond = Callable[[httpx.Request], httpx.Response]


def parse(response: ReceivedResponse) -> Any:
    return response.json()


async def both(respond: Respond) -> list[tuple[Any, list[str]]]:
    """What a call gives, sync and async, and what was asked for."""
    asked: list[str] = []

    def transport(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.raw_path.decode())
        return respond(request)

    found: list[tuple[Any, list[str]]] = []
    with httpx.Client(transport=httpx.MockTransport(transport)) as client:
        found.append((Sender(connection(), client).call(OPERATION, RequestParts("/things"), parse, {}), asked[:]))
    asked.clear()
    async with httpx.AsyncClient(transport=httpx.MockTransport(transport)) as async_client:
        value = await AsyncSender(connection(), async_client).call(OPERATION, RequestParts("/things"), parse, {})
        found.append((value, asked[:]))
    return found


async def test_a_call_gives_what_its_response_holds() -> None:
    assert await both(lambda _: httpx.Response(200, json={"a": 1})) == [({"a": 1}, ["/things"])] * 2


async def test_a_redirect_is_followed_within_the_call() -> None:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/moved":
            return httpx.Response(200, json=7)
        return httpx.Response(307, headers={"location": "/moved"})

    assert await both(respond) == [(7, ["/things", "/moved"])] * 2


def refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("no luck")


@pytest.mark.parametrize(
    ("respond", "kind"), [(lambda _: httpx.Response(404), NotFoundError), (refuse, TransportError)]
)
async def test_what_is_no_success_is_raised(respond: Respond, kind: type[Exception]) -> None:
    transport = httpx.MockTransport(respond)
    with httpx.Client(transport=transport) as client, pytest.raises(kind):
        Sender(connection(), client).call(OPERATION, RequestParts("/things"), parse, {})
    async with httpx.AsyncClient(transport=transport) as async_client:
        with pytest.raises(kind):
            await AsyncSender(connection(), async_client).call(OPERATION, RequestParts("/things"), parse, {})


async def test_own_http_clients_are_closed_and_the_users_are_not() -> None:
    with httpx.Client() as own:
        sender = Sender(connection(), own)
        sender.close()
        assert not own.is_closed
    made_here = Sender(connection(), None)
    made = made_here.clients.get(None)
    made_here.close()
    assert made.is_closed
    with pytest.raises(ClientClosed, match="was closed"):
        made_here.exchange(OPERATION, RequestParts("/things"), {})
    async with httpx.AsyncClient() as another:
        await AsyncSender(connection(), another).close()
        assert not another.is_closed


def test_connections_are_closed_when_their_event_loop_ends() -> None:
    with serve_raw(lambda _: [response(b"7")]) as server:
        sender = AsyncSender(connection(server.url), None)

        async def call() -> Any:
            return await sender.call(OPERATION, RequestParts("/things"), parse, {})

        assert [asyncio.run(call()), asyncio.run(call())] == [7, 7]
        server.join()  # before the client is closed
        asyncio.run(sender.close())

    assert len(server.threads) == 2


def test_close_closes_the_connections_of_a_loop_that_goes_on() -> None:
    async def program(url: str) -> bool:
        sender = AsyncSender(connection(url), None)
        await sender.call(OPERATION, RequestParts("/things"), parse, {})
        made = sender.clients.get(asyncio.get_running_loop())
        await sender.close()
        return made.http.is_closed

    with serve_raw(lambda _: [response(b"7")]) as server:
        assert asyncio.run(program(server.url))


@pytest.mark.parametrize("own", [True, False])
def test_another_event_loop_than_asyncios_is_refused(*, own: bool) -> None:
    sender = AsyncSender(connection(), httpx.AsyncClient() if own else None)
    with pytest.raises(UsageError, match="requires asyncio"):
        sender.exchange(OPERATION, RequestParts("/things"), {}).send(None)  # as trio would run it
    with pytest.raises(StopIteration):
        sender.close().send(None)

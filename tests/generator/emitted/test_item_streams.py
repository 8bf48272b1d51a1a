"""Items that arrive one after the other: the same sync and async, over real connections."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from generator.emitted.shop import connection
from sdkgen.emitted._decoding import integer
from sdkgen.emitted._runtime.event_stream import EventParser
from sdkgen.emitted._runtime.items import ItemFormat, json_item
from sdkgen.emitted._runtime.json_lines import JsonLinesParser
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import DecodeError, NotFoundError, StreamClosed, TransportError
from support.raw_server import RawRequest, response, serve_raw

WATCH = Operation("watchThings", "GET", "/things").streamed("200", accept="text/event-stream")
EVENTS = ItemFormat(EventParser, json_item(integer))
UNTIL_DONE = ItemFormat(EventParser, json_item(integer), terminator="[DONE]")
LINES = ItemFormat(JsonLinesParser, json_item(integer))


def chunked(*pieces: bytes, end: bool = True) -> Callable[[RawRequest], Iterator[bytes]]:
    def respond(_: RawRequest) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=latin-1\r\nTransfer-Encoding: chunked\r\n\r\n"
        for piece in pieces:
            yield f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
        if end:
            yield b"0\r\n\r\n"
        else:
            raise OSError  # closes the connection

    return respond


async def both(url: str, items: ItemFormat[Any]) -> list[tuple[list[Any], Exception | None]]:
    """The items, sync and async, and the error after them."""
    results: list[tuple[list[Any], Exception | None]] = []
    sender, async_sender = Sender(connection(url), None), AsyncSender(connection(url), None)
    found: list[Any] = []
    try:
        for item in sender.items(WATCH, RequestParts("/things"), items, {}):
            found.append(item)
        results.append((found, None))
    except Exception as error:
        results.append((found, error))
    found = []
    try:
        async for item in async_sender.items(WATCH, RequestParts("/things"), items, {}):
            found.append(item)
        results.append((found, None))
    except Exception as error:
        results.append((found, error))
    sender.close()
    await async_sender.close()
    return results


@pytest.mark.parametrize(
    ("items", "pieces", "found"),
    [
        (EVENTS, [b"data: 1\n", b"\ndata: 2\n\ndata: 3"], [1, 2]),
        (UNTIL_DONE, [b"data: 1\n\ndata: [DONE]\n\n", b"data: 2\n\n"], [1]),
        (LINES, [b"1\n", b"\n2"], [1, 2]),
        (ItemFormat(EventParser, str), ["data: \u00e9\n\n".encode()], ["\u00e9"]),
    ],
    ids=["events", "terminator", "lines", "text"],
)
async def test_items_are_typed_and_end(items: ItemFormat[Any], pieces: list[bytes], found: list[Any]) -> None:
    with serve_raw(chunked(*pieces)) as server:
        assert await both(server.url, items) == [(found, None)] * 2
        server.join()
    assert [request.line for request in server.requests] == ["GET /things HTTP/1.1"] * 2


async def test_an_item_is_given_before_the_next_one_is_sent() -> None:
    taken = threading.Event()

    def respond(_: RawRequest) -> Iterator[bytes]:
        taken.clear()
        yield from [*chunked(b"data: 1\r\r")(_)][:2]
        assert taken.wait(30)
        yield from [*chunked(b"id: 9\revent: last\rdata: 2\r\r")(_)][1:]

    with serve_raw(respond) as server:
        sender, async_sender = Sender(connection(server.url), None), AsyncSender(connection(server.url), None)
        with sender.items(WATCH, RequestParts("/"), EVENTS, {}) as stream:
            items = iter(stream)
            assert (stream.last_event, next(items)) == (None, 1)
            taken.set()
            assert next(items) == 2
            assert stream.last_event is not None
            assert (stream.last_event.event, stream.last_event.id) == ("last", "9")
            assert stream.open().status_code == 200
        async with async_sender.items(WATCH, RequestParts("/"), EVENTS, {}) as async_stream:
            async_items = aiter(async_stream)
            assert (async_stream.last_event, await anext(async_items)) == (None, 1)
            taken.set()
            assert await anext(async_items) == 2
            assert (await async_stream.open()).status_code == 200
        sender.close()
        await async_sender.close()


@pytest.mark.parametrize(
    ("respond", "items", "before", "kind", "text"),
    [
        (chunked(b"data: 1\n\ndata: x\n\n"), EVENTS, [1], DecodeError, r"watchThings .*\$\[1\]: expected JSON"),
        (chunked(b"data: 1\n\n", end=False), EVENTS, [1], TransportError, "the body broke off after 9 bytes"),
        (chunked(b"data: 1\n\n"), UNTIL_DONE, [1], TransportError, "the stream ended without its terminator"),
        (lambda _: [response(status="404 Not Found")], EVENTS, [], NotFoundError, "404 from watchThings"),
    ],
    ids=["wrong item", "broken", "not terminated", "failure"],
)
async def test_a_stream_that_is_not_as_documented_is_an_error(
    respond: Any, items: ItemFormat[Any], before: list[int], kind: type[Exception], text: str
) -> None:
    with serve_raw(respond) as server:
        for found, error in await both(server.url, items):
            assert (found, type(error)) == (before, kind)
            with pytest.raises(kind, match=text):
                raise error or AssertionError


async def test_a_stream_is_closed_by_with_and_read_once() -> None:
    def respond(_: RawRequest) -> Iterator[bytes]:
        yield from [*chunked(b"")(_)][:1]
        while True:
            yield b"9\r\ndata: 1\n\n\r\n"

    with serve_raw(respond) as server:
        sender, async_sender = Sender(connection(server.url), None), AsyncSender(connection(server.url), None)
        with sender.items(WATCH, RequestParts("/"), EVENTS, {}) as stream:
            assert next(iter(stream)) == 1
        with pytest.raises(StreamClosed):
            next(iter(stream))
        async with async_sender.items(WATCH, RequestParts("/"), EVENTS, {}) as async_stream:
            assert await anext(aiter(async_stream)) == 1
        await asyncio.to_thread(server.join)
        sender.close()
        await async_sender.close()

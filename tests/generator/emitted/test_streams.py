"""Responses that are read as they arrive: the same sync and async, over real connections."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from auth_core.contract import ResponseDetails
from auth_core.lifecycle import ResponseCondition, ValueCondition

from generator.emitted.shop import API, connection
from generator.emitted.streaming import EXPORT, both
from sdkgen.emitted._runtime.connection import Connection
from sdkgen.emitted._runtime.options import Options
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import (
    ApiError,
    DecodeError,
    NotFoundError,
    StreamClosed,
    TransportError,
    UnexpectedResponseError,
    UnwritableFile,
)
from support.http_server import Recorded, Reply, serve
from support.raw_server import RawRequest, serve_raw

TABLE = b"Name,Age\r\nAda,36\r\nGrace,\r\n"
CSV = {"content-type": "text/csv"}
RESUMABLE = {"accept-ranges": "bytes", "etag": '"a"', **CSV}


async def test_a_body_is_read_in_every_form(tmp_path: Path) -> None:
    steps: list[tuple[int, int | None]] = []

    def save(response: Any) -> Any:
        return response.to_file(tmp_path / "table.csv", progress=lambda *step: steps.append(step))

    with serve() as server:
        server.response = Reply(body=TABLE, headers=CSV)
        assert await both(server.url, lambda response: response.read()) == [TABLE] * 2
        assert await both(server.url, lambda response: response.iter_lines()) == [["Name,Age", "Ada,36", "Grace,"]] * 2
        assert (
            await both(server.url, lambda response: response.iter_rows(columns={"Age": int}))
            == [[{"Name": "Ada", "Age": 36}, {"Name": "Grace", "Age": None}]] * 2
        )
        assert await both(server.url, save) == [len(TABLE)] * 2
        facts = await both(
            server.url, lambda response: (response.status_code, response.media_type, response.size, response.bytes_read)
        )
        server.response = Reply(body=gzip.compress(TABLE), headers={"content-encoding": "gzip", **CSV})
        assert (
            await both(server.url, lambda response: (response.size, response.headers["content-encoding"]))
            == [(None, "gzip")] * 2
        )
        assert await both(server.url, lambda response: response.read()) == [TABLE] * 2
    assert facts == [(200, "text/csv", len(TABLE), 0)] * 2
    assert (tmp_path / "table.csv").read_bytes() == TABLE
    assert steps == [(len(TABLE), len(TABLE))] * 2


async def test_a_failure_is_the_same_error_as_of_any_other_call() -> None:
    conditions = ResponseDetails(
        failed=(
            ResponseCondition(headers={"X-Error": ValueCondition(present=True)}),
            ResponseCondition(body={"/ok": ValueCondition(any_of=(False,))}),
        ),
        code=("$response.body#/code",),
    )
    with serve() as server:
        options = Options(base_urls={"base_url": server.url})
        sender = Sender(Connection(evolve(API, responses=conditions), options, token_client=None), None)

        def fails(reply: Reply) -> ApiError:
            server.response = reply
            with pytest.raises(ApiError) as caught, sender.stream(EXPORT, RequestParts("/"), {}):
                pass
            return caught.value

        def succeeds(reply: Reply) -> bytes:
            server.response = reply
            with sender.stream(EXPORT, RequestParts("/"), {}) as response:
                return response.read()

        not_found = fails(Reply(404, {"code": "missing"}))
        assert (type(not_found), not_found.code, not_found.body) == (NotFoundError, "missing", {"code": "missing"})
        assert fails(Reply(200, TABLE, {"X-Error": "no", **CSV})).excerpt.startswith("Name,Age")
        assert fails(Reply(200, {"ok": False, "code": "refused"})).code == "refused"
        assert type(fails(Reply(202, {"wait": True}))) is UnexpectedResponseError
        large = fails(Reply(500, b"x" * 1_000_000, {"content-type": "text/html"}))
        assert (large.status_code, large.excerpt) == (500, "x" * 500)
        # not JSON, or too long to be a report of a failure: it is not looked into, and arrives whole
        assert succeeds(Reply(200, b'{"ok": false}', CSV)) == b'{"ok": false}'
        long = b'{"ok": false, "rows": [' + b"1, " * 100_000 + b"1]}"
        assert succeeds(Reply(200, long)) == long
        assert succeeds(Reply(200, {"ok": True})) == b'{"ok": true}'
        sender.close()


async def test_a_redirect_is_followed_before_the_body_is_read() -> None:
    def respond(request: Recorded) -> Reply:
        return Reply(body=b"there") if request.path == "/moved" else Reply(307, headers={"location": "/moved"})

    with serve() as server:
        server.response = respond
        assert await both(server.url, lambda response: response.read()) == [b"there"] * 2


CONTENT = bytes(range(256)) * 1000


def ranges(breaks: list[int], headers: dict[str, str]) -> Any:
    """A server that breaks off after some bytes of each response, and knows ranges."""
    remaining = iter(breaks)

    def respond(request: Recorded) -> Reply:
        asked = request.headers.get("range", "bytes=0-").removeprefix("bytes=").rstrip("-")
        start = int(asked)
        rest = CONTENT[start:]
        sent = rest[: next(remaining, len(rest))]
        fields = {**headers, "content-type": "application/octet-stream"}
        if start:
            assert request.headers["if-range"] == '"a"'
            fields["content-range"] = f"bytes {start}-{len(CONTENT) - 1}/{len(CONTENT)}"
        return Reply(206 if start else 200, sent, fields, missing=len(rest) - len(sent))

    return respond


async def test_the_rest_of_a_broken_body_is_requested_where_the_server_allows_it(tmp_path: Path) -> None:
    with serve() as server:
        server.response = ranges([100_000, 50_000, 999_999, 100_000, 50_000, 999_999], RESUMABLE)
        assert await both(server.url, lambda response: response.to_file(tmp_path / "a")) == [len(CONTENT)] * 2
        assert (tmp_path / "a").read_bytes() == CONTENT
        assert [request.headers.get("range") for request in server.requests] == [
            None,
            "bytes=100000-",
            "bytes=150000-",
        ] * 2
        server.response = ranges([1, 1, 1, 1], RESUMABLE)
        [error, _] = await both(server.url, lambda response: response.read())
    assert isinstance(error, TransportError)
    assert (error.bytes_read, error.request_sent) == (3, True)
    assert f"the body broke off after 3 of {len(CONTENT)} bytes (not resumed again)" in str(error)


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        ({"etag": '"a"'}, None, "not resumed: the server does not offer ranges"),
        (RESUMABLE, Reply(200, CONTENT, {"etag": '"b"'}), "not resumed: the content has changed on the server"),
        (RESUMABLE, Reply(206, b"x", {"content-range": "bytes 9-9/10"}), "not resumed: the server sent the bytes from"),
        (RESUMABLE, Reply(404, {"code": "gone"}), "the rest could not be requested: 404 from exportThings"),
    ],
    ids=["no ranges", "changed", "another range", "gone"],
)
async def test_a_body_that_breaks_off_is_never_taken_for_a_whole_one(
    first: dict[str, str], second: Reply | None, reason: str, tmp_path: Path
) -> None:
    target = tmp_path / "result"
    target.write_bytes(b"old")

    def respond(request: Recorded) -> Reply:
        if "range" in request.headers:
            assert second is not None
            return second
        return Reply(200, CONTENT[:1000], {**first, **CSV}, missing=9000)

    with serve() as server:
        server.response = respond
        for error in await both(server.url, lambda response: response.to_file(target)):
            assert type(error) is TransportError
            assert error.bytes_read == 1000
            assert f"the body broke off after 1000 of 10000 bytes ({reason}" in str(error)
    assert ([*tmp_path.iterdir()], target.read_bytes()) == ([target], b"old")


async def test_a_chunked_body_without_its_last_chunk_is_an_error() -> None:
    def respond(_: RawRequest) -> list[bytes]:
        return [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n"]

    def closing(request: RawRequest) -> Any:
        yield from respond(request)
        raise OSError  # closes the connection

    with serve_raw(closing) as server:
        for error in await both(server.url, lambda response: response.iter_bytes()):
            assert type(error) is TransportError
            assert error.bytes_read == 5
            assert "the body broke off after 5 bytes" in str(error)


async def test_a_body_arrives_only_once() -> None:
    def half(response: Any) -> Any:
        lines = response.iter_lines()
        return next(lines) if hasattr(lines, "__next__") else anext(lines)

    with serve() as server:
        server.response = Reply(body=b"a\nb\n", headers=CSV)
        sender = Sender(connection(server.url), None)
        with sender.stream(EXPORT, RequestParts("/"), {}) as response:
            assert half(response) == "a"
            with pytest.raises(StreamClosed, match="already read, or partly"):
                response.read()
        with pytest.raises(StreamClosed, match="was closed"):
            response.read()
        async_sender = AsyncSender(connection(server.url), None)
        async with async_sender.stream(EXPORT, RequestParts("/"), {}) as async_response:
            assert await half(async_response) == "a"
            with pytest.raises(StreamClosed, match="already read, or partly"):
                await async_response.read()
        await async_sender.close()


async def test_a_response_that_is_left_early_releases_its_connection() -> None:
    def respond(_: RawRequest) -> Any:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        while True:
            yield b"5\r\nhello\r\n"

    with serve_raw(respond) as server:
        sender, async_sender = Sender(connection(server.url), None), AsyncSender(connection(server.url), None)
        with sender.stream(EXPORT, RequestParts("/"), {}) as response:
            next(response.iter_bytes())
        async with async_sender.stream(EXPORT, RequestParts("/"), {}) as async_response:
            await anext(async_response.iter_bytes())
        server.join()  # before the clients are closed
        sender.close()
        await async_sender.close()


async def test_a_forgotten_response_is_reported_and_closed_with_the_next_call() -> None:
    def respond(request: RawRequest) -> Any:
        yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
        if request.connection % 2:
            yield b"0\r\n\r\n"

    with serve_raw(respond) as server:
        sender, async_sender = Sender(connection(server.url), None), AsyncSender(connection(server.url), None)
        with pytest.warns(ResourceWarning, match=r"<StreamedResponse \[200\] of exportThings> was not closed"):
            sender.stream(EXPORT, RequestParts("/"), {}).__enter__()
        with sender.stream(EXPORT, RequestParts("/"), {}) as response:
            assert response.read() == b"hello"
        server.threads[0].join(30)
        assert not server.threads[0].is_alive()
        with pytest.warns(ResourceWarning, match="<AsyncStreamedResponse"):
            await async_sender.stream(EXPORT, RequestParts("/"), {}).__aenter__()
        async with async_sender.stream(EXPORT, RequestParts("/"), {}) as async_response:
            assert await async_response.read() == b"hello"
        await asyncio.to_thread(server.threads[2].join, 30)
        assert not server.threads[2].is_alive()
        sender.close()
        await async_sender.close()


async def test_errors_of_rows_have_their_place_and_their_operation() -> None:
    with serve() as server:
        server.response = Reply(body="a,b\n1,2\n3\n", headers=CSV)
        for error in await both(server.url, lambda response: response.iter_rows()):
            assert type(error) is DecodeError
            assert (error.path, error.operation_id, error.status_code) == ("$[1]", "exportThings", 200)


async def test_a_file_that_cannot_be_written_stops_the_download(tmp_path: Path) -> None:
    with serve() as server:
        server.response = Reply(body=TABLE, headers=CSV)
        for error in await both(server.url, lambda response: response.to_file(tmp_path / "missing" / "a")):
            assert type(error) is UnwritableFile


def large_body(chunks: int) -> Any:
    line = b"Ada," * 16_383 + b"36\r\n"

    def respond(_: RawRequest) -> Any:
        yield f"HTTP/1.1 200 OK\r\nContent-Length: {chunks * len(line)}\r\nContent-Type: text/csv\r\n\r\n".encode()
        for _chunk in range(chunks):
            yield line

    return respond


@pytest.mark.parametrize(
    "chunks", [pytest.param(512, id="32 MB"), pytest.param(16_384, id="1 GB", marks=pytest.mark.slow)]
)
def test_a_large_body_needs_little_memory(chunks: int, tmp_path: Path) -> None:
    with serve_raw(large_body(chunks)) as server:
        sender = Sender(connection(server.url), None)
        with sender.stream(EXPORT, RequestParts("/"), {}) as response:
            tracemalloc.start()
            try:
                size = response.to_file(tmp_path / "a")
                in_file = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        with sender.stream(EXPORT, RequestParts("/"), {}) as response:
            tracemalloc.start()
            try:
                rows = sum(1 for _ in response.iter_lines())
                in_lines = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
        sender.close()
    assert (size, rows) == (chunks * 65_536, chunks)
    assert max(in_file, in_lines) < 2_000_000


async def test_a_part_that_the_caller_asks_for_is_a_success() -> None:
    with serve() as server:
        server.response = Reply(206, b"ell", {"content-range": "bytes 1-3/5", **CSV})
        assert await both(server.url, lambda response: response.read(), headers={"Range": "bytes=1-3"}) == [b"ell"] * 2
        [error, _] = await both(server.url, lambda response: response.read())
        assert isinstance(error, UnexpectedResponseError)


def test_a_transport_that_gives_the_content_is_read_like_any_other() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=TABLE))
    with httpx.Client(transport=transport) as client:
        operation = Operation("exportThings", "GET", "/things").streamed("2XX", accept="text/csv")
        with Sender(connection(), client).stream(operation, RequestParts("/"), {}) as response:
            assert response.read() == TABLE

"""What is read of a response before its body is handed over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping

import httpx
import pytest
from auth_core.contract import ResponseDetails
from auth_core.lifecycle import ResponseCondition, ValueCondition

from sdkgen.emitted._runtime.beginning import (
    MAX_BEGINNING_BYTES,
    Reading,
    is_documented,
    read_beginning,
    read_beginning_async,
    to_read,
)
from sdkgen.emitted._runtime.request import Operation

EXPORT = Operation("exportThings", "GET", "/things").streamed("200")
BY_BODY = ResponseDetails(failed=(ResponseCondition(body={"/ok": ValueCondition(any_of=(False,))}),))
BY_HEADER = ResponseDetails(failed=(ResponseCondition(headers={"X-Error": ValueCondition(present=True)}),))
REQUEST = httpx.Request("GET", "https://a.example")


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield from self.pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece

    def close(self) -> None:
        self.closed += 1

    async def aclose(self) -> None:
        self.closed += 1


@pytest.mark.parametrize(
    ("status", "headers", "details", "reading"),
    [
        (200, {}, ResponseDetails(), Reading.NOTHING),
        (200, {"content-type": "application/json"}, ResponseDetails(), Reading.NOTHING),
        (200, {"content-type": "application/json"}, BY_BODY, Reading.BEGINNING),
        (200, {"content-type": "text/csv"}, BY_BODY, Reading.NOTHING),
        (200, {"x-error": "no"}, BY_HEADER, Reading.ONLY_BEGINNING),
        (201, {}, ResponseDetails(), Reading.ONLY_BEGINNING),
        (307, {}, ResponseDetails(), Reading.ONLY_BEGINNING),
        (500, {}, ResponseDetails(), Reading.ONLY_BEGINNING),
    ],
)
def test_only_what_tells_a_failure_is_read(
    status: int, headers: Mapping[str, str], details: ResponseDetails, reading: Reading
) -> None:
    assert to_read(EXPORT, details, httpx.Response(status, headers=headers, request=REQUEST)) is reading


def test_the_documented_successes_are_those_of_the_operation_and_parts_that_were_requested() -> None:
    part = httpx.Request("GET", "https://a.example", headers={"Range": "bytes=1-"})
    assert is_documented(EXPORT.streamed("2XX"), httpx.Response(203, request=REQUEST))
    assert not is_documented(EXPORT, httpx.Response(206, request=REQUEST))
    assert is_documented(EXPORT, httpx.Response(206, request=part))


async def test_a_long_body_is_cut_off_or_put_back() -> None:
    pieces = [b"x" * (MAX_BEGINNING_BYTES - 1), b"yy", b"z" * MAX_BEGINNING_BYTES]
    for reading in (Reading.BEGINNING, Reading.ONLY_BEGINNING):
        stream, async_stream = Pieces(*pieces), Pieces(*pieces)
        response = read_beginning(httpx.Response(200, stream=stream, request=REQUEST), reading)
        async_response = await read_beginning_async(httpx.Response(200, stream=async_stream, request=REQUEST), reading)
        expected = b"".join(pieces if reading is Reading.BEGINNING else pieces[:2])
        assert response.is_closed is async_response.is_closed is (reading is Reading.ONLY_BEGINNING)
        assert response.read() == await async_response.aread() == expected
        assert (stream.closed, async_stream.closed) == (1, 1)


@pytest.mark.parametrize("reading", [Reading.BEGINNING, Reading.ONLY_BEGINNING])
async def test_a_short_body_is_complete_and_leads_where_its_response_led(reading: Reading) -> None:
    for pieces, encoding in (((b"a", b"b"), "identity"), ((b"no gzip",), "gzip")):
        headers = {"content-encoding": encoding, "x-kept": "yes"}
        before = httpx.Response(302, headers=headers, stream=Pieces(*pieces), request=REQUEST)
        before.next_request = REQUEST
        complete = read_beginning(before, reading)
        assert (complete.content, complete.headers["x-kept"]) == (b"ab" if encoding == "identity" else b"", "yes")
        assert (complete.next_request, complete.is_closed) == (REQUEST, True)
        assert read_beginning(complete, reading) is complete
        assert await read_beginning_async(complete, reading) is complete

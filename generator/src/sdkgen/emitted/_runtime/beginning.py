"""Responses whose body is read later: what is read of it before, to tell a success from a failure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from enum import Enum, auto
from typing import TYPE_CHECKING

import httpx
from auth_core.contract import ResponseDetails, ResponseView, http_errors, library_of, matches, with_bases

from .request import Operation

if TYPE_CHECKING:

    class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream): ...

else:
    _Stream = object


class Reading(Enum):
    """What is read of a response before it is decided whether it is a success."""

    NOTHING = auto()
    BEGINNING = auto()
    """As much as fits into a report of a failure; the body of a success is still read whole afterwards."""
    ONLY_BEGINNING = auto()


def to_read(operation: Operation, details: ResponseDetails, response: httpx.Response) -> Reading:
    """Return what is read of a response to an operation whose successes are read later.

    A JSON body may report a failure under a success status; other bodies are not looked into.
    """
    headers_only = ResponseView(response.status_code, response.headers, b"")
    by_headers = (condition for condition in details.failed if not condition.body)
    if not is_documented(operation, response) or matches(by_headers, headers_only):
        return Reading.ONLY_BEGINNING
    by_body = any(condition.body for condition in details.failed)
    return Reading.BEGINNING if by_body and "json" in response.headers.get("content-type", "") else Reading.NOTHING


def is_documented(operation: Operation, response: httpx.Response) -> bool:
    """Return whether a response is a documented success, or the part of one that was requested."""
    status = response.status_code
    if status == 206 and "range" in response.request.headers:
        status = 200
    return 200 <= status <= 299 and (str(status) in operation.streams or "2XX" in operation.streams)


MAX_BEGINNING_BYTES = 65_536
"""How much of a body is read to decide whether it reports a failure, and how much of a failure's body is kept."""


class _PutBack(_Stream):
    """A body of which the beginning was read: that, and what follows."""

    def __init__(
        self, response: httpx.Response, beginning: bytes, rest: Iterator[bytes] | AsyncIterator[bytes]
    ) -> None:
        self._response = response
        self._beginning = beginning
        self._rest = rest

    def __iter__(self) -> Iterator[bytes]:
        yield self._beginning
        if isinstance(self._rest, Iterator):
            yield from self._rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._beginning
        if isinstance(self._rest, AsyncIterator):
            async for chunk in self._rest:
                yield chunk

    def close(self) -> None:
        self._response.close()

    async def aclose(self) -> None:
        await self._response.aclose()


def read_beginning(response: httpx.Response, reading: Reading) -> httpx.Response:
    """Return the response with its body read, if it is short enough or the rest is discarded; else still to be read."""
    if response.is_closed or reading is Reading.NOTHING:
        return response
    beginning, chunks = bytearray(), response.iter_raw()
    for chunk in chunks:
        beginning += chunk
        if len(beginning) >= MAX_BEGINNING_BYTES:
            if reading is Reading.ONLY_BEGINNING:
                break
            return _put_back(response, bytes(beginning), chunks)
    response.close()
    return _complete(response, bytes(beginning))


async def read_beginning_async(response: httpx.Response, reading: Reading) -> httpx.Response:
    """The async version."""
    if response.is_closed or reading is Reading.NOTHING:
        return response
    beginning, chunks = bytearray(), response.aiter_raw()
    async for chunk in chunks:
        beginning += chunk
        if len(beginning) >= MAX_BEGINNING_BYTES:
            if reading is Reading.ONLY_BEGINNING:
                break
            return _put_back(response, bytes(beginning), chunks)
    await response.aclose()
    return _complete(response, bytes(beginning))


def _put_back(
    response: httpx.Response, beginning: bytes, rest: Iterator[bytes] | AsyncIterator[bytes]
) -> httpx.Response:
    library = library_of(response)
    return library.Response(
        response.status_code,
        headers=response.headers,
        stream=with_bases(_PutBack, library.SyncByteStream, library.AsyncByteStream)(response, beginning, rest),
        request=response.request,
        extensions=response.extensions,
    )


def _complete(response: httpx.Response, raw: bytes) -> httpx.Response:
    library = library_of(response)
    try:
        complete = library.Response(
            response.status_code,
            headers=response.headers,
            content=raw,
            request=response.request,
            extensions=response.extensions,
        )
    except http_errors("DecodingError"):  # of a compressed body that was cut off
        complete = library.Response(response.status_code, request=response.request, extensions=response.extensions)
        complete.headers = response.headers
    complete.next_request = response.next_request
    return complete

"""Responses that are read as they arrive, sync and async."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, TypeVar, overload

import httpx
from auth_core.contract import Deadline, library_of

from .._readers import Progress
from ..errors import ClientError
from .abandoned import Abandoned
from .delimited import Columns, RowReader, delimiter_of
from .http_library import headers_of_httpx, transport_errors
from .response import ReceivedResponse
from .saving import NewFile
from .transfer import TextParser, Transfer, WholeLines

T = TypeVar("T")

Headers = Mapping[str, str]


class _Streamed:
    """What sync and async responses have in common."""

    _loop: asyncio.AbstractEventLoop | None = None

    def __init__(self, received: ReceivedResponse, max_resumptions: int, abandoned: Abandoned) -> None:
        self._abandoned = abandoned
        self.transfer = Transfer(received, max_resumptions)

    @property
    def status_code(self) -> int:
        """HTTP status."""
        return self.transfer.received.status_code

    @property
    def headers(self) -> httpx.Headers:
        """Headers of the response."""
        return headers_of_httpx(self.transfer.received.response.headers)

    @property
    def media_type(self) -> str:
        """The media type, without parameters and in lower case."""
        return self.transfer.received.media_type

    @property
    def size(self) -> int | None:
        """How many bytes the body has; ``None`` if the server did not say, or compresses it."""
        return self.transfer.size

    @property
    def bytes_read(self) -> int:
        """How many bytes of the body were read so far, after decompression."""
        return self.transfer.bytes_read

    def _rows(self, delimiter: str | None, columns: Columns | None) -> RowReader:
        return RowReader(delimiter_of(self.media_type) if delimiter is None else delimiter, columns)

    def __repr__(self) -> str:
        # Headers and content may contain tokens and personal data.
        return f"<{type(self).__name__} [{self.status_code}] of {self.transfer.received.operation.operation_id}>"

    def __del__(self) -> None:
        transfer: Transfer | None = getattr(self, "transfer", None)
        if transfer is not None and not transfer.response.is_closed:
            warnings.warn(f"{self!r} was not closed; use it in a `with` block", ResourceWarning, 2, self)
            self._abandoned.append(transfer.response, self._loop)


class StreamedResponse(_Streamed):
    """A successful response whose body is read as it arrives, once, in constant memory.

    If the connection breaks, the rest of the body is requested where the server allows that; otherwise a
    :class:`TransportError` has ``bytes_read``.
    """

    def __init__(
        self,
        received: ReceivedResponse,
        max_resumptions: int,
        abandoned: Abandoned,
        ask: Callable[[Headers, float | None], ReceivedResponse],
    ) -> None:
        super().__init__(received, max_resumptions, abandoned)
        self._ask = ask

    def iter_bytes(self) -> Iterator[bytes]:
        """Iterate over the pieces of the body, as they arrive.

        Raises:
            StreamClosed: The body was read before, or the response was closed.
            TransportError: The connection broke, or the body is not whole.
        """
        transfer = self.transfer
        transfer.begin()
        broken: Exception | None = None
        while True:
            try:
                for chunk in transfer.response.iter_bytes():
                    yield transfer.took(chunk)
            except transport_errors() as error:
                broken = error
            else:
                transfer.end()
                return
            transfer.response.close()
            rest = transfer.rest_after(broken)
            try:
                received = self._ask(rest, transfer.seconds_left)
            except ClientError as error:
                raise transfer.not_resumed(broken, error) from error
            transfer.go_on(broken, received)

    def read(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.iter_bytes())

    def iter_lines(self) -> Iterator[str]:
        """Iterate over the lines, without their ends, in the character set that the response declares."""
        return self.iter_parsed(WholeLines())

    @overload
    def iter_rows(self, *, delimiter: str | None = None, columns: None = None) -> Iterator[dict[str, str]]: ...

    @overload
    def iter_rows(self, *, delimiter: str | None = None, columns: Columns) -> Iterator[dict[str, Any]]: ...

    def iter_rows(
        self, *, delimiter: str | None = None, columns: Columns | None = None
    ) -> Iterator[dict[str, str]] | Iterator[dict[str, Any]]:
        """Iterate over the rows of a table of comma- or tab-separated values (RFC 4180), by the names in its first row.

        Args:
            delimiter: What separates the values; default: a tab or a comma, by the media type.
            columns: What converts the cells of a column: ``{"Age": int, "Born": datetime.date.fromisoformat}``. An
                empty cell of such a column is ``None``. The cells of other columns are text.

        Raises:
            DecodeError: A row has more or fewer cells than there are columns, or a cell cannot be converted.
        """
        return self.iter_parsed(self._rows(delimiter, columns))

    def iter_parsed(self, parser: TextParser[T]) -> Iterator[T]:
        """Iterate over what a parser, with the methods ``feed(text)`` and ``end()``, makes of the text of the body."""
        reader = self.transfer.reader(parser)
        for chunk in self.iter_bytes():
            yield from reader.feed(chunk)
        yield from reader.end()

    def to_file(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> int:
        """Write the body to a file and return its size in bytes.

        The body is written to a new file next to it, which takes its place at the end: it is whole, or as it was.

        Args:
            path: The path of the file. An existing file is replaced.
            progress: Called after each piece with the bytes so far and with all bytes, ``None`` if they are unknown.

        Raises:
            UnwritableFile: The file cannot be written.
            TransportError: The connection broke, or the body is not whole; the file is unchanged.
        """
        with NewFile(path) as file:
            for chunk in self.iter_bytes():
                file.write(chunk)
                if progress is not None:
                    progress(self.bytes_read, self.size)
            file.keep()
        return self.bytes_read

    def close(self) -> None:
        """Close the response; its connection is released."""
        self.transfer.closed = True
        self.transfer.response.close()


class AsyncStreamedResponse(_Streamed):
    """The async version of :class:`StreamedResponse`."""

    def __init__(
        self,
        received: ReceivedResponse,
        max_resumptions: int,
        abandoned: Abandoned,
        ask: Callable[[Headers, float | None], Awaitable[ReceivedResponse]],
    ) -> None:
        super().__init__(received, max_resumptions, abandoned)
        self._loop = asyncio.get_running_loop()
        self._ask = ask

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Iterate over the pieces of the body, as they arrive; the async version of `StreamedResponse.iter_bytes`."""
        transfer = self.transfer
        transfer.begin()
        broken: Exception | None = None
        while True:
            try:
                async for chunk in _within(transfer.received.deadline, transfer.response):
                    yield transfer.took(chunk)
            except transport_errors() as error:
                broken = error
            else:
                transfer.end()
                return
            await transfer.response.aclose()
            rest = transfer.rest_after(broken)
            try:
                received = await self._ask(rest, transfer.seconds_left)
            except ClientError as error:
                raise transfer.not_resumed(broken, error) from error
            transfer.go_on(broken, received)

    async def read(self) -> bytes:
        """Return the whole body."""
        return b"".join([chunk async for chunk in self.iter_bytes()])

    def iter_lines(self) -> AsyncIterator[str]:
        """Iterate over the lines, without their ends, in the character set that the response declares."""
        return self.iter_parsed(WholeLines())

    @overload
    def iter_rows(self, *, delimiter: str | None = None, columns: None = None) -> AsyncIterator[dict[str, str]]: ...

    @overload
    def iter_rows(self, *, delimiter: str | None = None, columns: Columns) -> AsyncIterator[dict[str, Any]]: ...

    def iter_rows(
        self, *, delimiter: str | None = None, columns: Columns | None = None
    ) -> AsyncIterator[dict[str, str]] | AsyncIterator[dict[str, Any]]:
        """Iterate over the rows of a table, as `StreamedResponse.iter_rows` does."""
        return self.iter_parsed(self._rows(delimiter, columns))

    async def iter_parsed(self, parser: TextParser[T]) -> AsyncIterator[T]:
        """Iterate over what a parser makes of the text of the body."""
        reader = self.transfer.reader(parser)
        async for chunk in self.iter_bytes():
            for value in reader.feed(chunk):
                yield value
        for value in reader.end():
            yield value

    async def to_file(self, path: str | os.PathLike[str], *, progress: Progress | None = None) -> int:
        """Write the body to a file and return its size in bytes, as `StreamedResponse.to_file` does."""
        with await asyncio.to_thread(NewFile, path) as file:
            async for chunk in self.iter_bytes():
                await asyncio.to_thread(file.write, chunk)
                if progress is not None:
                    progress(self.bytes_read, self.size)
            await asyncio.to_thread(file.keep)
        return self.bytes_read

    async def close(self) -> None:
        """Close the response; its connection is released."""
        self.transfer.closed = True
        await self.transfer.response.aclose()


async def _within(deadline: Deadline | None, response: httpx.Response) -> AsyncIterator[bytes]:
    """Iterate until the deadline. It limits each wait for a piece, not what the caller does with the piece."""
    chunks = response.aiter_bytes()
    while True:
        try:
            async with asyncio.timeout(None if deadline is None else deadline.seconds_left):
                chunk = await anext(chunks)
        except StopAsyncIteration:
            return
        except TimeoutError:
            message = "the total timeout has passed"
            raise library_of(response).ReadTimeout(message) from None
        yield chunk


class StreamedCall:
    """A call that is sent by ``with``, and whose response is open inside it."""

    def __init__(self, open_: Callable[[], StreamedResponse]) -> None:
        self._open = open_
        self._response: StreamedResponse | None = None

    def __enter__(self) -> StreamedResponse:
        self._response = self._open()
        return self._response

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._response is not None:
            self._response.close()


class AsyncStreamedCall:
    """The async version of :class:`StreamedCall`."""

    def __init__(self, open_: Callable[[], Awaitable[AsyncStreamedResponse]]) -> None:
        self._open = open_
        self._response: AsyncStreamedResponse | None = None

    async def __aenter__(self) -> AsyncStreamedResponse:
        self._response = await self._open()
        return self._response

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._response is not None:
            await self._response.close()

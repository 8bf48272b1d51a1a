"""Streams of items, sync and async."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from .event_stream import ServerSentEvent
from .items import ItemFormat, ItemReader
from .streams import AsyncStreamedCall, AsyncStreamedResponse, StreamedCall, StreamedResponse

T = TypeVar("T")


class ItemStream(Generic[T]):
    """Items that a server sends one after the other: events (``text/event-stream``), or lines of JSON.

    Iterate over it once. The call is sent at the first step, or by ``with``, which also closes a stream that is not
    read to its end::

        with shop.orders.watch() as orders:
            for order in orders:
                ...

    Nothing is sent again if the connection breaks: call the method again, with the id of ``last_event`` if the API
    continues from there.
    """

    def __init__(self, call: StreamedCall, items: ItemFormat[T]) -> None:
        self._call = call
        self._reader = ItemReader(items)
        self._opened: StreamedResponse | None = None

    @property
    def last_event(self) -> ServerSentEvent | None:
        """The event of the last item, with its type and id; ``None`` before the first one."""
        return self._reader.last_event

    def open(self) -> StreamedResponse:
        """Return the response, with its status and headers; the call is sent if it was not yet."""
        if self._opened is None:
            self._opened = self._call.__enter__()
        return self._opened

    def __iter__(self) -> Iterator[T]:
        """Iterate over the items as they arrive.

        Raises:
            DecodeError: An item is not as the API's description has it.
            TransportError: The connection broke, or the stream ended without its terminator.
        """
        response = self.open()
        try:
            reader = response.transfer.reader(self._reader)
            for chunk in response.iter_bytes():
                yield from reader.feed(chunk)
                if self._reader.ended:
                    break
            else:
                yield from reader.end()
                response.transfer.check_terminator(self._reader)
        except Exception:
            response.close()
            raise
        response.close()

    def __enter__(self) -> ItemStream[T]:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the stream; its connection is released."""
        if self._opened is not None:
            self._opened.close()


class AsyncItemStream(Generic[T]):
    """The async version of :class:`ItemStream`: ``async for``, ``async with``, ``await stream.open()``."""

    def __init__(self, call: AsyncStreamedCall, items: ItemFormat[T]) -> None:
        self._call = call
        self._reader = ItemReader(items)
        self._opened: AsyncStreamedResponse | None = None

    @property
    def last_event(self) -> ServerSentEvent | None:
        """The event of the last item, with its type and id; ``None`` before the first one."""
        return self._reader.last_event

    async def open(self) -> AsyncStreamedResponse:
        """Return the response, with its status and headers; the call is sent if it was not yet."""
        if self._opened is None:
            self._opened = await self._call.__aenter__()
        return self._opened

    async def __aiter__(self) -> AsyncIterator[T]:
        """Iterate over the items as they arrive; raises what :class:`ItemStream` does."""
        response = await self.open()
        try:
            reader = response.transfer.reader(self._reader)
            async for chunk in response.iter_bytes():
                for item in reader.feed(chunk):
                    yield item
                if self._reader.ended:
                    break
            else:
                for item in reader.end():
                    yield item
                response.transfer.check_terminator(self._reader)
        except Exception:
            await response.close()
            raise
        await response.close()

    async def __aenter__(self) -> AsyncItemStream[T]:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the stream; its connection is released."""
        if self._opened is not None:
            await self._opened.close()

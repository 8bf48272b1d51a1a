"""The items of a stream, such as the events of ``text/event-stream``, made from text. No I/O."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from attrs import frozen

from .._decoding import within
from ..errors import DecodeError
from .event_stream import EventParser, ServerSentEvent
from .json_lines import JsonLinesParser

T = TypeVar("T")


@frozen
class ItemFormat(Generic[T]):
    """How the items of a stream are read.

    Attributes:
        parser: Creates what splits the text into events.
        decode: Makes the item of the data of an event.
        terminator: The data after which no item follows, although the connection may stay open: ``[DONE]``. A stream
            without it is not whole.
    """

    parser: Callable[[], EventParser | JsonLinesParser]
    decode: Callable[[str], T]
    terminator: str | None = None


def json_item(decode: Callable[[Any], T]) -> Callable[[str], T]:
    """Return what makes an item of data that is JSON."""

    def decode_text(data: str) -> T:
        try:
            value = json.loads(data)
        except (ValueError, RecursionError):
            message = "expected JSON"
            raise DecodeError("$", message) from None
        return decode(value)

    return decode_text


class ItemReader(Generic[T]):
    """Makes the items of text, which may be split anywhere. All formats of items are UTF-8, whatever a response says.

    Attributes:
        last_event: The event of the last item.
        ended: Whether the terminator was received.
    """

    ENCODING = "utf-8"

    def __init__(self, items: ItemFormat[T]) -> None:
        self._items = items
        self._parser = items.parser()
        self._count = 0
        self.last_event: ServerSentEvent | None = None
        self.ended = False

    @property
    def lacks_terminator(self) -> bool:
        """Whether a terminator is declared and was not received."""
        return self._items.terminator is not None and not self.ended

    def feed(self, text: str) -> Iterator[T]:
        """Yield the items that this text completes."""
        return self._decoded(self._parser.feed(text))

    def end(self) -> Iterator[T]:
        """Yield the last item, if it is complete because nothing follows."""
        return self._decoded(self._parser.end())

    def _decoded(self, events: Iterable[ServerSentEvent]) -> Iterator[T]:
        for event in events:
            if self.ended or event.data == self._items.terminator:
                self.ended = True
                return
            try:
                item = self._items.decode(event.data)
            except DecodeError as error:
                error.excerpt = event.data
                raise within(self._count, error) from None
            self._count += 1
            self.last_event = event
            yield item

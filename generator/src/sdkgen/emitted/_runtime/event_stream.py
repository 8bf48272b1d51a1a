"""The format of ``text/event-stream`` (HTML Standard, section 9.2). No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from .lines import Lines


@frozen
class ServerSentEvent:
    """One event of a ``text/event-stream``.

    Attributes:
        data: Its content; several ``data`` lines are joined with line feeds.
        event: Its type; ``message`` if the server gave none.
        id: The last id that the server gave, with this event or before it; empty if none.
        retry: Milliseconds to wait before a reconnection, if they came with this event.
    """

    data: str = field(repr=False)
    event: str = "message"
    id: str = ""
    retry: int | None = None


class EventParser:
    """Reads events from text, which may be split anywhere. An event without its closing blank line is dropped."""

    def __init__(self) -> None:
        self._lines = Lines(prompt=True)
        self._last_id = ""
        self._reset()

    def _reset(self) -> None:
        self._data: list[str] = []
        self._event = ""
        self._retry: int | None = None

    def feed(self, text: str) -> Iterator[ServerSentEvent]:
        """Yield the events that this text completes."""
        for line in self._lines.feed(text):
            content = line.rstrip("\r\n")
            if content:
                self._field(content)
                continue
            if self._data:
                yield ServerSentEvent("\n".join(self._data), self._event or "message", self._last_id, self._retry)
            self._reset()

    def end(self) -> Iterator[ServerSentEvent]:
        """Yield nothing: the standard discards an incomplete event."""
        return iter(())

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")  # a comment has an empty name
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._event = value
        elif name == "id" and "\0" not in value:
            self._last_id = value
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry = int(value)

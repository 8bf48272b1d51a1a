"""The formats of ``application/jsonl``, ``application/x-ndjson`` and ``application/json-seq`` (RFC 7464). No I/O."""

from __future__ import annotations

from collections.abc import Iterator

from .event_stream import ServerSentEvent


class JsonLinesParser:
    """Reads JSON Lines and RFC 7464 sequences as events that have only data: one per line that is not blank.

    A line ends in a line feed only: a carriage return is white space in JSON.
    """

    def __init__(self) -> None:
        self._unfinished: list[str] = []
        self._begun = False

    def feed(self, text: str) -> Iterator[ServerSentEvent]:
        """Yield the lines that this text completes."""
        if text and not self._begun:
            text, self._begun = text.removeprefix("\ufeff"), True
        *lines, rest = text.split("\n")
        for line in lines:
            self._unfinished.append(line)
            yield from self.end()
        self._unfinished.append(rest)

    def end(self) -> Iterator[ServerSentEvent]:
        """Yield the last line, if it has no line feed."""
        line = "".join(self._unfinished).strip(" \t\r\x1e")
        self._unfinished.clear()
        if line:
            yield ServerSentEvent(line)

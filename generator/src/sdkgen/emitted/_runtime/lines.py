"""Text that arrives in pieces, split into lines. No I/O."""

from __future__ import annotations

import re

_END = re.compile(r"\r\n|\r|\n")
_BYTE_ORDER_MARK = "\ufeff"


class Lines:
    r"""Splits text into lines, which end in ``\n``, ``\r\n`` or ``\r``. The text may be split anywhere.

    Args:
        prompt: A line that ends in ``\r`` is returned at once, instead of when it is known that no ``\n`` follows.
    """

    def __init__(self, *, prompt: bool = False) -> None:
        self._prompt = prompt
        self._begun = False
        self._unfinished: list[str] = []
        self._last_return = ""
        """The ``\r`` at the end of the text so far, whose line is not returned yet, or was (``prompt``)."""

    def feed(self, text: str) -> list[str]:
        """Return the lines that this text completes, with their ends. A byte order mark at the beginning is dropped."""
        if not text:
            return []
        if not self._begun:
            text, self._begun = text.removeprefix(_BYTE_ORDER_MARK), True
        if self._last_return:
            text = text.removeprefix("\n") if self._prompt else self._last_return + text
        self._last_return = "\r" if text.endswith("\r") else ""
        if self._last_return and not self._prompt:
            text = text[:-1]
        lines: list[str] = []
        start = 0
        for found in _END.finditer(text):
            lines.append(text[start : found.end()])
            start = found.end()
        rest = text[start:]
        if lines and self._unfinished:
            lines[0] = "".join(self._unfinished) + lines[0]
            self._unfinished.clear()
        if rest:
            self._unfinished.append(rest)
        return lines

    def end(self) -> list[str]:
        """Return the last line, if it has no end of its own; call it when all text was given."""
        rest = "".join(self._unfinished) + ("" if self._prompt else self._last_return)
        self._unfinished.clear()
        self._last_return = ""
        return [rest] if rest else []

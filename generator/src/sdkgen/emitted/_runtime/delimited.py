"""Delimiter-separated values (RFC 4180), read as they arrive. No I/O."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .._decoding import within
from ..errors import DecodeError, InvalidArgument, WrongArgumentType
from .lines import Lines

Columns = Mapping[str, Callable[[str], object]]
"""What converts the cells of a column, by its name: ``{"Age": int, "Born": datetime.date.fromisoformat}``."""

_DELIMITERS = {"text/tab-separated-values": "\t", "text/tsv": "\t"}


def delimiter_of(media_type: str) -> str:
    """Return the delimiter of a media type: a tab or a comma."""
    return _DELIMITERS.get(media_type, ",")


class _OutOfLines(Exception):
    """More lines are needed to know where the row ends."""


class _Waiting(Iterator[str]):
    """The lines that were received and not read yet."""

    def __init__(self) -> None:
        self._lines = deque[str]()
        self._of_this_row: list[str] = []

    def add(self, lines: Iterable[str]) -> None:
        self._lines.extend(lines)

    def __next__(self) -> str:
        if not self._lines:
            raise _OutOfLines
        line = self._lines.popleft()
        self._of_this_row.append(line)
        return line

    def row_is_complete(self) -> None:
        self._of_this_row.clear()

    def row_begins_again(self) -> bool:
        """Return the lines of an incomplete row, to be read again; return whether there were any."""
        self._lines.extendleft(reversed(self._of_this_row))
        self._of_this_row.clear()
        return bool(self._lines)


class RowReader:
    """Reads rows from text, which may be split anywhere: mappings from the names in the first row to the cells.

    Args:
        delimiter: One character between the cells.
        columns: What converts the cells of a column; other cells are text. An empty cell of a column with a converter
            is ``None``.

    Raises:
        InvalidArgument: The delimiter is not one character.
        WrongArgumentType: A converter cannot be called.
    """

    def __init__(self, delimiter: str, columns: Columns | None = None) -> None:
        unchecked: Mapping[str, object] = columns or {}
        for name, convert in unchecked.items():
            if not callable(convert):
                message = f"`columns`: what converts `{name}` must be a function such as int, not {convert!r}"
                raise WrongArgumentType(message)
        self._columns = dict(columns or {})
        self._text = Lines()
        self._lines = _Waiting()
        try:
            self._reader = csv.reader(self._lines, delimiter=delimiter)
        except (TypeError, ValueError):
            message = f"`delimiter` must be one character, not {delimiter!r}"
            raise InvalidArgument(message) from None
        self._names: list[str] | None = None
        self._converters: list[Callable[[str], object] | None] = []
        self._rows = 0

    def feed(self, text: str) -> Iterator[dict[str, Any]]:
        """Yield the rows that this text completes.

        Raises:
            DecodeError: A row has more or fewer cells than there are columns, or a cell cannot be converted.
        """
        self._lines.add(self._text.feed(text))
        return self._complete_rows()

    def end(self) -> Iterator[dict[str, Any]]:
        """Yield the last row, if its line has no end; call it when all text was given.

        Raises:
            DecodeError: The text ends inside a quoted cell.
        """
        self._lines.add(self._text.end())
        yield from self._complete_rows()
        if self._lines.row_begins_again():
            raise self._wrong("the text ends inside a quoted cell")

    def _complete_rows(self) -> Iterator[dict[str, Any]]:
        while True:
            try:
                cells = next(self._reader)
            except _OutOfLines:
                self._lines.row_begins_again()
                return
            except csv.Error as error:
                raise self._wrong(str(error)) from None
            self._lines.row_is_complete()
            if not cells:  # a blank line
                continue
            if self._names is None:
                self._begin(cells)
            else:
                yield self._row(self._names, cells)
                self._rows += 1

    def _begin(self, names: list[str]) -> None:
        if len(set(names)) < len(names):
            twice = next(name for index, name in enumerate(names) if name in names[:index])
            message = f"two columns have the name `{twice}`"
            raise DecodeError("$", message)
        unknown = self._columns.keys() - names
        if unknown:
            message = f"there is no column `{min(unknown)}`; the columns are {', '.join(names)}"
            raise DecodeError("$", message)
        self._names = names
        self._converters = [self._columns.get(name) for name in names]

    def _row(self, names: list[str], cells: list[str]) -> dict[str, Any]:
        if len(cells) != len(names):
            raise self._wrong(f"the row has {len(cells)} cells, but there are {len(names)} columns")
        if not self._columns:
            return dict(zip(names, cells, strict=True))
        return {
            name: cell if convert is None else self._converted(name, cell, convert)
            for name, cell, convert in zip(names, cells, self._converters, strict=True)
        }

    def _converted(self, name: str, cell: str, convert: Callable[[str], object]) -> object:
        if not cell and convert is not str:
            return None
        try:
            return convert(cell)
        except (TypeError, ValueError, ArithmeticError):  # its text has the cell
            fault = DecodeError("$", f"{getattr(convert, '__name__', 'the function')} does not accept the cell")
            raise within(self._rows, within(name, fault)) from None

    def _wrong(self, reason: str) -> DecodeError:
        return within(self._rows, DecodeError("$", reason))

"""Rows of tables: JSON arrays of cells, with the names of their columns in another member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from ._decoding import within
from .errors import DecodeError

T = TypeVar("T")


def table_rows(
    columns: str, names: Iterable[object], rows: str, cells: Iterable[Sequence[T]]
) -> Iterator[dict[str, T]]:
    """Iterate over the rows of a table, each a mapping from column names to cells.

    Args:
        columns: The member that holds the columns, for error messages.
        names: Name of each column.
        rows: The member that holds the rows, for error messages.
        cells: The cells of each row.
    """
    known: dict[str, None] = {}
    for index, name in enumerate(names):
        if not isinstance(name, str) or not name.strip():
            raise within(columns, within(index, DecodeError("$", "the column has no name")))
        if name in known:
            raise within(columns, within(index, DecodeError("$", "another column has the same name")))
        known[name] = None
    return _mappings(tuple(known), rows, cells)


def _mappings(names: tuple[str, ...], rows: str, cells: Iterable[Sequence[T]]) -> Iterator[dict[str, T]]:
    for index, row in enumerate(cells):
        if len(row) != len(names):
            reason = f"the row has {len(row)} cells, but there are {len(names)} columns"
            raise within(rows, within(index, DecodeError("$", reason)))
        yield dict(zip(names, row, strict=True))

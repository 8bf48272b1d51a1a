"""Tables: JSON arrays of cells, with the columns in another member."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, TypeVar, overload

from attrs import field, frozen

from ._arrow import arrow_table, package
from ._decoding import within
from .errors import DecodeError

Cell = TypeVar("Cell")


class Row(Mapping[str, Cell]):
    """One row: a mapping from the names of the columns to the cells, in the order of the columns."""

    __slots__ = ("_cells", "_columns")

    def __init__(self, columns: Mapping[str, int], cells: Sequence[Cell]) -> None:
        self._columns = columns
        self._cells = cells

    def __getitem__(self, column: str) -> Cell:
        try:
            return self._cells[self._columns[column]]
        except KeyError:
            message = f"there is no column {column!r}; the columns are {', '.join(self._columns)}"
            raise KeyError(message) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return f"Row({dict(self)!r})"


class Rows(Sequence[Row[Cell]]):
    """The rows of a table. A row is made when it is asked for, and refers to the cells of the table."""

    __slots__ = ("_cells", "_columns", "_member")

    def __init__(self, columns: Mapping[str, int], cells: Sequence[Sequence[Cell]], member: str) -> None:
        self._columns = columns
        self._cells = cells
        self._member = member

    def __len__(self) -> int:
        return len(self._cells)

    @overload
    def __getitem__(self, index: int) -> Row[Cell]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows[Cell]: ...
    def __getitem__(self, index: int | slice) -> Row[Cell] | Rows[Cell]:
        if isinstance(index, slice):
            return Rows(self._columns, self._cells[index], self._member)
        cells = self._cells[index]
        if len(cells) != len(self._columns):
            reason = f"the row has {len(cells)} cells, but there are {len(self._columns)} columns"
            position = index if index >= 0 else len(self._cells) + index
            raise within(self._member, within(position, DecodeError("$", reason)))
        return Row(self._columns, cells)

    def __repr__(self) -> str:
        return f"<Rows: {len(self)} rows, {len(self._columns)} columns>"


@frozen
class TableParts(Generic[Cell]):
    """What a table consists of."""

    columns_member: str
    """The member that holds the columns, for error messages."""
    columns: Iterable[tuple[object, object]]
    """Name of each column, and its type as the API calls it; ``None`` if it does not."""
    rows_member: str
    """The member that holds the rows, for error messages."""
    cells: Sequence[Sequence[Cell]]
    """The cells of each row."""
    types: Mapping[str, str] = field(factory=dict[str, str])
    """The meaning of each type of a column."""

    def checked_columns(self) -> dict[str, object]:
        """Return the type of each column by its name.

        Raises:
            DecodeError: A column has no name, or two have the same.
        """
        found: dict[str, object] = {}
        for index, (name, kind) in enumerate(self.columns):
            if not isinstance(name, str) or not name.strip():
                raise within(self.columns_member, within(index, DecodeError("$", "the column has no name")))
            if name in found:
                reason = "another column has the same name"
                raise within(self.columns_member, within(index, DecodeError("$", reason)))
            found[name] = kind
        return found

    def rows(self) -> Rows[Cell]:
        """Return the rows. Raises :class:`DecodeError` as :meth:`checked_columns` does."""
        columns = {name: index for index, name in enumerate(self.checked_columns())}
        return Rows(columns, self.cells, self.rows_member)


class Tabular(ABC, Generic[Cell]):
    """A model that is a table. Its length is the number of its rows."""

    __slots__ = ()

    @abstractmethod
    def _table(self) -> TableParts[Cell]: ...

    def __len__(self) -> int:
        return len(self._table().cells)

    def rows(self) -> Rows[Cell]:
        """Return the rows, a sequence of mappings from the names of the columns to the cells.

        Raises:
            DecodeError: Two columns have the same name, or a column has no name; and when a row is read that has more
                or fewer cells than there are columns.
        """
        return self._table().rows()

    def to_arrow(self, *, strict: bool = True) -> Any:
        """Return a ``pyarrow.Table`` whose columns have the types that the API gives them, also without any row.

        A column whose type is unknown has that of its cells; JSON texts, if they have several.

        Args:
            strict: Whether a cell that is not of the type of its column is an error; else such a column stays as it
                came, like one whose type is unknown.

        Raises:
            DecodeError: A cell is not of the type of its column, or :meth:`rows` raises it.
            MissingPackage: pyarrow is not installed.
        """
        table = self._table()
        rows = [list(row.values()) for row in table.rows()]
        return arrow_table(table.checked_columns(), table.types, table.rows_member, rows, strict=strict)

    def to_pandas(self, *, strict: bool = True) -> Any:
        """Return a ``pandas.DataFrame`` with the columns of :meth:`to_arrow`.

        They are of ``pandas.ArrowDtype``, so that no integer becomes a float where a cell is empty.

        Args:
            strict: As for :meth:`to_arrow`.

        Raises:
            DecodeError: As :meth:`to_arrow`.
            MissingPackage: pandas or pyarrow is not installed.
        """
        pandas = package("pandas", "to_pandas", "pyarrow")
        return self.to_arrow(strict=strict).to_pandas(types_mapper=pandas.ArrowDtype)

    def to_polars(self, *, strict: bool = True) -> Any:
        """Return a ``polars.DataFrame`` with the columns of :meth:`to_arrow`.

        Args:
            strict: As for :meth:`to_arrow`.

        Raises:
            DecodeError: As :meth:`to_arrow`.
            MissingPackage: polars or pyarrow is not installed.
        """
        polars = package("polars", "to_polars", "pyarrow")
        return polars.from_arrow(self.to_arrow(strict=strict))

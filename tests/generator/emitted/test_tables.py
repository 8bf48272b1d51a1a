"""Rows of tables become mappings, and a table that contradicts itself is refused with the place."""

from __future__ import annotations

import pytest

from sdkgen.emitted._tables import TableParts
from sdkgen.emitted.errors import DecodeError


def test_a_row_is_a_mapping_in_the_order_of_the_columns() -> None:
    rows = TableParts("cols", [("b", None), ("a", None)], "rows", [[1, 2], [3, 4]]).rows()
    assert [list(row.items()) for row in rows] == [[("b", 1), ("a", 2)], [("b", 3), ("a", 4)]]
    assert rows[0].get("c") is None
    with pytest.raises(KeyError, match="there is no column 'c'; the columns are b, a"):
        rows[0]["c"]
    assert list(TableParts("cols", [], "rows", list[list[int]]()).rows()) == []


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["a", "a"], r"\$\.cols\[1\]: another column has the same name"),
        (["a", " "], r"\$\.cols\[1\]: the column has no name"),
        ([None], r"\$\.cols\[0\]: the column has no name"),
    ],
)
def test_columns_are_checked_before_the_first_row_is_read(names: list[object], message: str) -> None:
    with pytest.raises(DecodeError, match=message):
        TableParts("cols", [(name, None) for name in names], "rows", list[list[int]]()).rows()


def test_the_rows_before_a_wrong_one_can_be_read() -> None:
    rows = iter(TableParts("cols", [("a", None), ("b", None)], "rows", [[1, 2], [3]]).rows())
    assert next(rows) == {"a": 1, "b": 2}
    with pytest.raises(DecodeError, match=r"\$\.rows\[1\]: the row has 1 cells, but there are 2 columns"):
        next(rows)

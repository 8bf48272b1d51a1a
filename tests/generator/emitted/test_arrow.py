"""Tables as those of pyarrow, pandas and polars: typed by their schema, and nothing lost silently."""

from __future__ import annotations

import datetime
import sys
from decimal import Decimal
from typing import Any

import pytest

from sdkgen.emitted._tables import TableParts, Tabular
from sdkgen.emitted.errors import DecodeError, MissingPackage

KINDS = ("string", "boolean", "uint8", "int16", "int32", "int64", "float64", "decimal", "bytes", "date", "date-time")


class Table(Tabular[Any]):
    def __init__(self, columns: dict[str, str], *rows: list[Any]) -> None:
        self.columns, self.cells = columns, list(rows)

    def _table(self) -> TableParts[Any]:
        return TableParts("schema", list(self.columns.items()), "data", self.cells, {kind: kind for kind in KINDS})


def column(kind: str, *cells: object, strict: bool = True) -> Any:
    pytest.importorskip("pyarrow", reason="the extra [arrow] is not installed")
    return Table({"c": kind}, *([cell] for cell in cells)).to_arrow(strict=strict)["c"]


TYPES = ["string", "bool", "uint8", "int16", "int32", "int64", "double", "decimal128(38, 18)", "binary"]


def test_an_empty_result_and_an_all_null_column_keep_their_types() -> None:
    types = [*TYPES, "date32[day]", "timestamp[us]", "null"]
    for rows in ([], [[None] * 12]):
        pytest.importorskip("pyarrow", reason="the extra [arrow] is not installed")
        table = Table({kind: kind for kind in (*KINDS, "unknown")}, *rows).to_arrow()
        assert table.num_rows == len(rows)
        assert [str(field.type) for field in table.schema] == types
        assert table.column_names == [*KINDS, "unknown"]


@pytest.mark.parametrize(
    ("kind", "cells", "expected"),
    [
        ("string", ["a", None, ""], ["a", None, ""]),
        ("int64", [2**63 - 1, None], [2**63 - 1, None]),
        ("float64", [1, 0.1, "-Infinity"], [1.0, 0.1, float("-inf")]),
        ("decimal", [0.1, "12.50", 7, "1e-18"], [Decimal("0.1"), Decimal("12.5"), Decimal(7), Decimal("1e-18")]),
        ("bytes", ["YWI=", ""], [b"ab", b""]),
        ("date", ["2024-02-29", "0001-01-01T00:00:00"], [datetime.date(2024, 2, 29), datetime.date(1, 1, 1)]),
        ("date-time", ["9999-12-31T23:59:59", "2024-01-02"], [
            datetime.datetime(9999, 12, 31, 23, 59, 59), datetime.datetime(2024, 1, 2)]),
        ("date-time", ["2024-01-02T03:04:05.123456+02:00"], [
            datetime.datetime(2024, 1, 2, 1, 4, 5, 123456, tzinfo=datetime.UTC)]),
        ("unknown", [1, 2.5], [1.0, 2.5]),
        ("unknown", [1, "a", None, {"b": [True]}], ["1", "a", None, '{"b": [true]}']),
        ("unknown", [2**70 + 1], [str(2**70 + 1)]),
        ("unknown", [2**53 + 1, 0.5], [str(2**53 + 1), "0.5"]),
    ],
)  # fmt: skip
def test_cells_become_values_of_the_declared_type(kind: str, cells: list[Any], expected: list[Any]) -> None:
    assert column(kind, *cells).to_pylist() == expected


def test_the_ticks_of_dotnet_are_kept() -> None:
    found = column("date-time", "2024-01-02T03:04:05.1234567", None)
    assert str(found.type) == "timestamp[ns]"
    assert found.cast("int64").to_pylist() == [1704164645123456700, None]


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("string", 1),
        ("boolean", 1),
        ("uint8", -1),
        ("int16", 2**15),
        ("int32", 1.0),
        ("int64", True),
        ("float64", 2**53 + 1),
        ("float64", "1"),
        ("decimal", "1e-19"),
        ("decimal", "123456789012345678901"),
        ("decimal", "NaN"),
        ("bytes", "a?"),
        ("date", "2024-01-02T00:00:01"),
        ("date-time", "02/01/2024"),
        ("date-time", "2024-13-01"),
    ],
)
def test_a_cell_of_another_type_is_an_error_unless_it_may_stay_as_it_came(kind: str, cell: object) -> None:
    with pytest.raises(
        DecodeError, match=rf"^\$\.data\[1\]\[0\]: is not of the type {kind} of its column; strict=False"
    ):
        column(kind, None, cell)
    assert column(kind, None, cell, strict=False).to_pylist() == [None, cell]


def test_moments_with_and_without_an_offset_or_out_of_range_do_not_mix() -> None:
    for wrong in ("2024-01-02T03:04:05", "9999-12-31T23:59:59.1234567Z"):
        with pytest.raises(DecodeError, match=r"^\$\.data\[1\]"):
            column("date-time", "2024-01-02T03:04:05Z", wrong)


def test_pandas_and_polars_get_the_same_columns() -> None:
    table = Table(
        {"n": "int64", "t": "date-time", "d": "decimal"}, [2**53 + 1, "2024-01-02T03:04:05", "0.1"], [None] * 3
    )
    pytest.importorskip("pyarrow", reason="the extra [arrow] is not installed")
    frame = pytest.importorskip("polars").DataFrame(table.to_polars())
    assert frame["n"].to_list() == [2**53 + 1, None]
    pytest.importorskip("pandas")
    found = table.to_pandas()
    assert (found["n"][0], str(found["n"].dtype), found["d"][0]) == (2**53 + 1, "int64[pyarrow]", Decimal("0.1"))
    assert list(Table({"n": "int64"}).to_pandas().columns) == ["n"]


@pytest.mark.parametrize(
    ("method", "missing", "install"),
    [
        ("to_arrow", "pyarrow", r"'sdkgen\[arrow\]'$"),
        ("to_pandas", "pandas", r"'sdkgen\[arrow\]' pandas$"),
        ("to_pandas", "pyarrow", r"'sdkgen\[arrow\]'$"),
        ("to_polars", "polars", r"'sdkgen\[arrow\]' polars$"),
    ],
)
def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, method: str, missing: str, install: str) -> None:
    for name in ("pyarrow", "pandas", "polars"):
        monkeypatch.setitem(sys.modules, name, None if name == missing else sys)
    with pytest.raises(MissingPackage, match=f"`{method}` requires {missing}, .*pip install {install}"):
        getattr(Table({}), method)()


def test_wrong_columns_and_rows_are_errors_as_in_rows() -> None:
    pytest.importorskip("pyarrow", reason="the extra [arrow] is not installed")
    with pytest.raises(DecodeError, match=r"^\$\.data\[0\]: the row has 2 cells"):
        Table({"a": "string"}, ["b", "c"]).to_arrow()

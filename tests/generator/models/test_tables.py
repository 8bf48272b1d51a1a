"""``x-table``: rows as mappings from column name to cell."""

from __future__ import annotations

import pickle
from typing import Any, get_args

import pytest

from support.packages import GenerateModels

TABLE = """
Table:
  type: object
  x-table: {columns: schema, name: columnName, rows: data}
  properties:
    schema: {type: array, items: {type: object, required: [columnName], properties: {columnName: {type: string}}}}
    data: {type: array, items: {type: array, items: {}}}
"""


def _table(*names: str) -> list[dict[str, str]]:
    return [{"columnName": name} for name in names]


def test_cells_are_matched_to_the_names_of_their_columns(generate: GenerateModels) -> None:
    table = generate(TABLE).Table.from_dict({"schema": _table("Name", "Age"), "data": [["Ada", 36], ["Grace", None]]})
    rows = table.rows()
    assert (len(table), len(rows)) == (2, 2)
    assert list(rows) == [{"Name": "Ada", "Age": 36}, {"Name": "Grace", "Age": None}]
    assert (rows[-1]["Name"], dict(rows[0]), list(rows[1:])) == ("Grace", {"Name": "Ada", "Age": 36}, [rows[1]])
    assert (repr(rows), repr(rows[0])) == ("<Rows: 2 rows, 2 columns>", "Row({'Name': 'Ada', 'Age': 36})")
    assert pickle.loads(pickle.dumps(rows[0])) == rows[0]
    with pytest.raises(KeyError):
        rows[0]["Town"]


@pytest.mark.parametrize("value", [{}, {"schema": None, "data": None}, {"schema": [], "data": []}])
def test_an_empty_table_has_no_rows(generate: GenerateModels, value: dict[str, Any]) -> None:
    assert list(generate(TABLE).Table.from_dict(value).rows()) == []


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"schema": _table("A", "B", "A")}, "$.schema[2]: another column has the same name"),
        ({"schema": _table("A", " ")}, "$.schema[1]: the column has no name"),
        ({"schema": _table("A"), "data": [[1], [1, 2]]}, "$.data[1]: the row has 2 cells, but there are 1 columns"),
        ({"schema": _table("A", "B"), "data": [[1]]}, "$.data[0]: the row has 1 cells, but there are 2 columns"),
        ({"data": [[1]]}, "$.data[0]: the row has 1 cells, but there are 0 columns"),
    ],
)
def test_a_cell_never_lands_in_another_column(generate: GenerateModels, value: dict[str, Any], message: str) -> None:
    package = generate(TABLE)
    with pytest.raises(package.decode_error) as caught:
        list(package.Table.from_dict(value).rows())
    assert str(caught.value) == message


def test_cells_have_the_type_that_the_schema_gives_them(generate: GenerateModels) -> None:
    package = generate(
        """
        Table:
          type: object
          x-table: {columns: names, rows: rows}
          required: [names, rows]
          properties:
            names: {type: array, items: {type: string}}
            rows: {type: array, items: {type: array, items: {type: number}}}
        """
    )
    assert get_args(package.Table.__orig_bases__[1]) == (float,)
    table = package.Table.from_dict({"names": ["A"], "rows": [[1.5]]})
    assert list(table.rows()) == [{"A": 1.5}]
    assert table.rows_ == [[1.5]]

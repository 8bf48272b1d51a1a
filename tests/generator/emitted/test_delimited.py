"""Rows of separated values that arrive in pieces."""

from __future__ import annotations

import csv
import datetime
from typing import Any

import pytest

from sdkgen.emitted._runtime.delimited import RowReader, delimiter_of
from sdkgen.emitted.errors import DecodeError, InvalidArgument, WrongArgumentType

TEXT = '\ufeffName,Age,Born\r\n"Ada, ""the first""\r\nof many",36,1815-12-10\r\n\r\nGrace,,\r\n5" pipe,1,1906-12-09'
ROWS = [
    {"Name": 'Ada, "the first"\r\nof many', "Age": "36", "Born": "1815-12-10"},
    {"Name": "Grace", "Age": "", "Born": ""},
    {"Name": '5" pipe', "Age": "1", "Born": "1906-12-09"},
]


def read(text: str, *, split: int | None = None, **options: Any) -> list[dict[str, Any]]:
    reader = RowReader(**{"delimiter": ",", **options})
    return [*reader.feed(text[:split]), *(reader.feed(text[split:]) if split is not None else ()), *reader.end()]


def test_rows_are_the_same_wherever_the_text_is_split() -> None:
    assert all(read(TEXT, split=split) == ROWS for split in range(len(TEXT) + 1))
    reader = RowReader(",")
    assert [row for character in TEXT for row in reader.feed(character)] + [*reader.end()] == ROWS


def test_cells_are_converted_where_their_column_is_known() -> None:
    assert read(TEXT, columns={"Age": int, "Born": datetime.date.fromisoformat, "Name": str})[:2] == [
        {"Name": ROWS[0]["Name"], "Age": 36, "Born": datetime.date(1815, 12, 10)},
        {"Name": "Grace", "Age": None, "Born": None},
    ]


def test_the_delimiter_is_that_of_the_media_type() -> None:
    assert [delimiter_of("text/csv"), delimiter_of("text/tab-separated-values")] == [",", "\t"]
    assert read("a\tb\n1,5\t2\n", delimiter="\t") == [{"a": "1,5", "b": "2"}]
    assert read("") == read("a,b\n") == []


@pytest.mark.parametrize(
    ("text", "columns", "fault"),
    [
        ("a,b\n1,2\n3\n", {}, r"\$\[1\]: the row has 1 cells, but there are 2 columns"),
        ("a,a\n1,2\n", {}, r"\$: two columns have the name `a`"),
        ('a,b\n1,"2\n', {}, r"\$\[0\]: the text ends inside a quoted cell"),
        ("a,b\n1,two\n", {"b": int}, r"\$\[0\]\.b: int does not accept the cell"),
        ("a,b\n1,2\n", {"c": int}, r"\$: there is no column `c`; the columns are a, b"),
        (f'a\n"{"x" * csv.field_size_limit()}x', {}, r"\$\[0\]: field larger than field limit"),
    ],
)
def test_what_is_no_table_is_an_error_with_its_place(text: str, columns: dict[str, Any], fault: str) -> None:
    with pytest.raises(DecodeError, match=f"^{fault}") as caught:
        read(text, columns=columns)
    assert caught.value.__cause__ is None


def test_wrong_arguments_are_errors_before_a_row_is_read() -> None:
    with pytest.raises(InvalidArgument, match="`delimiter` must be one character, not ';;'"):
        RowReader(";;")
    columns: Any = {"a": "int"}
    with pytest.raises(WrongArgumentType, match="what converts `a` must be a function such as int, not 'int'"):
        RowReader(",", columns)

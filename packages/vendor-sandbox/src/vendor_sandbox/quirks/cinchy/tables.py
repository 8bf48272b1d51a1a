"""Cinchy's tables: what saved queries and CQL read and change, and how results are written."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen

from vendor_sandbox.json_values import JsonObject, array_of, object_of
from vendor_sandbox.messages import Response, json_response

__all__ = ["DELIMITED_FILE", "FILE_MEDIA_TYPE", "Column", "Result", "Table", "UnknownFormat", "render"]

DELIMITERS: Mapping[str, str] = {"CSV": ",", "TSV": "\t", "PSV": "|"}
DELIMITED_FILE = "DELIMITED_FILE"
"""The format whose delimiter is given in the request."""
FILE_MEDIA_TYPE = "application/octet-stream"
"""The media type of the formats is not documented."""


@frozen
class Column:
    """A column: its name, and the short name of a .NET type."""

    name: str
    type: str


@frozen
class Result:
    """Columns and rows of a response."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]

    @classmethod
    def from_json(cls, value: object) -> Result | None:
        """A result in Cinchy's compressed JSON; ``None`` if it is not in that form."""
        node = object_of(value)
        if "schema" not in node:
            return None
        columns = [object_of(column) for column in array_of(node["schema"])]
        return cls(
            tuple(Column(str(column["columnName"]), str(column["type"])) for column in columns),
            tuple(tuple(array_of(row)) for row in array_of(node.get("data"))),
        )

    def page(self, start: int, count: int | None) -> Result:
        """``count`` rows (``None``: all) from row ``start``, counted from 0."""
        end = None if count is None else start + count
        return Result(self.columns, self.rows[start:end])


@define
class Table:
    """A mutable table. Column names are case-insensitive."""

    columns: list[Column]
    rows: list[list[Any]] = field(factory=list[list[Any]])

    def index(self, name: str) -> int | None:
        """The position of a column, or ``None``."""
        names = [column.name.casefold() for column in self.columns]
        return names.index(name.casefold()) if name.casefold() in names else None

    def result(self, rows: Iterable[Sequence[Any]], columns: Sequence[Column]) -> Result:
        """These rows with these columns."""
        indexes = [self.columns.index(column) for column in columns]
        return Result(tuple(columns), tuple(tuple(row[index] for index in indexes) for row in rows))

    def add(self, values: Mapping[str, Any]) -> None:
        """A new row; columns that are not named are empty."""
        named = {name.casefold(): value for name, value in values.items()}
        self.rows.append([named.get(column.name.casefold()) for column in self.columns])

    def fill(self, number: int) -> None:
        """Add synthetic rows like the first up to ``number`` rows, with a number appended to its first text column."""
        text_column = next((index for index, column in enumerate(self.columns) if column.type == "String"), None)
        if not self.rows or text_column is None:
            return
        for count in range(len(self.rows), number):
            row = list(self.rows[0])
            row[text_column] = f"{row[text_column]} {count}"
            self.rows.append(row)


class UnknownFormat(ValueError):
    """Raised for a result format that the sandbox cannot write, because it is not documented."""


def render(
    result: Result, result_format: str, *, compress: bool = True, wrap_single: bool = True, delimiter: str = ""
) -> Response:
    """A result in one of Cinchy's formats.

    Raises:
        UnknownFormat: XML and PROTOBUF, whose shape is not documented, a word that is no format, or a delimited file
            without a delimiter of one character.
    """
    match result_format.upper():
        case "JSON":
            return json_response(
                200, _json(result, compress, wrap_single), media_type="application/json; charset=utf-8"
            )
        case "CSV" | "TSV" | "PSV" as name:
            return _file(result, DELIMITERS[name])
        case "DELIMITED_FILE" if len(delimiter) == 1:
            return _file(result, delimiter)
        case other:
            raise UnknownFormat(f"the result format '{other}' is not supported")


def _json(result: Result, compress: bool, wrap_single: bool) -> JsonObject | list[JsonObject]:
    if compress:
        return {
            "schema": [{"columnName": column.name, "type": column.type} for column in result.columns],
            "data": [list(row) for row in result.rows],
        }
    names = [column.name for column in result.columns]
    records = [dict(zip(names, row, strict=True)) for row in result.rows]
    return records[0] if len(records) == 1 and not wrap_single else records


def _file(result: Result, delimiter: str) -> Response:
    return Response(200, _delimited(result, delimiter).encode(), FILE_MEDIA_TYPE)


def _delimited(result: Result, delimiter: str) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([column.name for column in result.columns])
    writer.writerows(result.rows)
    return text.getvalue()

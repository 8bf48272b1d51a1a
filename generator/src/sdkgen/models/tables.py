"""``x-table``: an object that has its column names separate from its rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from sdkgen.code import Code, literal
from sdkgen.models import schema_types as types
from sdkgen.models.fields import FieldFacts, fields_of
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import SchemaType
from sdkgen.pointers import as_object

__all__ = ["TableFacts", "table_facts"]


@frozen
class TableFacts:
    """The facts of a class that is a table."""

    columns: FieldFacts
    described: Code
    """The expression for the names and types of the columns, in terms of ``self``."""
    rows: FieldFacts
    cell: SchemaType
    """The type of a cell."""
    types: Mapping[str, str]
    """The meaning of each type of a column."""

    @property
    def parts(self) -> Code:
        """The expression for the ``TableParts``."""
        types = f", {literal(dict(self.types))}" if self.types else ""
        columns, rows = literal(self.columns.name), literal(self.rows.name)
        return Code(f"TableParts({columns}, {self.described}, {rows}, {_or_nothing(self.rows)}{types})")


def table_facts(reader: SchemaTypes, schema: Mapping[str, Any], fields: Sequence[FieldFacts]) -> TableFacts | None:
    """The facts of a schema's ``x-table``; ``None`` if it has none, or if its members do not match."""
    declared = as_object(schema.get("x-table"))
    by_name = {field.name: field for field in fields}
    columns, rows = by_name.get(str(declared.get("columns"))), by_name.get(str(declared.get("rows")))
    if columns is None or rows is None:
        return None
    column, row = _items(columns.type), _items(rows.type)
    cell = _items(row) if row is not None else None
    described = _described(reader, columns, column, declared)
    if cell is None or described is None:
        return None
    types = {name: str(kind) for name, kind in as_object(declared.get("types")).items()}
    return TableFacts(columns=columns, described=described, rows=rows, cell=cell, types=types)


def _items(kind: SchemaType) -> SchemaType | None:
    inner = kind.inner if isinstance(kind, types.NullableType) else kind
    return inner.inner if isinstance(inner, types.ListType) else None


def _described(
    reader: SchemaTypes, columns: FieldFacts, column: SchemaType | None, declared: Mapping[str, Any]
) -> Code | None:
    given, name, kind = _or_nothing(columns), declared.get("name"), declared.get("type")
    if name is None:
        return Code(f"[(column, None) for column in {given}]") if column == types.STRING else None
    parts: list[Code | None] = [_of_column(reader, column, name)]
    parts.append(Code("None") if kind is None else _of_column(reader, column, kind))
    described = [part for part in parts if part is not None]
    return Code(f"[({', '.join(described)}) for column in {given}]") if len(described) == len(parts) else None


def _of_column(reader: SchemaTypes, column: SchemaType | None, name: object) -> Code | None:
    """The expression for a member of a ``column``."""
    if isinstance(column, types.ModelType):
        attributes = {field.name: field.attribute for field in fields_of(reader, reader.schema_of(column))}
        return Code(f"column.{attributes[str(name)]}") if name in attributes else None
    return Code(f"column.get({literal(name)})") if isinstance(column, types.MapType) else None


def _or_nothing(field: FieldFacts) -> Code:
    return Code(
        f"self.{field.attribute}" if field.readable and not field.type.admits_null else f"self.{field.attribute} or ()"
    )

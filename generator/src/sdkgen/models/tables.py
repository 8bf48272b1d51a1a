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
    """The facts of the method ``rows()``."""

    columns: FieldFacts
    names: Code
    """The expression for the names of the columns, in terms of ``self``."""
    rows: FieldFacts
    cell: SchemaType
    """The type of a cell."""

    @property
    def call(self) -> Code:
        rows = _or_nothing(self.rows)
        return Code(f"table_rows({literal(self.columns.name)}, {self.names}, {literal(self.rows.name)}, {rows})")


def table_facts(reader: SchemaTypes, schema: Mapping[str, Any], fields: Sequence[FieldFacts]) -> TableFacts | None:
    """The facts of a schema's ``x-table``; ``None`` if it has none, or if its members do not match."""
    declared = as_object(schema.get("x-table"))
    by_name = {field.name: field for field in fields}
    columns, rows = by_name.get(str(declared.get("columns"))), by_name.get(str(declared.get("rows")))
    if columns is None or rows is None:
        return None
    column, row = _items(columns.type), _items(rows.type)
    cell = _items(row) if row is not None else None
    names = _names(reader, columns, column, declared.get("name"))
    if cell is None or names is None:
        return None
    return TableFacts(columns=columns, names=names, rows=rows, cell=cell)


def _items(kind: SchemaType) -> SchemaType | None:
    inner = kind.inner if isinstance(kind, types.NullableType) else kind
    return inner.inner if isinstance(inner, types.ListType) else None


def _names(reader: SchemaTypes, columns: FieldFacts, column: SchemaType | None, name: object) -> Code | None:
    given = _or_nothing(columns)
    if name is None:
        return given if column == types.STRING else None
    if isinstance(column, types.ModelType):
        attributes = {field.name: field.attribute for field in fields_of(reader, reader.schema_of(column))}
        return Code(f"[column.{attributes[str(name)]} for column in {given}]") if name in attributes else None
    if isinstance(column, types.MapType):
        return Code(f"[column.get({literal(name)}) for column in {given}]")
    return None


def _or_nothing(field: FieldFacts) -> Code:
    return Code(
        f"self.{field.attribute}" if field.readable and not field.type.admits_null else f"self.{field.attribute} or ()"
    )

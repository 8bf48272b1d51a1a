"""The items of a page: where a decoded response has them, and their type."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from sdkgen.code import Code
from sdkgen.facts.responses import ResponseFact
from sdkgen.facts.styles import bare
from sdkgen.models.fields import fields_of
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import Imports, ListType, ModelType
from sdkgen.models.tables import TableFacts, table_facts
from sdkgen.pointers import split

__all__ = ["PageItems", "page_items"]


@frozen
class PageItems:
    """The function that returns the items of a page."""

    annotation: Code
    """The type of an item."""
    imports: Imports
    """Imports for the type."""
    lines: tuple[Code, ...]
    """The body of the function, in terms of ``page``."""
    is_table: bool = False
    """Whether the page is a table, whose items are its rows."""


def page_items(expression: str, responses: Sequence[ResponseFact], types: SchemaTypes) -> PageItems | None:
    """Return where a page has its items.

    Args:
        expression: ``$response.body#/results``.
        responses: The successes of the operation.
        types: The types of the document.

    Returns:
        ``None`` if the type of the response does not have them: they are then read from its JSON, untyped.
    """
    kind = responses[0].kind if len(responses) == 1 else None
    if kind is None:
        return None
    lines: list[Code] = []
    at = owner = Code("page")
    optional = kind.admits_null
    table: TableFacts | None = None
    for name in split(expression.partition("#")[2]):
        model = bare(kind)
        fields = list(fields_of(types, types.schema_of(model))) if isinstance(model, ModelType) else []
        field = next((field for field in fields if field.name == name), None)
        if field is None or not isinstance(model, ModelType):
            return None
        if optional:
            inner = Code(f"inner_{len(lines)}")
            lines += [Code(f"{inner} = {at}"), Code(f"if not {inner}:"), Code("    return []")]
            at = inner
        table = table_facts(types, types.schema_of(model), fields)
        if table is not None and table.rows != field:
            table = None
        owner, at, kind = at, Code(f"{at}.{field.attribute}"), field.type
        optional = not field.readable or kind.admits_null
    listed = bare(kind)
    if not isinstance(listed, ListType):
        return None
    if table is not None:
        row = Code(f"Row[{table.cell.annotation}]")
        imports = table.cell.annotation_imports | {("._tables", "Row")}
        return PageItems(row, imports, (*lines, Code(f"return list({owner}.rows())")), is_table=True)
    lines.append(Code(f"return {at} or []" if optional else f"return {at}"))
    return PageItems(listed.inner.annotation, listed.inner.annotation_imports, tuple(lines))

"""``x-pagination`` as the value with which a client iterates over a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from sdkgen.code import Code, joined, literal
from sdkgen.facts.bodies import BodyFact
from sdkgen.facts.page_items import PageItems, page_items
from sdkgen.facts.responses import ResponseFact
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ANY, Imports
from sdkgen.pointers import as_object

__all__ = ["PagesFact", "idempotency_key", "pages_fact"]

_CLASSES: Mapping[str, tuple[Code, tuple[str, ...]]] = {
    "offset": (Code("OffsetPages"), ("offset",)),
    "cursor": (Code("CursorPages"), ("cursor", "next")),
    "link": (Code("LinkPages"), ("next",)),
}


@frozen
class PagesFact:
    """The pagination of one operation."""

    kind: Code
    """The class of ``_runtime/pages.py``."""
    source: Code
    """The expression that creates the instance."""
    items: PageItems | None
    """Where a decoded response has its items; ``None`` if its type does not say so."""
    method_name: Code | None = None
    """Of an operation that returns a table: its second method, which goes through the pages. A list has only one."""

    @property
    def item(self) -> Code:
        """The type of an item."""
        return self.items.annotation if self.items is not None else ANY.annotation

    @property
    def item_imports(self) -> Imports:
        return self.items.imports if self.items is not None else ANY.annotation_imports


def pages_fact(
    operation: Mapping[str, Any],
    method_name: Code,
    body: BodyFact | None,
    responses: Sequence[ResponseFact],
    types: SchemaTypes,
) -> PagesFact | None:
    """The pagination of an operation; ``None`` without a valid ``x-pagination``."""
    declared = as_object(operation.get("x-pagination"))
    kind, needed = _CLASSES.get(str(declared.get("style")), (None, ()))
    places = {name: declared.get(name) for name in ("items", *needed, "total")}
    if kind is None or not all(_is_place(places[name], body) for name in ("items", *needed)):
        return None
    arguments = [literal(_whole(str(places["items"])))]
    arguments += [Code(f"{name}={literal(_whole(str(places[name])))}") for name in needed]
    if kind == "OffsetPages":
        first = declared.get("first", 0)
        arguments += [Code(f"first={literal(first)}")] if first else []
        arguments += [Code("counts_pages=True")] if declared.get("unit") == "pages" else []
        arguments += [Code(f"total={literal(places['total'])}")] if _is_place(places["total"], body) else []
    items = page_items(_whole(str(places["items"])), responses, types)
    second = Code(f"{method_name}_pages") if items is not None and items.is_table else None
    return PagesFact(kind, Code(f"{kind}({joined(', ', arguments)})"), items, second)


def idempotency_key(operation: Mapping[str, Any], body: BodyFact | None) -> str | None:
    """The runtime expression of the key of ``x-idempotency``; ``None`` without one that the client can evaluate."""
    key = as_object(operation.get("x-idempotency")).get("key")
    return str(key) if str(key).startswith("$request.") and _is_place(key, body) else None


def _is_place(expression: object, body: BodyFact | None) -> bool:
    """Whether the client can evaluate the expression. It may not be ours: other tools use ``x-pagination`` too."""
    text = str(expression)
    if text.startswith("$request.body#/"):
        return body is not None and body.encoding in ("json", "form")
    return text.startswith(("$response.body", "$request.query.", "$request.header."))


def _whole(expression: str) -> str:
    """The expression for the whole body as JSON: ``$response.body#``; ``$response.body`` would be its text."""
    return f"{expression}#" if expression == "$response.body" else expression

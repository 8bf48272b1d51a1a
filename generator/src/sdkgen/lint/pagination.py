"""Rules for ``x-pagination``: its expressions refer to parameters and members of the operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.places import Place, locate, types_of
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_object, child
from sdkgen.references import object_at
from sdkgen.structure import operations

EXTENSION = "x-pagination"
_REQUIRED: Mapping[str, tuple[str, ...]] = {"offset": ("offset",), "cursor": ("cursor", "next"), "link": ("next",)}
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "offset": ("offset", "first", "unit"),
    "cursor": ("cursor", "next"),
    "link": ("next",),
}
_OF_A_STYLE = frozenset(key for keys in _ALLOWED.values() for key in keys)
_TYPES: Mapping[str, tuple[frozenset[str], str]] = {
    "items": (frozenset({"array"}), "an array"),
    "offset": (frozenset({"integer", "number"}), "a number"),
    "limit": (frozenset({"integer", "number"}), "a number"),
    "total": (frozenset({"integer", "number"}), "a number"),
}
_URL = (frozenset({"string"}), "a string")
_EXPRESSIONS = ("items", "offset", "cursor", "next", "limit", "total")
_KEYWORDS: Mapping[str, tuple[str, str]] = {
    "default_limit": ("limit", "default"),
    "max_limit": ("limit", "maximum"),
    "first": ("offset", "default"),
}


@frozen
class _Pagination:
    operation: str
    pointer: str
    value: dict[str, Any]

    def place(self, whole: Bundle, key: str) -> Place | None:
        """The target of an expression; ``None`` if it is absent or invalid, which the JSON Schema reports."""
        expression = self.value.get(key)
        if not isinstance(expression, str) or not expression.startswith(("$request.", "$response.")):
            return None
        return locate(whole.document, self.operation, expression)


def _paginations(whole: Bundle) -> Iterator[_Pagination]:
    for _, _, node in operations(whole.document):
        if isinstance(node.value.get(EXTENSION), dict):
            yield _Pagination(node.pointer, child(node.pointer, EXTENSION), as_object(node.value[EXTENSION]))


@rule("pagination-style")
def pagination_style(whole: Bundle) -> Iterator[Finding]:
    """The keys of ``x-pagination`` are those of its style."""
    for one in _paginations(whole):
        style = str(one.value.get("style"))
        if style not in _REQUIRED:
            continue
        for key in _REQUIRED[style]:
            if key not in one.value:
                yield one.pointer, f"the style `{style}` requires `{key}`", "Add it, or choose another style."
        for key in one.value:
            if key in _OF_A_STYLE and key not in _ALLOWED[style]:
                yield child(one.pointer, key), f"`{key}` is not allowed in the style `{style}`", "Remove it."


@rule("pagination-expression")
def pagination_expression(whole: Bundle) -> Iterator[Finding]:
    """The targets of ``x-pagination`` exist in the operation and have the right type."""
    for one in _paginations(whole):
        for key in _EXPRESSIONS:
            place = one.place(whole, key)
            if place is None:
                continue
            pointer = child(one.pointer, key)
            if place.what:
                yield pointer, place.what, place.next_step
            elif key in _TYPES or (key == "next" and one.value.get("style") == "link"):
                expected, words = _TYPES.get(key, _URL)
                found = frozenset[str]().union(*(types_of(whole.document, schema) for schema in place.schemas))
                if expected.isdisjoint(found):
                    step = (
                        f"Its schema has the type `{', '.join(sorted(found))}`." if found else "Its schema has no type."
                    )
                    yield pointer, f"{shown(one.value[key])} is not {words}", step


@rule("pagination-value")
def pagination_value(whole: Bundle) -> Iterator[Finding]:
    """``default_limit``, ``max_limit`` and ``first`` agree with the schemas of the parameters, and with each other."""
    for one in _paginations(whole):
        for key, (expression, keyword) in _KEYWORDS.items():
            value = one.value.get(key, 0 if key == "first" else None)
            place = one.place(whole, expression)
            for schema in place.schemas if place is not None and value is not None else ():
                stated = object_at(whole.document, schema).get(keyword, value)
                if stated != value:
                    file, line = whole.position(child(schema, keyword))
                    of = shown(one.value[expression])
                    what = f"`{key}` is {shown(value)}, but the `{keyword}` of {of} is {shown(stated)}"
                    step = f"Fix one of them; the other is in {file}:{line}."
                    yield child(one.pointer, key), what, step
        most = one.value.get("max_limit")
        usual = one.value.get("default_limit")
        if isinstance(most, int) and isinstance(usual, int) and usual > most:
            what = f"`default_limit` is {usual}, more than `max_limit`, which is {most}"
            yield child(one.pointer, "default_limit"), what, "Fix one of them."

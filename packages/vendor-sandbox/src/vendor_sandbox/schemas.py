"""Helpers to inspect a schema, including composed ones."""

from __future__ import annotations

from collections.abc import Iterator

from vendor_sandbox.document import Document
from vendor_sandbox.json_values import JsonObject, array_of, object_of

__all__ = ["members_of", "types_of"]


def members_of(document: Document, schema: object) -> dict[str, JsonObject]:
    """The declared members of an object schema, those of ``allOf``, ``anyOf`` and ``oneOf`` parts included."""
    return dict(_members(document, document.resolve(schema)))


def _members(document: Document, schema: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for name, member in object_of(schema.get("properties")).items():
        yield name, document.resolve(member)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for part in array_of(schema.get(keyword)):
            yield from _members(document, document.resolve(part))


def types_of(schema: JsonObject) -> list[str]:
    """The types that a schema allows."""
    value = schema.get("type")
    return [value] if isinstance(value, str) else [str(item) for item in array_of(value)]

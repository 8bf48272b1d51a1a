"""References to a schema inside another schema: the target becomes a component.

Later steps rewrite and move schemas, which would break a JSON Pointer into a schema.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from openapi_python_client.strings import pascal_case

from sdkgen.models.hoist import component_reference
from sdkgen.models.normal_form import annotations_of
from sdkgen.pointers import as_object, child, parent, split
from sdkgen.references import value_at
from sdkgen.structure import DATA, METHODS, child_kind, kind_at, walk

__all__ = ["inner_schemas_to_components"]

_COMPONENT = ["components", "schemas"]
_SAYS_WHAT = {"items": "item", "additionalProperties": "additional property", "requestBody": "Body"}


def inner_schemas_to_components(document: dict[str, Any]) -> dict[str, str]:
    """Turn every inline schema that a reference names into a component, in place, and leave a reference to it.

    Returns:
        The original pointer of each new component, by name.
    """
    components: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    origins: dict[str, str] = {}
    named: dict[str, str] = {}
    while pointers := sorted({*_inner(document)} - named.keys(), key=lambda pointer: -pointer.count("/")):
        for pointer in pointers:  # the deepest first, so that the other pointers stay valid
            name = _free(_name(document, pointer), components)
            named[pointer] = component_reference(name)
            components[name] = _taken_out(document, pointer, named[pointer])
            origins[name] = pointer
        _refer(document, named)
    return origins


def _inner(document: dict[str, Any]) -> Iterator[str]:
    """The pointers of references to schemas that are not components."""
    for node in walk(document):
        if node.kind == "schema" and node.reference is not None:
            yield from _pointer(node.reference)
        elif node.kind == "discriminator":
            for target in as_object(node.value.get("mapping")).values():
                yield from _pointer(target)


def _pointer(reference: object) -> Iterator[str]:
    if isinstance(reference, str) and reference.startswith("#"):
        pointer = reference[1:]
        if len(split(pointer)) != 3 or split(pointer)[:2] != _COMPONENT:
            yield pointer


def _taken_out(document: dict[str, Any], pointer: str, reference: str) -> dict[str, Any]:
    """Replace the schema at a pointer by a reference, and return it. Without a schema: a schema for any value."""
    kind = kind_at(pointer)
    value = value_at(document, pointer) if kind in ("schema", DATA) else None
    if not isinstance(value, dict):
        return {}
    schema = as_object(cast(object, value))
    if kind == "schema" and "$ref" not in schema:
        holder, key = value_at(document, parent(pointer)), split(pointer)[-1]
        holder[int(key) if isinstance(holder, list) else key] = {"$ref": reference, **annotations_of(schema)}
    return schema


def _refer(document: dict[str, Any], named: Mapping[str, str]) -> None:
    for node in list(walk(document)):
        if node.kind == "schema" and node.reference is not None:
            node.value["$ref"] = named.get(node.reference.removeprefix("#"), node.reference)
        elif node.kind == "discriminator":
            for tag, target in as_object(node.value.get("mapping")).items():
                node.value["mapping"][tag] = named.get(str(target).removeprefix("#"), target)


def _free(name: str, taken: Mapping[str, Any]) -> str:
    candidate, number = name, 1
    while candidate in taken:
        number += 1
        candidate = f"{name}{number}"
    return candidate


def _name(document: Mapping[str, Any], pointer: str) -> str:
    """The name that an inline schema at this pointer would get by hoisting (:mod:`sdkgen.models.hoist`)."""
    words: list[str] = []
    kind = "openapi"
    place = ""
    for token in split(pointer):
        holder, kind, place = kind, child_kind(kind, token), child(place, token)
        if holder in ("schema", "operation", "request-body", "response", "parameter", "components", "path-item"):
            words += _words(document, holder, token, place)
        elif holder == "media-type{}":
            several = len(as_object(value_at(document, parent(place)))) > 1
            words += [token.rpartition("/")[2]] if several else []
        elif holder.endswith("[]") and holder != "schema[]":
            words.append(str(as_object(value_at(document, place)).get("name", "")))
        elif holder == "schema[]":
            words += _member(document, place, token)
        elif holder not in ("openapi", "paths", "media-type"):
            words.append(f"Response {token}" if holder == "responses" else token)
    return "".join(map(pascal_case, words)) or "Schema"


def _words(document: Mapping[str, Any], holder: str, token: str, place: str) -> list[str]:
    """The words that a key of the pointer adds to the name; none unless it adds to the keys below it."""
    if holder == "path-item" and token in METHODS:
        path = split(place)[1]
        return [str(as_object(value_at(document, place)).get("operationId") or f"{token}_{path}")]
    return [_SAYS_WHAT[token]] if token in _SAYS_WHAT else []


def _member(document: Mapping[str, Any], place: str, index: str) -> list[str]:
    """The words for one of several schemas; a part of ``allOf`` adds none."""
    keyword = split(place)[-2]
    if keyword == "allOf":
        return []
    title = as_object(value_at(document, place)).get("title")
    return [str(title) if isinstance(title, str) else f"item {index}" if keyword == "prefixItems" else f"type {index}"]

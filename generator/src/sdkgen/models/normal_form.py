"""The normal form of schemas, in which equivalent spellings are the same.

It has no boolean schemas except in ``additionalProperties``, no ``nullable``, no list of types and no ``null`` in an
``enum``: a nullable schema is ``anyOf`` with ``{type: "null"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.pointers import as_list, as_object
from sdkgen.structure import FIELDS

__all__ = ["ANNOTATIONS", "NULL_SCHEMA", "annotations_of", "is_null", "normalise", "split_null", "subschemas"]

ANNOTATIONS = frozenset(
    {"title", "description", "default", "deprecated", "example", "examples", "readOnly", "writeOnly", "externalDocs"}
)
"""Keywords that do not describe the shape of a value."""

NULL_SCHEMA: dict[str, Any] = {"type": "null"}

_SHAPES = (
    *("properties", "required", "additionalProperties", "items", "prefixItems"),
    *("allOf", "anyOf", "oneOf", "enum", "const", "format"),
)
"""Keywords that describe the shape of a value."""

_TYPE_KEYWORDS = {
    "object": ("properties", "required", "additionalProperties", "x-table", "discriminator", "allOf"),
    "array": ("items", "prefixItems", "minItems", "maxItems"),
    "string": (
        "format",
        "enum",
        "const",
        "contentEncoding",
        "contentMediaType",
        "x-open",
        "x-enum-varnames",
        "x-format",
    ),
    "integer": ("format", "enum", "const", "x-open", "x-enum-varnames"),
    "number": ("format", "enum", "const"),
    "boolean": ("enum", "const"),
    "null": (),
}

_KINDS_OF: Mapping[str, tuple[str, ...]] = {
    "str": ("string",),
    "bool": ("boolean",),
    "int": ("integer", "number"),
    "float": ("number",),
}


def annotations_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The annotations of a schema, which do not describe the shape."""
    return {key: value for key, value in schema.items() if key in ANNOTATIONS or key == "x-source"}


def is_null(schema: object) -> bool:
    return as_object(schema).get("type") == "null"


def split_null(schema: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The schema without ``null``, and whether it was there. Only for schemas in normal form."""
    for key in ("anyOf", "oneOf"):
        members = as_list(schema.get(key))
        rest = [member for member in members if not is_null(member)]
        if len(rest) < len(members):
            if len(rest) == 1:
                return {**annotations_of(schema), **as_object(rest[0])}, True
            return {**schema, key: rest}, True
    return schema, False


def subschemas(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """The schemas directly inside a schema."""
    found: list[dict[str, Any]] = []
    for key, kind in FIELDS["schema"].items():
        value = schema.get(key)
        if kind == "schema":
            candidates = [value]
        elif kind == "schema[]":
            candidates = as_list(value)
        elif kind == "schema{}":
            candidates = list(as_object(value).values())
        else:
            continue
        found += [candidate for candidate in candidates if isinstance(candidate, dict)]
    return found


def normalise(schema: dict[str, Any]) -> None:
    """Rewrite a schema and all inside it in place."""
    _booleans(schema)
    _reference_with_more(schema)
    for inner in subschemas(schema):
        normalise(inner)
    null = schema.pop("nullable", None) is True
    values = as_list(schema.get("enum"))
    if None in values:
        null = True
        schema["enum"] = [value for value in values if value is not None]
        if not schema["enum"]:
            del schema["enum"]
            schema["type"] = "null"
    if "const" in schema and schema["const"] is None:
        del schema["const"]
        schema["type"] = "null"
    if isinstance(schema.get("type"), list):
        kinds = as_list(schema["type"])
        null = null or "null" in kinds
        _one_type_each(schema, [kind for kind in kinds if kind != "null"])
    if null and not is_null(schema):
        _add_null(schema)


def _booleans(schema: dict[str, Any]) -> None:
    """Replace ``true`` by ``{}``; omit ``false``, which allows no value, except for ``items`` after ``prefixItems``."""
    for key, kind in FIELDS["schema"].items():
        value = schema.get(key)
        if kind == "schema" and isinstance(value, bool) and key != "additionalProperties":
            if value:
                schema[key] = {}
            elif key == "items" and "prefixItems" in schema:
                schema["maxItems"] = len(as_list(schema["prefixItems"]))
                del schema[key]
            else:
                del schema[key]
        elif kind == "schema[]" and isinstance(value, list):
            schema[key] = [{} if member is True else member for member in as_list(schema[key]) if member is not False]
        elif kind == "schema{}" and isinstance(value, dict):
            members = as_object(schema[key]).items()
            schema[key] = {name: {} if member is True else member for name, member in members if member is not False}


def _reference_with_more(schema: dict[str, Any]) -> None:
    """Move keywords next to a ``$ref`` that restrict the value into ``allOf`` (OpenAPI 3.1 allows them)."""
    beside = [key for key in _SHAPES if key in schema and not isinstance(schema[key], bool)] if "$ref" in schema else []
    more = {key: schema.pop(key) for key in beside}
    if more:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}, *as_list(more.pop("allOf", [])), *([more] if more else [])]


def _one_type_each(schema: dict[str, Any], kinds: list[Any]) -> None:
    if len(kinds) == 1:
        schema["type"] = kinds[0]
        return
    if not kinds:
        schema["type"] = "null"
        return
    if "anyOf" in schema or "oneOf" in schema:
        del schema["type"]
        return
    members: list[dict[str, Any]] = []
    for kind in kinds:
        keywords = _TYPE_KEYWORDS.get(str(kind), ())
        member = {"type": kind, **{key: schema[key] for key in keywords if key in schema}}
        if "enum" in member:
            member["enum"] = [
                value for value in as_list(schema["enum"]) if kind in _KINDS_OF.get(type(value).__name__, ())
            ]
            if not member["enum"]:
                continue
        members.append(member)
    rest = annotations_of(schema)
    schema.clear()
    schema.update(rest)
    schema["anyOf"] = members


def _add_null(schema: dict[str, Any]) -> None:
    for key in ("anyOf", "oneOf"):
        if key in schema:
            members = as_list(schema[key])
            if not any(is_null(member) for member in members):
                schema[key] = [*members, dict(NULL_SCHEMA)]
            return
    outer = annotations_of(schema)
    inner = {key: value for key, value in schema.items() if key not in outer}
    if is_null(inner) or not inner:
        return
    schema.clear()
    schema.update(outer)
    schema["anyOf"] = [inner, dict(NULL_SCHEMA)]

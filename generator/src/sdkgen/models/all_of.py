"""Merging of ``allOf`` into one schema."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Any

from sdkgen.models.normal_form import ANNOTATIONS, annotations_of, split_null, subschemas
from sdkgen.pointers import as_list, as_object

__all__ = ["Unmergeable", "alias_target", "merge_all_of"]

_CONSTRAINTS = frozenset(
    [
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minProperties",
        "maxProperties",
        "propertyNames",
        "not",
        "if",
        "then",
        "else",
        "dependentRequired",
        "dependentSchemas",
        "patternProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
        "$comment",
        "xml",
    ]
)
"""Keywords that reject values but do not change the shape of a value."""


class Unmergeable(Exception):
    """The parts have no common shape; the message is the reason."""


def alias_target(schema: dict[str, Any]) -> str | None:
    """The target of an alias: the schema's own reference, or the only part of its ``allOf`` with a shape."""
    if isinstance(schema.get("$ref"), str):
        return str(schema["$ref"])
    if "allOf" not in schema or _shapes(schema, without={"allOf", "type"}):
        return None
    shaping = [part for part in map(as_object, as_list(schema["allOf"])) if _shapes(part)]
    return alias_target(shaping[0]) if len(shaping) == 1 else None


def _shapes(schema: dict[str, Any], without: Set[str] = frozenset()) -> bool:
    """Whether a schema has keywords besides annotations and limits."""
    return any(
        key not in ANNOTATIONS and key not in _CONSTRAINTS and key not in without and not key.startswith("x-")
        for key in schema
    )


def merge_all_of(schema: dict[str, Any], resolve: Callable[[str], dict[str, Any]], seen: tuple[str, ...] = ()) -> None:
    """Replace ``allOf`` of this schema and of those inside it by the merged schema, in place.

    Args:
        schema: A schema in normal form.
        resolve: Returns the schema that a ``$ref`` names.
        seen: The references that were followed to this schema.

    Raises:
        Unmergeable: The parts have no common shape, or a schema is part of itself.
    """
    for inner in subschemas(schema):
        merge_all_of(inner, resolve, seen)
    if "allOf" not in schema:
        return
    target = alias_target(schema)
    parts = [as_object(part) for part in as_list(schema.pop("allOf"))]
    if target is not None:
        outer = {key: value for part in parts for key, value in annotations_of(part).items()} | annotations_of(schema)
        schema.clear()
        schema.update({"$ref": target, **outer})
        return
    own = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    alone = sum(map(_shapes, (*parts, own))) == 1
    merged: dict[str, Any] = {}
    for part in parts:
        _merge(merged, _flat(part, resolve, seen, null=alone))
    _merge(merged, own)
    outer = annotations_of(schema) or {key: merged[key] for key in ("description",) if key in merged}
    merged = {key: value for key, value in merged.items() if key not in ANNOTATIONS}
    schema.clear()
    schema.update({**merged, **outer})


def _flat(
    part: dict[str, Any], resolve: Callable[[str], dict[str, Any]], seen: tuple[str, ...], *, null: bool
) -> dict[str, Any]:
    """The part with its references followed and its own ``allOf`` merged, as a copy; by default without ``null``."""
    target = dict(part)
    while True:
        if not null:
            target = dict(split_null(target)[0])
        if "allOf" in target:
            target["allOf"] = list(as_list(target["allOf"]))
            merge_all_of(target, resolve, seen)
        reference = target.pop("$ref", None)
        if not isinstance(reference, str):
            break
        if reference in seen:
            raise Unmergeable("it is part of itself")
        seen = (*seen, reference)
        target = {**resolve(reference), **target}
    target.pop("discriminator", None)  # of a base: it distinguishes the variants of the base, not those of a variant
    return target


def _merge(into: dict[str, Any], part: dict[str, Any]) -> None:
    kinds = {schema["type"] for schema in (into, part) if "type" in schema}
    if len(kinds) > 1 and kinds != {"integer", "number"}:
        raise Unmergeable(f"its parts are of the types {' and '.join(sorted(map(str, kinds)))}")
    for key in ("anyOf", "oneOf"):
        other = set(into) - ANNOTATIONS - _CONSTRAINTS - {"type"}
        if (
            key in part
            and other
            and any("properties" in as_object(m) or "$ref" in as_object(m) for m in as_list(part[key]))
        ):
            raise Unmergeable(f"`{key}` is combined with other parts")
    properties = dict(as_object(into.get("properties")))
    for name, value in as_object(part.get("properties")).items():
        known = properties.get(name)
        properties[name] = _both(as_object(known), as_object(value)) if known is not None else value
    required = [*dict.fromkeys([*as_list(into.get("required")), *as_list(part.get("required"))])]
    into.update({key: value for key, value in part.items() if key not in {"properties", "required"}})
    if kinds == {"integer", "number"}:
        into["type"] = "integer"
    if properties:
        into["properties"] = properties
    if required:
        into["required"] = required


def _both(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    """A member that two parts declare: the later declaration narrows the earlier."""
    if not set(second) - ANNOTATIONS - _CONSTRAINTS:
        return {**first, **second}
    if "$ref" in first or "$ref" in second or {"anyOf", "oneOf"} & (set(first) | set(second)):
        return {**annotations_of(first), **second}
    return {**first, **second}

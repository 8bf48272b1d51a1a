"""Aliases, which are schemas that only refer to another schema: references to them are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.models.all_of import alias_target
from sdkgen.models.hoist import component_reference
from sdkgen.models.normal_form import annotations_of
from sdkgen.pointers import as_object
from sdkgen.structure import walk

__all__ = ["replace_aliases"]

_NOT_INHERITED = frozenset({"title", "example", "examples", "externalDocs", "x-source"})


def replace_aliases(document: dict[str, Any]) -> None:
    """Make every reference to an alias refer to its target, in place, also through a chain of aliases.

    The reference inherits the annotations of the alias (``description``, ``readOnly``), unless it has its own.
    Schemas must be in normal form, and mappings of discriminators complete.
    """
    components = as_object(as_object(document.get("components")).get("schemas"))
    aliases: dict[str, dict[str, Any]] = {}
    for name, schema in components.items():
        target = alias_target(as_object(schema))
        if target is not None and target != component_reference(name):
            schema = as_object(schema)
            annotations = annotations_of(schema)
            schema.clear()
            schema.update({"$ref": target, **annotations})
            aliases[component_reference(name)] = schema
    for node in walk(document) if aliases else ():
        if node.kind == "schema" and node.reference in aliases:
            node.value.update(_end(aliases, {**node.value}))
        elif node.kind == "discriminator":
            mapping = as_object(node.value.get("mapping"))
            mapping.update({tag: _end(aliases, {"$ref": target})["$ref"] for tag, target in mapping.items()})


def _end(aliases: Mapping[str, dict[str, Any]], reference: dict[str, Any]) -> dict[str, Any]:
    """The reference with the target at the end of a chain of aliases; unchanged if the chain is a cycle."""
    seen: set[str] = set()
    found = reference
    while (name := str(found["$ref"])) in aliases:
        if name in seen:
            return reference
        seen.add(name)
        inherited = {key: value for key, value in aliases[name].items() if key not in _NOT_INHERITED}
        found = {**inherited, **found, "$ref": aliases[name]["$ref"]}
    return found

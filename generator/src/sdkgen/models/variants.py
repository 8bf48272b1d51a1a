"""A base schema with a discriminator: references to it mean any of its variants."""

from __future__ import annotations

from typing import Any

from sdkgen.models.hoist import component_reference
from sdkgen.pointers import as_list, as_object
from sdkgen.structure import walk

__all__ = ["BASE", "references_to_variants"]

BASE = "x-sdkgen-base"
"""Set in the union of variants: the reference of the base, whose class decodes objects with an unknown tag."""


def references_to_variants(document: dict[str, Any]) -> None:
    """Make a union of each base and its variants, and let references to the base, except in ``allOf``, name the union.

    Mappings of discriminators must be complete (see :func:`sdkgen.models.unions.explicit_mapping`).
    """
    components = as_object(as_object(document.get("components")).get("schemas"))
    parents = {
        name: {str(as_object(part).get("$ref")) for part in as_list(as_object(schema).get("allOf"))}
        for name, schema in components.items()
    }
    unions: dict[str, str] = {}
    for name, schema in list(components.items()):
        discriminator = as_object(as_object(schema).get("discriminator"))
        base = component_reference(name)
        if "propertyName" not in discriminator or as_list(schema.get("oneOf")) or as_list(schema.get("anyOf")):
            continue
        variants = _variants(base, parents)
        if not variants:
            continue
        mapping = {
            str(tag): target for tag, target in as_object(discriminator.get("mapping")).items() if target != base
        }
        for variant in variants:
            if variant not in mapping.values():
                mapping.setdefault(variant.rpartition("/")[2], variant)
        union = f"Any{name}"
        while union in components:
            union += "_"
        components[union] = {
            "description": f"Any kind of {name}.",
            "oneOf": [{"$ref": reference} for reference in (*variants, base)],
            "discriminator": {"propertyName": discriminator["propertyName"], "mapping": mapping},
            BASE: base,
        }
        unions[base] = component_reference(union)
    for node in list(walk(document)):
        own = node.pointer.startswith(tuple(reference[1:] for reference in unions.values()))
        if node.kind == "schema" and node.reference in unions and "/allOf/" not in node.pointer and not own:
            node.value["$ref"] = unions[str(node.reference)]


def _variants(base: str, parents: dict[str, set[str]]) -> list[str]:
    """The schemas whose ``allOf`` has the base, directly or through another variant."""
    found: list[str] = []
    queue = [base]
    while queue:
        above = queue.pop(0)
        for name, references in parents.items():
            reference = component_reference(name)
            if above in references and reference not in found and reference != base:
                found.append(reference)
                queue.append(reference)
    return found

"""Members of request bodies that carry the token: ``auth_core`` adds them, so they are removed from models."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from sdkgen.models.hoist import component_reference
from sdkgen.pointers import as_list, as_object
from sdkgen.references import follow, referenced
from sdkgen.structure import operations, walk

__all__ = ["remove_token_members"]


def remove_token_members(document: dict[str, Any]) -> None:
    """Remove the members that a lifecycle places in a body from the request schemas of the operations it protects.

    A component that other operations use with the member gets a copy without it. ``allOf`` must be merged.
    """
    placements = _body_placements(document)
    if not placements:
        return
    uses = _reference_counts(document)
    shared: dict[tuple[str, frozenset[str]], list[dict[str, Any]]] = {}
    for _, method, node in operations(document):
        members = frozenset(_members_of(document, node.value, method, placements))
        content = as_object(follow(document, node.value.get("requestBody")).get("content"))
        for media_type in map(as_object, content.values()) if members else ():
            schema = as_object(media_type.get("schema"))
            reference = schema.get("$ref")
            if isinstance(reference, str):
                shared.setdefault((reference, members), []).append(media_type)
            else:
                _remove(schema, members)
    for (reference, members), users in shared.items():
        _remove_from_component(document, reference, members, users, only_theirs=uses.get(reference, 0) <= len(users))


def _remove_from_component(
    document: dict[str, Any],
    reference: str,
    members: frozenset[str],
    users: list[dict[str, Any]],
    *,
    only_theirs: bool,
) -> None:
    """Remove the members from a component; if others refer to it too, give these media types a copy instead."""
    schema = referenced(document, reference)
    if not members & set(as_object(schema.get("properties"))):
        return
    if only_theirs:
        _remove(schema, members)
        return
    copy = deepcopy(schema)
    _remove(copy, members)
    name = _copy_name(document, reference)
    document["components"]["schemas"][name] = copy
    for user in users:
        user["schema"] = {**user["schema"], "$ref": component_reference(name)}


def _body_placements(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The token placements in a body, by security scheme."""
    schemes = as_object(as_object(document.get("components")).get("securitySchemes"))
    found: dict[str, list[dict[str, Any]]] = {}
    for name, scheme in schemes.items():
        lifecycle = as_object(as_object(scheme).get("x-token-lifecycle"))
        placements = [as_object(placement) for placement in as_list(lifecycle.get("placements"))]
        inside = [placement for placement in placements if placement.get("in") == "body"]
        if inside:
            found[name] = inside
    return found


def _members_of(
    document: dict[str, Any], operation: dict[str, Any], method: str, placements: dict[str, list[dict[str, Any]]]
) -> Iterator[str]:
    security = as_list(operation.get("security", document.get("security")))
    for scheme in {name for alternative in security for name in as_object(alternative)}:
        for placement in placements.get(scheme, []):
            methods = [str(one).lower() for one in as_list(placement.get("methods"))]
            if not methods or method in methods:
                yield str(placement.get("name"))


def _reference_counts(document: dict[str, Any]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for node in walk(document):
        if node.kind == "schema" and node.reference is not None:
            counts[node.reference] = counts.get(node.reference, 0) + 1
    return counts


def _remove(schema: dict[str, Any], members: frozenset[str]) -> None:
    if isinstance(schema.get("properties"), dict):
        schema["properties"] = {name: value for name, value in schema["properties"].items() if name not in members}
    if isinstance(schema.get("required"), list):
        schema["required"] = [name for name in schema["required"] if name not in members]


def _copy_name(document: dict[str, Any], reference: str) -> str:
    schemas = as_object(as_object(document.get("components")).get("schemas"))
    name = reference.rpartition("/")[2] + "WithoutToken"
    while name in schemas:
        name += "_"
    return name

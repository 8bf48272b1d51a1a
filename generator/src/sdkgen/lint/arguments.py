"""Rules for ``x-positional`` and ``x-entries``: which arguments are passed by position, and how one is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.places import parameters, reach, request_schema
from sdkgen.lint.registry import Finding, rule
from sdkgen.media_types import FORM
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import did_you_mean
from sdkgen.references import destination, object_at
from sdkgen.structure import operations, walk

POSITIONAL = "x-positional"
ENTRIES = "x-entries"

Document = Mapping[str, Any]


@rule("positional")
def positional(whole: Bundle) -> Iterator[Finding]:
    """``x-positional`` names required arguments of the operation, which are not in the path."""
    for _, _, node in operations(whole.document):
        in_path = {
            str(one.get("name")) for _, one in parameters(whole.document, node.pointer) if one.get("in") == "path"
        }
        arguments = _arguments(whole.document, node.pointer)
        of = shown(node.value.get("operationId", "the operation"))
        for index, name in enumerate(as_list(node.value.get(POSITIONAL))):
            pointer = child(node.pointer, POSITIONAL, index)
            if name in in_path:
                yield pointer, f"{shown(name)} is in the path and positional without it too", "Remove it."
            elif name not in arguments:
                step = did_you_mean(str(name), arguments) or "Name a parameter, or a member of the body."
                yield pointer, f"{of} has no argument {shown(name)}", step
            elif not arguments[name]:
                step = "Remove it: optional arguments are passed by name."
                yield pointer, f"{shown(name)} of {of} is no required argument", step


def _arguments(document: Document, operation: str) -> dict[str, bool]:
    """Whether an argument is required, by its name in the request."""
    found = {
        str(one.get("name")): one.get("required") is True and not _is_constant(document, child(pointer, "schema"))
        for pointer, one in parameters(document, operation)
    }
    is_sent = object_at(document, child(operation, "requestBody")).get("required") is True
    for name, required in _members(document, request_schema(document, operation)[1]).items():
        found[name] = required and is_sent
    return found


def _members(document: Document, schema: str, entered: frozenset[str] = frozenset()) -> dict[str, bool]:
    place, value = destination(document, schema)
    node = as_object(value)
    if place in entered:
        return {}
    parts = [child(place, "allOf", index) for index, _ in enumerate(as_list(node.get("allOf")))]
    inside = [_members(document, part, entered | {place}) for part in parts]
    found = {name: required for part in inside for name, required in part.items()}
    for name in as_object(node.get("properties")):
        constant = _is_constant(document, child(place, "properties", name))
        found[name] = name in as_list(node.get("required")) and not constant
    return found


def _is_constant(document: Document, schema: str) -> bool:
    return "const" in object_at(document, schema)


@rule("entries")
def entries(whole: Bundle) -> Iterator[Finding]:
    """``x-entries`` is used on a field of a form that is an object of single values, and names their types."""
    for node in walk(whole.document):
        if node.kind != "media-type":
            continue
        for name, encoding in as_object(node.value.get("encoding")).items():
            if ENTRIES in as_object(encoding):
                yield from _of_field(whole.document, node.pointer, name, as_object(encoding))


def _of_field(document: Document, media_type: str, name: str, encoding: Mapping[str, Any]) -> Iterator[Finding]:
    pointer = child(media_type, "encoding", name, ENTRIES)
    if not media_type.endswith(child("", FORM)):
        yield pointer, f"`{ENTRIES}` is used in a body that is no form", f"Only `{FORM}` has it: remove it."
        return
    for key in ("style", "explode", "contentType"):
        if key in encoding:
            yield pointer, f"`{ENTRIES}` is used next to `{key}`", "Keep one of them."
    reached = reach(document, child(media_type, "schema"), [name])
    if not reached.schemas:
        step = did_you_mean(name, reached.siblings) or "Describe it in the schema."
        yield pointer, f"the form has no field {shown(name)}", step
    for place in reached.schemas:
        field = object_at(document, place)
        values = _types(document, child(place, "additionalProperties"))
        if field.get("type") != "object" or "properties" in field or not values or values & {"object", "array"}:
            step = "Describe its values under `additionalProperties`, without `properties`."
            yield pointer, f"the field {shown(name)} is no object of single values", step
            continue
        declared = as_object(encoding[ENTRIES])
        named = as_object(declared.get("types"))
        if "type" in declared:
            for kind in sorted(values - named.keys()):
                what = f"`types` has no name for `{kind}`, which a value of {shown(name)} may be"
                yield child(pointer, "types"), what, "Add it, or narrow the schema of the values."
        for kind in named:
            if kind not in values:
                yield child(pointer, "types", kind), f"no value of {shown(name)} is of type `{kind}`", "Remove it."


def _types(document: Document, schema: str, entered: frozenset[str] = frozenset()) -> frozenset[str]:
    """The types of JSON that a schema allows, ``null`` included."""
    place, value = destination(document, schema)
    node = as_object(value)
    declared = as_list(node.get("type")) or ([node["type"]] if "type" in node else [])
    found = frozenset("number" if one == "integer" else str(one) for one in declared)
    if place in entered:
        return found
    for key in ("allOf", "oneOf", "anyOf"):
        for index, _ in enumerate(as_list(node.get(key))):
            found |= _types(document, child(place, key, index), entered | {place})
    return found

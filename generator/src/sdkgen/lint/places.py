"""Resolution of runtime expressions and JSON Pointers in the requests and responses of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from sdkgen.lint.json_schema import shown
from sdkgen.media_types import media_kind
from sdkgen.pointers import as_list, as_object, child, split
from sdkgen.problems import did_you_mean
from sdkgen.references import destination, object_at

__all__ = [
    "Place",
    "Reach",
    "locate",
    "parameters",
    "reach",
    "request_schema",
    "response_headers",
    "response_schemas",
    "types_of",
]

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
_PARTS = ("allOf", "oneOf", "anyOf")
_CONTAINERS = frozenset({"object", "array"})

Document = Mapping[str, Any]


@frozen
class Reach:
    """The target of a path of keys and indexes in a schema."""

    schemas: tuple[str, ...] = ()
    """Pointers of the schemas that describe the place; several where variants differ."""
    siblings: frozenset[str] = frozenset()
    """The names that exist where the path ends without a target."""
    undescribed: bool = False
    """Something may be there that no schema describes."""


@frozen
class Place:
    """The target of a runtime expression in an operation."""

    schemas: tuple[str, ...] = ()
    what: str = ""
    """The problem, if there is no target."""
    next_step: str = ""


def parameters(document: Document, operation: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Pointer and value of every parameter: those of the path first, which the operation's own override."""
    for holder in (operation.rpartition("/")[0], operation):
        declared = as_list(object_at(document, holder).get("parameters"))
        for index, _ in enumerate(declared):
            pointer, value = destination(document, child(holder, "parameters", index))
            yield pointer, as_object(value)


def request_schema(document: Document, operation: str) -> tuple[str, str]:
    """Media type and pointer of the schema of the body; empty without a body."""
    place, value = destination(document, child(operation, "requestBody"))
    content = as_object(as_object(value).get("content"))
    media_type = next((name for name in (FORM, JSON) if name in content), next(iter(content), ""))
    return media_type, child(place, "content", media_type, "schema")


def response_schemas(document: Document, operation: str) -> list[str]:
    """Pointers of the JSON schemas of an operation's successes."""
    return [
        child(place, "content", name, "schema")
        for place, response in _successes(document, operation)
        for name in as_object(response.get("content"))
        if media_kind(name) == "json"
    ]


def response_headers(document: Document, operation: str) -> set[str]:
    """The names of the headers that an operation's successes declare."""
    return {name for _, response in _successes(document, operation) for name in as_object(response.get("headers"))}


def _successes(document: Document, operation: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for status in as_object(object_at(document, operation).get("responses")) if operation else ():
        if status.startswith("2") or status == "default":
            place, response = destination(document, child(operation, "responses", status))
            yield place, as_object(response)


def reach(document: Document, schema: str, path: list[str], entered: frozenset[str] = frozenset()) -> Reach:
    """Return the target of the path, through references and the parts of ``allOf``, ``oneOf`` and ``anyOf``."""
    place, value = destination(document, schema)
    node = as_object(value)
    if not path:
        return Reach((place,))
    name, rest = path[0], path[1:]
    properties = as_object(node.get("properties"))
    if name in properties:
        return reach(document, child(place, "properties", name), rest)
    if "items" in node and name.isdigit():
        return reach(document, child(place, "items"), rest)
    parts = [child(place, key, index) for key in _PARTS for index, _ in enumerate(as_list(node.get(key)))]
    inside = [reach(document, part, path, entered | {place}) for part in parts if place not in entered]
    additional = node.get("additionalProperties")
    types = as_list(node.get("type")) or [node.get("type", "object")]
    bare = not ({"properties", "items"} & node.keys() or parts) and not _CONTAINERS.isdisjoint(types)
    return Reach(
        tuple(pointer for one in inside for pointer in one.schemas),
        frozenset(properties).union(*(one.siblings for one in inside)),
        bare or additional is True or isinstance(additional, dict) or any(one.undescribed for one in inside),
    )


def types_of(document: Document, schema: str, entered: frozenset[str] = frozenset()) -> frozenset[str]:
    """The types that a schema allows except ``null``; empty if it declares none."""
    place, value = destination(document, schema)
    node = as_object(value)
    declared = as_list(node.get("type")) or ([node["type"]] if "type" in node else [])
    if not declared and place not in entered:
        parts = [child(place, key, index) for key in _PARTS for index, _ in enumerate(as_list(node.get(key)))]
        return frozenset[str]().union(*(types_of(document, part, entered | {place}) for part in parts))
    return frozenset(str(one) for one in declared if one != "null")


def locate(document: Document, operation: str, expression: str) -> Place:
    """Return the target of an OpenAPI runtime expression: a parameter, a field of a form, or a value in a JSON body."""
    name = str(object_at(document, operation).get("operationId", "the operation"))
    source, _, rest = expression.partition(".")
    location, _, parameter = rest.partition(".")
    if location in ("query", "header"):
        return _parameter(document, operation, name, location, parameter)
    path = split(expression.partition("#")[2])
    if source == "$request":
        media_type, schema = request_schema(document, operation)
        if media_type == FORM and len(path) > 1:
            return Place(what=f"`{name}` takes a form, whose fields cannot be nested", next_step="Name a field.")
        if media_type != FORM and media_kind(media_type) != "json":
            step = "Name a parameter, or describe its body."
            return Place(what=f"`{name}` takes neither JSON nor a form", next_step=step)
        return _member(document, [schema], path, f"the body of `{name}` has no member")
    schemas = response_schemas(document, operation)
    if not schemas:
        return Place(what=f"no response of `{name}` is JSON", next_step="Describe the response that contains it.")
    return _member(document, schemas, path, f"no response of `{name}` has a member")


def _parameter(document: Document, operation: str, name: str, location: str, parameter: str) -> Place:
    def same(one: object) -> bool:
        return str(one).lower() == parameter.lower() if location == "header" else one == parameter

    known = {
        str(value.get("name")): pointer
        for pointer, value in parameters(document, operation)
        if value.get("in") == location
    }
    found = tuple(child(pointer, "schema") for one, pointer in known.items() if same(one))
    if found:
        return Place(found)
    step = did_you_mean(parameter, known) or "Declare it under `parameters`."
    return Place(what=f"`{name}` has no {location} parameter {shown(parameter)}", next_step=step)


def _member(document: Document, schemas: list[str], path: list[str], what: str) -> Place:
    reached = [reach(document, schema, path) for schema in schemas]
    found = tuple(pointer for one in reached for pointer in one.schemas)
    if found:
        return Place(found)
    siblings = frozenset[str]().union(*(one.siblings for one in reached))
    step = did_you_mean(path[-1], siblings) or "Describe it in the schema."
    return Place(what=f"{what} {shown('/' + '/'.join(path))}", next_step=step)

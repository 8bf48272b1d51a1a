"""Rules for examples, which are used by tests, documentation and sandbox: they exist and match their schemas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, cast

from openapi_schema_validator import OAS31Validator, oas31_format_checker
from referencing import Resource
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import faults, shown
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, as_object, child
from sdkgen.references import destination, object_at
from sdkgen.structure import Node, operations, walk

_DOCUMENT = "urn:sdkgen:document"
_DATE_TIME = re.compile(  # RFC 3339, limited to the precision of a datetime
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]\d\d:\d\d:\d\d(\.\d{1,6})?([Zz]|[+-]\d\d:\d\d)"
)
_SAYS_MORE = frozenset({"format", "pattern", "enum", "const"})


def _media_types(whole: Bundle) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Description, pointer and value of every media type of a request body or a response with status 2xx."""
    for path, method, node in operations(whole.document):
        places = [("the request body", child(node.pointer, "requestBody"))] if "requestBody" in node.value else []
        for status in as_object(node.value.get("responses")):
            if status.startswith("2"):
                places.append((f"the response {status}", child(node.pointer, "responses", status)))
        for word, place in places:
            pointer, value = destination(whole.document, place)
            for name, media_type in as_object(as_object(value).get("content")).items():
                yield f"{word} of {method.upper()} {path}", child(pointer, "content", name), as_object(media_type)


def _has_example(whole: Bundle, pointer: str, media_type: dict[str, Any]) -> bool:
    if "example" in media_type or as_object(media_type.get("examples")):
        return True
    schema = object_at(whole.document, child(pointer, "schema"))
    return "example" in schema or bool(as_list(schema.get("examples")))


@rule("example")
def example(whole: Bundle) -> Iterator[Finding]:
    """Every request body and every response with status 2xx that has content has an example."""
    seen: set[str] = set()
    for words, pointer, media_type in _media_types(whole):
        if pointer not in seen and not _has_example(whole, pointer, media_type):
            yield pointer, f"{words} has no example", "Add a synthetic `example`, without real tokens or personal data."
        seen.add(pointer)


@rule("true-example")
def true_example(whole: Bundle) -> Iterator[Finding]:
    """Every example matches its schema; ``required`` of ``readOnly`` and ``writeOnly`` holds in one direction only."""
    registries = {
        keywords: EMPTY_REGISTRY.with_resource(
            _DOCUMENT, Resource.from_contents(_optional(whole.document, keywords), DRAFT202012)
        )
        for keywords in {*_ONLY_ELSEWHERE.values()}
    }
    for node in walk(whole.document):
        sent = node.kind == "parameter" or "/requestBod" in node.pointer
        direction = "schema" if node.kind == "schema" else "request" if sent else "response"
        for place, schema, value in _examples(whole, node):
            try:
                validator = OAS31Validator(
                    {"$ref": f"{_DOCUMENT}#{_quoted(schema)}"},
                    registry=registries[_ONLY_ELSEWHERE[direction]],
                    format_checker=oas31_format_checker,
                )
                found = list(faults(validator.iter_errors(value), "the example"))
            except Exception:  # an invalid schema is reported separately
                continue
            for fault in found:
                yield child(place, *fault.path), f"the example does not match its schema: {fault.what}", fault.next_step


_ONLY_ELSEWHERE = {"request": ("readOnly",), "response": ("writeOnly",), "schema": ("readOnly", "writeOnly")}
"""Keywords of members that an example may omit."""


def _optional(document: dict[str, Any], keywords: Iterable[str]) -> dict[str, Any]:
    """A copy of the document in which no member with one of the keywords is required."""
    copy = deepcopy(document)
    for node in walk(copy):
        members = as_object(node.value.get("properties")) if node.kind == "schema" else {}
        elsewhere = {
            name
            for name, member in members.items()
            for stated in [{**object_at(copy, child(node.pointer, "properties", name)), **as_object(member)}]
            if any(stated.get(keyword) is True for keyword in keywords)
        }
        if elsewhere and "required" in node.value:
            node.value["required"] = [name for name in as_list(node.value["required"]) if name not in elsewhere]
    return copy


def _quoted(pointer: str) -> str:
    return pointer.replace("%", "%25").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")


def _examples(whole: Bundle, node: Node) -> Iterator[tuple[str, str, object]]:
    """Pointer, schema and value of the examples of a node."""
    if node.kind == "schema":
        for index, value in enumerate(as_list(node.value.get("examples"))):
            yield child(node.pointer, "examples", index), node.pointer, value
        if "example" in node.value:
            yield child(node.pointer, "example"), node.pointer, node.value["example"]
    elif node.kind in ("media-type", "parameter", "header") and "schema" in node.value:
        schema = child(node.pointer, "schema")
        if "example" in node.value:
            yield child(node.pointer, "example"), schema, node.value["example"]
        for name in as_object(node.value.get("examples")):
            pointer, named = destination(whole.document, child(node.pointer, "examples", name))
            if "value" in as_object(named):
                yield child(pointer, "value"), schema, as_object(named)["value"]


@rule("date-time")
def date_time(whole: Bundle) -> Iterator[Finding]:
    """A string whose example is a date-time has a ``format``."""
    found: dict[str, str] = {}
    for node in walk(whole.document):
        for _, schema, value in _examples(whole, node):
            for place, text in _texts(whole, schema, value):
                if _DATE_TIME.fullmatch(text):
                    found.setdefault(place, text)
    for place, text in found.items():
        step = "Write `format: date-time`, or describe the permitted values with `pattern`."
        yield place, f"an example is the date-time {shown(text)}, but the schema has no `format`", step


def _texts(whole: Bundle, schema: str, value: object) -> Iterator[tuple[str, str]]:
    """The schemas of plain strings, each with its string in an example."""
    place, node = destination(whole.document, schema)
    stated = as_object(node)
    if isinstance(value, str):
        if stated.get("type") in ("string", ["string", "null"]) and not _SAYS_MORE & stated.keys():
            yield place, value
        return
    for key in ("allOf", "anyOf", "oneOf"):
        for index, _ in enumerate(as_list(stated.get(key))):
            yield from _texts(whole, child(place, key, index), value)
    if isinstance(value, list) and "items" in stated:
        for item in as_list(cast(object, value)):
            yield from _texts(whole, child(place, "items"), item)
    elif isinstance(value, dict):
        properties = as_object(stated.get("properties"))
        for name, member in as_object(cast(object, value)).items():
            if name in properties:
                yield from _texts(whole, child(place, "properties", name), member)
            elif isinstance(stated.get("additionalProperties"), dict):
                yield from _texts(whole, child(place, "additionalProperties"), member)

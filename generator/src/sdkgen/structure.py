"""The structure of an OpenAPI document: the kind of object at each location.

All modules use this table to decide whether a value is a schema, an example or an operation. A kind followed by
``{}`` is a map of that kind, followed by ``[]`` a list; ``*`` is every other member (patterned fields). Everything
else is data: examples, defaults, extensions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from attrs import frozen

from sdkgen.pointers import as_list, as_object, child, split

__all__ = [
    "COMPONENT_KINDS",
    "DATA",
    "FIELDS",
    "METHODS",
    "Node",
    "child_kind",
    "kind_at",
    "operations",
    "walk",
    "without_patterns",
]

DATA = ""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

COMPONENT_KINDS: Mapping[str, str] = {
    "schemas": "schema",
    "responses": "response",
    "parameters": "parameter",
    "examples": "example",
    "requestBodies": "request-body",
    "headers": "header",
    "securitySchemes": "security-scheme",
    "links": "link",
    "callbacks": "callback",
    "pathItems": "path-item",
}

_PARAMETER = {"schema": "schema", "examples": "example{}", "content": "media-type{}"}

FIELDS: Mapping[str, Mapping[str, str]] = {
    "openapi": {
        "info": "info",
        "servers": "server[]",
        "paths": "paths",
        "webhooks": "path-item{}",
        "components": "components",
        "security": "security[]",
        "tags": "tag[]",
        "externalDocs": "external-docs",
    },
    "info": {"contact": "contact", "license": "license"},
    "server": {"variables": "server-variable{}"},
    "components": {section: f"{kind}{{}}" for section, kind in COMPONENT_KINDS.items()},
    "paths": {"*": "path-item"},
    "path-item": {**dict.fromkeys(METHODS, "operation"), "servers": "server[]", "parameters": "parameter[]"},
    "operation": {
        "externalDocs": "external-docs",
        "parameters": "parameter[]",
        "requestBody": "request-body",
        "responses": "responses",
        "callbacks": "callback{}",
        "security": "security[]",
        "servers": "server[]",
    },
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "request-body": {"content": "media-type{}"},
    "media-type": {"schema": "schema", "x-itemSchema": "schema", "examples": "example{}", "encoding": "encoding{}"},
    "encoding": {"headers": "header{}"},
    "responses": {"*": "response"},
    "response": {"headers": "header{}", "content": "media-type{}", "links": "link{}"},
    "callback": {"*": "path-item"},
    "link": {"server": "server"},
    "tag": {"externalDocs": "external-docs"},
    "security-scheme": {"flows": "oauth-flows"},
    "oauth-flows": {"*": "oauth-flow"},
    "schema": {
        "properties": "schema{}",
        "patternProperties": "schema{}",
        "dependentSchemas": "schema{}",
        "$defs": "schema{}",
        "allOf": "schema[]",
        "anyOf": "schema[]",
        "oneOf": "schema[]",
        "prefixItems": "schema[]",
        "items": "schema",
        "additionalProperties": "schema",
        "unevaluatedProperties": "schema",
        "unevaluatedItems": "schema",
        "propertyNames": "schema",
        "contains": "schema",
        "contentSchema": "schema",
        "not": "schema",
        "if": "schema",
        "then": "schema",
        "else": "schema",
        "discriminator": "discriminator",
        "xml": "xml",
        "externalDocs": "external-docs",
    },
    "example": {},
    "security": {},
    "server-variable": {},
    "discriminator": {"mapping": "schema-name{}"},
    "external-docs": {},
    "oauth-flow": {},
    "contact": {},
    "license": {},
    "xml": {},
}


@frozen
class Node:
    """An object of the document, with its kind and pointer."""

    pointer: str
    kind: str
    value: dict[str, Any]

    @property
    def reference(self) -> str | None:
        """The target, if the object is a reference or a schema with ``$ref``."""
        target = self.value.get("$ref")
        return target if isinstance(target, str) and self.kind in _REFERABLE else None


_REFERABLE = frozenset({*COMPONENT_KINDS.values()})


def child_kind(kind: str, key: str) -> str:
    """The kind of a member (``key``) or item of an object, map or list of this kind."""
    if kind.endswith(("{}", "[]")):
        return kind[:-2]
    fields = FIELDS.get(kind)
    if fields is None:
        return DATA
    if "*" in fields and key.startswith("x-"):
        return DATA
    return fields.get(key, fields.get("*", DATA))


def kind_at(pointer: str) -> str:
    """The kind of the value at a pointer."""
    kind = "openapi"
    for token in split(pointer):
        kind = child_kind(kind, token)
    return kind


def walk(value: object, kind: str = "openapi", pointer: str = "") -> Iterator[Node]:
    """Every object that OpenAPI defines, in document order, references included but not followed."""
    if not kind:
        return
    if isinstance(value, dict) and not kind.endswith("[]"):
        members = as_object(cast(object, value))
        if not kind.endswith("{}"):
            yield Node(pointer, kind, members)
        for key, member in members.items():
            yield from walk(member, child_kind(kind, key), child(pointer, key))
    elif kind.endswith("[]"):
        for index, item in enumerate(as_list(cast(Any, value))):
            yield from walk(item, kind[:-2], child(pointer, index))


def without_patterns(value: Any, kind: str = "openapi") -> Any:
    """The document without its regular expressions; values without any are shared with the original.

    They use the syntax of ECMA-262, which Python supports only in part, and a malicious one can run forever.
    """
    if isinstance(value, dict) and kind and not kind.endswith("[]"):
        members = as_object(cast(object, value))
        if "/patternProperties/" in str(members.get("$ref")):
            return {}  # its target is left out
        left_out = _BY_PATTERN if "patternProperties" in members else _PATTERNS
        return {
            key: without_patterns(member, child_kind(kind, key))
            for key, member in members.items()
            if kind != "schema" or key not in left_out
        }
    if isinstance(value, list) and kind.endswith("[]"):
        return [without_patterns(item, kind[:-2]) for item in as_list(cast(object, value))]
    return cast(Any, value)


_PATTERNS = frozenset({"pattern"})
_BY_PATTERN = _PATTERNS | {"patternProperties", "additionalProperties", "unevaluatedProperties"}
"""Keywords whose meaning depends on patterns."""


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Node]]:
    """Path, method and operation object of every operation below ``paths``."""
    for path, item in as_object(document.get("paths")).items():
        if path.startswith("/"):
            for method in METHODS:
                operation = as_object(item).get(method)
                if isinstance(operation, dict):
                    pointer = child("/paths", path, method)
                    yield path, method, Node(pointer, "operation", as_object(cast(object, operation)))

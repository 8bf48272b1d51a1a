"""The examples of the bundled documents: what the specs say goes over the wire, in both directions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from support.repository import ROOT, VENDORS

DOCUMENTS = ROOT / "packages/vendor-sandbox/src/vendor_sandbox/specs"
METHODS = frozenset({"get", "put", "post", "patch", "delete", "head", "options", "trace"})


@dataclass(frozen=True)
class Operation:
    """One operation of a document, references of its parts followed."""

    vendor: str
    path: str
    method: str
    definition: dict[str, Any]
    parameters: tuple[dict[str, Any], ...]

    @property
    def operation_id(self) -> str:
        return str(self.definition["operationId"])

    def __str__(self) -> str:
        return f"{self.vendor}:{self.operation_id}"


@dataclass(frozen=True)
class Example:
    """One body of a response."""

    vendor: str
    operation_id: str
    status: str
    media_type: str
    name: str
    value: Any
    schema: dict[str, Any]
    result_path: tuple[str, ...] = ()
    """The names that lead to what a call returns (``x-result``)."""

    @property
    def result(self) -> Any:
        """What a call returns."""
        return self.result_in(self.value)

    def result_in(self, body: Any) -> Any:
        """What a call returns for a body."""
        for name in self.result_path:
            body = body[name]
        return body

    def __str__(self) -> str:
        return f"{self.vendor}:{self.operation_id}:{self.status}{self.name and ':'}{self.name}"


@cache
def document(vendor: str) -> dict[str, Any]:
    """The bundled document of a vendor."""
    read: dict[str, Any] = json.loads((DOCUMENTS / f"{vendor}.json").read_text())
    return read


def resolve(vendor: str, node: Any) -> Any:
    """What a reference leads to; anything else itself."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document(vendor)
        for key in node["$ref"].removeprefix("#/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def alternatives_of(model: type) -> list[list[str]]:
    """The groups of members of which a model is sent with exactly one; their names are those of its attributes."""
    vendor = model.__module__.partition("_client.")[0].replace("_", "-")
    return alternatives_in(vendor, model.__name__) if vendor in VENDORS else []


def alternatives_in(vendor: str, schema: str) -> list[list[str]]:
    """The same of a schema."""
    declared = document(vendor)["components"]["schemas"].get(schema, {})
    alternatives = declared.get("oneOf", []) if "properties" in declared else []
    return [alternative["required"] for alternative in alternatives]


@cache
def operations_of(vendor: str) -> tuple[Operation, ...]:
    """All operations of a vendor."""
    found = []
    for path, item in document(vendor)["paths"].items():
        for method in (name for name in item if name in METHODS):
            declared = [*item[method].get("parameters", ()), *item.get("parameters", ())]
            parameters = tuple(resolve(vendor, parameter) for parameter in declared)
            found.append(Operation(vendor, path, method, item[method], parameters))
    return tuple(found)


def _values(vendor: str, media_type: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "example" in media_type:
        yield "", media_type["example"]
    for name, example in media_type.get("examples", {}).items():
        yield name, resolve(vendor, example)["value"]


def bodies_of(operation: Operation) -> list[tuple[str, str, Any]]:
    """The examples of a request's body: media type, name and value."""
    body = resolve(operation.vendor, operation.definition.get("requestBody", {}))
    return [
        (media_type, name, value)
        for media_type, entry in body.get("content", {}).items()
        for name, value in _values(operation.vendor, entry)
    ]


def _result_path(operation: Operation, schema: dict[str, Any]) -> tuple[str, ...]:
    declared = operation.definition.get("x-result")
    if declared is None and "x-pagination" not in operation.definition:
        declared = document(operation.vendor).get("x-result")
    path = tuple(str(declared or "").partition("#/")[2].split("/"))
    return path if path[0] in schema.get("properties", {}) else ()


@cache
def examples_of(vendor: str) -> tuple[Example, ...]:
    """All examples of responses of a vendor."""
    return tuple(
        Example(
            vendor,
            operation.operation_id,
            status,
            media_type,
            name,
            value,
            resolve(vendor, entry["schema"]),
            _result_path(operation, resolve(vendor, entry["schema"])) if status.startswith("2") else (),
        )
        for operation in operations_of(vendor)
        for status, response in operation.definition["responses"].items()
        for media_type, entry in resolve(vendor, response).get("content", {}).items()
        for name, value in _values(vendor, entry)
    )

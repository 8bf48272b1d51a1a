"""The example call in a README, with arguments from the examples of the spec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from attrs import frozen

from sdkgen.code import Code, joined, literal
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts, ResourceFact
from sdkgen.models.schema_types import EnumType, ListType, MapType, SchemaType
from sdkgen.pointers import as_list, as_object

__all__ = ["ExampleCall", "example_arguments", "example_call"]


@frozen
class ExampleCall:
    """An example call that can be copied."""

    resource: ResourceFact
    operation: OperationFact
    arguments: Code
    is_table: bool
    """Whether the result has ``rows()``."""

    @property
    def is_list(self) -> bool:
        """Whether the result is a page that iterates over a list."""
        return self.operation.pages is not None and not self.is_table


def example_call(facts: PackageFacts, document: Mapping[str, Any]) -> ExampleCall | None:
    """Choose the example: the first operation that only reads, requires credentials and has examples of its parameters.

    Args:
        facts: The package.
        document: The prepared document.
    """
    token_requests = {name for scheme in facts.schemes for name in scheme.token_requests}
    primary = facts.schemes[0].scheme if facts.schemes else None
    candidates = [
        (resource, operation)
        for resource in facts.resources
        for operation in resource.operations
        if operation.operation_id not in token_requests
        and operation.body is None
        and operation.deprecation is None
        and not operation.only_streams
    ]
    candidates.sort(key=lambda pair: _rank(pair[1], primary))
    for resource, operation in candidates:
        arguments = example_arguments(operation)
        if arguments is not None:
            return ExampleCall(resource, operation, arguments, _is_table(operation, document))
    return None


def _rank(operation: OperationFact, primary: str | None) -> tuple[bool, bool, bool]:
    wants_first_scheme = primary is None or any(primary in alternative for alternative in operation.security)
    needs_it = wants_first_scheme and () not in operation.security
    return operation.method != "GET", not needs_it, not operation.json_response


def example_arguments(operation: OperationFact) -> Code | None:
    """The required arguments, and objects that have an example; ``None`` if one has no value to show."""
    shown: list[Code] = []
    by_position = operation.by_position
    for parameter in (*by_position, *operation.by_name):
        value = parameter.example
        wanted = parameter.required and parameter.default is None
        if not wanted and not isinstance(parameter.kind, MapType):
            continue
        source = _source(value, parameter.kind) if value is not None else None
        if source is None:
            if wanted:
                return None
            continue
        shown.append(source if parameter in by_position else Code(f"{parameter.python}={source}"))
    return joined(", ", shown)


def _source(value: object, kind: SchemaType) -> Code | None:
    """The value as an argument; ``None`` if its type needs more than plain values."""
    if isinstance(kind, MapType):
        return literal(as_object(cast(object, value))) if isinstance(value, dict) else None
    if isinstance(kind, ListType):
        return literal(as_list(cast(object, value))) if isinstance(value, list) else None
    if isinstance(kind, EnumType) and not kind.open:
        return None
    fits = type(value).__name__ == kind.annotation.rpartition("| ")[2]
    return literal(value) if fits else None


def _is_table(operation: OperationFact, document: Mapping[str, Any]) -> bool:
    schemas = as_object(as_object(document.get("components")).get("schemas"))
    return any("x-table" in as_object(schemas.get(name)) for name in (operation.result,))

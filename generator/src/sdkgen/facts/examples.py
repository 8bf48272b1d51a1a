"""The example calls in READMEs, references and docstrings, with arguments from the examples of the spec."""

from __future__ import annotations

import base64
import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any, cast

from attrs import frozen

from sdkgen.code import Code, joined, literal
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts, ResourceFact
from sdkgen.facts.parameters import ParameterFact
from sdkgen.models.schema_types import (
    ANY,
    BYTES,
    DATE,
    DATE_TIME,
    FILE,
    LOCAL_DATE_TIME,
    NOT_NULL,
    NUMBER,
    UUID,
    ConstType,
    EnumType,
    FormattedText,
    ListType,
    MapType,
    ModelType,
    NullableType,
    SchemaType,
    TaggedUnion,
    UnionType,
)
from sdkgen.pointers import as_list, as_object

__all__ = ["ExampleArguments", "ExampleCall", "example_arguments", "example_call"]


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


@frozen
class ExampleArguments:
    """The arguments of an example call."""

    source: Code
    imports: frozenset[str]
    """The modules that the arguments need: ``datetime``, ``models``, ``uuid``."""
    is_complete: bool
    """Whether each argument has a value; the others stand there by their names."""

    @property
    def is_plain(self) -> bool:
        """Whether the call can be copied without an import."""
        return self.is_complete and not self.imports


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
        if arguments.is_plain:
            return ExampleCall(resource, operation, arguments.source, _is_table(operation, document))
    return None


def _rank(operation: OperationFact, primary: str | None) -> tuple[bool, bool, bool]:
    wants_first_scheme = primary is None or any(primary in alternative for alternative in operation.security)
    needs_it = wants_first_scheme and () not in operation.security
    return operation.method != "GET", not needs_it, not operation.json_response


def example_arguments(operation: OperationFact) -> ExampleArguments:
    """The arguments of an example call: the required ones, and objects that have an example.

    Of a body that is one of several groups of members, or that requires none, all members in its example are there.
    """
    body = operation.body_argument
    given = [(Code(""), one.python, one.example, one.kind) for one in operation.by_position]
    if body is not None and body.required:
        given.append((Code("body="), Code("body"), body.example, body.kind))
    whole = operation.body is not None and (operation.body.is_choice or not any(map(_is_required, operation.members)))
    given += [
        (Code(f"{one.python}="), one.python, one.example, one.kind)
        for one in operation.by_name
        if _is_required(one) or (one.example is not None and _is_shown(one, whole=whole))
    ]
    values = [None if value is None else _written(value, kind) for _, _, value, kind in given]
    return ExampleArguments(
        joined(
            ", ",
            (
                Code(f"{prefix}{value.source if value is not None else name}")
                for (prefix, name, _, _), value in zip(given, values, strict=True)
            ),
        ),
        frozenset[str]().union(*(value.imports for value in values if value is not None)),
        None not in values,
    )


def _is_required(parameter: ParameterFact) -> bool:
    return parameter.required and parameter.default is None


def _is_shown(parameter: ParameterFact, *, whole: bool) -> bool:
    """Whether an optional argument is part of the example."""
    can_be_written = _written(parameter.example, parameter.kind) is not None
    return can_be_written and ((whole and parameter.field is not None) or isinstance(parameter.kind, MapType))


@frozen
class _Written:
    """The source of a value."""

    source: Code
    imports: frozenset[str] = frozenset()


def _written(value: object, kind: SchemaType) -> _Written | None:
    """A JSON value as an argument of the type; ``None`` if the type has no source for it."""
    match kind:
        case NullableType():
            return _Written(literal(None)) if value is None else _written(value, kind.inner)
        case ListType():
            return (
                _joined([_written(item, kind.inner) for item in as_list(cast("object", value))])
                if isinstance(value, list)
                else None
            )
        case MapType() | ModelType() | TaggedUnion():
            return _Written(literal(as_object(cast("object", value)))) if isinstance(value, dict) else None
        case UnionType():
            return next((one for inner in kind.inners if (one := _written(value, inner)) is not None), None)
        case EnumType():
            return _of_enum(literal(value), kind) if type(value).__name__ == kind.value else None
        case ConstType():
            return _Written(literal(value)) if value in kind.values else None
        case FormattedText():
            return _Written(literal(value)) if isinstance(value, str) else None
        case _:
            return _scalar(value, kind)


def _joined(items: list[_Written | None]) -> _Written | None:
    found = [item for item in items if item is not None]
    if len(found) < len(items):
        return None
    imports = frozenset[str]().union(*(item.imports for item in found))
    return _Written(Code(f"[{joined(', ', (item.source for item in found))}]"), imports)


def _of_enum(value: Code, kind: EnumType) -> _Written:
    if kind.open:
        return _Written(value)
    return _Written(Code(f"models.{kind.enum.name}({value})"), frozenset({"models"}))


_FROM_TEXT: Mapping[SchemaType, Callable[[str], object]] = {
    BYTES: base64.b64decode,
    DATE: datetime.date.fromisoformat,
    DATE_TIME: datetime.datetime.fromisoformat,
    FILE: str.encode,
    LOCAL_DATE_TIME: datetime.datetime.fromisoformat,
    UUID: uuid.UUID,
}


def _scalar(value: object, kind: SchemaType) -> _Written | None:
    if kind in (ANY, NOT_NULL):
        return _Written(literal(value))
    if kind == NUMBER and type(value) is int:
        return _Written(literal(value))
    if kind not in _FROM_TEXT:
        return _Written(literal(value)) if type(value).__name__ == kind.annotation else None
    try:
        found = _FROM_TEXT[kind](cast("str", value))
    except (TypeError, ValueError):
        return None
    if isinstance(found, bytes):
        return _Written(Code(f"b{literal(found.decode())}" if found.isascii() else repr(found)))
    if isinstance(found, uuid.UUID):
        return _Written(Code(f"uuid.UUID({literal(str(found))})"), frozenset({"uuid"}))
    return _Written(Code(repr(found).replace("timezone.utc", "UTC")), frozenset({"datetime"}))


def _is_table(operation: OperationFact, document: Mapping[str, Any]) -> bool:
    schemas = as_object(as_object(document.get("components")).get("schemas"))
    return any("x-table" in as_object(schemas.get(name)) for name in (operation.result,))

"""Every method of every client, callable without knowing it: arguments are synthetic from its signature."""

from __future__ import annotations

import datetime
import inspect
import io
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import vendor_clients
from clients.examples import alternatives_in, alternatives_of, operations_of
from clients.vendors import SUBJECTS

SAMPLES: dict[type, object] = {
    str: "sample",
    int: 7,
    float: 1.5,
    bool: True,
    datetime.datetime: datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    datetime.date: datetime.date(2026, 1, 2),
    uuid.UUID: uuid.UUID(int=7),
    bytes: b"bytes",
}


class Method(vendor_clients.Method):
    """One method of one resource."""

    def call(self, client: Any, *, raw: bool = False, **options: Any) -> Any:
        """Call it with synthetic values for whatever it requires."""
        function = self.of(client)
        arguments, hints = way_to_call(getattr(function, "__wrapped__", function))
        required = [parameter for parameter in arguments.values() if is_required(parameter)]
        required += [arguments[name] for name in self._selectors if name in arguments]
        positional = [sample(hints[p.name]) for p in required if p.kind is not inspect.Parameter.KEYWORD_ONLY]
        named = {p.name: sample(hints[p.name]) for p in required if p.kind is inspect.Parameter.KEYWORD_ONLY}
        return self.of(client, raw=raw)(*positional, **named, **options)

    @property
    def _selectors(self) -> list[str]:
        """Arguments of which the body takes exactly one group: the first group."""
        operation = next(one for one in operations_of(self.vendor) if one.operation_id == self.operation_id)
        content = operation.definition.get("requestBody", {}).get("content", {})
        names = [media["schema"].get("$ref", "").rpartition("/")[2] for media in content.values()]
        groups = [group for name in names for group in alternatives_in(self.vendor, name)]
        return groups[0] if groups else []


def way_to_call(function: Any, *, whole: bool = False) -> tuple[dict[str, inspect.Parameter], dict[str, Any]]:
    """Parameters and type hints of a method, with the body passed member by member, or whole, where there are both."""
    ways = typing.get_overloads(function)
    way = ways[-1] if ways and whole else function
    left_out = {"self", "request_options", *(["body"] if ways and not whole else [])}
    parameters = {name: one for name, one in inspect.signature(way).parameters.items() if name not in left_out}
    for name, one in parameters.items():
        if repr(one.default) == "MISSING":
            parameters[name] = one.replace(default=inspect.Parameter.empty)
    return parameters, typing.get_type_hints(way)


def is_required(parameter: inspect.Parameter) -> bool:
    """Whether a call has to give the argument."""
    return parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD


def sample(annotation: Any) -> Any:
    """A value of a type: the first of a union, a model with its required fields."""
    origin = typing.get_origin(annotation)
    if {datetime.datetime, str} <= set(typing.get_args(annotation)):  # of a declared format, without an offset
        return datetime.datetime(2026, 1, 2)
    if origin in (types.UnionType, typing.Union):
        return sample(typing.get_args(annotation)[0])
    if origin is tuple:
        return tuple(sample(part) for part in typing.get_args(annotation))
    if origin is list or (isinstance(origin, type) and issubclass(origin, Sequence)):
        return [sample(typing.get_args(annotation)[0])]
    if origin is not None and issubclass(origin, Mapping):
        return {}
    if annotation in SAMPLES:
        return SAMPLES[annotation]
    if annotation is Any or annotation is dict:
        return {}
    if hasattr(annotation, "__attrs_attrs__"):
        return model(annotation)
    if isinstance(annotation, type) and issubclass(annotation, str):
        return next(iter(getattr(annotation, "__members__", {}).values()), "sample")
    if annotation is io.IOBase or "File" in str(annotation):
        return b"bytes"
    raise AssertionError(f"no sample for {annotation!r}")


def model(kind: type) -> Any:
    """A model with a sample for each field that its constructor requires."""
    hints = typing.get_type_hints(kind)
    required = [name for name, parameter in inspect.signature(kind).parameters.items() if is_required(parameter)]
    required += [name for group in alternatives_of(kind)[:1] for name in group]
    return kind(**{name: sample(hints[name]) for name in required})


METHODS = [
    Method(one.vendor, one.resource, one.name, one.operation, one.function)
    for subject in SUBJECTS.values()
    for one in subject.methods()
]


def methods_of(vendor: str) -> list[Method]:
    """Those of one client."""
    return [method for method in METHODS if method.vendor == vendor]

"""Calls every method of a package that nobody has seen before, by its signatures alone."""

from __future__ import annotations

import datetime
import inspect
import json
import types
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import attrs

from support.http_server import Reply, Server
from support.packages import Package

_VALUES: dict[object, object] = {
    str: "text",
    int: 3,
    float: 1.5,
    bool: True,
    bytes: b"content",
    Any: {"any": 1},
    datetime.datetime: datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.UTC),
    datetime.date: datetime.date(2024, 5, 6),
    UUID: UUID(int=7),
    type(None): None,
}


def value_of(annotation: Any, package: Package) -> Any:
    """The smallest value of a type: what is required, the first member of a union."""
    if get_origin(annotation) in (Union, types.UnionType):
        members = [one for one in get_args(annotation) if getattr(one, "__name__", "") not in ("Unset", "NoneType")]
        return value_of(members[0], package)
    if get_origin(annotation) is Literal:
        return get_args(annotation)[0]
    if get_origin(annotation) is tuple:
        return tuple(value_of(one, package) for one in get_args(annotation))
    if get_origin(annotation) in (list, Sequence):
        return [value_of(get_args(annotation)[0], package)]
    if get_origin(annotation) is not None:  # dict, Mapping
        return {"key": value_of(get_args(annotation)[1], package)}
    if annotation in _VALUES:
        return _VALUES[annotation]
    if issubclass(annotation, Enum):
        return next(iter(annotation))
    if annotation is package.module("types").File:
        return annotation(b"content")
    hints = get_type_hints(annotation)
    read_only = getattr(annotation, "READ_ONLY", ())  # a response may require them
    required = [one for one in attrs.fields(annotation) if one.default is attrs.NOTHING or one.name in read_only]
    return annotation(**{one.alias: value_of(hints[one.name], package) for one in required})


def candidates(annotation: Any, package: Package) -> Iterator[tuple[Any, Reply]]:
    """Responses that a method of this result may get, each with what the method makes of it."""
    union = get_origin(annotation) in (Union, types.UnionType)
    for member in get_args(annotation) if union else (annotation,):
        value = value_of(member, package)
        if isinstance(value, str | bytes) and not isinstance(value, Enum):
            for media_type in ("text/plain", "application/octet-stream", "text/html", "video/mp4"):
                yield value, Reply(200, value, {"content-type": media_type})
        if member is bytes:
            yield b"", Reply(200, b"")  # to HEAD
        else:
            text = json.dumps(package.module("_encoding").to_json(value)).encode() if value is not None else b""
            yield value, Reply(200, text)


def expected(annotation: Any, package: Package) -> Iterator[tuple[Any, Reply, Callable[[Any], Any]]]:
    """The candidates, and how the value is taken from what the method returns."""
    kind = get_origin(annotation) or annotation
    if kind is package.module("_runtime.streams").StreamedCall:
        yield b"content", Reply(200, b"content", {"content-type": "application/pdf"}), _read
    elif kind is package.module("_runtime.item_streams").ItemStream:
        item = value_of(get_args(annotation)[0], package)
        as_json = json.dumps(package.module("_encoding").to_json(item))
        for text in (f"data: {as_json}\n\n", f"data: {item}\n\n", f"{as_json}\n"):
            yield [item], Reply(200, text, {"content-type": "text/event-stream"}), list
    else:
        for value, reply in candidates(annotation, package):
            yield value, reply, lambda found: found


def _read(call: Any) -> bytes:
    with call as response:
        return bytes(response.read())


def client_of(package: Package, server: Server) -> Any:
    """A client with every server's address and the credentials of every grant."""
    clients = inspect.getmembers(package.module("client"), inspect.isclass)
    name = next(name for name, one in clients if one.__module__.endswith(".client") and not name.startswith("Async"))
    made = getattr(package, name)
    arguments = inspect.signature(made).parameters
    credentials = [
        one(**{field.alias: "secret" for field in attrs.fields(one) if field.default is attrs.NOTHING and field.init})
        for one in package.module("auth").CREDENTIALS
    ]
    return made(**{name: server.url for name in arguments if name.endswith("_url")}, credentials=credentials)


def methods(client: Any) -> Iterator[tuple[str, Any]]:
    """Every method of every resource."""
    for attribute in sorted(vars(type(client))):
        resource = getattr(client, attribute) if not attribute.startswith("_") else None
        if type(resource).__module__.rpartition(".")[0].endswith(".resources"):
            for name, method in inspect.getmembers(resource, inspect.ismethod):
                if not name.startswith("_"):
                    yield f"{attribute}.{name}", method


def call(method: Any, package: Package, server: Server) -> str:
    """Call a method until one of the responses it may get comes back as the value; what is wrong, if none does."""
    errors = package.module("errors")
    hints = get_type_hints(method)
    parameters = inspect.signature(method).parameters.values()
    required = [one for one in parameters if one.default is one.empty or repr(one.default) == "MISSING"]
    positional = [value_of(hints[one.name], package) for one in required if one.kind is one.POSITIONAL_OR_KEYWORD]
    named = {one.name: value_of(hints[one.name], package) for one in required if one.kind is one.KEYWORD_ONLY}
    reasons: list[str] = []
    for value, reply, result in expected(hints["return"], package):
        for status in (200, 201, 202, 203, 204):
            server.response = attrs.evolve(reply, status=status, body=b"" if status == 204 else reply.body)
            try:
                found = result(method(*positional, **named))
            except (errors.ApiError, errors.DecodeError) as error:
                reasons.append(str(error))
                continue
            if found == value:
                return ""
            reasons.append(f"{found!r} is not {value!r}")
    return "; ".join(dict.fromkeys(reasons)) or "there was no response to try"

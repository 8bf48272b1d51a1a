"""Models in pydantic and FastAPI, which read these schemas; this package does not depend on them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from .types import UNSET

_SCALARS: Final[Mapping[object, Mapping[str, Any]]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    bytes: {"type": "string", "format": "byte"},
    NoneType: {"type": "null"},
    datetime.date: {"type": "string", "format": "date"},
    datetime.datetime: {"type": "string", "format": "date-time"},
    UUID: {"type": "string", "format": "uuid"},
}


def core_schema(model: type[Any]) -> dict[str, Any]:
    """Return pydantic's schema of a model: a model or a JSON object is accepted, and it is written as an object."""

    def validate(value: Any) -> Any:
        return value if isinstance(value, model) else model.from_dict(value)  # a DecodeError is a ValueError

    def serialize(value: Any, info: Any) -> Any:
        return value.to_dict(exclude_unset=info.exclude_unset)

    return {
        "type": "function-plain",
        "function": {"type": "no-info", "function": validate},
        "serialization": {"type": "function-plain", "function": serialize, "info_arg": True},
    }


Members = Callable[[Any], Mapping[str, tuple[str, object]] | None]
"""Returns the name and the default of each member of a model, by its attribute; ``None`` for other classes."""


def json_schema(model: type[Any], members: Members) -> dict[str, Any]:
    """Return the JSON Schema of a model; a class that was described already is only named."""
    return _schema(model, members, set())


def _object(
    model: type[Any], named: Mapping[str, tuple[str, object]], members: Members, described: set[object]
) -> dict[str, Any]:
    if model in described:
        return {"type": "object", "title": model.__name__}
    described.add(model)
    hints = get_type_hints(model)
    return {
        "type": "object",
        "title": model.__name__,
        "description": getdoc(model) or "",
        "properties": {member: _schema(hints[name], members, described) for name, (member, _) in named.items()},
        "required": [member for member, default in named.values() if default is not UNSET],
    }


def _schema(hint: Any, members: Members, described: set[object]) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return {**_SCALARS[hint]}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(argument, members, described) for argument in arguments]}
    if origin is Literal:
        return {"enum": [*arguments]}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], members, described)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_schema(argument, members, described) for argument in arguments]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], members, described)}
    if (named := members(hint)) is not None:
        return _object(hint, named, members, described)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"title": hint.__name__, "enum": [one.value for one in hint]}
    return {}

"""Models in pydantic and FastAPI, which read these schemas; this package does not depend on them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import Enum
from inspect import getdoc
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from ._model import Model, attribute_names, defaults
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


def core_schema(model: type[Model]) -> dict[str, Any]:
    """Return pydantic's schema of a model: a model or a JSON object is accepted, and it is written as an object."""

    def validate(value: Any) -> Model:
        return value if isinstance(value, model) else model.from_dict(value)  # a DecodeError is a ValueError

    def serialize(value: Model, info: Any) -> dict[str, Any]:
        return value.to_dict(exclude_unset=info.exclude_unset)

    return {
        "type": "function-plain",
        "function": {"type": "no-info", "function": validate},
        "serialization": {"type": "function-plain", "function": serialize, "info_arg": True},
    }


def json_schema(model: type[Model]) -> dict[str, Any]:
    """Return the JSON Schema of a model; a class that was described already is only named."""
    return _object(model, set())


def _object(model: type[Model], described: set[type[Model]]) -> dict[str, Any]:
    if model in described:
        return {"type": "object", "title": model.__name__}
    described.add(model)
    hints = get_type_hints(model)
    return {
        "type": "object",
        "title": model.__name__,
        "description": getdoc(model) or "",
        "properties": {member: _schema(hints[name], described) for name, member in attribute_names(model).items()},
        "required": [member for member, default in defaults(model).items() if default is not UNSET],
    }


def _schema(hint: Any, described: set[type[Model]]) -> dict[str, Any]:
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return {**_SCALARS[hint]}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(argument, described) for argument in arguments]}
    if origin is Literal:
        return {"enum": [*arguments]}
    if origin is list:
        return {"type": "array", "items": _schema(arguments[0], described)}
    if origin is tuple:
        return {"type": "array", "prefixItems": [_schema(argument, described) for argument in arguments]}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(arguments[1], described)}
    if isinstance(hint, type) and issubclass(hint, Model):
        return _object(hint, described)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"title": hint.__name__, "enum": [one.value for one in hint]}
    return {}

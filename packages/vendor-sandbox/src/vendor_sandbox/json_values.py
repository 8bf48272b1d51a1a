"""Helpers to read JSON values of unknown structure without exceptions."""

from __future__ import annotations

import json
import math
from typing import Any, TypeAlias, TypeGuard

__all__ = [
    "JsonObject",
    "array_of",
    "at",
    "is_array",
    "is_object",
    "object_of",
    "read_json",
    "shortened",
    "text_of",
    "write_json",
]

JsonObject: TypeAlias = dict[str, Any]
LONGEST_ECHO = 120


def read_json(text: bytes | str) -> Any:
    """Parse a JSON text (RFC 8259).

    Raises:
        ValueError: the text is not JSON. ``NaN`` and numbers outside a double's range are errors, unlike in Python.
    """

    def refuse(constant: str) -> float:
        raise ValueError(f"{constant} is not a JSON number")

    def finite(number: str) -> float:
        value = float(number)
        return value if math.isfinite(value) else refuse(number)

    try:
        return json.loads(text, parse_constant=refuse, parse_float=finite)
    except RecursionError:
        raise ValueError("the nesting is too deep") from None


def write_json(value: object) -> bytes:
    """A value as JSON text in UTF-8; lone surrogates, which UTF-8 cannot encode, are escaped."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "backslashreplace")


def shortened(text: str) -> str:
    """A text from a request, shortened for use in a message."""
    return text if len(text) <= LONGEST_ECHO else f"{text[:LONGEST_ECHO]}…"


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Whether ``value`` is a JSON object."""
    return isinstance(value, dict)


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether ``value`` is a JSON array."""
    return isinstance(value, list)


def object_of(value: object) -> JsonObject:
    """``value`` if it is a JSON object, else an empty one."""
    return value if is_object(value) else {}


def array_of(value: object) -> list[Any]:
    """``value`` if it is a JSON array, else an empty one."""
    return value if is_array(value) else []


def text_of(value: object) -> str | None:
    """``value`` if it is a string, else ``None``."""
    return value if isinstance(value, str) else None


def at(document: object, pointer: str) -> Any:
    """The value at a JSON Pointer (RFC 6901), or ``None`` where there is none."""
    value: Any = document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        if is_array(value):
            value = value[int(key)] if key.isdecimal() and int(key) < len(value) else None
        else:
            value = object_of(value).get(key)
    return value

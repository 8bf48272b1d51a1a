"""JSON Pointers (RFC 6901) and safe access to values of unknown shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

__all__ = [
    "LONGEST_CHAIN",
    "as_list",
    "as_object",
    "child",
    "escape",
    "leaves",
    "parent",
    "resolve",
    "split",
    "unescape",
]

LONGEST_CHAIN = 50
"""The most references in a chain in which each refers to the next."""

_MISSING = object()
_INDEX = re.compile(r"0|[1-9][0-9]{0,9}")


def escape(token: str) -> str:
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def child(pointer: str, *tokens: str | int) -> str:
    """The pointer to a descendant."""
    return pointer + "".join(f"/{escape(str(token))}" for token in tokens)


def parent(pointer: str) -> str:
    """The pointer to the container; of the root, the root."""
    return pointer.rpartition("/")[0]


def split(pointer: str) -> list[str]:
    """The tokens of a pointer. Raises ValueError unless it is empty or starts with a slash."""
    if pointer and not pointer.startswith("/"):
        raise ValueError(f"`{pointer}` is not a JSON Pointer: it does not start with /")
    return [unescape(token) for token in pointer.split("/")[1:]]


def resolve(document: object, pointer: str) -> Any:
    """The value at the pointer. Raises LookupError if there is none, ValueError if the pointer is invalid."""
    value = document
    for token in split(pointer):
        found: object = _MISSING
        if isinstance(value, dict):
            found = as_object(cast(object, value)).get(token, _MISSING)
        elif isinstance(value, list):
            items = as_list(cast(object, value))
            if _INDEX.fullmatch(token) and int(token) < len(items):
                found = items[int(token)]
        if found is _MISSING:
            raise LookupError(pointer)
        value = found
    return value


def as_object(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one: documents may have any shape."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return cast(Any, value) if isinstance(value, list) else []


def leaves(value: object, pointer: str = "") -> Iterator[tuple[str, object]]:
    """Every value that is neither an object nor a list, with its pointer."""
    if isinstance(value, dict):
        for key, item in as_object(cast(object, value)).items():
            yield from leaves(item, child(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(as_list(cast(object, value))):
            yield from leaves(item, child(pointer, index))
    else:
        yield pointer, value

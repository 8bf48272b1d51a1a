"""References inside a bundled document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.pointers import as_object, resolve

__all__ = ["follow"]

_LONGEST_CHAIN = 20


def follow(document: Mapping[str, Any], pointer: str) -> tuple[str, Any]:
    """Where a place leads to through references, and what stands there; a dead end is an empty object."""
    for _ in range(_LONGEST_CHAIN):
        try:
            value = resolve(document, pointer)
        except (LookupError, ValueError):
            return pointer, {}
        target = as_object(value).get("$ref")
        if not isinstance(target, str) or not target.startswith("#"):
            return pointer, value
        pointer = target[1:]
    return pointer, {}

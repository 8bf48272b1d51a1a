"""References inside a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.pointers import as_object, resolve

__all__ = ["follow"]

_LONGEST_CHAIN = 20


def follow(document: Mapping[str, Any], value: object) -> dict[str, Any]:
    """The object, references followed; an empty one where they lead nowhere."""
    found = as_object(value)
    for _ in range(_LONGEST_CHAIN):
        reference = found.get("$ref")
        if not isinstance(reference, str) or not reference.startswith("#"):
            return found
        try:
            found = as_object(resolve(document, reference[1:]))
        except (LookupError, ValueError):
            return {}
    return {}

"""References inside a bundled document: the only place that follows a ``$ref``.

References between files are gone by then (:mod:`sdkgen.bundle`). A reference that leads nowhere, or back to itself,
leads to an empty object, so that readers of a document need no case for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.pointers import LONGEST_CHAIN, as_object, resolve

__all__ = ["destination", "follow", "object_at", "referenced", "value_at"]


def _target(value: object) -> str | None:
    """The pointer to the place that a reference names; None if the value is no reference within the document."""
    reference = as_object(value).get("$ref")
    return reference[1:] if isinstance(reference, str) and reference.startswith("#") else None


def follow(document: Mapping[str, Any], value: object) -> dict[str, Any]:
    """The object that the value is or refers to."""
    pointer = _target(value)
    return as_object(value) if pointer is None else object_at(document, pointer)


def destination(document: Mapping[str, Any], pointer: str) -> tuple[str, Any]:
    """Where a place leads to through references, and the value that stands there."""
    for _ in range(LONGEST_CHAIN):
        value = value_at(document, pointer)
        onward = _target(value)
        if onward is None:
            return pointer, value
        pointer = onward
    return pointer, {}


def value_at(document: Mapping[str, Any], pointer: str) -> Any:
    """What stands at a place, itself a reference or not; an empty object where nothing does."""
    try:
        return resolve(document, pointer)
    except (LookupError, ValueError):
        return {}


def object_at(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """The object that stands at a place or is referred to there."""
    return as_object(destination(document, pointer)[1])


def referenced(document: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """The object at the place that a reference (``#/components/schemas/Row``) names, which may be a reference again."""
    return as_object(value_at(document, reference.removeprefix("#")))

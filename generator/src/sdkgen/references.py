"""Resolution of references inside a bundled document; the only module that follows a ``$ref``.

References between files are already resolved (:mod:`sdkgen.bundle`). A reference without a target, or to itself,
resolves to an empty object, so that callers need no special case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.pointers import LONGEST_CHAIN, as_object, resolve

__all__ = ["destination", "follow", "object_at", "referenced", "value_at"]


def _target(value: object) -> str | None:
    """The pointer to the target of a reference; None if the value is not a reference within the document."""
    reference = as_object(value).get("$ref")
    return reference[1:] if isinstance(reference, str) and reference.startswith("#") else None


def follow(document: Mapping[str, Any], value: object) -> dict[str, Any]:
    """Return the object, or the object that it refers to."""
    pointer = _target(value)
    return as_object(value) if pointer is None else object_at(document, pointer)


def destination(document: Mapping[str, Any], pointer: str) -> tuple[str, Any]:
    """Follow the references at a pointer; returns the pointer and the value of the target."""
    for _ in range(LONGEST_CHAIN):
        value = value_at(document, pointer)
        onward = _target(value)
        if onward is None:
            return pointer, value
        pointer = onward
    return pointer, {}


def value_at(document: Mapping[str, Any], pointer: str) -> Any:
    """Return the value at a pointer, without following references; an empty object if there is none."""
    try:
        return resolve(document, pointer)
    except (LookupError, ValueError):
        return {}


def object_at(document: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    """Return the object at a pointer, references followed."""
    return as_object(destination(document, pointer)[1])


def referenced(document: Mapping[str, Any], reference: str) -> dict[str, Any]:
    """Return the direct target of a reference (``#/components/schemas/Row``), which may be a reference itself."""
    return as_object(value_at(document, reference.removeprefix("#")))

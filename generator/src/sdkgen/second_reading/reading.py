"""A comparable form of the result of reading a document, by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from attrs import frozen

from sdkgen.pointers import child

__all__ = ["Difference", "Reading", "differences", "model", "operation", "pointer", "requirement", "within"]

Reading: TypeAlias = dict[str, str]
"""Descriptions by place. A place is ``operation GET /things`` or ``model Thing``, or something within one of these:
``model Thing: member name``."""

_WITHIN = ": "


def operation(method: str, path: str) -> str:
    """The place of an operation."""
    return f"operation {method.upper()} {path}"


def model(name: str) -> str:
    """The place of a model."""
    return f"model {name}"


def within(place: str, what: str) -> str:
    """A place in an operation or a model: a parameter, a media type, a status, a member."""
    return f"{place}{_WITHIN}{what}"


def requirement(required: bool) -> str:
    return "required" if required else "optional"


def pointer(place: str) -> str:
    """The pointer to a place in the document, or to the nearest known object."""
    kind, _, name = place.partition(_WITHIN)[0].partition(" ")
    if kind == "operation":
        method, _, path = name.partition(" ")
        return child("/paths", path, method.lower())
    return child("/components/schemas", name) if kind == "model" else ""


@frozen
class Difference:
    """One place that two readers read differently; ``None``: the reader does not have the place."""

    place: str
    ours: str | None
    theirs: str | None


def differences(ours: Mapping[str, str], theirs: Mapping[str, str]) -> Iterator[Difference]:
    """Every place that is read differently.

    If only one reader has an operation or a model, its parts are not compared.
    """
    for place in sorted({*ours, *theirs}):
        whole = place.partition(_WITHIN)[0]
        if place != whole and (whole in ours) != (whole in theirs):
            continue
        if ours.get(place) != theirs.get(place):
            yield Difference(place, ours.get(place), theirs.get(place))

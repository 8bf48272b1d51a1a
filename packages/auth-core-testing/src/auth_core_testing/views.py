"""The text forms of an object, as shown in logs, debuggers and error collectors."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from pprint import pformat
from typing import Any, cast

import attrs

__all__ = ["serialized", "text_of", "views"]

MAX_DEPTH = 8


def views(thing: object) -> Iterator[tuple[str, str]]:
    """The text forms of an object, with the tool that makes each."""
    yield "repr", text_of(thing)
    yield "str", text_of(thing, format)
    yield "pprint", text_of(thing, pformat)
    yield "vars", text_of(thing, _variables)
    yield "attrs.asdict", text_of(thing, _as_dict)
    yield "a serializer", text_of(thing, serialized)
    with suppress(ImportError):  # optional
        from rich.pretty import pretty_repr

        yield "rich", text_of(thing, pretty_repr)


def _variables(thing: Any) -> str:
    return serialized(cast("object", vars(thing)), depth=1)


def _as_dict(thing: Any) -> str:
    return repr(attrs.asdict(thing))


def text_of(thing: object, show: Callable[[Any], str] = repr) -> str:
    """The text form of an object; empty if producing it raises."""
    try:
        return show(thing)
    except Exception:
        return ""


def serialized(thing: object, *, depth: int = MAX_DEPTH) -> str:
    """The reprs of all parts of an object: the items of containers, the fields of attrs classes and dataclasses.

    Includes fields that the object's own repr leaves out.
    """
    parts = () if depth == 0 else _parts(thing)
    return "\n".join((text_of(thing), *(serialized(part, depth=depth - 1) for part in parts)))


def _parts(thing: object) -> list[object]:
    with suppress(Exception):  # a user-defined container may raise anything
        if isinstance(thing, Mapping):
            items = cast("Mapping[object, object]", thing)
            return [part for item in list(items.items()) for part in item]
        if isinstance(thing, list | tuple | Set):
            return list(cast("list[object]", thing))
        if not isinstance(thing, type) and attrs.has(type(thing)):
            return [getattr(thing, field.name, None) for field in attrs.fields(cast("Any", type(thing)))]
        if not isinstance(thing, type) and dataclasses.is_dataclass(thing):
            return [getattr(thing, field.name, None) for field in dataclasses.fields(thing)]
    return []

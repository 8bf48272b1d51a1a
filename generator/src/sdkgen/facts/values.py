"""The Python source of a value, without arguments that are defaults."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import attrs

from sdkgen.code import Code, literal

__all__ = ["source_of", "types_in"]


def source_of(value: object) -> Code:
    """The expression for the value: attrs instances by their constructor, everything else as a literal.

    Fields that have their default are omitted. A required field is positional if it is the only one.
    """
    if attrs.has(type(value)):
        return Code(f"{type(value).__name__}({', '.join(_arguments(value))})")
    if isinstance(value, dict):
        members = cast("dict[object, object]", value).items()
        return Code("{" + ", ".join(f"{source_of(key)}: {source_of(item)}" for key, item in members) + "}")
    if isinstance(value, list):
        return Code(f"[{', '.join(map(source_of, cast('list[object]', value)))}]")
    if isinstance(value, tuple):
        items = [source_of(item) for item in cast("tuple[object, ...]", value)]
        return Code(f"({', '.join(items)}{',' if len(items) == 1 else ''})")
    if isinstance(value, float) and value.is_integer():
        return literal(int(value))
    return literal(value)


def _arguments(value: object) -> Iterator[str]:
    fields = attrs.fields(cast("type[attrs.AttrsInstance]", type(value)))
    alone = [attribute for attribute in fields if attribute.default is attrs.NOTHING]
    for attribute in fields:
        given: object = getattr(value, attribute.name)
        if attribute.default is not attrs.NOTHING and given == _default(attribute.default):
            continue
        source = source_of(given)
        yield source if attribute in alone and len(alone) == 1 else f"{attribute.name}={source}"


def _default(default: Any) -> object:
    return default.factory() if isinstance(default, attrs.Factory) else default  # type: ignore[arg-type]


def types_in(value: object) -> set[str]:
    """The names of the attrs classes that :func:`source_of` uses, for the import."""
    names: set[str] = set()
    if attrs.has(type(value)):
        names.add(type(value).__name__)
        for attribute in attrs.fields(cast("type[attrs.AttrsInstance]", type(value))):
            given: object = getattr(value, attribute.name)
            if attribute.default is attrs.NOTHING or given != _default(attribute.default):
                names |= types_in(given)
    elif isinstance(value, dict):
        names = names.union(*map(types_in, cast("dict[object, object]", value).values()))
    elif isinstance(value, list | tuple):
        names = names.union(*map(types_in, cast("list[object]", value)))
    return names

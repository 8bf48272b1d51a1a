"""Hypothesis strategies for the models of the clients, from their types."""

from __future__ import annotations

import datetime
import importlib
import re
import types
import typing
import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

import attrs
from hypothesis import strategies as st

from clients.examples import alternatives_of

LEAVES: st.SearchStrategy[Any] = st.sampled_from([None, True, False, 0, -7, 1.5, 2**60, "", "é", "null"])
JSON = LEAVES | st.lists(LEAVES, max_size=2) | st.dictionaries(st.sampled_from(["a", "", "from"]), LEAVES, max_size=2)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=12),
    int: st.integers(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bool: st.booleans(),
    type(None): st.none(),
    Any: JSON,
    dict: st.dictionaries(st.text(max_size=4), LEAVES, max_size=2),
    datetime.date: st.dates(),
    datetime.datetime: st.datetimes(timezones=st.just(datetime.UTC)),
    uuid.UUID: st.uuids(),
}


@cache
def values_of(annotation: Any) -> st.SearchStrategy[Any]:
    """Values of a type; of an enumeration those that it has."""
    if annotation in SCALARS:
        return SCALARS[annotation]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if {datetime.datetime, str} <= set(arguments):  # of a declared format, which has neither an offset nor a fraction
        rest = [argument for argument in arguments if argument is not datetime.datetime]
        moments = st.datetimes(min_value=datetime.datetime(1900, 1, 1)).map(
            lambda moment: moment.replace(microsecond=0)
        )
        return st.one_of(moments, *map(values_of, rest))
    if origin in (types.UnionType, typing.Union):
        return st.one_of([values_of(argument) for argument in arguments])
    if origin is typing.Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values_of(arguments[0]), max_size=2)
    if origin is tuple and arguments[-1] is not ...:
        return st.tuples(*map(values_of, arguments))
    if origin is dict:
        return st.dictionaries(st.text(max_size=4), values_of(arguments[1]), max_size=2)
    if attrs.has(annotation) and hasattr(annotation, "from_dict"):
        return st.deferred(lambda: models_of(annotation))
    if annotation.__name__ == "File":
        return st.builds(annotation, payload=st.text(max_size=8).map(str.encode))
    assert issubclass(annotation, str), annotation
    return st.sampled_from(list(getattr(annotation, "__members__", {}).values()))


@cache
def models_of(kind: Any) -> st.SearchStrategy[Any]:
    """Models with any of their members set, and with undocumented members."""
    hints = typing.get_type_hints(kind)
    members = importlib.import_module(kind.__module__)._MEMBERS
    unset = importlib.import_module(f"{kind.__module__.partition('.')[0]}.types").UNSET
    optional = {one.name for one in attrs.fields(kind) if one.default is unset}
    given = {
        name: values_of(hint) | st.just(unset) if name in optional else values_of(hint)
        for name, hint in hints.items()
        if name != "additional_properties"
    }
    of_others = values_of(typing.get_args(hints["additional_properties"])[1])
    others = st.dictionaries(st.text(max_size=4).filter(lambda name: name not in members), of_others, max_size=1)
    groups = alternatives_of(kind) or [[]]
    chosen = [
        {name: st.just(unset) for other in groups for name in other}
        | {name: given[name].filter(lambda value: value is not unset) for name in group}
        for group in groups
    ]
    return st.one_of([st.builds(kind, **given | one, additional_properties=others) for one in chosen])


def one_of_each_shape(kinds: Iterable[type]) -> list[type]:
    """Few models that together have every type that a member of any has; which model or constant it is does not count.

    The code that reads and writes a member is made from its type, so the other models can only fail where these do.
    """
    left = {kind: _shapes(kind) for kind in kinds}
    chosen: list[type] = []
    while any(left.values()):
        best = max(left, key=lambda kind: len(left[kind]))
        chosen.append(best)
        seen = left.pop(best)
        left = {kind: shapes - seen for kind, shapes in left.items()}
    return chosen


def _shapes(kind: type) -> frozenset[str]:
    hints = typing.get_type_hints(kind)
    return frozenset(
        re.sub(r"\w+\.models\.\w+\.\w+|Literal\[[^]]*\]", "one of many", str(hint)) for hint in hints.values()
    )

"""Evaluate the response conditions of a spec. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from .expressions import ABSENT, ResponseView, resolve_pointer
from .lifecycle import ResponseCondition, ValueCondition

ALL_STATUSES = frozenset(range(100, 600))


def matches(conditions: Iterable[ResponseCondition], response: ResponseView) -> bool:
    """Whether any of the conditions holds."""
    return any(_holds(condition, response) for condition in conditions)


def advice(conditions: Iterable[ResponseCondition], response: ResponseView) -> str:
    """The advice of the first condition that holds and has one."""
    return next((each.advice for each in conditions if each.advice and _holds(each, response)), "")


def possible_statuses(conditions: Iterable[ResponseCondition]) -> frozenset[int]:
    """The status codes for which a condition can hold, for a cheap check before :func:`matches`."""
    return frozenset[int]().union(*(_statuses(condition) for condition in conditions))


def _holds(condition: ResponseCondition, response: ResponseView) -> bool:
    return (
        (not condition.status or response.status in _statuses(condition))
        and all(
            _value_holds(expected, response.headers.get(name.lower(), ABSENT))
            for name, expected in condition.headers.items()
        )
        and all(_value_holds(value, resolve_pointer(response.json, at)) for at, value in condition.body.items())
    )


def _statuses(condition: ResponseCondition) -> frozenset[int]:
    if not condition.status:
        return ALL_STATUSES
    found: set[int] = set()
    for status in condition.status:
        text = str(status)
        found |= set(range(int(text[0]) * 100, int(text[0]) * 100 + 100)) if text[1:].upper() == "XX" else {int(text)}
    return frozenset(found)


def _value_holds(condition: ValueCondition, value: object) -> bool:
    there = value is not ABSENT and value is not None
    if condition.present is not None:
        return there is condition.present
    if condition.any_of is not None:
        return there and any(_same(value, other) for other in condition.any_of)
    return there and not any(_same(value, other) for other in condition.none_of or ())


def _same(value: object, other: object) -> bool:
    """JSON equality: ``true`` is not 1."""
    if isinstance(value, bool) or isinstance(other, bool):
        return value is other
    return value == other

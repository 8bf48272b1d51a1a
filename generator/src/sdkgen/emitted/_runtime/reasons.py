"""The reason that the body of a failed response states, in the forms that APIs use. Pure.

Known are problem details (RFC 9457, RFC 7807), JSON:API, lists of errors with a field and a message, and objects whose
members are fields and whose values are what is wrong with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import TypeAlias, cast

from ..types import is_array

FieldError: TypeAlias = tuple[str, str]
"""Where, such as ``items[1].amount`` or an empty text, and what is wrong there."""

MAX_FIELD_ERRORS = 10
"""How many field errors a reason lists."""
MAX_LEVELS = 8
"""Nesting of fields that is read."""

_MESSAGES = ("detail", "message", "error_description", "title", "error", "errorMessage", "description")
"""Members of a body that explain the failure, the most specific first."""
_ERRORS = (
    "errors",
    "error",
    "detail",
    "details",
    "issues",
    "violations",
    "invalid-params",
    "invalidParams",
    "invalid_params",
    "fieldErrors",
    "field_errors",
    "validationErrors",
    "validation_errors",
)
"""Members of a body that hold several errors."""
_TEXTS = (
    "detail",
    "message",
    "msg",
    "reason",
    "description",
    "defaultMessage",
    "errorMessage",
    "error",
    "title",
    "code",
)
"""Members of one error that say what is wrong, the most specific first."""
_PLACES = ("field", "loc", "pointer", "parameter", "header", "param", "propertyPath", "property", "path", "name")
"""Members of one error that say where."""
_OF_NO_FIELD = frozenset({"", "__all__", "_errors", "_schema", "base", "non_field_errors", "nonFieldErrors"})


def reason(body: object, message: str | None) -> str:
    """Return the message of a failure and its field errors on one line; empty if the body states neither.

    Args:
        body: The body as a JSON value; ``None`` without one.
        message: The message in the place that the API declares, if the response has it.
    """
    stated = message or _message(body)
    listed: dict[str, None] = {}
    errors = field_errors(body)
    for place, text in islice(errors, MAX_FIELD_ERRORS):
        if text not in stated:
            listed[f"{place}: {text}" if place else text] = None
    more = ["…"] if next(errors, None) else []
    stated = stated.strip()
    between = (" " if stated.endswith((".", "!", ":")) else ": ") if stated and listed else ""
    return f"{stated}{between}{'; '.join([*listed, *more])}"


def field_errors(body: object) -> Iterator[FieldError]:
    """Iterate over the errors that a body lists, in order."""
    if is_array(body):
        yield from _listed(body, "", MAX_LEVELS)
    members = _object(body)
    found = False
    for name in _ERRORS:
        for error in _held(members.get(name)):
            found = True
            yield error
    if not found and _are_fields(members, MAX_LEVELS, texts=False):
        yield from _of_fields(members, "", MAX_LEVELS)


def _held(value: object) -> Iterator[FieldError]:
    if is_array(value):
        yield from _listed(value, "", MAX_LEVELS)
        return
    members = _object(value)
    for name in _ERRORS:
        if is_array(members.get(name)):
            yield from _listed(members[name], "", MAX_LEVELS)
            return
    if _are_fields(members, MAX_LEVELS, texts=not members.keys() & set(_MESSAGES)):
        yield from _of_fields(members, "", MAX_LEVELS)


def _message(body: object) -> str:
    members = _object(body)
    for name in _MESSAGES:
        value = members.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if name == "error" and _object(value) and (inner := _message(value)):
            return inner
    return ""


def _listed(errors: object, within: str, levels: int) -> Iterator[FieldError]:
    for index, error in enumerate(cast("list[object]", errors)):
        members = _object(error)
        text = next((str(members[name]) for name in _TEXTS if _is_text(members.get(name))), "")
        if isinstance(error, str):
            yield within, error
        elif text:
            yield _joined(within, _place(members)), text
        elif _are_fields(members, levels, texts=True):
            yield from _of_fields(members, f"{within}[{index}]" if within else "", levels - 1)


def _of_fields(fields: Mapping[str, object], within: str, levels: int) -> Iterator[FieldError]:
    for name, value in fields.items():
        place = within if name in _OF_NO_FIELD else _joined(within, name)
        if isinstance(value, str):
            yield place, value
        elif is_array(value):
            yield from _listed(value, place, levels - 1)
        else:
            yield from _of_fields(_object(value), place, levels - 1)


def _are_fields(members: Mapping[str, object], levels: int, *, texts: bool) -> bool:
    """Return whether each member is a field and its value what is wrong with it, and not data."""
    return levels > 0 and bool(members) and all(_is_wrong(value, levels, texts) for value in members.values())


def _is_wrong(value: object, levels: int, texts: bool) -> bool:
    if isinstance(value, str):
        return texts
    if is_array(value):
        items = cast("list[object]", value)
        return bool(items) and all(
            isinstance(one, str) or one == {} or _are_fields(_object(one), levels - 1, texts=True) for one in items
        )
    return _are_fields(_object(value), levels - 1, texts=texts)


def _place(error: Mapping[str, object]) -> str:
    source = _object(error.get("source"))
    for members in (source, error):
        for name in _PLACES:
            place = members.get(name)
            if isinstance(place, str) and place:
                return _dotted(place.removeprefix("#").removeprefix("/").split("/"))
            if is_array(place) and place:
                return _dotted(place)
    return ""


def _dotted(parts: list[str] | list[object]) -> str:
    place = ""
    for part in parts:
        place = f"{place}[{part}]" if str(part).isdigit() else _joined(place, str(part))
    return place


def _joined(within: str, name: str) -> str:
    return f"{within}.{name}" if within and name else within or name


def _is_text(value: object) -> bool:
    return (isinstance(value, str) and bool(value.strip())) or (isinstance(value, int) and not isinstance(value, bool))


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}

"""Encoders: each returns the JSON value for a value of a model."""

from __future__ import annotations

import base64
import datetime
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from .errors import InvalidArgument
from .types import NaiveDateTime


def format_date_time(value: datetime.datetime) -> str:
    """Format a date-time as RFC 3339: UTC as ``Z``, no more fractional digits than needed.

    Raises:
        InvalidArgument: The date-time is naive, so that its offset is unknown, and no server sent it so.
    """
    if value.tzinfo is None and not isinstance(value, NaiveDateTime):
        message = f"{value!r} has no time zone; pass an aware datetime, such as datetime.now(timezone.utc)"
        raise InvalidArgument(message)
    text = _shortest(value)
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def format_local_date_time(value: datetime.datetime) -> str:
    """Format a date-time without an offset.

    Raises:
        InvalidArgument: The date-time is aware; dropping its time zone would change its meaning.
    """
    if value.tzinfo is not None:
        message = f"{value!r} has a time zone, but this member has none; pass a naive datetime in the API's local time"
        raise InvalidArgument(message)
    return _shortest(value)


def _shortest(value: datetime.datetime) -> str:
    if value.microsecond and value.microsecond % 1000 == 0:
        return value.isoformat(timespec="milliseconds")
    return value.isoformat()


def format_base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def one_alternative(members: Mapping[str, Any], model: str, *alternatives: tuple[str, ...]) -> None:
    """Check that an object to be sent has all members of exactly one alternative (``oneOf`` of ``required``).

    Raises:
        InvalidArgument: It has those of none, or of several.
    """
    if sum(all(name in members for name in alternative) for alternative in alternatives) == 1:
        return
    options = "; ".join(" with ".join(alternative) for alternative in alternatives)
    given = dict.fromkeys(name for alternative in alternatives for name in alternative if name in members)
    message = f"{model} takes exactly one of: {options}. Given: {', '.join(given) or 'none of them'}"
    raise InvalidArgument(message)


def needs(members: Mapping[str, Any], model: str, name: str, *others: str) -> None:
    """Check that a member comes with the others that it depends on (``dependentRequired``).

    Raises:
        InvalidArgument: One of them is missing.
    """
    missing = [other for other in others if other not in members] if name in members else []
    if missing:
        message = f"{model} takes {name} only with {', '.join(missing)}"
        raise InvalidArgument(message)


def to_json(value: Any, *, exclude_unset: bool = True) -> Any:
    """Return the JSON value for a member of a union; with `exclude_unset`, without the missing members of models."""
    if isinstance(value, str | int | float) or value is None:
        return value
    if isinstance(value, list | tuple):
        return [to_json(each, exclude_unset=exclude_unset) for each in cast("Sequence[Any]", value)]
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value).items()
        return {key: to_json(member, exclude_unset=exclude_unset) for key, member in pairs}
    if isinstance(value, datetime.datetime):
        return format_date_time(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, bytes):
        return format_base64(value)
    return value.to_dict(exclude_unset=exclude_unset)


def masked(value: object) -> str:
    """Return the ``repr`` of a member that holds a secret: whether there is one, not which."""
    return repr(value) if value is None or value == {} else "****"

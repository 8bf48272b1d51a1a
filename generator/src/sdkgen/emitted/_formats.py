"""Dates in a format that the API's description declares; a text of another form stays a text."""

from __future__ import annotations

import datetime
from typing import Any

from ._decoding import mismatch
from .errors import DecodeError, InvalidArgument


def formatted_date_time(value: Any, form: str) -> datetime.datetime | str:
    """Decode a date-time.

    Args:
        value: The text, or an argument.
        form: The directives of ``strftime``.
    """
    if isinstance(value, str):
        return _moment(value, form) or value
    if isinstance(value, datetime.datetime):
        wrong = _wrong_zone(value, form)
        if wrong:
            raise DecodeError("$", wrong)
        return value
    raise mismatch("a date-time", value)


def formatted_date(value: Any, form: str) -> datetime.date | str:
    """Decode a date; the arguments are those of :func:`formatted_date_time`."""
    if isinstance(value, str):
        moment = _moment(value, form)
        return value if moment is None else moment.date()
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    raise mismatch("a date", value)


def _moment(text: str, form: str) -> datetime.datetime | None:
    """Read a text that would be written in the same way, byte for byte; ``None``: it would not, or is no date."""
    try:
        moment = datetime.datetime.strptime(text, form)
        return moment if moment.strftime(form) == text else None
    except ValueError:
        return None


def format_as(value: datetime.date | str, form: str) -> str:
    """Write a date or date-time in a format. A part that the format has no directive for is left out.

    Raises:
        InvalidArgument: The format has an offset and the date-time has no time zone, or the other way round.
    """
    if isinstance(value, str):
        return value
    wrong = _wrong_zone(value, form) if isinstance(value, datetime.datetime) else ""
    if wrong:
        raise InvalidArgument(wrong)
    return value.strftime(form)


def _wrong_zone(value: datetime.datetime, form: str) -> str:
    if "%z" in form.replace("%%", ""):
        return "" if value.tzinfo is not None else f"{value!r} has no time zone; pass an aware datetime"
    if value.tzinfo is None:
        return ""
    return f"{value!r} has a time zone, but the format has none; pass a naive datetime in the API's local time"

"""Date-times as APIs write them: RFC 3339, also with its rarer spellings, and without an offset."""

from __future__ import annotations

import datetime


def parse_date_time(text: str) -> datetime.datetime:
    """Parse a date-time with or without an offset, in capital or small letters.

    Raises:
        OverflowError, ValueError: It is none.
    """
    if not {"T", "t", " "}.intersection(text):
        raise ValueError(text)
    capital = text.replace("z", "Z")
    return _leap_second(*capital.split(":60", 1)) if ":60" in capital else datetime.datetime.fromisoformat(capital)


def _leap_second(before: str, after: str) -> datetime.datetime:
    """Parse ``23:59:60`` of UTC (RFC 3339 section 5.7), which a datetime cannot hold, as the second after it."""
    moment = datetime.datetime.fromisoformat(f"{before}:59{after}") + datetime.timedelta(seconds=1)
    utc = moment.astimezone(datetime.UTC) if moment.tzinfo is not None else moment
    if utc.time().replace(microsecond=0) != datetime.time():
        raise ValueError(before)
    return moment

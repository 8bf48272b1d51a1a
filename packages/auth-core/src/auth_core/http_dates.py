"""Times in the headers of an answer. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime


def retry_after_seconds(headers: Mapping[str, str], now_wall: float) -> float | None:
    """``Retry-After`` in seconds (RFC 9110 section 10.2.3); ``None`` when absent or unreadable.

    Args:
        headers: Names in lower case, or a mapping that ignores case.
        now_wall: Seconds since the Unix epoch, for an answer without a ``Date``.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = http_date(text)
    served = http_date(headers.get("date", ""))  # both by the server's clock, whatever ours says
    return None if moment is None else max(0.0, moment - (now_wall if served is None else served))


def http_date(text: str) -> float | None:
    """Seconds since the Unix epoch, of a date as HTTP writes it."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()  # of asctime, which names no zone
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

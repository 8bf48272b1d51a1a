"""Values of a response: OpenAPI runtime expressions, JSON Pointers, the claims of a JWT, dates. Pure."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property, lru_cache
from typing import Any, TypeAlias, cast

from attrs import frozen

from .errors import ConfigurationError
from .wire import TokenHttpResponse

JsonValue: TypeAlias = Any


class _Absent:
    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Any = _Absent()
"""No value. ``null`` is a value."""


@frozen(slots=False, eq=False, repr=False)
class ResponseView:
    """An HTTP response whose JSON is parsed once, on demand."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @classmethod
    def of(cls, response: TokenHttpResponse) -> ResponseView:
        return cls(response.status, response.headers, response.content)

    @cached_property
    def json(self) -> JsonValue:
        """The JSON body; ``ABSENT`` if it is not JSON."""
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
            return ABSENT


def resolve_pointer(document: JsonValue, pointer: str) -> JsonValue:
    """The value at a JSON Pointer (RFC 6901), or ``ABSENT``."""
    value = document
    for part in pointer_parts(pointer):
        if isinstance(value, Mapping):
            value = cast("Mapping[str, JsonValue]", value).get(part, ABSENT)
        elif isinstance(value, list) and part.isascii() and part.isdigit() and len(part) < 10:
            items = cast("Sequence[JsonValue]", value)
            value = items[int(part)] if int(part) < len(items) else ABSENT
        else:
            return ABSENT
    return value


@lru_cache(maxsize=256)
def pointer_parts(pointer: str) -> tuple[str, ...]:
    """The unescaped reference tokens of a JSON Pointer."""
    if not pointer:
        return ()
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.removeprefix("/").split("/"))


def evaluate(expression: str, response: ResponseView) -> JsonValue:
    """The value of ``$response.body``, ``$response.body#/pointer`` or ``$response.header.NAME``; else ``ABSENT``."""
    if expression == "$response.body":
        return response.content.decode("utf-8", "replace").strip()
    if expression.startswith("$response.body#"):
        return resolve_pointer(response.json, expression.removeprefix("$response.body#"))
    if expression.startswith("$response.header."):
        return response.headers.get(expression.removeprefix("$response.header.").lower(), ABSENT)
    message = f"{expression!r} is not a supported response expression"
    raise ConfigurationError(message)


def jwt_claims(text: str) -> Mapping[str, JsonValue] | None:
    """The unverified claims of a signed JWT (three parts); ``None`` if it is not a JWT."""
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        return None
    try:
        padded = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return cast("Mapping[str, JsonValue]", claims) if isinstance(claims, dict) else None


def retry_after_seconds(headers: Mapping[str, str], now_wall: float) -> float | None:
    """``Retry-After`` in seconds (RFC 9110 section 10.2.3); ``None`` if absent or unreadable.

    Args:
        headers: names in lower case, or a case-insensitive mapping.
        now_wall: seconds since the Unix epoch, for a response without a ``Date``.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    moment = http_date(text)
    served = http_date(headers.get("date", ""))  # both by the server's clock, so this machine's does not matter
    return None if moment is None else max(0.0, moment - (now_wall if served is None else served))


def http_date(text: str) -> float | None:
    """Parse an HTTP date to seconds since the Unix epoch; ``None`` if unreadable."""
    try:
        date = parsedate_to_datetime(text)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()  # asctime has no zone
    except (ValueError, TypeError, OverflowError, IndexError):
        return None

"""What errors have in common: the request id, the typed body, the form for logs, the statuses that can pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar, cast

T_co = TypeVar("T_co", covariant=True)

TRANSIENT_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, *range(520, 525)})
"""Failures of a moment: a request that arrived too slowly, too early or too often, an error of the server or of one
behind it; 520 to 524 are those of Cloudflare. Not 501, 505 and the like, which the next attempt would get again."""

_REQUEST_IDS = (
    "x-request-id",
    "request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-ms-request-id",
    "cf-ray",
)
_LOGGED = (
    "operation_id",
    "method",
    "path_template",
    "url",
    "status_code",
    "code",
    "request_id",
    "path",
    "request_sent",
    "retryable",
    "retry_after_seconds",
    "attempts",
    "elapsed_seconds",
)


class TypedBody(Generic[T_co]):
    """The attribute ``error``: read-only, so that subclasses can have a narrower type for it."""

    def __get__(self, error: object, kind: type[object] | None = None) -> T_co:
        return cast("T_co", self if error is None else vars(error)["_error"])


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the id that an API gave a request; ``None`` if the response has none."""
    found = {name.lower(): value for name, value in headers.items()}
    return next((found[name] for name in _REQUEST_IDS if found.get(name)), None)


def logged(error: Exception) -> dict[str, Any]:
    """Return an error as JSON values, under the same keys for every error."""
    return {
        "type": type(error).__name__,
        "message": str(error),
        **{name: getattr(error, name, None) for name in _LOGGED},
        "notes": [*getattr(error, "__notes__", ())],
    }

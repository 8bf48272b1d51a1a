"""The notes of errors (PEP 678): what to do. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .._error_details import TRANSIENT_STATUSES
from ..errors import (
    ApiError,
    DecodeError,
    RedirectError,
    TransportError,
    TransportTimeoutError,
    UnexpectedResponseError,
)

REJECTED = "The API rejected the token, and not only its age: `explain_tokens()` returns what was tried."
_UNDECODED = "`with_raw_response` returns the response undecoded."
_IN_DOUBT = "The API may have processed the request: check that before you repeat the call."
_IN_DOUBT_STATUSES = TRANSIENT_STATUSES - {425, 429}
"""After these the request may have had its effect; after 425 and 429 it had none (RFC 8470 section 5.2), or hardly."""


def after_failure(error: ApiError, server: str, *, is_documented: bool | None) -> Iterator[str]:
    """Iterate over the notes for a failed response.

    Args:
        error: The error.
        server: The argument with the URL of the server.
        is_documented: Whether the body is one that the API's description has; ``None`` if the description has none.
    """
    if error.status_code in {404, 405} and is_documented is False:
        yield f"The body is not an error of this API. {_wrong_path(error.url, server)}"
    if isinstance(error, RedirectError):
        yield f"If the API has moved, change {server}."
    if isinstance(error, UnexpectedResponseError):
        yield f"The API's description does not document this success. {_UNDECODED}"
    if error.status_code in _IN_DOUBT_STATUSES and not error.retryable:
        yield _IN_DOUBT
    if error.retry_after_seconds is not None:
        yield f"The API asks to wait {error.retry_after_seconds:g} s before the next request (`retry_after_seconds`)."


def after_wrong_body(error: DecodeError, server: str, *, is_html: bool) -> Iterator[str]:
    """Iterate over the notes for a success that cannot be decoded."""
    if is_html:
        yield f"The body is an HTML page. {_wrong_path(error.url or '', server)}"
    yield _UNDECODED


def after_missing_response(error: TransportError, server: str) -> Iterator[str]:
    """Iterate over the notes for a request without a response."""
    if not error.request_sent:
        yield f"The request was not sent, so the call can be repeated. Check that the API can be reached at {server}."
        return
    if isinstance(error, TransportTimeoutError):
        yield "If the API is only slow, raise `timeout`, of this call or of the client."
    if error.retryable:
        yield "The API may have processed the request; the operation can be repeated nevertheless."
    else:
        yield _IN_DOUBT


def _wrong_path(url: str, server: str) -> str:
    return f"The request went to {url}. If other calls fail like this, the path of {server}, is wrong."

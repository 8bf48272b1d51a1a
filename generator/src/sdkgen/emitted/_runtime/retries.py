"""Whether a failed attempt is followed by another one, after how many seconds, and what that costs. Pure."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from attrs import frozen
from auth_core.contract import http_errors, is_bad_redirect, request_was_sent, reset_in_child, retry_after_seconds

from .._error_details import TRANSIENT_STATUSES
from .repetition import Repetition

MAX_RETRIES = 2
"""How often a call is tried again by default: three attempts."""
MAX_RETRY_AFTER = 5.0
"""Seconds by which a server's hint (``Retry-After``) extends the client's own pause at most, by default."""
TRANSIENT_SECONDS = 0.05
"""Pause before the first retry after a failure that is probably over soon."""
THROTTLED_SECONDS = 1.0
"""Pause before the first retry after a server limited the rate, or said when to come back."""
LONGEST_PAUSE_SECONDS = 20.0
"""Limit of a pause, before the jitter is drawn and without a hint."""
QUOTA = 500
"""Tokens of a client. They limit how many retries an outage adds to the requests."""
TRANSIENT_COST, THROTTLED_COST = 14, 5
"""Tokens that a retry costs."""

THROTTLED_STATUSES = frozenset({429})
"""RFC 6585 section 4. A 503 is throttled if it has a hint (RFC 9110 section 15.6.4)."""
NOT_PROCESSED_STATUSES = frozenset({425})
"""The standard says that the server did not act on the request: RFC 8470 section 5.2 of 425. RFC 6585 does not say it
of 429, nor RFC 9110 of 408 and 503."""

_TRANSIENT_ERRORS = (
    "ConnectError",
    "ConnectTimeout",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "WriteError",
    "WriteTimeout",
)
"""Not ``PoolTimeout``: the client itself is too busy. Not ``ProxyError``: the proxy refused."""
_TO_BE_CONFIGURED = ("CERTIFICATE_VERIFY_FAILED", "WRONG_VERSION_NUMBER")


@frozen
class Failure:
    """A failure that another attempt may not meet."""

    throttled: bool = False
    processed: bool = True
    """Whether the server may have acted on the request."""
    hint: float | None = None
    """Seconds after which the server asks to be called again."""


@frozen
class Retry:
    """A further attempt."""

    seconds: float
    """The pause before it."""
    cost: int
    """What it takes from the quota."""


def failure_of_response(status: int, headers: Mapping[str, str], *, throttled: bool, now: float) -> Failure | None:
    """Classify a response; ``None`` if another attempt would get the same one.

    A failure under a success status (``failed`` in ``x-responses``) is such a one: the API has processed the request.

    Args:
        status: The HTTP status.
        headers: The headers, with names in any case.
        throttled: Whether the API's description says that it refuses the request for its rate (``throttled`` in
            ``x-responses``), without processing it.
        now: Seconds since the Unix epoch, for a response without a ``Date``.
    """
    hint = hint_seconds(headers, now)
    if throttled:
        return Failure(throttled=True, processed=False, hint=hint)
    if status not in TRANSIENT_STATUSES:
        return None
    is_throttled = status in THROTTLED_STATUSES or (status == 503 and hint is not None)
    return Failure(throttled=is_throttled, processed=status not in NOT_PROCESSED_STATUSES, hint=hint)


def failure_of_transport(error: Exception) -> Failure | None:
    """Classify a missing response; ``None`` if another attempt would end in the same way."""
    if not isinstance(error, http_errors(*_TRANSIENT_ERRORS)) or is_bad_redirect(error):
        return None
    if any(reason in str(error) for reason in _TO_BE_CONFIGURED):
        return None
    return Failure(processed=request_was_sent(error))


def hint_seconds(headers: Mapping[str, str], now: float) -> float | None:
    """Return when to come back: ``retry-after-ms``, else ``Retry-After`` in seconds or as a date."""
    milliseconds = headers.get("retry-after-ms", "").strip()
    if milliseconds.isascii() and milliseconds.isdigit():
        return float(milliseconds[:12]) / 1000
    return retry_after_seconds(headers, now)


def retry(
    failure: Failure | None,
    repetition: Repetition,
    *,
    retries: int,
    max_retries: int,
    random: float,
    max_retry_after: float = MAX_RETRY_AFTER,
    seconds_left: float | None = None,
) -> Retry | None:
    """Decide whether to try again.

    Args:
        failure: How the attempt failed; ``None``: in a way that another attempt cannot change.
        repetition: When the request may be sent again.
        retries: How often the call was tried again before.
        max_retries: How often it may be.
        random: From 0 to 1, for the jitter.
        max_retry_after: Seconds by which a hint may extend the pause.
        seconds_left: Of the total timeout; ``None``: it has none.

    Returns:
        ``None`` to report the failure: it is permanent, the request may have been processed and must not be again, or
        retries or time are used up.
    """
    if failure is None or retries >= max_retries or (failure.processed and repetition is not Repetition.ALWAYS):
        return None
    scale = THROTTLED_SECONDS if failure.throttled else TRANSIENT_SECONDS
    seconds = random * min(LONGEST_PAUSE_SECONDS, scale * 2.0 ** min(retries, 30))
    if failure.hint is not None:
        seconds = min(max(seconds, failure.hint), seconds + max_retry_after)
    if seconds_left is not None and seconds >= seconds_left:
        return None
    return Retry(seconds, THROTTLED_COST if failure.throttled else TRANSIENT_COST)


class RetryQuota:
    """The retries that a client may still make. Thread-safe.

    While calls succeed, it stays full. In an outage it is soon spent, and each call is then sent once.
    """

    def __init__(self, tokens: int = QUOTA) -> None:
        self._most = self.tokens = tokens
        self.after_fork_in_child()
        reset_in_child(self)

    def after_fork_in_child(self) -> None:
        """Replace the lock, which another thread of the parent may hold."""
        self._lock = threading.Lock()

    def take(self, cost: int) -> bool:
        """Pay for a retry; return whether there were enough tokens."""
        with self._lock:
            paid = cost <= self.tokens
            self.tokens -= cost if paid else 0
        return paid

    def give_back(self, taken: int) -> None:
        """Record a success of a call whose retries took so many tokens."""
        with self._lock:
            self.tokens = min(self._most, self.tokens + (taken or 1))

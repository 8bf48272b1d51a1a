"""The event record: what happened to the tokens of one source, and why. Bounded; holds no secret.

``TokenSource.explain()`` prints it; for metrics or alerts, pass a listener, which is called for every event.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from attrs import evolve, frozen

from .clock import Clock
from .process_life import reset_in_child

logger = logging.getLogger("auth_core")

CAPACITY = 200
"""Events kept: days of ordinary renewals, or a whole night of failures, in about 50 kB."""


class EventKind(StrEnum):
    """Kinds of token events. The names are stable: use them for metrics."""

    RENEWAL_STARTED = "renewal_started"
    """A renewal started; the text has the reason."""
    RENEWED = "renewed"
    """The renewal returned a new token."""
    ADOPTED = "adopted"
    """Another client that shares the store had already renewed the token; nothing was requested."""
    SAME_TOKEN = "same_token"
    """The server returned the current token again."""
    RENEWAL_FAILED = "renewal_failed"
    """The renewal failed; all waiting callers got the failure."""
    SERVED_AFTER_FAILURE = "served_after_failure"
    """The renewal failed; the current token was served, since it has not expired."""
    FAILED_FROM_MEMORY = "failed_from_memory"
    """A caller got the recorded failure again; nothing was sent."""
    WAIT_TIMED_OUT = "wait_timed_out"
    """A caller timed out waiting; the renewal continues."""
    LOGIN_REFUSED = "login_refused"
    """The token server refused the credentials."""
    LOGIN_HELD_BACK = "login_held_back"
    """A login was not attempted: the same credentials were refused recently."""
    REFRESH_REFUSED = "refresh_refused"
    """The refresh token is expired, revoked or spent: a login follows."""
    REFRESH_TOKEN_IN_DOUBT = "refresh_token_in_doubt"
    """A rotating refresh token may be spent, so it was not presented: a login follows."""
    EXPIRED_BY_API = "expired_by_api"
    """An API responded "expired" to the current token."""
    LATE_REFUSAL = "late_refusal"
    """An API responded "expired" to an older token: the current one is kept."""
    OPERATION_FORBIDDEN = "operation_forbidden"
    """An operation refused the renewed token too: it is forbidden, and causes no renewal for a while."""
    FOREIGN_ORIGIN = "foreign_origin"
    """A request to a server that is not one of the client's was rejected without the token."""
    STORE_UNAVAILABLE = "store_unavailable"
    """The store could not be reached: the renewal continued without it."""
    LEASE_LOST = "lease_lost"
    """The renewal took too long, and another client has taken over the lease."""
    CLOCK_SKEW = "clock_skew"
    """The clocks of this machine and of the token server differ."""
    UNKNOWN_LIFETIME = "unknown_lifetime"
    """No response states the lifetime of the token."""
    FORGOTTEN = "forgotten"
    """The token was dropped on request."""
    FAILURES_FORGOTTEN = "failures_forgotten"
    """Refused logins and failures were dropped on request."""
    FORKED = "forked"
    """This process is the child of a fork."""


@frozen
class AuthEvent:
    """One event, or several equal ones in a row.

    Attributes:
        at: time of the last occurrence, in seconds since the Unix epoch, UTC.
        source: vendor and security scheme.
        text: the reason, grant or lifetime, for display. Holds no secret.
        times: occurrences in a row.
    """

    at: float
    source: str
    kind: EventKind
    text: str = ""
    times: int = 1


EventListener: TypeAlias = Callable[[AuthEvent], object]
"""Called for every event, on the thread where it happens. Must return quickly and must not call the client."""


class EventRecorder:
    """Keeps the last events of one source and counts all of them.

    Args:
        source: vendor and security scheme.
        listener: called for every event; its exceptions are logged and ignored.
    """

    def __init__(self, source: str, clock: Clock, listener: EventListener | None = None) -> None:
        self.source = source
        self._clock = clock
        self._listener = listener
        self._events: deque[AuthEvent] = deque(maxlen=CAPACITY)
        self._counts: Counter[EventKind] = Counter()
        self._lock = threading.Lock()
        reset_in_child(self)

    def record(self, kind: EventKind, text: str = "") -> None:
        """Record an event. Must be called without any lock held."""
        event = AuthEvent(self._clock.wall(), self.source, kind, text)
        with self._lock:
            self._counts[kind] += 1
            last = self._events[-1] if self._events else None
            if last is not None and (last.kind, last.text) == (kind, text):
                self._events[-1] = evolve(last, at=event.at, times=last.times + 1)
            else:
                self._events.append(event)
        if self._listener is not None:
            try:
                self._listener(event)
            except Exception:
                logger.exception("%s: the listener for token events failed", self.source)

    def log(self, kind: EventKind, text: str, level: int = logging.WARNING) -> None:
        """Record and log an event."""
        self.record(kind, text)
        logger.log(level, "%s: %s", self.source, text)

    def events(self) -> Sequence[AuthEvent]:
        """The last events, oldest first."""
        with self._lock:
            return tuple(self._events)

    def counts(self) -> Mapping[EventKind, int]:
        """Occurrences of each kind since the start."""
        with self._lock:
            return dict(self._counts)

    def lines(self) -> list[str]:
        counts = ", ".join(f"{kind.value} {number}" for kind, number in sorted(self.counts().items()))
        events = [
            f"  {utc(event.at)}  {event.kind.value}{f' ({event.times} times)' if event.times > 1 else ''}"
            + (f": {event.text}" if event.text else "")
            for event in self.events()
        ]
        return [f"counted: {counts or 'nothing yet'}", *(["last events (UTC):", *events] if events else [])]

    def after_fork_in_child(self) -> None:
        self._lock = threading.Lock()


def utc(at: float) -> str:
    """Format a time: ``2026-01-31 16:23:05``."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f} s after 1970"

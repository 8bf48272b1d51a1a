"""The event record: what happened to the tokens of one source, and why. Bounded, and nothing secret in it.

``TokenSource.explain()`` shows it to people; a program that wants to count or to alert gets every event as it happens.
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
"""Events kept: days of ordinary renewals, or the whole of a bad night, in some 50 kB."""


class EventKind(StrEnum):
    """What can happen. The names are stable: programs count by them."""

    RENEWAL_STARTED = "renewal_started"
    """A renewal started; the text says for what reason."""
    RENEWED = "renewed"
    """It brought a new token."""
    ADOPTED = "adopted"
    """Somebody else who shares the store had renewed already; nothing was requested."""
    SAME_TOKEN = "same_token"
    """The server handed the token at hand out again."""
    RENEWAL_FAILED = "renewal_failed"
    """It brought a failure, which all who waited were told."""
    SERVED_AFTER_FAILURE = "served_after_failure"
    """The renewal failed and the token at hand was served, since it still lives."""
    FAILED_FROM_MEMORY = "failed_from_memory"
    """A caller was told the remembered failure; nothing was sent."""
    WAIT_TIMED_OUT = "wait_timed_out"
    """A caller gave up waiting; the renewal goes on."""
    LOGIN_REFUSED = "login_refused"
    """The token server refused the credentials."""
    LOGIN_HELD_BACK = "login_held_back"
    """A login was not tried: the same credentials were refused a short while ago."""
    REFRESH_REFUSED = "refresh_refused"
    """The refresh token has ended, was revoked or is spent: a login follows."""
    REFRESH_TOKEN_IN_DOUBT = "refresh_token_in_doubt"
    """A rotating refresh token may be spent, so it was not presented: a login follows."""
    EXPIRED_BY_API = "expired_by_api"
    """An API reported "expired" to the token at hand."""
    LATE_REFUSAL = "late_refusal"
    """An API reported "expired" to an older token: the one at hand stays."""
    OPERATION_FORBIDDEN = "operation_forbidden"
    """An operation refused the renewed token too: it is forbidden, and causes no additional renewal."""
    FOREIGN_ORIGIN = "foreign_origin"
    """A request to a server that is none of the client's was not given the token."""
    STORE_UNAVAILABLE = "store_unavailable"
    """The store could not be reached: the renewal went on without it."""
    LEASE_LOST = "lease_lost"
    """Another has renewed meanwhile: this one was too slow."""
    CLOCK_SKEW = "clock_skew"
    """The clocks of this machine and of the token server differ."""
    UNKNOWN_LIFETIME = "unknown_lifetime"
    """No response states how long the token lives."""
    FORGOTTEN = "forgotten"
    """The token was dropped on request."""
    FAILURES_FORGOTTEN = "failures_forgotten"
    """Refused logins and failures were dropped on request."""
    FORKED = "forked"
    """This process is the child of a fork."""


@frozen
class AuthEvent:
    """One thing that happened, or several alike in a row.

    Attributes:
        at: when (the last time), in seconds since the Unix epoch, UTC.
        source: whose token: vendor and security scheme.
        kind: what.
        text: for people: why, by which grant, for how long. Nothing secret.
        times: how often in a row.
    """

    at: float
    source: str
    kind: EventKind
    text: str = ""
    times: int = 1


EventListener: TypeAlias = Callable[[AuthEvent], object]
"""Called for every event, on the thread where it happens: be quick, and do not call the client."""


class EventRecorder:
    """Keeps the last events of one source and counts all of them.

    Args:
        source: whose events: vendor and security scheme.
        listener: called for every event; what it raises is logged and otherwise ignored.
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
        """Something happened. Called without any lock held."""
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

    def tell(self, kind: EventKind, text: str, level: int = logging.WARNING) -> None:
        """Record it, and log it."""
        self.record(kind, text)
        logger.log(level, "%s: %s", self.source, text)

    def events(self) -> Sequence[AuthEvent]:
        """The last events, oldest first."""
        with self._lock:
            return tuple(self._events)

    def counts(self) -> Mapping[EventKind, int]:
        """How often each kind happened since the start."""
        with self._lock:
            return dict(self._counts)

    def lines(self) -> list[str]:
        """Counts and events as text."""
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
    """A moment for people: ``2026-01-31 16:23:05``."""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return f"{at:.0f} s after 1970"

"""The in-flight renewal: at most one at a time, on a short-lived thread, shared by all waiting callers.

No caller owns it: cancelling a task, closing its loop or timing out does not end it, so a rotated refresh token is
never lost. Every waiter gets the same outcome, the token or the failure.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeAlias

from .errors import AuthError, ConfigurationError, RefreshTimeout, TokenUnavailable
from .events import EventKind, EventRecorder
from .process_life import start_thread
from .token import Token

Outcome: TypeAlias = Token | AuthError
"""A failure is passed as a value; each waiter raises a copy, without the renewal's frames, which hold credentials."""


class InFlightRenewal:
    """One renewal, shared by all callers that joined it."""

    def __init__(self) -> None:
        self.waiting = 0
        """Number of callers that wait for the outcome."""
        self.started = False
        self.outcome: Future[Outcome] = Future()
        self.outcome.set_running_or_notify_cancel()  # no waiter can cancel it


class SingleFlight:
    """Starts renewals, one at a time, and waits for them.

    Args:
        renew: returns a later token than that of a generation; called on the renewal's thread.
        take: called with the outcome of the current renewal, with the lock held.
        recorder: records events, without the lock; holds the source's name.
        timeout_seconds: how long one caller waits.

    Attributes:
        lock: guards ``current`` and the decision to join it. Held for a few assignments, never during I/O.
        current: the renewal in flight, if any.
    """

    def __init__(
        self,
        recorder: EventRecorder,
        *,
        renew: Callable[[int], Token],
        take: Callable[[Outcome], None],
        timeout_seconds: float,
    ) -> None:
        self._name = recorder.source
        self._recorder = recorder
        self._renew = renew
        self._take = take
        self._timeout_seconds = timeout_seconds
        self.after_fork_in_child()

    def after_fork_in_child(self) -> None:
        """Drop the in-flight renewal, which is the parent's."""
        self.lock = threading.Lock()
        self.current: InFlightRenewal | None = None
        self._thread = threading.local()

    def join(self, *, waits: bool) -> InFlightRenewal:
        """The in-flight renewal, or a new one; the caller must :meth:`start` either. Requires the lock."""
        renewal = self.current = self.current or InFlightRenewal()
        renewal.waiting += waits
        return renewal

    def start(self, renewal: InFlightRenewal, stale_generation: int, reason: str) -> None:
        """Run the renewal on a new thread, or on this one if none can start; no effect if it was started before."""
        name = f"auth_core {self._name}"
        thread = threading.Thread(target=self._run, args=(renewal, stale_generation), name=name, daemon=True)
        starts = False
        try:
            with self.lock:
                starts, renewal.started = not renewal.started, True
            if not starts:
                return
            self._recorder.record(EventKind.RENEWAL_STARTED, reason)
            if start_thread(thread):
                return
        except BaseException:  # such as KeyboardInterrupt
            if starts and thread.ident is None:
                self._finish(renewal, TokenUnavailable(f"{self._name}: interrupted at the start of the renewal"))
            raise
        self._run(renewal, stale_generation)

    def _run(self, renewal: InFlightRenewal, stale_generation: int) -> None:
        self._thread.renews = True
        interrupted = False
        try:
            try:
                outcome: Outcome = self._renew(stale_generation)
            except AuthError as error:
                outcome = copy.copy(error)
            self._finish(renewal, outcome)
        except BaseException as error:  # the waiters must get an outcome
            interrupted = isinstance(error, KeyboardInterrupt)
            text = f"{self._name}: the renewal failed: {type(error).__name__}"
            self._finish(renewal, TokenUnavailable(text, request_sent=True))
        finally:
            self._thread.renews = False
        if interrupted:  # Ctrl-C, on the main thread of the user's program
            raise KeyboardInterrupt

    def _finish(self, renewal: InFlightRenewal, outcome: Outcome) -> None:
        if renewal.outcome.done():
            return
        with self.lock:
            if self.current is renewal:  # else the token has been forgotten
                self._take(outcome)
                self.current = None
        renewal.outcome.set_result(outcome)
        waited = f"; callers that waited: {renewal.waiting}" if renewal.waiting else ""
        if isinstance(outcome, AuthError):
            # A recorded failure was logged when it happened.
            level = logging.WARNING if outcome.request_sent else logging.DEBUG
            self._recorder.log(EventKind.RENEWAL_FAILED, f"{outcome}{waited}", level)
        else:
            life = "without expiry" if outcome.lifetime is None else f"for {outcome.lifetime:.0f} s"
            text = f"token {outcome.generation} by {outcome.grant} {life}{waited}"
            self._recorder.log(EventKind.RENEWED, text, logging.DEBUG)

    # --- wait -------------------------------------------------------------------------------------------------------

    def wait(self, renewal: InFlightRenewal, at_most: float | None = None) -> Outcome:
        """The outcome; raises :class:`RefreshTimeout`, at once at interpreter shutdown, where no other thread runs.

        Args:
            at_most: seconds that this caller has left, if fewer than those of the policy.
        """
        self._refuse_to_wait_for_oneself()
        seconds = self._timeout_seconds if at_most is None else max(0.0, min(at_most, self._timeout_seconds))
        try:
            return renewal.outcome.result(0 if sys.is_finalizing() else seconds)
        except TimeoutError:
            raise self._timeout(seconds) from None

    async def wait_async(self, renewal: InFlightRenewal) -> Outcome:
        """:meth:`wait` for a task of any event loop."""
        self._refuse_to_wait_for_oneself()
        waiter = asyncio.wrap_future(renewal.outcome)
        try:
            await asyncio.wait({waiter}, timeout=self._timeout_seconds)
            if waiter.done():
                return waiter.result()
        finally:
            waiter.cancel()  # the renewal continues, without notifying a loop that may be closed by then
        raise self._timeout(self._timeout_seconds)

    def _timeout(self, seconds: float) -> RefreshTimeout:
        after = f"{round(seconds, 2):g} s"
        self._recorder.record(EventKind.WAIT_TIMED_OUT, f"after {after}")
        return RefreshTimeout(f"{self._name}: no new token within {after}; the renewal continues", request_sent=True)

    def _refuse_to_wait_for_oneself(self) -> None:
        if getattr(self._thread, "renews", False):
            message = f"{self._name}: a credential callable called the API with the client that is logging in with it"
            raise ConfigurationError(message)

"""One token shared by all callers: threads, tasks, any number of event loops.

The policy (``policy.py``, ``failures.py``) decides from the state of the source (``in_service.py``); this module
carries out the decision. The lock guards a few assignments and is never held during I/O.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import assert_never

from .clock import Clock, Moment, now
from .errors import AuthError
from .events import EventKind, EventRecorder
from .failures import AfterExpired, Failures, served_after
from .in_service import TokenInService, described, why_renewed
from .lifecycle import Placement, ResponseCondition
from .policy import Decision, RefreshPolicy
from .process_life import reset_in_child
from .renewal import Renewer
from .single_flight import InFlightRenewal, Outcome, SingleFlight
from .token import Token, Unpicklable

# Without logging configuration, Python would print warnings to stderr in addition to the error raised.
logging.getLogger("auth_core").addHandler(logging.NullHandler())


class TokenSource(Unpicklable):
    """Serves the token of one security scheme of one client.

    Args:
        renewer: obtains tokens; called on a separate thread.
        servers: URLs of the client's servers; the token is sent to no other origin.
        recorder: records events; holds the source's name.
    """

    def __init__(
        self,
        *,
        renewer: Renewer,
        placements: Sequence[Placement],
        servers: Sequence[str],
        expired: Sequence[ResponseCondition] = (),
        policy: RefreshPolicy,
        clock: Clock,
        recorder: EventRecorder,
    ) -> None:
        self.name = recorder.source
        self.placements = tuple(placements)
        self.servers = tuple(servers)
        # A renewer that always returns the same token cannot help after an "expired".
        self.expired = tuple(expired) if renewer.renewable else ()
        self.recorder = recorder
        self._record = recorder.record
        self._renewer = renewer
        self._clock = clock
        self._wall, self._monotonic = clock.wall, clock.monotonic
        self._state = TokenInService(policy)
        self._renewals = SingleFlight(
            recorder,
            renew=renewer.renew,
            take=lambda outcome: self._state.take(outcome, now(clock)),
            timeout_seconds=policy.wait_timeout_seconds,
        )
        reset_in_child(self)

    # --- a token ----------------------------------------------------------------------------------------------------

    def ready(self) -> Token | None:
        """The token if it is well before its advisory window, else ``None``. Takes no lock."""
        current = self._state.current
        if current is not None:
            fresh = current.fresh_until
            if self._monotonic() < fresh.monotonic and self._wall() < fresh.wall:
                return current.token
        return None

    def token(self, *, replayable: bool = True, wait_seconds: float | None = None) -> Token:
        """Return the token, after a renewal if one has to come first. Raises :class:`AuthError`.

        Args:
            replayable: ``False`` for a request that cannot be sent again: a token in its advisory window is then
                renewed first.
            wait_seconds: how long this caller can wait, if not as long as the policy allows. The renewal continues.
        """
        found = self.ready() or self._next(replayable=replayable)
        return found if isinstance(found, Token) else self._served(self._renewals.wait(found, wait_seconds))

    async def token_async(self, *, replayable: bool = True) -> Token:
        """Async variant of :meth:`token`, for any event loop."""
        found = self.ready() or self._next(replayable=replayable)
        return found if isinstance(found, Token) else self._served(await self._renewals.wait_async(found))

    def renewed_now(self, stale_generation: int) -> Token:
        """Renew on a user's request; return a later token than the stale one or raise :class:`AuthError`."""
        with self._renewals.lock:
            renewal = self._renewals.join(waits=True)
        self._renewals.start(renewal, stale_generation, "requested by a caller")
        return _raised(self._renewals.wait(renewal))

    def _next(self, *, replayable: bool = True) -> Token | InFlightRenewal:
        moment, state = now(self._clock), self._state
        renewal: InFlightRenewal | None = None
        with self._renewals.lock:
            decision = state.decide(moment, replayable=replayable)
            current, failures, generation = state.current, state.failures, state.generation
            if decision in {Decision.SERVE_AND_RENEW, Decision.RENEW_FIRST}:
                renewal = self._renewals.join(waits=decision is Decision.RENEW_FIRST)
        if renewal is not None:
            self._renewals.start(renewal, generation, why_renewed(current, moment, replayable=replayable))
        match decision:
            case Decision.SERVE | Decision.SERVE_AND_RENEW:
                assert current is not None
                return current.token
            case Decision.RENEW_FIRST:
                assert renewal is not None
                return renewal
            case Decision.FAIL:
                raise self._cached(failures, moment)
            case _:
                assert_never(decision)

    def _served(self, outcome: Outcome, refused: Token | None = None) -> Token:
        """The token for a caller after the renewal it waited for; raises its failure."""
        served = served_after(outcome, self._state.token, now(self._clock), refused)
        if served is not outcome and isinstance(served, Token):
            self._record(EventKind.SERVED_AFTER_FAILURE, f"token {served.generation} has not expired")
        return _raised(served)

    def _cached(self, failures: Failures | None, moment: Moment) -> AuthError:
        """A copy of the last failure, for a caller for whom nothing is sent."""
        assert failures is not None
        self._record(EventKind.FAILED_FROM_MEMORY, str(failures.last))
        error, pause = copy.copy(failures.last), failures.pause_seconds(moment)
        error.args = (f"{failures.last}; not tried again for {pause:.1f} s",)
        error.request_sent = False
        error.retry_after_seconds = pause
        return error

    # --- an API responded "expired" ---------------------------------------------------------------------------------

    def renewed(self, used: Token, operation_id: str, wait_seconds: float | None = None) -> Token | None:
        """A different token than the refused one; ``None`` to return the response as it is (:class:`AfterExpired`)."""
        found = self._after_expired(used, operation_id)
        if isinstance(found, InFlightRenewal):
            return self._other_than(used, self._renewals.wait(found, wait_seconds), operation_id)
        return found

    async def renewed_async(self, used: Token, operation_id: str) -> Token | None:
        """Async variant of :meth:`renewed`, for any event loop."""
        found = self._after_expired(used, operation_id)
        if isinstance(found, InFlightRenewal):
            return self._other_than(used, await self._renewals.wait_async(found), operation_id)
        return found

    def renew_soon(self, used: Token, operation_id: str) -> None:
        """Start a renewal for the next call, after an "expired" to a request that cannot be sent again."""
        with suppress(AuthError):  # the caller has a response already, and the next call will get the error
            self._after_expired(used, operation_id, replayable=False)

    def refused_again(self, used: Token, operation_id: str) -> None:
        """Record that the same operation refused the renewed token too, unless that token has expired by now."""
        with self._renewals.lock:
            forbidden = self._state.forbid(used, operation_id, now(self._clock))
        if forbidden:
            text = f"{operation_id} refused token {used.generation}, renewed for it"
            self._record(EventKind.OPERATION_FORBIDDEN, text)

    def accepted(self, used: Token, operation_id: str, *, success: bool = True) -> None:
        """Record that the operation did not report "expired": the renewal helped, or there was no response at all."""
        if self._state.noted(operation_id):
            with self._renewals.lock:
                self._state.absolve(used, operation_id, success=success)

    def _after_expired(
        self, used: Token, operation_id: str, *, replayable: bool = True
    ) -> Token | InFlightRenewal | None:
        moment, state = now(self._clock), self._state
        renewal: InFlightRenewal | None = None
        with self._renewals.lock:
            verdict = state.after_expired(used, operation_id, moment, renewing=self._renewals.current is not None)
            generation, failures = state.generation, state.failures
            if verdict in {AfterExpired.JOIN, AfterExpired.RENEW}:
                renewal = self._renewals.join(waits=replayable)
        refused = f"{operation_id} refused token {used.generation}"
        match verdict:
            case AfterExpired.USE_NEWER:
                self._record(EventKind.LATE_REFUSAL, refused)
                # Decided as for any call: the newer token may have expired or been refused as well.
                return (self.ready() or self._next()) if replayable else None
            case AfterExpired.ACCEPT:
                return None
            case AfterExpired.FORBID:
                self._record(EventKind.OPERATION_FORBIDDEN, refused)
                return None
            case AfterExpired.FAIL:
                self._record(EventKind.EXPIRED_BY_API, refused)
                raise self._cached(failures, moment)
            case AfterExpired.JOIN | AfterExpired.RENEW:
                assert renewal is not None
                self._record(EventKind.EXPIRED_BY_API, refused)
                reason = f"{operation_id} responded that token {used.generation} has expired"
                self._renewals.start(renewal, generation, reason)
                return renewal
            case _:
                assert_never(verdict)

    def _other_than(self, used: Token, outcome: Outcome, operation_id: str) -> Token | None:
        token = self._served(outcome, refused=used)
        if token.access_token != used.access_token:
            return token
        self.refused_again(token, operation_id)
        return None

    # --- forget and explain -----------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Drop the token here (even if the store fails) and in the store. The next call logs in."""
        try:
            self._renewer.forget()
        finally:
            with self._renewals.lock:
                self._state.forget()
                self._renewals.current = None  # it still completes for its waiters, without effect on this source
            self._record(EventKind.FORGOTTEN)

    def revoke(self) -> None:
        """Revoke the token where the vendor has a logout; then forget it."""
        token = self._state.token
        try:
            if token is not None:
                self._renewer.revoke(token)
        finally:
            self.forget()

    def forget_failures(self) -> None:
        """Forget failures and refused logins, so that the next call tries again at once."""
        with self._renewals.lock:
            self._state.failures = None
        self._renewer.forget_failures()
        self._record(EventKind.FAILURES_FORGOTTEN)

    def explain(self) -> str:
        """Describe the current token, what happens next and the last events. Holds no secret.

        Reads refused logins from the store, so it may block for as long as the store does.
        """
        moment, failures, renewal = now(self._clock), self._state.failures, self._renewals.current
        state = self._state
        lines = [*described(state.current, moment), *state.forbidden(moment), *self._renewer.explain()]
        if failures is not None:
            pause = failures.pause_seconds(moment)
            again = f"; not tried again for {pause:.0f} s" if pause > 0 else ""
            lines.append(f"last renewal failed: {failures.last}{again}")
        if renewal is not None:
            lines.append(f"a renewal is in flight; callers waiting for it: {renewal.waiting}")
        return "\n".join([self.name, *(f"  {line}" for line in (*lines, *self.recorder.lines()))])

    def after_fork_in_child(self) -> None:
        """Drop the in-flight renewal, which is the parent's; keep the token."""
        self._renewals.after_fork_in_child()
        self.recorder.after_fork_in_child()
        self._record(EventKind.FORKED)


def _raised(outcome: Outcome) -> Token:
    if isinstance(outcome, AuthError):
        raise copy.copy(outcome)
    return outcome

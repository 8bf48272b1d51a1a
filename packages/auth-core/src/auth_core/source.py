"""One token for all who want it: threads, tasks, any number of event loops.

What happens when many want a token at once: the first to come starts a *flight* (a ``concurrent.futures.Future``) on a
short-lived thread of its own; all others wait on it. There is one outcome and everybody gets it, the token or the
failure. Nobody owns the flight: cancelling a task, closing its loop or giving up waiting does not end it, so a rotated
refresh token is never lost. The lock guards a few assignments; it is never held during I/O.
"""

from __future__ import annotations

import asyncio
import copy
import logging
import math
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TypeAlias

from attrs import evolve, frozen

from .clock import Clock, Moment, now
from .conditions import possible_statuses, reads_body
from .errors import AuthError, ConfigurationError, LoginRefused, RefreshTimeout, TokenUnavailable
from .lifecycle import AnswerCondition, Placement
from .policy import Decision, RefreshPolicy, Windows
from .renewal import Renewer
from .token import Token

__all__ = ["TokenSource"]

logger = logging.getLogger("auth_core")
logger.addHandler(logging.NullHandler())  # who configures no logging is told by the error alone, not on stderr too

Outcome: TypeAlias = Token | AuthError
"""A failure travels as a value and each waiter raises a copy: frames with credentials stay behind on the thread."""
Flight: TypeAlias = "Future[Outcome]"

NEVER = Moment(math.inf, math.inf)


@frozen
class _Held:
    """The token in service, published as one object; ``fresh_*`` is where the ready path's answer ends."""

    token: Token
    windows: Windows | None
    fresh_wall: float
    fresh_monotonic: float


@frozen
class _RefusedOperation:
    """An API answered "expired" to this operation: to a token, and (``again``) to the one renewed for it too."""

    generation: int
    again: bool
    until: float
    """The end of the refused token on the monotonic clock: by then another may have come for other reasons."""


class TokenSource:
    """Serves the token of one security scheme of one client.

    Args:
        name: of vendor and scheme, for errors and logs.
        renewer: gets tokens; called on a thread of its own.
        placements: where requests show the token.
        expired: answers which mean that the token is no longer valid.
        servers: URLs of the client's servers; no other origin is shown the token.
        draw: a random number in [0, 1).
    """

    def __init__(
        self,
        *,
        name: str,
        renewer: Renewer,
        placements: Sequence[Placement],
        servers: Sequence[str],
        expired: Sequence[AnswerCondition] = (),
        policy: RefreshPolicy,
        clock: Clock,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.placements = tuple(placements)
        self.servers = tuple(servers)
        self.expired = tuple(expired) if renewer.renewable else ()
        self.expired_statuses = possible_statuses(self.expired)
        self.expired_reads_body = reads_body(self.expired)
        self._renewer = renewer
        self._policy = policy
        self._clock = clock
        self._draw = draw
        self._wall, self._monotonic = clock.wall, clock.monotonic
        self._lock = threading.Lock()
        self._held: _Held | None = None
        self._flight: Flight | None = None
        self._thread = threading.local()
        self._refused_generation = 0
        self._refused_operations: dict[str, _RefusedOperation] = {}
        self._failure: AuthError | None = None
        self._failures = 0
        self._retry_at = -math.inf

    # --- a token ----------------------------------------------------------------------------------------------------

    def ready(self) -> Token | None:
        """The token, if it can be served without another thought. Takes no lock."""
        held = self._held
        if held is not None and self._monotonic() < held.fresh_monotonic and self._wall() < held.fresh_wall:
            return held.token
        return None

    def token(self) -> Token:
        """The token; waits for a renewal where one has to come first. Raises :class:`AuthError`."""
        found = self.ready() or self._next()
        return found if isinstance(found, Token) else self._served(self._wait(found))

    async def token_async(self) -> Token:
        """:meth:`token` for a task of any event loop."""
        found = self.ready() or self._next()
        return found if isinstance(found, Token) else self._served(await self._wait_async(found))

    # --- an API answered "expired" ----------------------------------------------------------------------------------

    def renewed(self, used: Token, operation_id: str) -> Token | None:
        """A token other than the one an API just refused, or ``None`` when the answer is to be believed.

        A late refusal of an older token brings the current one and renews nothing. An operation that is refused with
        the renewed token too causes no further renewal while that token lives: it is forbidden, not expired.
        """
        found = self._after_refusal(used, operation_id)
        return self._other_than(used, self._wait(found), operation_id) if isinstance(found, Future) else found

    async def renewed_async(self, used: Token, operation_id: str) -> Token | None:
        """:meth:`renewed` for a task of any event loop."""
        found = self._after_refusal(used, operation_id)
        if not isinstance(found, Future):
            return found
        return self._other_than(used, await self._wait_async(found), operation_id)

    def renew_soon(self, used: Token, operation_id: str) -> None:
        """Like :meth:`renewed`, for a request that cannot be sent again: the next call finds a new token."""
        with suppress(AuthError):  # the caller has an answer already, and the next call will be told
            self._after_refusal(used, operation_id, replayable=False)

    def refused_again(self, used: Token, operation_id: str) -> None:
        """The renewed token was refused for the same operation too."""
        with self._lock:
            self._note_refusal(used, operation_id, again=True)

    def accepted(self, used: Token, operation_id: str) -> None:
        """The operation got an answer other than "expired"; if a renewal came before, it helped."""
        if operation_id in self._refused_operations:
            with self._lock:
                noted = self._refused_operations.get(operation_id)
                if noted is not None and not noted.again and noted.generation < used.generation:
                    del self._refused_operations[operation_id]

    # --- giving up tokens and memories ------------------------------------------------------------------------------

    def forget(self) -> None:
        """Drop the token, here and in the store. The next call logs in; waits for nobody."""
        self._renewer.forget()
        with self._lock:
            self._held = None
            self._flight = None  # one under way still serves who waits for it, and brings nothing into service
            self._refused_generation = 0
            self._refused_operations.clear()

    def give_back(self) -> None:
        """Tell the vendor that the token is no longer used, where it wants to know; then forget it."""
        held = self._held
        try:
            if held is not None:
                self._renewer.give_back(held.token)
        finally:
            self.forget()

    def forget_failures(self) -> None:
        """Try again at once, whatever was refused before."""
        with self._lock:
            self._failure, self._failures, self._retry_at = None, 0, -math.inf
        self._renewer.forget_failures()

    # --- decide -----------------------------------------------------------------------------------------------------

    def _next(self) -> Token | Flight:
        moment = now(self._clock)
        with self._lock:
            held, failure, backing_off = self._held, self._failure, moment.monotonic < self._retry_at
            if held is None:
                decision = self._policy.decide_without_token(backing_off=backing_off)
            else:
                refused = held.token.generation == self._refused_generation
                decision = self._policy.decide(held.windows, moment, refused=refused, backing_off=backing_off)
            if held is not None and decision is Decision.SERVE:
                return held.token
            if decision is Decision.FAIL and isinstance(failure, TokenUnavailable):
                raise _remembered(failure, self._retry_at - moment.monotonic)
            # A login that failed for another reason may fly again: the renewer knows whether it is a new one.
            flight, departs = self._board()
        if departs:
            self._depart(flight, held)
        return held.token if held is not None and decision is Decision.SERVE_AND_RENEW else flight

    def _after_refusal(self, used: Token, operation_id: str, *, replayable: bool = True) -> Token | Flight | None:
        moment = now(self._clock)
        with self._lock:
            held = self._held
            if held is not None and held.token.access_token != used.access_token:
                return held.token  # a late refusal: the newer token stays
            if self._flight is not None:
                return self._flight
            noted = self._refused_operations.get(operation_id)
            backing_off = held is not None and moment.monotonic < self._retry_at
            if noted is not None and moment.monotonic < noted.until:
                if noted.again or (noted.generation == used.generation and not backing_off):
                    return None
                # Refused with the renewed token too, and there will be no third answer.
                if noted.generation != used.generation and not replayable:
                    self._note_refusal(used, operation_id, again=True)
                    return None
            if backing_off and self._failure is not None:  # what the renewal's waiters were told
                raise _remembered(self._failure, self._retry_at - moment.monotonic)
            self._note_refusal(used, operation_id, again=False)
            if held is not None:
                self._refused_generation = held.token.generation
                self._held = held = evolve(held, fresh_wall=-math.inf, fresh_monotonic=-math.inf)
            flight, departs = self._board()
        if departs:
            self._depart(flight, held)
        return flight

    def _served(self, outcome: Outcome) -> Token:
        """The token of a flight; after a failed one, the token at hand while life remains."""
        if isinstance(outcome, Token):
            return outcome
        held = self._held
        if held is not None and (held.windows is None or now(self._clock).until(held.windows.ends) > 0):
            return held.token
        raise copy.copy(outcome)

    def _other_than(self, used: Token, outcome: Outcome, operation_id: str) -> Token | None:
        if isinstance(outcome, AuthError):
            raise copy.copy(outcome)
        if outcome.access_token == used.access_token:
            self.refused_again(outcome, operation_id)
            return None
        return outcome

    def _note_refusal(self, used: Token, operation_id: str, *, again: bool) -> None:
        ends = used.ends or used.issued.later(self._policy.unknown_lifetime_seconds)
        self._refused_operations[operation_id] = _RefusedOperation(used.generation, again, ends.monotonic)

    # --- the flight -------------------------------------------------------------------------------------------------

    def _board(self) -> tuple[Flight, bool]:
        """The flight under way, or a new one that the caller has to start when it has left the lock."""
        if self._flight is not None:
            return self._flight, False
        self._flight = Future()
        self._flight.set_running_or_notify_cancel()  # from here on no waiter can cancel it
        return self._flight, True

    def _depart(self, flight: Flight, stale: _Held | None) -> None:
        generation = 0 if stale is None else stale.token.generation
        thread = threading.Thread(
            target=self._fly, args=(flight, generation), name=f"auth_core {self.name}", daemon=True
        )
        try:
            thread.start()
        except BaseException as error:  # no thread left, the interpreter is shutting down, or somebody pressed Ctrl-C
            if thread.ident is None:
                self._land(flight, TokenUnavailable(f"{self.name}: no thread for the renewal: {error}"))
            if not isinstance(error, RuntimeError):
                raise

    def _fly(self, flight: Flight, stale_generation: int) -> None:
        self._thread.renews = True
        outcome: Outcome
        try:
            self._land(flight, self._renewer.renew(stale_generation))
            return
        except AuthError as error:
            outcome = copy.copy(error)
        except BaseException as error:  # whatever happens, the waiters are told
            outcome = TokenUnavailable(f"{self.name}: the renewal failed: {type(error).__name__}", request_sent=True)
        self._land(flight, outcome)

    def _land(self, flight: Flight, outcome: Outcome) -> None:
        if flight.done():
            return
        moment = now(self._clock)
        with self._lock:
            if self._flight is flight:  # else the token was forgotten meanwhile
                self._take(outcome, moment)
                self._flight = None
        flight.set_result(outcome)
        if isinstance(outcome, AuthError):
            # What is only remembered was told when it happened.
            level = logging.WARNING if outcome.request_sent else logging.DEBUG
            logger.log(level, "%s: no new token: %s", self.name, outcome)
        else:
            logger.debug("%s: token %d by %s, %s s", self.name, outcome.generation, outcome.grant, outcome.lifetime)

    def _take(self, outcome: Outcome, moment: Moment) -> None:
        if isinstance(outcome, Token):
            self._install(outcome)
            return
        self._failures += 1
        self._failure = outcome
        pause = outcome.retry_after_seconds
        if pause is None or not isinstance(outcome, LoginRefused):
            pause = self._policy.backoff_seconds(self._failures, self._draw(), pause)
        self._retry_at = moment.monotonic + pause

    def _install(self, token: Token) -> None:
        windows = self._policy.windows(token, self._draw())
        fresh = windows.advisory if windows is not None else NEVER
        self._held = _Held(token, windows, fresh.wall, fresh.monotonic)
        self._failure, self._failures, self._retry_at = None, 0, -math.inf

    # --- wait -------------------------------------------------------------------------------------------------------

    def _wait(self, flight: Flight) -> Outcome:
        self._refuse_to_wait_for_oneself()
        try:
            return flight.result(self._policy.wait_timeout_seconds)
        except TimeoutError:
            raise self._timeout() from None

    async def _wait_async(self, flight: Flight) -> Outcome:
        self._refuse_to_wait_for_oneself()
        waiter = asyncio.wrap_future(flight)
        try:
            await asyncio.wait({waiter}, timeout=self._policy.wait_timeout_seconds)
            if waiter.done():
                return waiter.result()
        finally:
            waiter.cancel()  # the flight goes on; it only need not tell a loop that may be closed by then
        raise self._timeout()

    def _timeout(self) -> RefreshTimeout:
        seconds = self._policy.wait_timeout_seconds
        return RefreshTimeout(f"{self.name}: no new token within {seconds:g} s; the renewal goes on", request_sent=True)

    def _refuse_to_wait_for_oneself(self) -> None:
        if getattr(self._thread, "renews", False):
            message = f"{self.name}: a credential callable called the API with the client that is logging in with it"
            raise ConfigurationError(message)


def _remembered(failure: AuthError, pause: float) -> AuthError:
    again = copy.copy(failure)
    again.args = (f"{failure}; not tried again for {pause:.1f} s",)
    again.request_sent = False
    again.retry_after_seconds = pause
    return again

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
from typing import NoReturn, Self, TypeAlias

from attrs import evolve, frozen

from .clock import Clock, Moment, now
from .conditions import possible_statuses, reads_body
from .errors import AuthError, ConfigurationError, LoginRefused, RefreshTimeout, TokenUnavailable
from .events import EventKind, FlightRecorder
from .fork import reset_in_child
from .held import HeldToken, described, generation_of, why_renewed
from .lifecycle import AnswerCondition, Placement
from .policy import Decision, RefreshPolicy
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
        recorder: told what happens and why; default: one of its own.
        draw: a random number in [0, 1).

    A copy is the source itself; it is not pickled. In a forked child it starts without a renewal under way.
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
        recorder: FlightRecorder | None = None,
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
        self._recorder = recorder or FlightRecorder(name, clock)
        self._record = self._recorder.record
        self._draw = draw
        self._wall, self._monotonic = clock.wall, clock.monotonic
        self._held: HeldToken | None = None
        self._without_threads()
        self._refused_generation = 0
        self._refused_operations: dict[str, _RefusedOperation] = {}
        self._failure: AuthError | None = None
        self._failures = 0
        self._retry_at = -math.inf
        reset_in_child(self)

    def _without_threads(self) -> None:
        """The state that other threads have a part in, as it is while there are none."""
        self._lock = threading.Lock()
        self._flight: Flight | None = None
        self._departed: Flight | None = None
        self._waiting = 0
        self._thread = threading.local()

    # --- a token ----------------------------------------------------------------------------------------------------

    def ready(self) -> Token | None:
        """The token, if it can be served without another thought. Takes no lock."""
        held = self._held
        if held is not None and self._monotonic() < held.fresh_monotonic and self._wall() < held.fresh_wall:
            return held.token
        return None

    def token(self, *, sent_once: bool = False) -> Token:
        """The token; waits for a renewal where one has to come first. Raises :class:`AuthError`.

        Args:
            sent_once: it is for a request that cannot be sent again, so that one in the last quarter of its life is
                renewed first.
        """
        found = self.ready() or self._next(sent_once=sent_once)
        return found if isinstance(found, Token) else self._served(self._wait(found))

    async def token_async(self, *, sent_once: bool = False) -> Token:
        """:meth:`token` for a task of any event loop."""
        found = self.ready() or self._next(sent_once=sent_once)
        return found if isinstance(found, Token) else self._served(await self._wait_async(found))

    def renewed_now(self, stale_generation: int) -> Token:
        """A token later than the stale one, whatever is at hand; raises :class:`AuthError`. For a person who asks."""
        with self._lock:
            flight, departs = self._board(waits=True)
        if departs:
            self._depart(flight, stale_generation, "somebody asked for it")
        outcome = self._wait(flight)
        if isinstance(outcome, AuthError):
            raise copy.copy(outcome)
        return outcome

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
        self._record(EventKind.OPERATION_FORBIDDEN, f"{operation_id} refused token {used.generation}, renewed for it")

    def replay_lost(self, renewed: Token, operation_id: str) -> None:
        """The request that was sent again with the renewed token got no answer: nothing was learned."""
        with self._lock:
            noted = self._refused_operations.get(operation_id)
            if noted is not None and not noted.again and noted.generation < renewed.generation:
                del self._refused_operations[operation_id]

    def accepted(self, used: Token, operation_id: str) -> None:
        """The operation got an answer other than "expired"; if a renewal came before, it helped."""
        if operation_id in self._refused_operations:
            with self._lock:
                noted = self._refused_operations.get(operation_id)
                if noted is not None and not noted.again and noted.generation < used.generation:
                    del self._refused_operations[operation_id]

    # --- giving up tokens and memories ------------------------------------------------------------------------------

    def forget(self) -> None:
        """Drop the token, here (also where the store cannot be told) and in the store. The next call logs in."""
        try:
            self._renewer.forget()
        finally:
            with self._lock:
                self._held = self._flight = None  # a flight under way still serves who waits, and changes nothing here
                self._waiting = 0
                self._refused_generation = 0
                self._refused_operations.clear()
            self._record(EventKind.FORGOTTEN)

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
        self._record(EventKind.FAILURES_FORGOTTEN)

    # --- explain ----------------------------------------------------------------------------------------------------

    @property
    def recorder(self) -> FlightRecorder:
        """What happened so far."""
        return self._recorder

    def explain(self) -> str:
        """For people: the token at hand, what would happen next, what happened and why. Nothing secret.

        Asks the store about refused logins, so that it may block for as long as the store does.
        """
        moment = now(self._clock)
        held, failure, pause = self._held, self._failure, self._retry_at - moment.monotonic
        lines = [f"  {line}" for line in (*described(held, moment), *self._renewer.explain())]
        if failure is not None:
            again = f"; not tried again for {pause:.0f} s" if pause > 0 else ""
            lines.append(f"  last renewal failed: {failure}{again}")
        if self._flight is not None:
            lines.append(f"  a renewal is under way, callers waiting for it: {self._waiting}")
        return "\n".join([self.name, *lines, *(f"  {line}" for line in self._recorder.lines())])

    def foreign_origin(self, operation_id: str, origin: str) -> None:
        """A request to a server that is none of the client's was not shown the token."""
        self._record(EventKind.FOREIGN_ORIGIN, f"{operation_id} would have gone to {origin}")

    # --- the life of the process ------------------------------------------------------------------------------------

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        message = (
            f"{self.name}: a token source is not pickled, it would write down secrets; build the client in the process "
            f"that uses it, and give both a FileStore or a RedisStore if they shall share one token"
        )
        raise TypeError(message)

    def after_fork_in_child(self) -> None:
        """The renewal under way is the parent's; the token serves here too."""
        self._without_threads()
        self._recorder.after_fork_in_child()
        self._record(EventKind.FORKED)

    # --- decide -----------------------------------------------------------------------------------------------------

    def _next(self, *, sent_once: bool = False) -> Token | Flight:
        moment = now(self._clock)
        with self._lock:
            held, failure, backing_off = self._held, self._failure, moment.monotonic < self._retry_at
            if held is None:
                decision = self._policy.decide_without_token(backing_off=backing_off)
            else:
                refused = held.token.generation == self._refused_generation
                decision = self._policy.decide(
                    held.windows, moment, refused=refused, backing_off=backing_off, sent_once=sent_once
                )
            if held is not None and decision is Decision.SERVE:
                return held.token
            # A login that failed for another reason may fly again: the renewer knows whether it is a new one.
            fails_from_memory = decision is Decision.FAIL and isinstance(failure, TokenUnavailable)
            waits = decision is not Decision.SERVE_AND_RENEW
            flight, departs = (None, False) if fails_from_memory else self._board(waits=waits)
        if flight is None:
            assert failure is not None
            self._record(EventKind.FAILED_FROM_MEMORY, str(failure))
            raise _remembered(failure, self._retry_at - moment.monotonic)
        if departs:
            self._depart(flight, generation_of(held), why_renewed(held, moment, sent_once=sent_once))
        return held.token if held is not None and not waits else flight

    def _after_refusal(self, used: Token, operation_id: str, *, replayable: bool = True) -> Token | Flight | None:
        moment = now(self._clock)
        kind, remembered, departs = EventKind.EXPIRED_BY_API, None, False
        found: Flight | None = None
        with self._lock:
            held, noted = self._held, self._refused_operations.get(operation_id)
            if noted is not None and moment.monotonic >= noted.until:
                noted = None
            backing_off = held is not None and moment.monotonic < self._retry_at
            if held is not None and held.token.access_token != used.access_token:
                kind = EventKind.LATE_REFUSAL  # the newer token stays
            elif self._flight is not None:
                found, _ = self._board(waits=replayable)
            elif noted is not None and (noted.again or (noted.generation == used.generation and not backing_off)):
                return None
            elif noted is not None and noted.generation != used.generation:
                # Refused with the renewed token too: this answer overtook that of the replay, or there was none.
                self._note_refusal(used, operation_id, again=True)
                kind = EventKind.OPERATION_FORBIDDEN
            elif backing_off and self._failure is not None:  # what the renewal's waiters were told
                remembered = _remembered(self._failure, self._retry_at - moment.monotonic)
            else:
                self._note_refusal(used, operation_id, again=False)
                if held is not None:
                    self._refused_generation = held.token.generation
                    self._held = held = evolve(held, fresh_wall=-math.inf, fresh_monotonic=-math.inf)
                found, departs = self._board(waits=replayable)
        self._record(kind, f"{operation_id} refused token {used.generation}")
        if remembered is not None:
            self._record(EventKind.FAILED_FROM_MEMORY, str(self._failure))
            raise remembered
        if kind is EventKind.LATE_REFUSAL and replayable:
            return self.ready() or self._next()  # as any call; the newer token may have ended, or be refused, as well
        if departs and found is not None:
            self._depart(
                found, generation_of(held), f"{operation_id} answered that token {used.generation} has expired"
            )
        return found

    def _served(self, outcome: Outcome) -> Token:
        """The token of a flight; after a failed one, the token at hand while life remains."""
        if isinstance(outcome, Token):
            return outcome
        held = self._held
        if held is not None and (held.windows is None or now(self._clock).until(held.windows.ends) > 0):
            self._record(EventKind.SERVED_AFTER_FAILURE, f"token {held.token.generation} still lives")
            return held.token
        raise copy.copy(outcome)

    def _other_than(self, used: Token, outcome: Outcome, operation_id: str) -> Token | None:
        held = self._held
        if isinstance(outcome, AuthError) and (held is None or held.token.access_token == used.access_token):
            raise copy.copy(outcome)
        token = self._served(outcome)
        if token.access_token == used.access_token:
            self.refused_again(token, operation_id)
            return None
        return token

    def _note_refusal(self, used: Token, operation_id: str, *, again: bool) -> None:
        ends = used.ends or used.issued.later(self._policy.unknown_lifetime_seconds)
        self._refused_operations[operation_id] = _RefusedOperation(used.generation, again, ends.monotonic)

    # --- the flight -------------------------------------------------------------------------------------------------

    def _board(self, *, waits: bool) -> tuple[Flight, bool]:
        """The flight under way, or a new one that the caller has to start when it has left the lock."""
        self._waiting += waits
        if self._flight is not None:
            return self._flight, False
        self._flight = Future()
        self._flight.set_running_or_notify_cancel()  # from here on no waiter can cancel it
        return self._flight, True

    def _depart(self, flight: Flight, stale_generation: int, reason: str) -> None:
        """Start the flight on a thread of its own; where there is none to be had, the caller flies."""
        thread = threading.Thread(
            target=self._fly, args=(flight, stale_generation), name=f"auth_core {self.name}", daemon=True
        )
        try:
            self._record(EventKind.RENEWAL_STARTED, reason)
            with suppress(RuntimeError):  # too many threads; or the main one has ended: Python 3.12 starts none then
                thread.start()
                return
        except BaseException:  # somebody pressed Ctrl-C
            if thread.ident is None:
                self._land(flight, TokenUnavailable(f"{self.name}: interrupted at the start of the renewal"))
            raise
        self._fly(flight, stale_generation)

    def _fly(self, flight: Flight, stale_generation: int) -> None:
        self._thread.renews = True
        self._departed = flight
        interrupted = False
        try:
            self._land(flight, self._outcome(stale_generation))
        except BaseException as error:  # whatever happens, the waiters are told
            interrupted = isinstance(error, KeyboardInterrupt)
            text = f"{self.name}: the renewal failed: {type(error).__name__}"
            self._land(flight, TokenUnavailable(text, request_sent=True))
        finally:
            self._thread.renews = False
        if interrupted:  # by the user, of whose program this is the main thread
            raise KeyboardInterrupt

    def _outcome(self, stale_generation: int) -> Outcome:
        try:
            return self._renewer.renew(stale_generation)
        except AuthError as error:
            return copy.copy(error)

    def _land(self, flight: Flight, outcome: Outcome) -> None:
        if flight.done():
            return
        moment = now(self._clock)
        with self._lock:
            waiting = 0
            if self._flight is flight:  # else the token was forgotten meanwhile
                self._take(outcome, moment)
                self._flight = None
                waiting, self._waiting = self._waiting, 0
        flight.set_result(outcome)
        waited = f"; callers that waited: {waiting}" if waiting else ""
        if isinstance(outcome, AuthError):
            self._record(EventKind.RENEWAL_FAILED, f"{outcome}{waited}")
            # What is only remembered was told when it happened.
            level = logging.WARNING if outcome.request_sent else logging.DEBUG
            logger.log(level, "%s: no new token: %s", self.name, outcome)
        else:
            life = "without end" if outcome.lifetime is None else f"for {outcome.lifetime:.0f} s"
            self._record(EventKind.RENEWED, f"token {outcome.generation} by {outcome.grant} {life}{waited}")
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
        self._held = HeldToken(token, windows, fresh.wall, fresh.monotonic)
        self._failure, self._failures, self._retry_at = None, 0, -math.inf

    # --- wait -------------------------------------------------------------------------------------------------------

    def _wait(self, flight: Flight) -> Outcome:
        self._refuse_to_wait_for_oneself()
        try:
            return flight.result(self._policy.wait_timeout_seconds)
        except TimeoutError:
            raise self._timeout(flight) from None

    async def _wait_async(self, flight: Flight) -> Outcome:
        self._refuse_to_wait_for_oneself()
        waiter = asyncio.wrap_future(flight)
        try:
            await asyncio.wait({waiter}, timeout=self._policy.wait_timeout_seconds)
            if waiter.done():
                return waiter.result()
        finally:
            waiter.cancel()  # the flight goes on; it only need not tell a loop that may be closed by then
        raise self._timeout(flight)

    def _timeout(self, flight: Flight) -> RefreshTimeout:
        with self._lock:
            if self._flight is flight and self._departed is not flight:
                self._flight = None  # who was to start it was interrupted; the next caller starts another
        seconds = self._policy.wait_timeout_seconds
        self._record(EventKind.WAIT_TIMED_OUT, f"after {seconds:g} s")
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

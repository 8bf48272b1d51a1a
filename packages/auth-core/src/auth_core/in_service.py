"""The state of a source: current token, consecutive failures, operations that refused a token. No lock, no clock.

Called with the source's lock held and the time as an argument; ``policy.py`` and ``failures.py`` decide.
"""

from __future__ import annotations

import random

from attrs import evolve, frozen

from .clock import PAST, Moment
from .errors import AuthError
from .failures import AfterExpired, Failures, OperationRefusal, after_expired
from .policy import Decision, RefreshPolicy, Windows
from .token import Token


@frozen
class CurrentToken:
    """The current token, published as one object.

    Attributes:
        fresh_until: until then the token is served without asking the policy.
        refused: an API responded "expired" to it.
    """

    token: Token
    windows: Windows | None
    fresh_until: Moment
    refused: bool = False


class TokenInService:
    """The state of one source."""

    def __init__(self, policy: RefreshPolicy) -> None:
        self.current: CurrentToken | None = None
        self.failures: Failures | None = None
        self._policy = policy
        self._refusals: dict[str, OperationRefusal] = {}

    @property
    def token(self) -> Token | None:
        current = self.current
        return None if current is None else current.token

    @property
    def generation(self) -> int:
        """Generation of the current token; 0 without one."""
        current = self.current
        return 0 if current is None else current.token.generation

    def decide(self, now: Moment, *, replayable: bool) -> Decision:
        current = self.current
        if current is None:
            return self._policy.decide_without_token(now, self.failures)
        return self._policy.decide(
            current.windows, now, refused=current.refused, failures=self.failures, replayable=replayable
        )

    def take(self, outcome: Token | AuthError, now: Moment) -> None:
        """Apply the outcome of a renewal."""
        if isinstance(outcome, AuthError):
            self.failures = self._policy.after_failure(self.failures, outcome, now, random.random())
            return
        windows = self._policy.windows(outcome, random.random())
        self.current = CurrentToken(outcome, windows, self._policy.fresh_until(windows))
        self.failures = None

    def forget(self) -> None:
        """Drop the token and the records of operations: the next login may be another user's."""
        self.current = None
        self._refusals.clear()

    # --- operations that refused a token ----------------------------------------------------------------------------

    def after_expired(self, used: Token, operation_id: str, now: Moment, *, renewing: bool) -> AfterExpired:
        """Decide what to do after an operation refused a token, and record it."""
        noted = self._refusals.get(operation_id)
        verdict = after_expired(used, self.token, noted, now, renewing=renewing, failures=self.failures)
        if verdict is AfterExpired.FORBID:
            self.forbid(used, operation_id, now)
        if verdict is AfterExpired.RENEW:
            record = self._policy.operation_refusal(used, now, forbidden=False, before=noted)
            self._refusals[operation_id] = record
            if self.current is not None:
                self.current = evolve(self.current, fresh_until=PAST, refused=True)
        return verdict

    def forbid(self, used: Token, operation_id: str, now: Moment) -> bool:
        """Record that the operation refused the renewed token too. ``False`` if that token has expired by now."""
        noted = self._refusals.get(operation_id)
        counted = noted is not None and noted.forbidden and noted.generation == used.generation
        forbidden = used.left(now) > 0
        if forbidden and not counted:  # concurrent calls count once
            record = self._policy.operation_refusal(used, now, forbidden=True, before=noted)
            self._refusals[operation_id] = record
        return forbidden

    def noted(self, operation_id: str) -> bool:
        """Whether an operation has a record. Needs no lock."""
        return operation_id in self._refusals

    def absolve(self, used: Token, operation_id: str, *, success: bool) -> None:
        """Forget the record of an operation that accepted a later token; of a forbidden one only after a success.

        A success with the refused token itself does not count: the token was not the reason for the refusal.
        """
        noted = self._refusals.get(operation_id)
        if noted is not None and noted.generation < used.generation and (success or not noted.forbidden):
            del self._refusals[operation_id]

    def forbidden(self, now: Moment) -> list[str]:
        """The forbidden operations, for display."""
        records = list(self._refusals.items())  # a copy: other threads change them
        left = [(name, record.until - now.monotonic) for name, record in records if record.forbidden]
        return [f"{name} refuses new tokens: no renewal for it for {pause:.0f} s" for name, pause in left if pause > 0]


def why_renewed(current: CurrentToken | None, now: Moment, *, replayable: bool) -> str:
    """The reason for a renewal, for display."""
    if current is None:
        return "there is no token yet"
    number, windows = current.token.generation, current.windows
    if windows is None:
        return f"token {number} was refused"
    left = now.until(windows.ends)
    if left <= 0:
        return f"token {number} has expired"
    if current.refused:
        return f"token {number} was refused"
    if now.until(windows.mandatory) <= 0:
        return f"token {number} has {left:.0f} s left, too little to serve it"
    if not replayable:
        return f"token {number} has {left:.0f} s left, too little for a request that cannot be replayed"
    return f"token {number} has {left:.0f} s left, renewed in the background"


def described(current: CurrentToken | None, now: Moment) -> list[str]:
    """The current token, for display."""
    if current is None:
        return ["there is no token yet"]
    token, windows = current.token, current.windows
    if windows is None:
        return [f"token {token.generation} by {token.grant}, without expiry"]
    name, left = f"token {token.generation} by {token.grant}", now.until(windows.ends)
    background, first = max(0.0, now.until(windows.advisory)), max(0.0, now.until(windows.mandatory))
    lines = [f"{name}, {left:.0f} s left of {token.lifetime:.0f}"]
    if left <= 0:
        lines = [f"{name} has expired; renewed before the next call"]
    elif current.refused:
        lines.append("an API refused it; renewed before the next call")
    else:
        lines.append(f"renewed in the background in {background:.0f} s, before a call in {first:.0f} s")
    if abs(token.server_offset or 0.0) >= 1:
        lines.append(f"the token server's clock is {token.server_offset:+.0f} s from this machine's")
    return lines

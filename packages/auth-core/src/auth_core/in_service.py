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
            self.forbid(used, operation_id)
        if verdict is AfterExpired.RENEW:
            self._refusals[operation_id] = self._policy.operation_refusal(used, forbidden=False)
            if self.current is not None:
                self.current = evolve(self.current, fresh_until=PAST, refused=True)
        return verdict

    def forbid(self, used: Token, operation_id: str) -> None:
        """Record that the operation refused the renewed token too."""
        self._refusals[operation_id] = self._policy.operation_refusal(used, forbidden=True)

    def noted(self, operation_id: str) -> bool:
        """Whether an operation has a record. Needs no lock."""
        return operation_id in self._refusals

    def absolve(self, used: Token, operation_id: str) -> None:
        """Forget that an operation caused a renewal; a forbidden operation stays forbidden."""
        noted = self._refusals.get(operation_id)
        if noted is not None and not noted.forbidden and noted.generation < used.generation:
            del self._refusals[operation_id]


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
    background, first = now.until(windows.advisory), now.until(windows.mandatory)
    lines = [f"token {token.generation} by {token.grant}, {now.until(windows.ends):.0f} s left of {token.lifetime:.0f}"]
    lines.append(f"renewed in the background in {max(0.0, background):.0f} s, before a call in {max(0.0, first):.0f} s")
    if token.server_offset:
        lines.append(f"the token server's clock is {token.server_offset:+.0f} s from this machine's")
    return lines

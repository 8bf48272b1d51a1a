"""What a source knows: the token in service, failures in a row, operations that refused a token. No lock, no clock.

The source calls it with its lock held and the moment as an argument; ``policy.py`` and ``failures.py`` decide.
"""

from __future__ import annotations

import math
import random

from attrs import evolve, frozen

from .clock import Moment
from .errors import AuthError
from .failures import AfterExpired, Failures, OperationRefusal, after_expired
from .policy import Decision, RefreshPolicy, Windows
from .token import Token

NEVER, ALWAYS = Moment(math.inf, math.inf), Moment(-math.inf, -math.inf)


@frozen
class CurrentToken:
    """The token in service, published as one object.

    Attributes:
        fresh_until: where the ready path ends: before, the token is served without another thought.
        refused: an API responded "expired" to it.
    """

    token: Token
    windows: Windows | None
    fresh_until: Moment
    refused: bool = False


class TokenInService:
    """The memory of one source."""

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
        """Of the token in service; 0 without one."""
        current = self.current
        return 0 if current is None else current.token.generation

    def decide(self, now: Moment, *, replayable: bool) -> Decision:
        """What to do for a caller who wants a token."""
        current = self.current
        if current is None:
            return self._policy.decide_without_token(now, self.failures)
        return self._policy.decide(
            current.windows, now, refused=current.refused, failures=self.failures, replayable=replayable
        )

    def take(self, outcome: Token | AuthError, now: Moment) -> None:
        """A renewal has ended."""
        if isinstance(outcome, AuthError):
            self.failures = self._policy.after_failure(self.failures, outcome, now, random.random())
            return
        windows = self._policy.windows(outcome, random.random())
        self.current = CurrentToken(outcome, windows, NEVER if windows is None else windows.advisory)
        self.failures = None

    def forget(self) -> None:
        """The token is given up, and what operations said of it: somebody else may log in now."""
        self.current = None
        self._refusals.clear()

    # --- operations that refused a token ----------------------------------------------------------------------------

    def after_expired(self, used: Token, operation_id: str, now: Moment, *, renewing: bool) -> AfterExpired:
        """What to do when an operation refused a token; records what follows from it."""
        noted = self._refusals.get(operation_id)
        verdict = after_expired(used, self.token, noted, now, renewing=renewing, failures=self.failures)
        if verdict is AfterExpired.FORBID:
            self.forbid(used, operation_id)
        if verdict is AfterExpired.RENEW:
            self._refusals[operation_id] = self._policy.operation_refusal(used, forbidden=False)
            if self.current is not None:
                self.current = evolve(self.current, fresh_until=ALWAYS, refused=True)
        return verdict

    def forbid(self, used: Token, operation_id: str) -> None:
        """The operation refused the renewed token too."""
        self._refusals[operation_id] = self._policy.operation_refusal(used, forbidden=True)

    def noted(self, operation_id: str) -> bool:
        """Whether anything is recorded of an operation: a first question that needs no lock."""
        return operation_id in self._refusals

    def absolve(self, used: Token, operation_id: str) -> None:
        """Forget that an operation was the reason for a renewal; what is forbidden stays so."""
        noted = self._refusals.get(operation_id)
        if noted is not None and not noted.forbidden and noted.generation < used.generation:
            del self._refusals[operation_id]


def why_renewed(current: CurrentToken | None, now: Moment, *, replayable: bool) -> str:
    """Why a renewal starts, in words."""
    if current is None:
        return "no token at hand"
    number, windows = current.token.generation, current.windows
    if windows is None:
        return f"token {number} was refused"
    left = now.until(windows.ends)
    if left <= 0:
        return f"token {number} has ended"
    if now.until(windows.mandatory) <= 0:
        return f"token {number} has {left:.0f} s left, too few to be served"
    if not replayable:
        return f"token {number} has {left:.0f} s left, too few for a body that cannot be replayed"
    return f"token {number} has {left:.0f} s left, renewed in the background"


def described(current: CurrentToken | None, now: Moment) -> list[str]:
    """The token at hand, in words."""
    if current is None:
        return ["no token at hand"]
    token, windows = current.token, current.windows
    if windows is None:
        return [f"token {token.generation} by {token.grant}, without end"]
    background, first = now.until(windows.advisory), now.until(windows.mandatory)
    lines = [f"token {token.generation} by {token.grant}, {now.until(windows.ends):.0f} s left of {token.lifetime:.0f}"]
    lines.append(f"renewed in the background in {max(0.0, background):.0f} s, before a call in {max(0.0, first):.0f} s")
    if token.server_offset:
        lines.append(f"the token server's clock is {token.server_offset:+.0f} s from this machine's")
    return lines

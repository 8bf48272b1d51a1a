"""When a token is renewed, and when a failure is not repeated. Pure: no clock, no lock, no HTTP.

::

    issued                                                      advisory          mandatory  ends
      |───────────────────── serve ────────────────────────────────|── serve and ────|─ renew ──|
                                                                       renew in the background     first

Both windows are proportional to the token's lifetime, so a token of five seconds and one of a day each cost one request
per lifetime. A server that returns the same token again until shortly before it expires is asked in the last quarter of
what is left, then in the last quarter of that, and so on: few requests in total.

``failures.py`` decides what a failure means for the next step. All times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum, auto

from attrs import field, frozen
from attrs.validators import ge, gt, le, lt

from .clock import NEVER, PAST, Moment
from .errors import AuthError, LoginRefused, TokenUnavailable
from .failures import Failures, OperationRefusal, may_be_a_refusal
from .token import Token

DAY_SECONDS = 86_400.0
"""The longest wait allowed: platforms limit timeouts, and waiting longer is a hang."""
FINITE = lt(math.inf)


@frozen
class Windows:
    """The moments at which the decision for one token changes."""

    advisory: Moment
    mandatory: Moment
    ends: Moment


@frozen
class Refusal:
    """A login that the token server refused. Holds no secret."""

    at_wall: float
    """Seconds since the Unix epoch."""
    status: int
    code: str | None = None

    def __str__(self) -> str:
        return " ".join(filter(None, (f"HTTP {self.status}" if self.status else "", self.code))) or "no HTTP status"


class Decision(Enum):
    """What to do for a caller that needs a token."""

    SERVE = auto()
    SERVE_AND_RENEW = auto()
    """Serve the token and renew it in the background: no caller waits."""
    RENEW_FIRST = auto()
    """Renew and wait for the outcome."""
    FAIL = auto()
    """Raise the last failure: no token can be served, and it is too soon to try again."""


@frozen(kw_only=True)
class RefreshPolicy:
    """When tokens are renewed and logins are repeated.

    - No token, an expired one, or one that an API has just refused: renew first; all callers share the outcome.
    - Before the advisory window: serve.
    - In the advisory window: serve, and renew in the background.
    - In the mandatory window: renew first; if that fails, serve until the token expires.
    - After a failure: back off exponentially, for longer if the server may have checked a password.
    - After a refused login: no login for 30 s, and at most two refused logins in 15 minutes.
    - An operation that refuses renewed tokens: no renewal for it for 30 s, doubling up to 10 minutes.
    """

    advisory_fraction: float = field(default=0.25, validator=[ge(0), le(1)])
    """Renewing in the last quarter leaves time for several attempts and costs at most a third more requests."""
    advisory_cap_seconds: float = field(default=3600.0, validator=[ge(0), FINITE])
    """An hour outlasts most outages; a token of a week need not be renewed two days early."""
    jitter_fraction: float = field(default=0.15, validator=[ge(0), le(1)])
    """Each advisory window is shortened by up to this fraction, so workers that logged in together renew apart."""
    mandatory_fraction: float = field(default=0.10, validator=[ge(0), le(1)])
    """A request in transit needs some of the lifetime left; a tenth keeps short-lived tokens usable."""
    mandatory_cap_seconds: float = field(default=60.0, validator=[ge(0), FINITE])
    """Longer than any request should take to reach the server."""
    unknown_lifetime_seconds: float = field(default=600.0, validator=[gt(0), FINITE])
    """Assumed if no response states a lifetime: safe with every vendor known, without causing many requests."""

    backoff_first_seconds: float = field(default=1.0, validator=[gt(0), FINITE])
    """Pause after the first failure: most glitches pass within a second."""
    backoff_cap_seconds: float = field(default=60.0, validator=[gt(0), FINITE])
    """A server that recovers is detected within a minute."""
    unclear_first_seconds: float = field(default=5.0, validator=[gt(0), FINITE])
    """Pause after the first response that may be a refusal in an unknown form (404, 3xx, 500, an HTML page)."""
    unclear_cap_seconds: float = field(default=300.0, validator=[gt(0), FINITE])
    """Servers commonly count wrong passwords for 15 minutes: about eight requests in the first 15, then three."""
    retry_after_cap_seconds: float = field(default=3600.0, validator=[gt(0), FINITE])
    """A server's Retry-After is honoured up to an hour; beyond that it is more likely a mistake."""

    refused_login_pause_seconds: float = field(default=30.0, validator=[ge(0), FINITE])
    """Pause after the first refusal, which may have been the server's mistake."""
    refused_login_budget: int = field(default=2, validator=ge(1))
    """Refusals allowed per window: account lock-outs begin at three wrong passwords."""
    refused_login_window_seconds: float = field(default=900.0, validator=[gt(0), FINITE])
    """The period in which servers commonly count wrong passwords."""

    forbidden_first_seconds: float = field(default=30.0, validator=[gt(0), FINITE])
    """Pause after an operation refused the renewed token too. Short, since both tokens may have ended by chance."""
    forbidden_cap_seconds: float = field(default=600.0, validator=[gt(0), FINITE])
    """The pause doubles up to this: one renewal in ten minutes costs little if an API responds 401 for "forbidden"."""

    token_timeout_seconds: float = field(default=30.0, validator=[gt(0), le(DAY_SECONDS)])
    """For one token request as a whole."""
    store_wait_seconds: float = field(default=60.0, validator=[gt(0), le(DAY_SECONDS)])
    """How long a renewal waits for that of another process: two slow token requests."""
    wait_timeout_seconds: float = field(default=90.0, validator=[gt(0), le(DAY_SECONDS)])
    """How long a caller waits for a renewal: enough for a login of two steps and a store lock."""

    def windows(self, token: Token, draw: float) -> Windows | None:
        """The windows of one token; ``None`` if it never expires. ``draw`` in [0, 1), once per token, is its jitter."""
        life, ends = token.lifetime, token.ends
        if life is None or ends is None:
            return None
        mandatory = min(self.mandatory_cap_seconds, life * self.mandatory_fraction)
        advisory = min(self.advisory_cap_seconds, life * self.advisory_fraction) * (1 - self.jitter_fraction * draw)
        return Windows(ends.later(-max(advisory, mandatory)), ends.later(-mandatory), ends)

    def fresh_until(self, windows: Windows | None) -> Moment:
        """How long the token is served without calling :meth:`decide`; an overridden ``decide`` is always called."""
        if type(self).decide is not RefreshPolicy.decide:
            return PAST
        return NEVER if windows is None else windows.advisory

    def decide(
        self,
        windows: Windows | None,
        now: Moment,
        *,
        refused: bool = False,
        failures: Failures | None = None,
        replayable: bool = True,
    ) -> Decision:
        """Decide what to do now with a token of these windows (``None``: it never expires).

        Args:
            refused: an API responded "expired" to this token.
            failures: of renewals, since the last token.
            replayable: ``False`` for a request whose body cannot be sent again: it requires a token before its advisory
                window.
        """
        if windows is not None and now.until(windows.ends) <= 0:
            return self.decide_without_token(now, failures)
        if failures is not None and failures.pause_seconds(now) > 0:
            return Decision.SERVE
        if refused or (windows is not None and now.until(windows.mandatory) <= 0):
            return Decision.RENEW_FIRST
        if windows is not None and now.until(windows.advisory) <= 0:
            return Decision.SERVE_AND_RENEW if replayable else Decision.RENEW_FIRST
        return Decision.SERVE

    def decide_without_token(self, now: Moment, failures: Failures | None) -> Decision:
        """Decide what to do if there is no token, or it has expired.

        After any failure but :class:`TokenUnavailable` a renewal may start: the record of refused logins holds the same
        login back.
        """
        if failures is None or not isinstance(failures.last, TokenUnavailable) or failures.pause_seconds(now) <= 0:
            return Decision.RENEW_FIRST
        return Decision.FAIL

    def spares_renewal(self, token: Token, stale_generation: int, now: Moment) -> bool:
        """Whether a token that another client has saved in the store is good enough."""
        decision = self.decide(self.windows(token, 0.0), now)
        return token.generation > stale_generation and decision in {Decision.SERVE, Decision.SERVE_AND_RENEW}

    def after_failure(self, before: Failures | None, error: AuthError, now: Moment, draw: float) -> Failures:
        """The failures including ``error``. A refused login has its own pause, computed from the refused logins."""
        number = 1 + (before.number if before is not None else 0)
        pause = error.retry_after_seconds
        if pause is None or not isinstance(error, LoginRefused):
            pause = self.backoff_seconds(number, draw, pause, unclear=may_be_a_refusal(error))
        return Failures(number, error, now.monotonic + pause)

    def backoff_seconds(
        self, failures: int, draw: float, retry_after: float | None = None, *, unclear: bool = False
    ) -> float:
        """The pause after consecutive failures: doubles, with a random part; never less than Retry-After.

        Args:
            unclear: the last response may have been a refusal; the pauses are longer, and never below their base value.
        """
        first = self.unclear_first_seconds if unclear else self.backoff_first_seconds
        cap = self.unclear_cap_seconds if unclear else self.backoff_cap_seconds
        ceiling = min(cap, first * 2.0 ** min(failures - 1, 30))
        pause = ceiling * (1 + draw / 4 if unclear else 0.5 + draw / 2)
        return max(pause, min(retry_after or 0.0, self.retry_after_cap_seconds))

    def operation_refusal(
        self, used: Token, now: Moment, *, forbidden: bool, before: OperationRefusal | None = None
    ) -> OperationRefusal:
        """The record of an operation that refused a token, given its previous record.

        It is valid until the token expires; if the operation is forbidden, for a pause that doubles each time.
        """
        times = before.times if before is not None else 0
        if not forbidden:
            ends = used.ends or used.issued.later(self.unknown_lifetime_seconds)
            return OperationRefusal(used.generation, False, ends.monotonic, times)
        pause = min(self.forbidden_cap_seconds, self.forbidden_first_seconds * 2.0 ** min(times, 30))
        return OperationRefusal(used.generation, True, now.monotonic + pause, times + 1)

    def logins_at_once(self, refusals: Sequence[Refusal]) -> int:
        """How many logins with the same credentials may run at once, so that the budget holds if all are refused.

        Without a pause after a refusal, logins run one at a time: the budget alone limits them.
        """
        return max(1, self.refused_login_budget - len(refusals)) if self.refused_login_pause_seconds > 0 else 1

    def login_pause_seconds(self, refusals: Sequence[Refusal], now_wall: float, *, same: bool = True) -> float:
        """How long a login with these refusals must not be tried again; 0 if it may be now.

        Args:
            same: the same values were refused. ``False``: a callable has returned another value, which may be tried
                without a pause, within the same budget.
        """
        recent = sorted(
            refusal.at_wall
            for refusal in refusals
            if abs(now_wall - refusal.at_wall)
            < self.refused_login_window_seconds  # one in the future was recorded by a wrong clock
        )
        if not recent:
            return 0.0
        allowed = recent[-1] + self.refused_login_pause_seconds if same else now_wall
        if len(recent) >= self.refused_login_budget:
            allowed = max(allowed, recent[-self.refused_login_budget] + self.refused_login_window_seconds)
        return max(0.0, allowed - now_wall)

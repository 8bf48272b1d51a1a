"""When a token is renewed, and when a failure is not repeated. Pure: no clock, no lock, no HTTP.

::

    issued                                                      advisory          mandatory  ends
      |───────────────────── serve ────────────────────────────────|── serve and ────|─ renew ──|
                                                                       renew in the background     first

Both windows follow the token's own life, so a token of five seconds and one of a day cost one request per life each.
A server that hands the same token out again until shortly before its end is asked in the last quarter of what is left,
then of what is left by then: few requests, however late it relents.

What a failure means for the next step stands in ``failures.py``, as pure as this. All times are seconds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import Enum, auto

from attrs import field, frozen
from attrs.validators import ge, gt, le, lt

from .clock import Moment
from .errors import AuthError, LoginRefused, TokenUnavailable
from .failures import Failures, OperationRefusal
from .token import Token

DAY_SECONDS = 86_400.0
"""No wait is longer: what waits for ever is a hang, and what systems count waits with has an end."""
FINITE = lt(math.inf)


@frozen
class Windows:
    """The moments at which the advice for one token changes."""

    advisory: Moment
    mandatory: Moment
    ends: Moment


@frozen
class Refusal:
    """A login that the token server refused. Holds nothing secret."""

    at_wall: float
    """Seconds since the Unix epoch."""
    status: int
    code: str | None = None


class Decision(Enum):
    """What to do for a caller who wants a token."""

    SERVE = auto()
    """Hand over the token."""
    SERVE_AND_RENEW = auto()
    """Hand over the token and renew it in the background: no caller waits."""
    RENEW_FIRST = auto()
    """Renew and wait for the outcome."""
    FAIL = auto()
    """There is nothing to serve, and the last failure is too young to try again."""


@frozen(kw_only=True)
class RefreshPolicy:
    """When tokens are renewed and logins are repeated.

    - No token, an ended one, or one that an API has just refused: renew first; all callers share the outcome.
    - Far from the end: serve.
    - In the advisory window: serve, and renew in the background.
    - In the mandatory window: renew first; if that fails, serve while life remains.
    - After a failure: no additional attempt for a while that doubles each time.
    - After a refused login: not again for 30 s, and not more than twice in 15 minutes.
    """

    advisory_fraction: float = field(default=0.25, validator=[ge(0), le(1)])
    """Renewing in the last quarter leaves time for several attempts and costs a third more requests at most."""
    advisory_cap_seconds: float = field(default=3600.0, validator=[ge(0), FINITE])
    """An hour outlasts most outages; a week-long token need not be renewed two days early."""
    jitter_fraction: float = field(default=0.15, validator=[ge(0), le(1)])
    """Workers that logged in together do not renew together: each advisory window is up to this much shorter."""
    mandatory_fraction: float = field(default=0.10, validator=[ge(0), le(1)])
    """A request under way needs some of the life that is left; a tenth keeps short tokens usable."""
    mandatory_cap_seconds: float = field(default=60.0, validator=[ge(0), FINITE])
    """Longer than any request should take to reach the server."""
    unknown_lifetime_seconds: float = field(default=600.0, validator=[gt(0), FINITE])
    """When no response states how long: short enough to be safe with every vendor known, long enough not to hurt."""

    backoff_first_seconds: float = field(default=1.0, validator=[gt(0), FINITE])
    """A hiccup passes within a second."""
    backoff_cap_seconds: float = field(default=60.0, validator=[gt(0), FINITE])
    """A server that comes back is detected within a minute."""
    retry_after_cap_seconds: float = field(default=3600.0, validator=[gt(0), FINITE])
    """A server's Retry-After is honoured up to an hour; beyond that it is more likely a mistake."""

    refused_login_pause_seconds: float = field(default=30.0, validator=[ge(0), FINITE])
    """After the first refusal: the one that may have been a slip of the server's."""
    refused_login_budget: int = field(default=2, validator=ge(1))
    """Lock-outs begin at three wrong passwords."""
    refused_login_window_seconds: float = field(default=900.0, validator=[gt(0), FINITE])
    """The common period in which servers count wrong passwords."""

    token_timeout_seconds: float = field(default=30.0, validator=[gt(0), le(DAY_SECONDS)])
    """For one token request as a whole."""
    store_wait_seconds: float = field(default=60.0, validator=[gt(0), le(DAY_SECONDS)])
    """How long a renewal waits for one of another process: two slow token requests."""
    wait_timeout_seconds: float = field(default=90.0, validator=[gt(0), le(DAY_SECONDS)])
    """How long a caller waits for a renewal: a login of two steps and a store lock fit in."""

    def windows(self, token: Token, draw: float) -> Windows | None:
        """The windows of one token; ``None`` when it never ends. ``draw`` in [0, 1), once per token, is its jitter."""
        life, ends = token.lifetime, token.ends
        if life is None or ends is None:
            return None
        mandatory = min(self.mandatory_cap_seconds, life * self.mandatory_fraction)
        advisory = min(self.advisory_cap_seconds, life * self.advisory_fraction) * (1 - self.jitter_fraction * draw)
        return Windows(ends.later(-max(advisory, mandatory)), ends.later(-mandatory), ends)

    def decide(
        self,
        windows: Windows | None,
        now: Moment,
        *,
        refused: bool = False,
        failures: Failures | None = None,
        replayable: bool = True,
    ) -> Decision:
        """What to do at this moment with a token of these windows (``None``: it never ends).

        Args:
            refused: an API responded "expired" to this very token.
            failures: of renewals, since the last token.
            replayable: ``False`` for a request whose body cannot be sent again, so that it had better not start on a
                token that is in its last quarter.
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
        """What to do when there is no token, or it has ended.

        A login that failed for a reason of its own may be tried: the memory of refused logins knows whether it is the
        same one.
        """
        if failures is None or not isinstance(failures.last, TokenUnavailable) or failures.pause_seconds(now) <= 0:
            return Decision.RENEW_FIRST
        return Decision.FAIL

    def spares_renewal(self, token: Token, stale_generation: int, now: Moment) -> bool:
        """Whether a token that another client has put into the store will do."""
        decision = self.decide(self.windows(token, 0.0), now)
        return token.generation > stale_generation and decision in {Decision.SERVE, Decision.SERVE_AND_RENEW}

    def after_failure(self, before: Failures | None, error: AuthError, now: Moment, draw: float) -> Failures:
        """The failures with one more. A refused login brings its own pause: that of the memory of refused logins."""
        number = 1 + (before.number if before is not None else 0)
        pause = error.retry_after_seconds
        if pause is None or not isinstance(error, LoginRefused):
            pause = self.backoff_seconds(number, draw, pause)
        return Failures(number, error, now.monotonic + pause)

    def backoff_seconds(self, failures: int, draw: float, retry_after: float | None = None) -> float:
        """The pause after so many failures in a row: doubling, the upper half random, never less than Retry-After."""
        ceiling = min(self.backoff_cap_seconds, self.backoff_first_seconds * 2.0 ** min(failures - 1, 30))
        asked = min(retry_after or 0.0, self.retry_after_cap_seconds)
        return max(ceiling * (0.5 + draw / 2), asked)

    def operation_refusal(self, used: Token, *, forbidden: bool) -> OperationRefusal:
        """What is recorded of an operation that refused a token: until that token's end."""
        ends = used.ends or used.issued.later(self.unknown_lifetime_seconds)
        return OperationRefusal(used.generation, forbidden, ends.monotonic)

    def logins_at_once(self, refusals: Sequence[Refusal]) -> int:
        """How many logins with the same credentials may be under way: if all are refused, the budget still holds.

        Without a pause after a refusal nothing but their number holds logins back: then one follows the other.
        """
        return max(1, self.refused_login_budget - len(refusals)) if self.refused_login_pause_seconds > 0 else 1

    def login_pause_seconds(self, refusals: Sequence[Refusal], now_wall: float) -> float:
        """How long a login that was refused at these times must not be tried again; 0 when it may be now."""
        recent = sorted(
            refusal.at_wall
            for refusal in refusals
            if abs(now_wall - refusal.at_wall) < self.refused_login_window_seconds  # later: by a clock that was wrong
        )
        if not recent:
            return 0.0
        allowed = recent[-1] + self.refused_login_pause_seconds
        if len(recent) >= self.refused_login_budget:
            allowed = max(allowed, recent[-self.refused_login_budget] + self.refused_login_window_seconds)
        return max(0.0, allowed - now_wall)

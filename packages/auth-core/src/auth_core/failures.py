"""What a failure means for the next step: an API's "expired", a refusal, a lost refresh, a failed renewal. Pure.

The rules with tunable numbers are in ``policy.py``. In the order of a token's life: :func:`after_expired` when an API
refuses it; :func:`next_request` when it is renewed; :func:`is_refusal` and :func:`may_be_a_refusal` when the token
server does not issue one; :func:`refresh_token_after` and :func:`logs_in_after` when a refresh fails;
:func:`spends_credential` when a login is refused; :func:`served_after` when the renewal fails.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, auto
from typing import Literal, TypeAlias

from attrs import frozen

from .clock import Moment
from .errors import AuthError, LoginRefused, MalformedTokenResponse, TokenUnavailable
from .lifecycle import Refresh
from .token import Token

REQUEST_REFUSED = frozenset(
    {"invalid_client", "invalid_request", "invalid_scope", "unauthorized_client", "unsupported_grant_type"}
)
"""RFC 6749 section 5.2: the client or its request is refused; the code or assertion was not checked."""
REFUSED = REQUEST_REFUSED | {"access_denied", "invalid_grant"}
"""RFC 6749 sections 5.2 and 4.1.2.1: the codes of refusals; the same request would be refused again."""
SERVER_BUSY = frozenset({"server_error", "temporarily_unavailable"})
"""RFC 6749 section 4.1.2.1: the codes that mean "try later"."""
GATEWAY = frozenset({425, 429, 502, 503, 504, *range(520, 530)})
"""Statuses of responses that are sent before any credential is checked: by a gateway (RFC 9110 sections 15.6.3 to
15.6.5, and 52x of content delivery networks), or because requests are too many or too early (RFC 6585, RFC 8470)."""
TRY_LATER = frozenset({408, 425, 429})
"""4xx that do not mean that the request is wrong (RFC 9110 section 15.5.9, RFC 8470, RFC 6585)."""


Asks: TypeAlias = Literal["login", "refresh"] | None
"""What a token request exchanges for a token: the credentials, or a refresh token; ``None``: nothing (a logout)."""


@frozen
class Failures:
    """Consecutive failed renewals."""

    number: int
    last: AuthError
    retry_at: float
    """Earliest time of the next attempt, on the monotonic clock."""

    def pause_seconds(self, now: Moment) -> float:
        """How long to wait before the next renewal; 0 if it may start now."""
        return max(0.0, self.retry_at - now.monotonic)


@frozen
class OperationRefusal:
    """An operation responded "expired" to a token, and (``forbidden``) to the token renewed for it too."""

    generation: int
    forbidden: bool
    until: float
    """When the record expires, on the monotonic clock."""
    times: int = 0
    """How many times in a row the operation was forbidden."""


class AfterExpired(Enum):
    """What to do when an API responds "expired" to a token."""

    USE_NEWER = auto()
    """A late response, to an older token than the current one: send the request again with the current one."""
    JOIN = auto()
    """A renewal is in flight: wait for its outcome."""
    RENEW = auto()
    """Renew, and record that this operation was the reason."""
    FORBID = auto()
    """The operation refused the renewed token too: forbidden, not expired. Record it and return the response."""
    ACCEPT = auto()
    """Return the response: the operation is recorded as forbidden, or already caused a renewal."""
    FAIL = auto()
    """Raise the last failure: it is too soon to try again."""


class NextRequest(Enum):
    """How a new token is requested."""

    LOGIN = auto()
    """With the credentials: there is no refresh token, or no refresh."""
    LOGIN_IN_DOUBT = auto()
    """With the credentials: the refresh token may be spent, and presenting it twice could revoke the whole login."""
    REFRESH = auto()
    """With a refresh token that does not rotate."""
    JOURNALED_REFRESH = auto()
    """With a rotating refresh token: written to the journal before it is sent."""


class RefreshTokenState(Enum):
    """The state of a refresh token after a failed refresh."""

    UNTOUCHED = auto()
    """Still valid: the request did not reach the server, or was rejected before it was processed."""
    IN_DOUBT = auto()
    """Unknown: the server may have processed the request and issued the next refresh token."""
    SPENT = auto()
    """Refused, or accepted without a new token in return."""


def after_expired(
    used: Token,
    current: Token | None,
    noted: OperationRefusal | None,
    now: Moment,
    *,
    renewing: bool = False,
    failures: Failures | None = None,
) -> AfterExpired:
    """Decide what to do when an API responds "expired".

    Args:
        used: the token that was refused.
        noted: the record of this operation, if any.
        renewing: whether a renewal is in flight.
        failures: of renewals, since the last token.
    """
    if current is not None and current.access_token != used.access_token:
        return AfterExpired.USE_NEWER
    if renewing:
        return AfterExpired.JOIN
    if noted is not None and now.monotonic >= noted.until:
        noted = None
    if noted is not None and noted.forbidden:
        return AfterExpired.ACCEPT
    if noted is not None and noted.generation != used.generation and used.left(now) > 0:
        return AfterExpired.FORBID  # this response arrived before that of the replay, or there was no replay
    if failures is not None and failures.pause_seconds(now) > 0:
        return AfterExpired.FAIL
    again = noted is not None and noted.generation == used.generation
    return AfterExpired.ACCEPT if again else AfterExpired.RENEW


def served_after(
    outcome: Token | AuthError, current: Token | None, now: Moment, refused: Token | None = None
) -> Token | AuthError:
    """The result for a caller that waited for a renewal: after a failure, the current token until it expires.

    Args:
        refused: the token that an API refused; it is not served to this caller.
    """
    if isinstance(outcome, Token) or current is None or current.left(now) <= 0:
        return outcome
    return outcome if refused is not None and current.access_token == refused.access_token else current


def next_request(
    refresh: Refresh | None,
    old: Token | None,
    now: Moment,
    *,
    presented_by: int | None = None,
    this_process: int,
    can_log_in: bool = True,
) -> NextRequest:
    """Decide how the token after ``old`` is requested.

    Args:
        presented_by: id of the process that was about to present this refresh token, from the journal.
        this_process: id of this process.
        can_log_in: ``False`` if the credentials are for one use, and spent.
    """
    if refresh is None or old is None or old.refresh_token is None:
        return NextRequest.LOGIN
    if not refresh.rotates:
        return NextRequest.REFRESH
    # Never present a refresh token of another process, which may still depend on it.
    nothing_to_lose = presented_by == this_process and not can_log_in and old.left(now) <= 0
    return NextRequest.JOURNALED_REFRESH if presented_by is None or nothing_to_lose else NextRequest.LOGIN_IN_DOUBT


def is_refusal(status: int, codes: Iterable[object], asks: Asks) -> bool:
    """Whether a response refuses the credentials or the refresh token, also if the lifecycle does not declare it.

    An error code of RFC 6749 is a refusal under any status. A 4xx response to a login is one too, unless it means
    "try later" or "not found": sending a wrong password again and again locks the account.
    """
    if any(isinstance(code, str) and code in REFUSED for code in codes):
        return True
    return asks == "login" and 400 <= status < 500 and status not in {404, *TRY_LATER}


def may_be_a_refusal(error: AuthError) -> bool:
    """Whether a failure may be a refusal in an unknown form: the server may have checked the credentials."""
    return error.status is not None and error.status not in GATEWAY


def spends_credential(error: LoginRefused) -> bool:
    """Whether a refused login has spent its single-use credential: not if the client or the request was refused."""
    return error.code not in REQUEST_REFUSED


def refresh_token_after(error: LoginRefused | TokenUnavailable) -> RefreshTokenState:
    """The state of the refresh token after a failed refresh, which is never a refusal of the credentials.

    Only a response that, by definition, is sent before the request is processed leaves the token untouched.
    """
    if isinstance(error, LoginRefused | MalformedTokenResponse):
        return RefreshTokenState.SPENT
    unprocessed = (
        error.status == 429  # RFC 6585 section 4
        or (error.status == 503 and error.retry_after_seconds is not None)
        or (error.status in {400, 401} and error.code in SERVER_BUSY)
    )
    return RefreshTokenState.UNTOUCHED if unprocessed or not error.request_sent else RefreshTokenState.IN_DOUBT


def logs_in_after(error: LoginRefused | TokenUnavailable, old: Token, now: Moment, *, can_log_in: bool) -> bool:
    """Whether to log in at once after a failed refresh; otherwise the caller backs off.

    Log in if the refresh token is spent; and, once the token has expired, if a 4xx blames the request: the server would
    respond the same for ever, without reporting a refusal.
    """
    if refresh_token_after(error) is RefreshTokenState.SPENT:
        return True
    blamed = error.status is not None and 400 <= error.status < 500 and error.status not in TRY_LATER
    return blamed and old.left(now) <= 0 and can_log_in

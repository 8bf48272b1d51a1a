"""What a failure means for the next step: an API's "expired", a lost refresh, a renewal that failed. Pure.

No rule here has a number of its own; those with numbers stand in ``policy.py``. The questions, in the order in which a
token meets them: :func:`after_expired` when an API refuses it; :func:`next_request` when it is renewed;
:func:`refresh_token_after` and :func:`logs_in_after` when a refresh fails; :func:`served_after` when the renewal fails.
"""

from __future__ import annotations

from enum import Enum, auto

from attrs import frozen

from .clock import Moment
from .errors import AuthError, LoginRefused, MalformedTokenResponse, TokenUnavailable
from .lifecycle import Refresh
from .token import Token

SERVER_FAILED = frozenset({500, 501, 503, 505})
"""The server itself says so. After any other 5xx (RFC 9110 sections 15.6.3 and 15.6.5, and those of content delivery
networks, 520 to 599) it may have responded to a gateway, with the next refresh token."""
TRY_LATER = frozenset({408, 425, 429})
"""4xx that do not blame the request (RFC 9110 section 15.5.9, RFC 8470, RFC 6585)."""


@frozen
class Failures:
    """Renewals that failed in a row."""

    number: int
    last: AuthError
    retry_at: float
    """Not before, on the monotonic clock."""

    def pause_seconds(self, now: Moment) -> float:
        """How long no renewal is tried; 0 when one may be."""
        return max(0.0, self.retry_at - now.monotonic)


@frozen
class OperationRefusal:
    """An API responded "expired" to this operation: to a token, and (``forbidden``) to the one renewed for it too."""

    generation: int
    forbidden: bool
    until: float
    """The end of the refused token on the monotonic clock: by then another may have come for other reasons."""


class AfterExpired(Enum):
    """What to do when an API responds "expired" to a token."""

    USE_NEWER = auto()
    """A late response, to an older token than the one at hand: send the request again with that one."""
    JOIN = auto()
    """The token is being renewed: wait for the outcome."""
    RENEW = auto()
    """Renew, and remember that this operation was the reason."""
    FORBID = auto()
    """The operation has refused the renewed token too: forbidden, not expired. Remember it; the response stands."""
    ACCEPT = auto()
    """The operation is known to be forbidden, or its renewal is still unproven: the response stands."""
    FAIL = auto()
    """The last failure is too young to try again."""


class NextRequest(Enum):
    """How a new token is requested."""

    LOGIN = auto()
    """By the credentials: there is no refresh token, or no refresh."""
    LOGIN_IN_DOUBT = auto()
    """By the credentials: the refresh token may be spent, and presenting it twice could revoke the whole login."""
    REFRESH = auto()
    """By a refresh token that stays the same."""
    JOURNALED_REFRESH = auto()
    """By a refresh token for one use: the journal says so before it is sent."""


class RefreshTokenState(Enum):
    """What became of a refresh token that was presented without success."""

    UNTOUCHED = auto()
    """Certainly as it was: nothing reached the server, or it said that it failed."""
    IN_DOUBT = auto()
    """The response was lost, or is a gateway's: the next refresh token may have been in it."""
    SPENT = auto()
    """Refused, or taken without a new token in return."""


def after_expired(
    used: Token,
    current: Token | None,
    noted: OperationRefusal | None,
    now: Moment,
    *,
    renewing: bool = False,
    failures: Failures | None = None,
) -> AfterExpired:
    """What an "expired" that arrives now means.

    Args:
        used: the token that was refused.
        current: the token in service.
        noted: what is recorded of this operation.
        renewing: a renewal is under way.
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
    if noted is not None and noted.generation != used.generation:
        return AfterExpired.FORBID  # this response has overtaken that of the replay, or there was no replay
    if failures is not None and failures.pause_seconds(now) > 0:
        return AfterExpired.FAIL
    return AfterExpired.RENEW if noted is None else AfterExpired.ACCEPT


def served_after(
    outcome: Token | AuthError, current: Token | None, now: Moment, refused: Token | None = None
) -> Token | AuthError:
    """What a caller gets who waited for a renewal: after a failure, the token in service while life remains.

    Args:
        refused: the token that an API refused to this caller, for whom it is no way out.
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
    """How the token after ``old`` is requested.

    Args:
        presented_by: the process that was about to present this refresh token, by the journal.
        this_process: its number.
        can_log_in: ``False`` when the credentials were for one use, and are spent.
    """
    if refresh is None or old is None or old.refresh_token is None:
        return NextRequest.LOGIN
    if not refresh.rotates:
        return NextRequest.REFRESH
    # Never that of another process, which may live on by it.
    nothing_to_lose = presented_by == this_process and not can_log_in and old.left(now) <= 0
    return NextRequest.JOURNALED_REFRESH if presented_by is None or nothing_to_lose else NextRequest.LOGIN_IN_DOUBT


def refresh_token_after(error: LoginRefused | TokenUnavailable) -> RefreshTokenState:
    """What a failed refresh says of the refresh token. It is never a refusal of the credentials."""
    if isinstance(error, LoginRefused | MalformedTokenResponse):
        return RefreshTokenState.SPENT
    if not error.request_sent:
        return RefreshTokenState.UNTOUCHED
    if error.status is not None and (error.status < 500 or error.status in SERVER_FAILED):
        return RefreshTokenState.UNTOUCHED
    return RefreshTokenState.IN_DOUBT


def logs_in_after(error: LoginRefused | TokenUnavailable, old: Token, now: Moment, *, can_log_in: bool) -> bool:
    """Whether a login follows a failed refresh at once. (Else the failure is one to wait after.)

    So it does when the refresh token is spent; and once the token has ended, when the server blames the request: asked
    again it would respond alike, for ever, without calling that a refusal.
    """
    if refresh_token_after(error) is RefreshTokenState.SPENT:
        return True
    blamed = error.status is not None and 400 <= error.status < 500 and error.status not in TRY_LATER
    return blamed and old.left(now) <= 0 and can_log_in

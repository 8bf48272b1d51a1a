"""What a failure means for the next step: tables over the pure rules. No thread, no clock."""

from __future__ import annotations

import pytest
from attrs import evolve
from auth_core import LoginRefused, Moment, Secret, Token, TokenUnavailable
from auth_core.errors import MalformedTokenResponse
from auth_core.failures import (
    AfterExpired,
    Failures,
    NextRequest,
    OperationRefusal,
    RefreshTokenState,
    after_expired,
    is_refusal,
    logs_in_after,
    may_be_a_refusal,
    next_request,
    refresh_token_after,
    served_after,
    spends_credential,
)
from auth_core.lifecycle import Refresh, TokenRequest

START = Moment(wall=1_750_000_000.0, monotonic=50.0)
LATER = START.later(100.0)


def token(text: str, generation: int, *, lifetime: float | None = 3600.0) -> Token:
    return Token(access_token=Secret(text), issued=START, lifetime=lifetime, generation=generation, grant="password")


FIRST, SECOND = token("first", 1), token("second", 2)
SAME_AGAIN = token("first", 2)
"""The server handed the first token out again."""
ENDED = token("ended", 1, lifetime=100.0)
HAS_JUST_ENDED = token("ended", 2, lifetime=100.0)
BACKING_OFF = Failures(1, TokenUnavailable("503"), LATER.monotonic + 1)
TRIED_AGAIN = Failures(1, TokenUnavailable("503"), LATER.monotonic)


def noted(generation: int, *, forbidden: bool = False, left: float = 1.0) -> OperationRefusal:
    return OperationRefusal(generation, forbidden, LATER.monotonic + left)


@pytest.mark.parametrize(
    ("used", "held", "noted", "renewing", "failures", "verdict"),
    [
        # a late response, whatever else is going on
        (FIRST, SECOND, None, False, None, AfterExpired.USE_NEWER),
        (FIRST, SECOND, noted(1), True, BACKING_OFF, AfterExpired.USE_NEWER),
        (FIRST, SECOND, noted(2, forbidden=True), False, None, AfterExpired.USE_NEWER),
        # the first refusal of the token at hand
        (FIRST, FIRST, None, False, None, AfterExpired.RENEW),
        (FIRST, SAME_AGAIN, None, False, None, AfterExpired.RENEW),
        (FIRST, None, None, False, None, AfterExpired.RENEW),
        (FIRST, FIRST, None, False, TRIED_AGAIN, AfterExpired.RENEW),
        (FIRST, FIRST, None, False, BACKING_OFF, AfterExpired.FAIL),
        (FIRST, None, None, False, BACKING_OFF, AfterExpired.FAIL),
        # while it is renewed
        (FIRST, FIRST, None, True, None, AfterExpired.JOIN),
        (FIRST, FIRST, noted(1), True, BACKING_OFF, AfterExpired.JOIN),
        (SECOND, SECOND, noted(1, forbidden=True), True, None, AfterExpired.JOIN),
        # the same operation again
        (FIRST, FIRST, noted(1), False, None, AfterExpired.ACCEPT),
        (FIRST, FIRST, noted(1), False, BACKING_OFF, AfterExpired.FAIL),
        (FIRST, FIRST, noted(1, left=0.0), False, None, AfterExpired.RENEW),
        (SECOND, SECOND, noted(1), False, None, AfterExpired.FORBID),
        (SECOND, SECOND, noted(1), False, BACKING_OFF, AfterExpired.FORBID),
        (SECOND, SECOND, noted(1, left=0.0), False, None, AfterExpired.RENEW),
        (SECOND, SECOND, noted(1, forbidden=True), False, None, AfterExpired.ACCEPT),
        (SECOND, SECOND, noted(2, forbidden=True), False, BACKING_OFF, AfterExpired.ACCEPT),
        (SECOND, SECOND, noted(2, forbidden=True, left=0.0), False, None, AfterExpired.RENEW),
        # by this machine's clock it has ended as well, so it says nothing about the operation
        (HAS_JUST_ENDED, HAS_JUST_ENDED, noted(1), False, None, AfterExpired.RENEW),
        (HAS_JUST_ENDED, HAS_JUST_ENDED, noted(1), False, BACKING_OFF, AfterExpired.FAIL),
        (HAS_JUST_ENDED, HAS_JUST_ENDED, noted(2), False, None, AfterExpired.ACCEPT),
    ],
)
def test_what_an_expired_response_means(used, held, noted, renewing, failures, verdict):
    assert after_expired(used, held, noted, LATER, renewing=renewing, failures=failures) is verdict


FAILED = TokenUnavailable("503")


@pytest.mark.parametrize(
    ("outcome", "held", "refused", "served"),
    [
        (SECOND, FIRST, None, SECOND),
        (SECOND, FIRST, FIRST, SECOND),
        (SECOND, ENDED, None, SECOND),
        (FAILED, None, None, FAILED),
        (FAILED, FIRST, None, FIRST),
        (FAILED, token("static", 1, lifetime=None), None, token("static", 1, lifetime=None)),
        (FAILED, ENDED, None, FAILED),
        (FAILED, FIRST, FIRST, FAILED),
        (FAILED, SAME_AGAIN, FIRST, FAILED),
        (FAILED, SECOND, FIRST, SECOND),
        (LoginRefused("no"), FIRST, None, FIRST),
    ],
)
def test_a_failed_renewal_serves_the_current_token_until_it_expires(outcome, held, refused, served):
    given = served_after(outcome, held, LATER, refused)

    assert given is served or given == served


ROTATING = Refresh(TokenRequest("refresh", "POST", "base_url", "/token"), rotates=True)
STAYING = evolve(ROTATING, rotates=False)
LIVES = evolve(FIRST, refresh_token=Secret("r"))
HAS_ENDED = evolve(ENDED, refresh_token=Secret("r"))
HERE, ELSEWHERE = 11, 22


@pytest.mark.parametrize(
    ("refresh", "old", "presented_by", "can_log_in", "request_"),
    [
        (None, LIVES, None, True, NextRequest.LOGIN),
        (ROTATING, None, None, True, NextRequest.LOGIN),
        (ROTATING, FIRST, None, True, NextRequest.LOGIN),
        (STAYING, LIVES, None, True, NextRequest.REFRESH),
        (STAYING, LIVES, ELSEWHERE, True, NextRequest.REFRESH),
        (ROTATING, LIVES, None, True, NextRequest.JOURNALED_REFRESH),
        (ROTATING, HAS_ENDED, None, False, NextRequest.JOURNALED_REFRESH),
        (ROTATING, LIVES, HERE, True, NextRequest.LOGIN_IN_DOUBT),
        (ROTATING, HAS_ENDED, HERE, True, NextRequest.LOGIN_IN_DOUBT),
        (ROTATING, LIVES, HERE, False, NextRequest.LOGIN_IN_DOUBT),  # a valid token is not put at risk
        (ROTATING, HAS_ENDED, HERE, False, NextRequest.JOURNALED_REFRESH),  # nothing is left to lose
        (ROTATING, HAS_ENDED, ELSEWHERE, False, NextRequest.LOGIN_IN_DOUBT),  # another process may live on by it
    ],
)
def test_how_the_next_token_is_requested(refresh, old, presented_by, can_log_in, request_):
    found = next_request(refresh, old, LATER, presented_by=presented_by, this_process=HERE, can_log_in=can_log_in)

    assert found is request_


def unavailable(status: int | None = None, *, sent: bool = True, **details) -> TokenUnavailable:
    return TokenUnavailable("", request_sent=sent, status=status, **details)


OAUTH = [
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "unauthorized_client",
    "unsupported_grant_type",
    "invalid_scope",
]


@pytest.mark.parametrize(
    ("status", "code", "login", "refresh"),
    [
        *((status, "invalid_grant", True, True) for status in (200, 302, 400, 401, 404, 429, 500, 503)),
        *((200, code, True, True) for code in (*OAUTH, "access_denied")),
        *((200, code, False, False) for code in ("server_error", "temporarily_unavailable", "E1", None, 7, ["x"])),
        *((status, None, True, False) for status in (400, 401, 402, 403, 405, 409, 410, 415, 422, 423, 451, 499)),
        *((status, None, False, False) for status in (200, 204, 302, 404, 408, 425, 429, 500, 502, 503, 504, 522, 599)),
    ],
)
def test_which_responses_refuse_in_an_undeclared_form(status, code, login, refresh):
    assert is_refusal(status, [None, code], "login") is login
    assert is_refusal(status, [code], "refresh") is refresh


@pytest.mark.parametrize(
    ("error", "may_be"),
    [
        *((unavailable(status), True) for status in (200, 302, 404, 408, 500, 501, 505, 530, 599)),
        *((unavailable(status), False) for status in (425, 429, 502, 503, 504, 520, 522, 529, None)),
        (MalformedTokenResponse("", status=200), True),
    ],
)
def test_which_failures_may_have_been_a_refusal(error, may_be):
    assert may_be_a_refusal(error) is may_be


@pytest.mark.parametrize(
    ("code", "spent"),
    [(None, True), ("invalid_grant", True), ("E1", True), ("invalid_client", False), ("invalid_scope", False)],
)
def test_a_refused_client_has_not_spent_its_code(code, spent):
    assert spends_credential(LoginRefused("", status=400, code=code)) is spent


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (LoginRefused("", status=400, request_sent=True), RefreshTokenState.SPENT),
        (MalformedTokenResponse("", request_sent=True), RefreshTokenState.SPENT),
        (unavailable(sent=False), RefreshTokenState.UNTOUCHED),
        (unavailable(429), RefreshTokenState.UNTOUCHED),
        (unavailable(503, retry_after_seconds=0.0), RefreshTokenState.UNTOUCHED),
        (unavailable(400, code="temporarily_unavailable"), RefreshTokenState.UNTOUCHED),
        (unavailable(500, retry_after_seconds=1.0), RefreshTokenState.IN_DOUBT),
        *((unavailable(status), RefreshTokenState.IN_DOUBT) for status in (200, 302, 400, 403, 404, 408, 422, 425)),
        *((unavailable(status), RefreshTokenState.IN_DOUBT) for status in (500, 501, 502, 503, 504, 505, 520, 599)),
        (unavailable(None), RefreshTokenState.IN_DOUBT),
    ],
)
def test_what_a_failed_refresh_says_of_the_refresh_token(error, state):
    assert refresh_token_after(error) is state


@pytest.mark.parametrize(
    ("error", "old", "can_log_in", "logs_in"),
    [
        (LoginRefused("", status=400), LIVES, True, True),
        (LoginRefused("", status=400), LIVES, False, True),  # which then says what is missing
        (MalformedTokenResponse(""), LIVES, True, True),
        *((unavailable(status), HAS_ENDED, True, True) for status in (400, 404, 422)),
        *((unavailable(status), LIVES, True, False) for status in (400, 404, 422)),
        (unavailable(404), HAS_ENDED, False, False),
        *((unavailable(status), HAS_ENDED, True, False) for status in (302, 408, 425, 429, 500, 502, 503, None)),
        (unavailable(sent=False), HAS_ENDED, True, False),
    ],
)
def test_after_which_failed_refreshes_a_login_follows(error, old, can_log_in, logs_in):
    assert logs_in_after(error, old, LATER, can_log_in=can_log_in) is logs_in

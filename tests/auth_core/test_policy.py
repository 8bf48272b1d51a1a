"""When a token is renewed and when a failure is not repeated: tables over the pure policy."""

from __future__ import annotations

import math

import pytest
from auth_core import Moment, RefreshPolicy, Secret, Token
from auth_core.policy import Decision, Refusal

POLICY = RefreshPolicy()
START = Moment(wall=1_750_000_000.0, monotonic=50.0)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def token(lifetime: float | None) -> Token:
    return Token(access_token=Secret("t"), issued=START, lifetime=lifetime, grant="password")


@pytest.mark.parametrize(
    ("lifetime", "age", "decision"),
    [
        (5.0, 0.0, Decision.SERVE),
        (5.0, 3.74, Decision.SERVE),
        (5.0, 3.76, Decision.SERVE_AND_RENEW),
        (5.0, 4.49, Decision.SERVE_AND_RENEW),
        (5.0, 4.51, Decision.RENEW_FIRST),
        (5.0, 5.0, Decision.RENEW_FIRST),
        (5.0, 9.0, Decision.RENEW_FIRST),
        (5 * MINUTE, 224.0, Decision.SERVE),
        (5 * MINUTE, 226.0, Decision.SERVE_AND_RENEW),
        (5 * MINUTE, 271.0, Decision.RENEW_FIRST),
        (HOUR, 2699.0, Decision.SERVE),
        (HOUR, 2701.0, Decision.SERVE_AND_RENEW),
        (HOUR, 3539.0, Decision.SERVE_AND_RENEW),
        (HOUR, 3541.0, Decision.RENEW_FIRST),
        (DAY, 23 * HOUR - 1, Decision.SERVE),
        (DAY, 23 * HOUR + 1, Decision.SERVE_AND_RENEW),
        (DAY, DAY - 61, Decision.SERVE_AND_RENEW),
        (DAY, DAY - 59, Decision.RENEW_FIRST),
        (None, 1000 * DAY, Decision.SERVE),
    ],
)
def test_the_windows_follow_the_life_of_the_token(lifetime, age, decision):
    windows = POLICY.windows(token(lifetime), draw=0.0)

    assert POLICY.decide(windows, START.later(age)) is decision


@pytest.mark.parametrize(
    ("age", "refused", "backing_off", "decision"),
    [
        (10.0, True, False, Decision.RENEW_FIRST),
        (10.0, True, True, Decision.SERVE),
        (3000.0, False, True, Decision.SERVE),
        (3590.0, False, True, Decision.SERVE),
        (3601.0, False, True, Decision.FAIL),
        (3601.0, True, False, Decision.RENEW_FIRST),
    ],
)
def test_a_token_is_served_while_life_remains_and_a_renewal_cannot_be_had(age, refused, backing_off, decision):
    windows = POLICY.windows(token(HOUR), draw=0.0)

    assert POLICY.decide(windows, START.later(age), refused=refused, backing_off=backing_off) is decision


@pytest.mark.parametrize(
    ("age", "decision"), [(2699.0, Decision.SERVE), (2701.0, Decision.RENEW_FIRST), (3541.0, Decision.RENEW_FIRST)]
)
def test_a_request_that_can_be_sent_once_starts_on_no_token_in_its_last_quarter(age, decision):
    windows = POLICY.windows(token(HOUR), draw=0.0)

    assert POLICY.decide(windows, START.later(age), sent_once=True) is decision


def test_jitter_moves_the_advisory_window_and_nothing_else():
    early, late = (POLICY.windows(token(HOUR), draw=draw) for draw in (0.0, 1.0))

    assert early is not None
    assert late is not None
    assert late.advisory.wall - early.advisory.wall == pytest.approx(0.15 * 900)
    assert (late.mandatory, late.ends) == (early.mandatory, early.ends)


def test_the_shorter_of_both_clocks_counts():
    windows = POLICY.windows(token(HOUR), draw=0.0)
    suspended = Moment(START.wall + 2 * HOUR, START.monotonic + 1)
    stepped_back = Moment(START.wall - 2 * HOUR, START.monotonic + HOUR)

    assert POLICY.decide(windows, suspended) is Decision.RENEW_FIRST
    assert POLICY.decide(windows, stepped_back) is Decision.RENEW_FIRST


@pytest.mark.parametrize(
    ("failures", "draw", "retry_after", "pause"),
    [
        (1, 0.0, None, 0.5),
        (1, 1.0, None, 1.0),
        (2, 1.0, None, 2.0),
        (5, 1.0, None, 16.0),
        (7, 1.0, None, 60.0),
        (5000, 1.0, None, 60.0),
        (1, 0.0, 7.0, 7.0),
        (7, 1.0, 7.0, 60.0),
        (1, 0.0, 1e9, 3600.0),
    ],
)
def test_the_pause_after_failures_doubles_and_honours_retry_after(failures, draw, retry_after, pause):
    assert POLICY.backoff_seconds(failures, draw, retry_after) == pytest.approx(pause)


@pytest.mark.parametrize(
    ("ages", "pause"),
    [
        ([], 0.0),
        ([0.0], 30.0),
        ([29.0], 1.0),
        ([31.0], 0.0),
        ([100.0, 0.0], 800.0),
        ([899.0, 0.0], 30.0),
        ([901.0, 31.0], 0.0),
        ([800.0, 700.0, 0.0], 200.0),
    ],
)
def test_a_login_is_refused_at_most_twice_in_a_quarter_of_an_hour(ages, pause):
    now = 1_000_000.0
    refusals = [Refusal(now - age, 400) for age in ages]

    assert POLICY.login_pause_seconds(refusals, now) == pytest.approx(pause)


@pytest.mark.parametrize(
    "wrong",
    [
        {"advisory_fraction": 1.5},
        {"mandatory_fraction": -0.1},
        {"wait_timeout_seconds": 0},
        {"refused_login_budget": 0},
        {"backoff_first_seconds": -1},
        {"wait_timeout_seconds": math.inf},
        {"token_timeout_seconds": 1e12},
        {"store_wait_seconds": math.nan},
        {"unknown_lifetime_seconds": math.inf},
        {"refused_login_pause_seconds": math.inf},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError):
        RefreshPolicy(**wrong)


def test_a_refusal_by_a_clock_that_was_a_year_ahead_is_not_remembered_for_a_year():
    now = 1_000_000.0

    assert POLICY.login_pause_seconds([Refusal(now + 365 * DAY, 400)] * 2, now) == 0

"""When a token is renewed and when a failure is not repeated: tables over the pure policy."""

from __future__ import annotations

import math

import pytest
from attrs import evolve
from auth_core import AuthError, LoginRefused, LoginRequired, Moment, RefreshPolicy, Secret, Token, TokenUnavailable
from auth_core.failures import Failures
from auth_core.policy import Decision, Refusal

POLICY = RefreshPolicy()
START = Moment(wall=1_750_000_000.0, monotonic=50.0)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def failed(age: float, error: AuthError | None = None, *, pause: float = 30.0) -> Failures:
    """One failure, at that age of the token."""
    return Failures(1, error or TokenUnavailable("503"), START.later(age + pause).monotonic)


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
    ("age", "refused", "failures", "decision"),
    [
        (10.0, True, None, Decision.RENEW_FIRST),
        (10.0, True, failed(10.0), Decision.SERVE),
        (10.0, True, failed(10.0, LoginRefused("")), Decision.SERVE),
        (11.0, True, failed(10.0, pause=1.0), Decision.RENEW_FIRST),
        (3000.0, False, failed(3000.0), Decision.SERVE),
        (3590.0, False, failed(3590.0), Decision.SERVE),
        (3601.0, False, failed(3601.0), Decision.FAIL),
        (3601.0, False, failed(3600.0, pause=1.0), Decision.RENEW_FIRST),
        (3601.0, False, failed(3601.0, LoginRefused("")), Decision.RENEW_FIRST),
        (3601.0, True, None, Decision.RENEW_FIRST),
    ],
)
def test_a_valid_token_is_served_while_no_renewal_is_possible(age, refused, failures, decision):
    windows = POLICY.windows(token(HOUR), draw=0.0)

    assert POLICY.decide(windows, START.later(age), refused=refused, failures=failures) is decision


@pytest.mark.parametrize(
    ("failures", "decision"),
    [
        (None, Decision.RENEW_FIRST),
        (failed(0.0), Decision.FAIL),
        (failed(-1.0, pause=1.0), Decision.RENEW_FIRST),
        (failed(0.0, LoginRefused("")), Decision.RENEW_FIRST),  # the memory of refused logins knows better
        (failed(0.0, LoginRequired("")), Decision.RENEW_FIRST),
    ],
)
def test_without_a_token_only_recent_server_failures_prevent_a_request(failures, decision):
    assert POLICY.decide_without_token(START, failures) is decision


@pytest.mark.parametrize(
    ("generation", "age", "does"),
    [(3, 10.0, False), (4, 10.0, True), (4, 2701.0, True), (4, 3541.0, False), (4, 3601.0, False)],
)
def test_another_clients_token_spares_a_renewal_until_its_mandatory_window(generation, age, does):
    found = evolve(token(HOUR), generation=generation)

    assert POLICY.spares_renewal(found, 3, START.later(age)) is does


@pytest.mark.parametrize(
    ("age", "decision"), [(2699.0, Decision.SERVE), (2701.0, Decision.RENEW_FIRST), (3541.0, Decision.RENEW_FIRST)]
)
def test_an_unreplayable_request_uses_no_token_in_its_last_quarter(age, decision):
    windows = POLICY.windows(token(HOUR), draw=0.0)

    assert POLICY.decide(windows, START.later(age), replayable=False) is decision


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


@pytest.mark.parametrize("draw", [0.0, 0.5, 1.0])
def test_what_may_have_been_a_refusal_is_repeated_about_seven_times_in_fifteen_minutes(draw):
    at, times = 0.0, 0
    while (at := at + POLICY.backoff_seconds(times + 1, draw, unclear=True)) <= 15 * MINUTE:
        times += 1

    assert POLICY.backoff_seconds(1, draw, unclear=True) == 5 * (1 + draw / 4)
    assert POLICY.backoff_seconds(50, 0.0, 7.0, unclear=True) == 300
    assert times in (6, 7)


@pytest.mark.parametrize(
    ("before", "error", "number", "pause"),
    [
        (None, TokenUnavailable(""), 1, 1.0),
        (failed(0.0), TokenUnavailable(""), 2, 2.0),
        (None, TokenUnavailable("", retry_after_seconds=7), 1, 7.0),
        (None, TokenUnavailable("", status=503), 1, 1.0),
        (None, TokenUnavailable("", status=500), 1, 6.25),
        (failed(0.0), TokenUnavailable("", status=404), 2, 12.5),
        (failed(0.0), LoginRefused("", retry_after_seconds=30), 2, 30.0),
        (None, LoginRefused("", retry_after_seconds=0.0), 1, 0.0),
        (None, LoginRefused(""), 1, 1.0),
    ],
)
def test_after_a_failure_the_next_attempt_waits(before, error, number, pause):
    failures = POLICY.after_failure(before, error, START, draw=1.0)

    assert (failures.number, failures.last) == (number, error)
    assert failures.pause_seconds(START) == pytest.approx(pause)
    assert failures.pause_seconds(START.later(pause)) == 0


@pytest.mark.parametrize(
    ("pause", "refused", "at_once"), [(30.0, 0, 2), (30.0, 1, 1), (30.0, 2, 1), (30.0, 5, 1), (0.0, 0, 1)]
)
def test_simultaneous_logins_stay_within_the_refusal_budget(pause, refused, at_once):
    policy = RefreshPolicy(refused_login_pause_seconds=pause)

    assert policy.logins_at_once([Refusal(0.0, 400)] * refused) == at_once


@pytest.mark.parametrize(("lifetime", "until"), [(HOUR, HOUR), (None, 600.0)])
def test_the_reason_for_a_renewal_is_recorded_until_the_token_ends(lifetime, until):
    noted = POLICY.operation_refusal(token(lifetime), START.later(5), forbidden=False)

    assert (noted.until, noted.forbidden) == (START.monotonic + until, False)


def test_a_forbidden_operation_is_forgotten_after_a_growing_pause():
    noted, pauses = None, []
    for _ in range(7):
        noted = POLICY.operation_refusal(token(HOUR), START, forbidden=False, before=noted)
        noted = POLICY.operation_refusal(token(HOUR), START, forbidden=True, before=noted)
        pauses.append(noted.until - START.monotonic)

    assert pauses == [30, 60, 120, 240, 480, 600, 600]


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
def test_a_login_is_refused_at_most_twice_in_fifteen_minutes(ages, pause):
    now = 1_000_000.0
    refusals = [Refusal(now - age, 400) for age in ages]

    assert POLICY.login_pause_seconds(refusals, now) == pytest.approx(pause)


@pytest.mark.parametrize(
    ("ages", "pause"),
    [([], 0.0), ([0.0], 0.0), ([100.0, 0.0], 800.0), ([901.0, 1.0], 0.0), ([800.0, 700.0, 0.0], 200.0)],
)
def test_another_value_of_a_callable_needs_no_pause_but_the_same_budget(ages, pause):
    now = 1_000_000.0
    refusals = [Refusal(now - age, 400) for age in ages]

    assert POLICY.login_pause_seconds(refusals, now, same=False) == pytest.approx(pause)


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
        {"unclear_cap_seconds": math.inf},
        {"forbidden_first_seconds": 0},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError):
        RefreshPolicy(**wrong)


def test_a_refusal_dated_a_year_ahead_imposes_no_pause():
    now = 1_000_000.0

    assert POLICY.login_pause_seconds([Refusal(now + 365 * DAY, 400)] * 2, now) == 0

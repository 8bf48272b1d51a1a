"""Promise 9: an absolute end is judged by the server's clock, and a clock that lies is not believed."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from auth_core import EventKind, Moment
from auth_core.expressions import retry_after_seconds
from auth_core.lifecycle import Candidate, ExpiresAt, ExpiresIn, JwtClaim, TokenResponse
from auth_core.token_responses import clock_offset, read_parts
from auth_core.wire import TokenHttpResponse
from auth_core_testing import ProviderResponse, TokenIssuer

SENT = Moment(1_750_000_000.0, 1_000.0)
RECEIVED = SENT.later(0.3)
ACCESS_TOKEN = (Candidate("$response.body#/access_token"),)


def http_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)


def responded(body: str, *, date: float | None) -> TokenHttpResponse:
    headers = {} if date is None else {"date": http_date(date)}
    return TokenHttpResponse(status=200, headers=headers, content=body.encode())


def lifetime(expires, body: str, *, date: float | None) -> float | None:
    response = TokenResponse(access_token=ACCESS_TOKEN, expires=expires)
    return read_parts(response, responded(body, date=date), sent=SENT, received=RECEIVED).lifetime


@pytest.mark.parametrize(
    ("date", "offset"),
    [
        (None, None),
        (SENT.wall, 0.0),
        (SENT.wall - 1, 0.0),  # whole seconds are cut off
        (SENT.wall + 420, 421.0),
        (SENT.wall - 7200, -7199.0),
    ],
)
def test_the_offset_is_zero_within_date_precision_else_rounded_up(date, offset):
    assert clock_offset(responded("{}", date=date), SENT, RECEIVED) == offset


def test_a_date_that_cannot_be_read_says_nothing():
    assert clock_offset(TokenHttpResponse(status=200, headers={"date": "yesterday"}), SENT, RECEIVED) is None


@pytest.mark.parametrize("hours", [-2, 2])
def test_an_epoch_expiry_of_a_skewed_server_keeps_its_lifetime(hours):
    server = SENT.wall + hours * 3600
    body = f'{{"access_token": "a", "at": {server + 3600}}}'

    assert lifetime((ExpiresAt("$response.body#/at"),), body, date=server) == pytest.approx(3600, abs=1.5)
    assert lifetime((ExpiresAt("$response.body#/at"),), body, date=None) != pytest.approx(3600, abs=1.5)


def test_seconds_from_now_need_no_clock():
    body = '{"access_token": "a", "in": 3600}'

    assert lifetime((ExpiresIn("$response.body#/in"),), body, date=SENT.wall + 7200) == 3600


def test_a_date_that_expires_the_token_on_arrival_is_ignored():
    body = f'{{"access_token": "a", "at": {SENT.wall + 3600}}}'

    assert lifetime((ExpiresAt("$response.body#/at"),), body, date=SENT.wall + 86_400) == pytest.approx(3600)


def test_a_past_date_never_extends_a_jwts_lifetime(world):
    token = TokenIssuer(clock=world.clock).issue("alice", lifetime=600).access_token
    body = f'{{"access_token": "{token}"}}'

    assert lifetime((JwtClaim(),), body, date=SENT.wall - 86_400) == 600


def test_retry_after_as_a_date_uses_the_server_clock():
    headers = {"date": http_date(SENT.wall + 7200), "retry-after": http_date(SENT.wall + 7230)}

    assert retry_after_seconds(headers, SENT.wall) == 30


def test_a_large_offset_is_reported_once_in_words(world, caplog):
    def respond(_):
        issued = world.issuer.issue("alice")
        body = {"access_token": issued.access_token, "expires_in": 3600}
        return ProviderResponse.json(body, Date=http_date(world.clock.wall() + 420))

    world.provider.respond_next(respond, respond)
    with caplog.at_level(logging.WARNING, "auth_core"):
        world.source.token()
        world.clock.advance(3601)
        token = world.source.token()

    told = [record.getMessage() for record in caplog.records]
    assert told == ["provider: oauth: this machine's clock is 421 s behind the token server's"]
    assert token.server_offset == pytest.approx(421)
    assert "the token server's clock is +421 s from this machine's" in world.source.explain()
    assert world.source.recorder.counts()[EventKind.CLOCK_SKEW] == 1


# --- this machine's own two clocks ----------------------------------------------------------------------------------


@pytest.mark.parametrize("step", [-7200.0, 7200.0])
def test_setting_the_wall_clock_never_keeps_an_expired_token_alive(world, step):
    """The provider of this world looks at the same clock and would take the old token: so the number tells."""
    world.get()
    world.clock.step_wall(step)
    world.clock.advance(3601)

    assert world.source.token().generation == 2
    assert world.get().status_code == 200


def test_a_wall_clock_set_back_costs_no_renewal(world):
    world.get()
    world.clock.step_wall(-7200)
    for _ in range(10):
        assert world.source.token().generation == 1


def test_a_token_that_ended_during_suspend_is_detected_on_resume(world):
    world.get()
    world.clock.step_wall(3601)  # the monotonic clock stood still

    assert world.source.token().generation == 2

"""Promise 3: while life remains, a failing renewal serves the valid token and backs off."""

from __future__ import annotations

from contextlib import suppress

import pytest
from auth_core import LoginRefused, TokenUnavailable
from auth_core_testing import ProviderResponse, ResetConnection

DOWN = ProviderResponse.html(503)


def test_twenty_calls_in_the_advisory_window_cost_one_failing_request(world):
    world.get()
    world.clock.advance(0.8 * 3600)
    world.provider.respond_next(*[DOWN] * 20)
    for _ in range(20):
        assert world.get().status_code == 200
        world.wait_for_renewal()

    assert len(world.provider.token_requests) == 2


def test_the_pause_ends_and_the_renewal_is_tried_again(world):
    world.get()
    world.clock.advance(0.8 * 3600)
    world.provider.respond_next(DOWN)
    world.get()
    world.wait_for_renewal()
    world.clock.advance(2)
    world.get()
    world.wait_for_renewal()

    assert world.source.token().generation == 2


def test_back_off_grows_with_provider_failures_and_restarts_after_success(world):
    def asked_within_a_minute() -> int:
        before = len(world.provider.token_requests)
        for _ in range(60):
            with suppress(TokenUnavailable):
                world.source.token()
            world.clock.advance(1)
        return len(world.provider.token_requests) - before

    world.provider.respond_always(DOWN)
    assert 6 <= asked_within_a_minute() <= 8  # at once; then after 1, 2, 4, 8, 16, 32 seconds, or half of that
    assert asked_within_a_minute() <= 2
    world.provider.respond_always()
    world.clock.advance(60)
    assert world.source.token()
    world.provider.respond_always(DOWN)
    world.source.forget()

    assert 6 <= asked_within_a_minute() <= 8


@pytest.mark.parametrize(
    "trouble", [DOWN, ResetConnection(), ProviderResponse(content=b"not json"), ProviderResponse.html(200)]
)
def test_the_mandatory_window_serves_the_old_token_during_an_outage(world, trouble):
    world.get()
    world.clock.advance(3600 - 30)
    world.provider.respond_next(trouble, trouble)

    assert world.get().status_code == 200


def test_an_ended_token_is_never_served(world):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(DOWN)

    with pytest.raises(TokenUnavailable) as failure:
        world.get()
    assert (failure.value.status, failure.value.request_sent) == (503, True)
    assert len(world.provider.api_requests) == 1


def test_back_off_without_a_token_raises_without_a_request(world):
    world.provider.respond_next(ProviderResponse(status=429, headers={"Retry-After": "7"}))
    with pytest.raises(TokenUnavailable):
        world.get()
    world.clock.advance(6)
    with pytest.raises(TokenUnavailable) as failure:
        world.get()

    assert (failure.value.request_sent, failure.value.status) == (False, 429)
    assert failure.value.retry_after_seconds == pytest.approx(1)
    assert len(world.provider.token_requests) == 1
    world.clock.advance(2)
    assert world.get().status_code == 200


def test_simultaneous_refusals_of_one_token_share_one_failure(world):
    """The second response arrives when the renewal after the first one has failed already."""
    token = world.source.token()
    world.provider.respond_next(DOWN, DOWN)
    with pytest.raises(TokenUnavailable):
        world.source.renewed(token, "readThing")
    with pytest.raises(TokenUnavailable) as failure:
        world.source.renewed(token, "readOther")

    assert failure.value.request_sent is False
    assert len(world.provider.token_requests) == 2  # the login, and one renewal


def test_forget_failures_tries_again_at_once(world):
    world.provider.respond_next(ProviderResponse(status=429, headers={"Retry-After": "600"}))
    with pytest.raises(TokenUnavailable):
        world.get()
    world.authenticator.forget_failures()

    assert world.get().status_code == 200


def test_the_same_token_handed_back_is_detected(world):
    world.get()
    first = world.provider.issued[0]
    again = ProviderResponse.json({"access_token": first.access_token, "expires_in": 720})
    world.clock.advance(2880)
    world.provider.respond_next(*[again] * 50)
    for _ in range(50):
        assert world.get().status_code == 200
        world.wait_for_renewal()
    assert len(world.provider.token_requests) == 2

    for _ in range(71):  # until shortly before the end, a call every ten seconds
        world.clock.advance(10)
        world.get()
        world.wait_for_renewal()
    assert len(world.provider.token_requests) < 12


def test_another_workers_token_is_served_when_it_cannot_be_renewed(world):
    """The token must still be valid."""
    first, second = (world.new_authenticator(store=world.store).source("oauth") for _ in range(2))
    assert first.token().access_token == second.token().access_token
    world.clock.advance(3601)
    newer = first.token()
    world.clock.advance(3600 - 30)  # in its mandatory window: the second, whose own has ended, would renew it first
    world.provider.respond_next(DOWN)

    assert second.token().access_token == newer.access_token
    assert len(world.provider.token_requests) == 3


def test_a_refused_login_does_not_take_the_valid_token_away(make_world):
    world = make_world()
    world.provider.refresh_tokens = False
    world.get()
    world.provider.users["alice"] = "changed"
    world.clock.advance(3600 - 30)
    for _ in range(10):
        assert world.get().status_code == 200
    world.clock.advance(31)

    with pytest.raises(LoginRefused):
        world.get()
    assert world.logins() <= 3

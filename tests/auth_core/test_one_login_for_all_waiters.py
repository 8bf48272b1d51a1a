"""Promise 1: one outcome for all waiters, the token or the failure."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from auth_core import AuthError, LoginRefused, RefreshPolicy, RefreshTimeout, TokenUnavailable
from auth_core_testing import PasswordCredentials, ProviderResponse

CROWD = 32
GRACE_SECONDS = 0.1
"""For those who would make a request of their own to make it; nothing here fails for want of it."""


def storm(world, call: Callable[[], object]) -> list[object]:
    """All call at once; the provider responds when all are on their way. Errors are outcomes too."""
    barrier = threading.Barrier(CROWD)

    def one(_: int) -> object:
        barrier.wait(30)
        try:
            return call()
        except AuthError as error:
            return error

    with ThreadPoolExecutor(CROWD) as pool, world.provider.holding():
        futures = [pool.submit(one, number) for number in range(CROWD)]
        assert world.provider.token_arrived.acquire(timeout=30)
        threading.Event().wait(GRACE_SECONDS)
        world.provider.release()
        return [future.result(30) for future in futures]


def test_a_cold_start_of_many_threads_is_one_login(world):
    outcomes = storm(world, lambda: world.get().status_code)

    assert outcomes == [200] * CROWD
    assert world.provider.grants() == ["password"]


def test_many_threads_with_an_ended_token_are_one_refresh(world):
    world.get()
    world.clock.advance(3601)
    world.provider.token_arrived.acquire(timeout=1)

    assert storm(world, lambda: world.get().status_code) == [200] * CROWD
    assert world.provider.grants() == ["password", "refresh_token"]
    assert world.issuer.reuse_events == 0


def test_many_threads_with_a_wrong_password_are_one_refused_login(make_world):
    world = make_world(credentials=PasswordCredentials(username="alice", password="wrong"))
    outcomes = storm(world, lambda: world.get().status_code)

    assert {type(outcome) for outcome in outcomes} == {LoginRefused}
    assert len(world.provider.token_requests) == 1
    assert world.provider.api_requests == []


def test_each_waiter_gets_an_exception_of_its_own(make_world):
    world = make_world(credentials=PasswordCredentials(username="alice", password="wrong"))
    outcomes = storm(world, lambda: world.get().status_code)

    assert len({id(outcome) for outcome in outcomes}) == CROWD


def test_a_provider_that_is_down_is_asked_once(world):
    world.provider.respond_next(*[ProviderResponse.html(503)] * CROWD)
    outcomes = storm(world, lambda: world.get().status_code)

    assert {type(outcome) for outcome in outcomes} == {TokenUnavailable}
    assert len(world.provider.token_requests) == 1


@pytest.mark.parametrize("sync", [True, False])
def test_waiting_is_bounded_and_the_renewal_goes_on(make_world, sync):
    world = make_world(policy=RefreshPolicy(wait_timeout_seconds=0.05))
    with world.provider.holding(), pytest.raises(RefreshTimeout):
        world.source.token() if sync else asyncio.run(world.source.token_async())
    world.wait_for_renewal()

    assert world.source.ready() is not None
    assert world.provider.grants() == ["password"]


def test_a_login_calling_its_own_client_raises_instead_of_hanging(make_world):
    caught: list[str] = []

    def password() -> str:
        try:
            world.get()
        except AuthError as error:
            caught.append(str(error))
        return "correct horse"

    world = make_world(credentials=PasswordCredentials(username="alice", password=password))

    assert world.get().status_code == 200
    assert "called the API with the client that is logging in" in caught[0]

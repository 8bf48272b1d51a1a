"""Promise 3: the windows follow the token's life, so short and long tokens cost one request per life each."""

from __future__ import annotations

import pytest
from auth_core import MemoryStore
from auth_core.store import RefusalBook

LIVES = [5, 60, 300, 900, 3600, 86_400]


@pytest.mark.parametrize("lifetime", LIVES)
def test_fifty_calls_in_the_fresh_part_cost_one_token_request(make_world, lifetime):
    world = make_world(lifetime=lifetime)
    for _ in range(50):
        assert world.get().status_code == 200
        world.clock.advance(0.7 * lifetime / 50)

    assert len(world.provider.token_requests) == 1


@pytest.mark.parametrize("lifetime", LIVES)
def test_ten_lives_cost_one_request_each(make_world, lifetime):
    world = make_world(lifetime=lifetime)
    calls = 500
    for _ in range(calls):
        assert world.get().status_code == 200
        world.wait_for_renewal()
        world.clock.advance(10 * lifetime / calls)

    assert 10 <= len(world.provider.token_requests) <= 15  # renewed in the last quarter of each
    assert set(world.provider.statuses) == {200}


def test_in_the_advisory_window_nobody_waits(world):
    world.get()
    world.clock.advance(0.8 * 3600)
    with world.provider.holding():
        assert world.get().status_code == 200
        assert world.provider.token_arrived.acquire(timeout=10)
        assert world.provider.token_arrived.acquire(timeout=10)
        assert world.get().status_code == 200
    world.wait_for_renewal()

    assert world.provider.grants() == ["password", "refresh_token"]


def test_in_the_mandatory_window_calls_wait_for_the_new_token(world):
    world.get()
    world.clock.advance(3600 - 30)

    assert world.get().status_code == 200
    assert world.source.token().generation == 2


def test_workers_that_logged_in_together_do_not_renew_together(make_world):
    """Each throws its dice: half of them come before the middle of the 135 seconds in which advisory windows begin."""
    world = make_world()
    workers = [world.new_authenticator(store=MemoryStore(refusals=RefusalBook())).source("oauth") for _ in range(64)]
    for worker in workers:
        worker.token()
    world.clock.advance(0.75 * 3600 - 1)
    assert all(worker.ready() for worker in workers)
    world.clock.advance(1 + 135 / 2)

    assert 0 < sum(worker.ready() is None for worker in workers) < 64
    world.clock.advance(135 / 2)
    assert not any(worker.ready() for worker in workers)

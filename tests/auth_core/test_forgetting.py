"""Forgetting a token: at once, for everybody, also while a renewal is under way."""

from __future__ import annotations

import asyncio
import threading

import pytest
from auth_core import MemoryStore, TokenUnavailable
from auth_core.store import RefusalBook, TokenRecord
from auth_core_testing import ProviderResponse


def in_a_thread(work):
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    return thread, found


def test_forget_does_not_wait_and_the_next_call_logs_in(world):
    with world.provider.holding():
        thread, found = in_a_thread(world.source.token)
        assert world.provider.token_arrived.acquire(timeout=10)
        world.source.forget()  # the provider responds nothing before this returns
        assert thread.is_alive()
    thread.join(10)
    after = world.source.token()

    assert found[0].access_token != after.access_token
    assert world.source.token() is after
    assert world.logins() == 2


def test_tokens_after_the_store_lost_its_records_count_as_later(world):
    """A refusal of an older token must not be taken for one of the token at hand."""
    for generation in (1, 2, 3):
        assert world.source.token().generation == generation
        world.clock.advance(3601)
    world.store._slots.clear()

    assert world.source.token().generation == 4
    assert world.provider.grants() == ["password", "refresh_token", "refresh_token", "password"]


def test_a_renewal_that_fails_after_forget_causes_no_back_off(world):
    def failure():
        with pytest.raises(TokenUnavailable) as caught:
            world.source.token()
        return caught.value

    world.provider.respond_next(ProviderResponse.html(503))
    with world.provider.holding():
        thread, found = in_a_thread(failure)
        assert world.provider.token_arrived.acquire(timeout=10)
        world.source.forget()
    thread.join(10)

    assert found[0].status == 503
    assert world.source.token()


def test_forget_discards_the_token_of_a_renewal_elsewhere(make_world):
    """The renewal runs in another client that shares the store."""
    store = MemoryStore(refusals=RefusalBook())
    world = make_world(store=store)
    other = world.new_authenticator(store=store).source("oauth")
    with world.provider.holding():
        thread, found = in_a_thread(other.token)
        assert world.provider.token_arrived.acquire(timeout=10)
        world.source.forget()
    thread.join(10)
    mine = world.source.token()

    assert mine.access_token != found[0].access_token
    assert mine.generation > found[0].generation  # so that a refusal of the other's token leads to this one
    assert other.renewed(found[0], "op") == mine


def test_forget_frees_the_lease_for_the_new_record():
    store = MemoryStore(refusals=RefusalBook())
    with store.lease("key", wait_seconds=1) as lease:
        lease.save(TokenRecord(None, 7))
        store.forget("key")
        with store.lease("key", wait_seconds=1) as after:  # nobody holds the new one
            assert after.load() == TokenRecord(None, 8)
        lease.save(TokenRecord(None, 9))
    with store.lease("key", wait_seconds=1) as after:
        assert after.load() == TokenRecord(None, 8)


def test_a_waiting_task_of_a_closed_loop_leaves_no_callback(world, caplog):
    async def wait():
        await world.source.token_async()

    loop = asyncio.new_event_loop()
    with world.provider.holding():
        task = loop.create_task(wait())
        loop.call_soon(lambda: None)
        loop.run_until_complete(asyncio.sleep(0))
        assert world.provider.token_arrived.acquire(timeout=10)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            loop.run_until_complete(task)
        loop.close()
    world.wait_for_renewal()

    assert world.source.token()
    assert "exception calling callback" not in caplog.text

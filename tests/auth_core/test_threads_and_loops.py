"""Promise 1: one token source for threads and any number of event loops at the same time."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from auth_core import AuthError, LoginRefused
from auth_core_testing import PasswordCredentials

LOOPS, TASKS, THREADS = 3, 16, 16


def everybody(world) -> list[object]:
    """Sixteen threads and sixteen tasks on each of three loops, all at once, over one client's tokens."""
    barrier = threading.Barrier(LOOPS + THREADS)

    async def tasks() -> list[object]:
        async with world.new_async_client() as client:
            barrier.wait(30)
            calls = [client.get(world.url + "/things", auth=world.auth()) for _ in range(TASKS)]
            return list(await asyncio.gather(*calls, return_exceptions=True))

    def loop(_: int) -> list[object]:
        return asyncio.run(tasks())

    def thread(_: int) -> list[object]:
        barrier.wait(30)
        try:
            return [world.get()]
        except AuthError as error:
            return [error]

    with ThreadPoolExecutor(LOOPS + THREADS) as pool, world.provider.holding():
        futures = [pool.submit(loop, n) for n in range(LOOPS)] + [pool.submit(thread, n) for n in range(THREADS)]
        assert world.provider.token_arrived.acquire(timeout=30)
        threading.Event().wait(0.1)  # for those who would ask on their own
        world.provider.release()
        return [getattr(outcome, "status_code", outcome) for future in futures for outcome in future.result(60)]


@pytest.mark.parametrize("sockets", [False, True])
def test_three_loops_and_sixteen_threads_make_one_token_request(make_world, sockets):
    world = make_world(sockets=sockets)

    assert everybody(world) == [200] * (LOOPS * TASKS + THREADS)
    assert len(world.provider.token_requests) == 1


def test_three_loops_and_sixteen_threads_share_one_refusal(make_world):
    world = make_world(credentials=PasswordCredentials(username="alice", password="wrong"))
    outcomes = everybody(world)

    assert {type(outcome) for outcome in outcomes} == {LoginRefused}
    assert len(world.provider.token_requests) == 1


def test_three_loops_and_sixteen_threads_use_a_refresh_token_once(make_world):
    world = make_world()
    world.get()
    world.clock.advance(3601)
    world.provider.token_arrived.acquire(timeout=10)

    assert everybody(world) == [200] * (LOOPS * TASKS + THREADS)
    assert world.provider.grants() == ["password", "refresh_token"]
    assert world.issuer.reuse_events == 0


def test_asyncio_run_twice_uses_one_token(world):
    async def call() -> int:
        async with world.new_async_client() as client:
            return (await client.get(world.url + "/things", auth=world.auth())).status_code

    assert [asyncio.run(call()), asyncio.run(call())] == [200, 200]
    assert len(world.provider.token_requests) == 1


def test_a_blocking_call_inside_a_running_loop_does_not_hang(world):
    async def call() -> int:
        return world.get().status_code

    assert asyncio.run(call()) == 200

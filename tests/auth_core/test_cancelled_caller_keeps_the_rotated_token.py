"""Promise 4: a renewal outlives its caller. The provider's refresh tokens are good for one use."""

from __future__ import annotations

import asyncio

import pytest
from auth_core import RefreshPolicy, RefreshTimeout


def end_the_token(world) -> None:
    world.get()
    world.clock.advance(3601)
    assert world.provider.token_arrived.acquire(timeout=10)


def the_rotated_token_is_there(world) -> None:
    world.wait_for_renewal()
    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]
    assert world.issuer.reuse_events == 0


async def until_the_refresh_has_arrived(world) -> None:
    assert await asyncio.to_thread(world.provider.token_arrived.acquire, timeout=10)


def test_a_cancelled_task_loses_nothing(world):
    end_the_token(world)

    async def run() -> None:
        async with world.new_async_client() as client:
            task = asyncio.create_task(client.get(world.url + "/things", auth=world.auth()))
            with world.provider.holding():
                await until_the_refresh_has_arrived(world)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task

    asyncio.run(run())
    the_rotated_token_is_there(world)


def test_a_cancelled_task_takes_nobody_along(world):
    end_the_token(world)

    async def run() -> int:
        async with world.new_async_client() as client:
            first, second = (
                asyncio.create_task(client.get(world.url + "/things", auth=world.auth())) for _ in range(2)
            )
            with world.provider.holding():
                await until_the_refresh_has_arrived(world)
                first.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await first
            return (await second).status_code

    assert asyncio.run(run()) == 200
    the_rotated_token_is_there(world)


def test_a_closed_loop_loses_nothing(world, caplog):
    end_the_token(world)

    async def start() -> None:
        task = asyncio.create_task(world.source.token_async())
        await until_the_refresh_has_arrived(world)
        task.get_loop().stop()

    loop = asyncio.new_event_loop()
    with world.provider.holding():
        waiting = loop.create_task(start())
        loop.run_forever()
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.gather(waiting, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    the_rotated_token_is_there(world)
    assert "exception calling callback" not in caplog.text


def test_a_wait_that_timed_out_loses_nothing(make_world):
    world = make_world(policy=RefreshPolicy(wait_timeout_seconds=0.05))
    end_the_token(world)
    with world.provider.holding(), pytest.raises(RefreshTimeout):
        world.get()
    the_rotated_token_is_there(world)


def test_a_flow_abandoned_at_its_yield_blocks_nobody(world):
    import httpx

    flow = world.auth().sync_auth_flow(httpx.Request("GET", world.url + "/things"))
    next(flow)
    flow.close()
    world.issuer.expire_access_tokens()

    assert world.get().status_code == 200

"""Promise: a request shows its token where the spec says, and survives one expiry. Driven through a client."""

from __future__ import annotations

import asyncio


def test_the_first_call_logs_in_and_the_second_does_not(world):
    assert world.get().status_code == 200
    assert world.get().status_code == 200

    assert world.provider.grants() == ["password"]


def test_an_expired_token_is_renewed_and_the_call_repeated(world):
    world.get()
    world.issuer.expire_access_tokens()

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]
    assert world.provider.statuses == [200, 401, 200]


def test_tasks_recover_like_threads(world):
    async def run() -> list[int]:
        async with world.new_async_client() as client:
            first = await client.get(world.url + "/things", auth=world.auth())
            world.issuer.expire_access_tokens()
            second = await client.get(world.url + "/things", auth=world.auth())
            return [first.status_code, second.status_code]

    assert asyncio.run(run()) == [200, 200]
    assert world.provider.grants() == ["password", "refresh_token"]

"""RedisStore keeps the contract of a store that processes share."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial

import pytest
from auth_core import RedisStore
from auth_core_testing.store_contract import SharedStoreContract

from support.redis_servers import RedisProcess, running_redis


@pytest.fixture(scope="module")
def server():
    with running_redis() as running:
        yield running


@pytest.mark.xdist_group("fleet")
class TestRedisStore(SharedStoreContract):
    seconds_until_a_dead_holder_is_replaced = 60.0  # the lease of a second, and a busy machine

    @pytest.fixture(autouse=True)
    def _server(self, server: RedisProcess) -> None:
        self.server = server

    def store_factory(self) -> Callable[[], RedisStore]:
        return partial(RedisStore, self.server.url, prefix=f"contract-{secrets.token_hex(4)}", lease_seconds=1)

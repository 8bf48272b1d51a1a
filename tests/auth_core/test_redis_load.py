"""How many commands a renewal costs Redis: what bench/fleet.py and docs/fleet.md count with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auth_core import RedisStore, TokenSource

from bench import fleet
from support.redis_servers import RedisProcess, running_redis


@pytest.fixture(scope="module")
def server():
    with running_redis() as running:
        yield running


@pytest.fixture
def source(make_world, server) -> Callable[[], TokenSource]:
    """Makes sources that share the store. The server knows every script."""
    world = make_world(sockets=True)

    def make() -> TokenSource:
        store = RedisStore(server.url, clock=world.clock, lease_seconds=60)
        return world.new_authenticator(store=store, credentials=world.credentials[0]).source("oauth")

    warm = make()
    warm.token()
    world.clock.advance(3601)
    warm.token()
    server.client().flushall()
    return make


def commands(server: RedisProcess, work: Callable[[], object]) -> int:
    client = server.client()
    client.config_resetstat()
    work()
    calls: int = client.info("commandstats")["cmdstat_evalsha"]["calls"]  # a store sends nothing else
    return calls


def test_login_refresh_and_adoption_send_the_documented_commands(server, source):
    leader, follower = source(), source()

    assert commands(server, leader.token) == fleet.LOGGING_IN
    assert commands(server, follower.token) == fleet.ADOPTING
    assert commands(server, lambda: leader.renewed(leader.token(), "op")) == fleet.REFRESHING
    assert commands(server, lambda: follower.renewed(follower.token(), "op")) == fleet.ADOPTING


def test_who_waited_for_the_lock_reads_once_more(server, source):
    store = source()._renewer.store

    def wait_and_find_it_done() -> None:
        assert store.salt
        store.read("key")
        with store.lease("key", wait_seconds=5) as lease:
            lease.load()

    assert commands(server, wait_and_find_it_done) == fleet.ADOPTING_LATE

"""What callers get while Redis is away, and after it came back."""

from __future__ import annotations

import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable

import pytest
from auth_core import AuthError, EventKind, LoginRefused, RedisStore, StoreUnavailable, TokenSource
from auth_core_testing import Canary, IdentityProvider, PasswordCredentials, TokenIssuer

from support.redis_servers import RedisProcess, running_redis
from support.tcp_proxy import TcpProxy, tcp_proxy

OUTAGES = ["hangs", "resets", "closes", "refuses"]
WRONG = PasswordCredentials(username="alice", password="wrong")


@pytest.fixture(scope="module")
def server():
    with running_redis() as running:
        yield running


@pytest.fixture(autouse=True)
def quick_reconnects(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_core.store.redis_server.RECONNECT_FIRST_SECONDS", 0.01)


@pytest.fixture
def network(server: RedisProcess):
    """The way to the server; empty before each test."""
    server.client().flushall()
    with tcp_proxy(server.port) as proxy:
        yield proxy


class Fleet:
    """Sources that share a Redis and nothing else, as processes do."""

    def __init__(self, make_world: Callable, server: RedisProcess, port: int, **options) -> None:
        self.world = make_world(sockets=True, **options)
        self.provider: IdentityProvider = self.world.provider
        self.clock = self.world.clock
        self._url = f"redis://:{server.password}@127.0.0.1:{port}/0?socket_timeout=1&socket_connect_timeout=1"

    def source(self) -> TokenSource:
        store = RedisStore(self._url, clock=self.clock)
        return self.world.new_authenticator(store=store, credentials=self.world.credentials[0]).source("oauth")

    def presented(self) -> list[str]:
        """The refresh tokens that were presented."""
        return [str(r.form["refresh_token"]) for r in self.provider.token_requests if "refresh_token" in r.form]


@pytest.fixture
def fleet(make_world, server, network) -> Fleet:
    return Fleet(make_world, server, network.port)


def wait_for_renewal(source: TokenSource) -> None:
    renewal = source._renewals.current
    if renewal is not None:
        renewal.outcome.result(60)


def told(source: TokenSource) -> set[EventKind]:
    return set(source.recorder.counts())


def in_a_thread(work: Callable[[], object]) -> tuple[threading.Thread, list]:
    found: list = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    return thread, found


def outcome(source: TokenSource) -> object:
    try:
        return source.token()
    except AuthError as error:
        return error


# --- a partition ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_partition_costs_one_login_per_process_needing_renewal(fleet, network, outage):
    sources = [fleet.source() for _ in range(3)]
    first = {source.token().access_token.reveal() for source in sources}
    assert (len(first), fleet.provider.grants()) == (1, ["password"])

    network.set(outage)
    fleet.clock.advance(3600 * 0.5)
    assert {source.token().access_token.reveal() for source in sources} == first
    assert fleet.provider.grants() == ["password"]  # half the life is left: nobody needs the store

    fleet.clock.advance(3600 * 0.3)
    assert {source.token().access_token.reveal() for source in sources} == first  # nobody waits
    for source in sources:
        wait_for_renewal(source)
        assert EventKind.STORE_UNAVAILABLE in told(source)
    assert fleet.provider.grants() == ["password"] * 4  # each for itself, once
    assert len({source.token().access_token.reveal() for source in sources}) == 3

    network.set("fine")
    fleet.clock.advance(3601)
    after = {source.token().access_token.reveal() for source in sources}
    assert len(after) == 1  # shared again
    assert len(fleet.provider.grants()) == 5
    assert len(fleet.presented()) == len(set(fleet.presented()))


def test_a_client_started_during_a_partition_shares_only_after_it(fleet, network):
    network.set("refuses")
    alone, other = fleet.source(), fleet.source()
    assert alone.token().access_token != other.token().access_token

    network.set("fine")
    fleet.clock.advance(3601)
    assert alone.token().access_token == other.token().access_token
    assert len(fleet.provider.grants()) == 3


def test_a_partition_ends_the_wait_for_a_renewal(fleet, network):
    leader, waiter = fleet.source(), fleet.source()
    with fleet.provider.holding():
        leading, first = in_a_thread(leader.token)
        assert fleet.provider.token_arrived.acquire(timeout=30)
        waiting, second = in_a_thread(waiter.token)
        network.set("resets")
        assert fleet.provider.token_arrived.acquire(timeout=30)  # the waiter's own login
    leading.join(30)
    waiting.join(30)

    assert first[0].access_token != second[0].access_token
    assert len(fleet.provider.grants()) == 2


def test_a_token_that_cannot_be_saved_is_served(fleet, network):
    def lose_the_store(request):
        network.set("refuses")
        return fleet.provider.regular_response(request)

    fleet.provider.respond_next(lose_the_store)
    source = fleet.source()

    assert source.token().access_token.reveal() == fleet.provider.issued[0].access_token
    assert source.token() is source.token()
    assert EventKind.STORE_UNAVAILABLE in told(source)
    assert len(fleet.provider.grants()) == 1


def test_forget_drops_the_local_token_though_the_store_is_unreachable(fleet, network):
    source = fleet.source()
    before = source.token()
    network.set("refuses")
    with pytest.raises(StoreUnavailable):
        source.forget()

    assert source.token().access_token != before.access_token


# --- the budget of refused logins -----------------------------------------------------------------------------------


def test_a_refused_login_is_not_repeated_when_the_store_fails(fleet, network):
    fleet.world.credentials = [WRONG]

    def lose_the_store(request):
        network.set("refuses")
        return fleet.provider.regular_response(request)

    fleet.provider.respond_next(lose_the_store)
    source = fleet.source()
    first, second = outcome(source), outcome(source)

    assert isinstance(first, LoginRefused)
    assert (first.request_sent, first.retry_after_seconds) == (True, pytest.approx(30))
    assert isinstance(second, LoginRefused)
    assert len(fleet.provider.grants()) == 1


def test_during_a_partition_the_budget_is_kept_by_each_process(fleet, network):
    fleet.world.credentials = [WRONG]
    network.set("refuses")
    sources = [fleet.source() for _ in range(3)]
    for _ in range(6):
        assert all(isinstance(outcome(source), LoginRefused) for source in sources)
        fleet.clock.advance(120)

    assert len(fleet.provider.grants()) == 2


def test_what_was_refused_alone_counts_when_the_store_is_back(fleet, network):
    fleet.world.credentials = [WRONG]
    network.set("refuses")
    source = fleet.source()
    outcome(source)
    network.set("fine")
    outcome(source)

    assert len(fleet.provider.grants()) == 1


# --- a restart ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("persistent", [True, False])
@pytest.mark.parametrize("lives", [0, 1])
def test_a_restart_in_the_middle_of_a_renewal(make_world, persistent, lives):
    with running_redis(persistent=persistent) as server:
        fleet = Fleet(make_world, server, server.port)
        source, other = fleet.source(), fleet.source()
        for _ in range(lives):
            source.token()
            fleet.clock.advance(3601)
            assert fleet.provider.token_arrived.acquire(timeout=0)
        with fleet.provider.holding():
            thread, found = in_a_thread(source.token)
            assert fleet.provider.token_arrived.acquire(timeout=30)
            server.restart()
        thread.join(60)
        shared = other.token()

        assert found[0].access_token.reveal() == fleet.provider.issued[lives].access_token
        # A server that forgot the lease takes no token of it: the other gets one, and both have that one afterwards.
        assert (shared.access_token == found[0].access_token) is persistent
        assert len(fleet.provider.grants()) == lives + (1 if persistent else 2)
        fleet.clock.advance(3601)
        assert source.token().access_token == other.token().access_token
        assert len(fleet.presented()) == len(set(fleet.presented()))
        assert fleet.provider.issuer.reuse_events == 0


@pytest.mark.parametrize("persistent", [True, False])
def test_a_restart_between_renewals(make_world, persistent):
    with running_redis(persistent=persistent) as server:
        fleet = Fleet(make_world, server, server.port)
        source = fleet.source()
        for _ in range(3):
            source.token()
            fleet.clock.advance(3601)
        before = source.token()
        server.restart()
        newcomer = fleet.source()
        found = newcomer.token()

        assert source.token() is before
        assert (found.access_token == before.access_token) is persistent
        assert len(fleet.provider.grants()) == (4 if persistent else 5)
        fleet.clock.advance(3601)
        renewed = source.token()  # its generation is ahead of that of a server without memory
        assert renewed.generation > before.generation
        fleet.clock.advance(3600 * 0.5)
        assert newcomer.token().access_token == renewed.access_token
        assert len(fleet.provider.grants()) == (5 if persistent else 6)


# --- nothing secret -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("weather", ["fine", *OUTAGES])
def test_nothing_secret_is_shown_whatever_the_weather(make_world, server, network, weather):
    canary = Canary()
    canary.add("password of Redis", server.password)
    provider = IdentityProvider(issuer=TokenIssuer(), users={"alice": canary.secret("password")})
    credentials = PasswordCredentials(username="alice", password=provider.users["alice"])
    fleet = Fleet(make_world, server, network.port, provider=provider, credentials=credentials)
    provider.issuer.clock = fleet.clock
    source = fleet.source()
    store = source._renewer.store
    with canary.watching():
        token = source.token()
        with store.lease("key", wait_seconds=5) as lease:
            lease.save(lease.load())
            network.set(weather)
            for work in (source.forget, lambda: lease.save(store.read("key")), source.token):
                try:
                    canary.show(work())
                except AuthError as error:
                    canary.show(error)
        fleet.clock.advance(3601)
        source.token()
        canary.show(source.explain(), store, store._server, store._server._client, token)
    for number, issued in enumerate(provider.issued):
        canary.add(f"access token {number}", issued.access_token)
        canary.add(f"refresh token {number}", issued.refresh_token)

    assert len(provider.issued) >= 3
    assert f"127.0.0.1:{network.port}" in canary.seen()
    assert canary.leaks() == []


def test_a_save_that_fails_shows_no_token_in_its_frames(server, network):
    canary = Canary()
    store = RedisStore(f"redis://:{server.password}@127.0.0.1:{network.port}")
    canary.add("password of Redis", server.password)
    with store.lease("key", wait_seconds=5) as lease:
        network.set("refuses")
        with canary.watching(), pytest.raises(StoreUnavailable) as failure:
            lease.save(_record_of(canary.secret("access token")))
    canary.show(failure.value)

    assert "StoreUnavailable" in canary.seen()
    assert canary.leaks() == []


def _record_of(text: str):
    from auth_core import Secret, SystemClock, Token
    from auth_core.clock import now
    from auth_core.store import TokenRecord

    return TokenRecord(Token(access_token=Secret(text), issued=now(SystemClock()), grant="password"), 1)


# --- a fork ---------------------------------------------------------------------------------------------------------

FORK = """
import os, sys, threading, warnings
from auth_core import RedisStore
store = RedisStore(sys.stdin.readline().strip())
store.read("key")
pool = store._server._client.connection_pool
mine = store._server._client.client_id()
held = threading.Event()
def hold():
    with pool._lock:  # as while a connection is taken from it
        held.set()
        threading.Event().wait(60)
threading.Thread(target=hold, daemon=True).start()
held.wait()
warnings.simplefilter("ignore", DeprecationWarning)  # the fork of a process with threads is what is tested
child = os.fork()
if child == 0:
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(lease.load())
    os._exit(0 if store._server._client.client_id() != mine else 3)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
os._exit(0)
"""


def test_a_forked_child_has_connections_of_its_own(server):
    server.client().flushall()
    finished = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FORK)],
        input=server.url,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert finished.stdout.strip() == "0", finished.stderr


def test_a_proxy_that_hangs_is_no_open_door(network: TcpProxy):
    """The instrument of these tests does what it says."""
    network.set("hangs")
    with socket.create_connection(("127.0.0.1", network.port), timeout=5) as connection:
        connection.sendall(b"PING\r\n")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        network.set("fine")
        connection.settimeout(10)
        assert connection.recv(1) == b"-"  # NOAUTH
    network.set("refuses")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", network.port), timeout=5)

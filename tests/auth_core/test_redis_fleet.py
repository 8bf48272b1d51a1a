"""One renewal for a whole fleet: processes that start together, that are killed, and that fall asleep."""

from __future__ import annotations

import random
import signal
import time
from itertools import pairwise

import pytest
from auth_core import EventKind
from auth_core_testing import IdentityProvider, TokenIssuer

from support.redis_servers import RedisProcess, running_redis
from support.token_workers import Outcome, Worker, Workers, token_workers

pytestmark = [pytest.mark.xdist_group("fleet"), pytest.mark.timeout(400)]  # many processes: one such test at a time
SIZES = [16, pytest.param(64, marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def server():
    with running_redis() as running:
        yield running


@pytest.fixture
def provider(server: RedisProcess):
    server.client().flushall()
    return IdentityProvider(issuer=TokenIssuer())


@pytest.fixture
def url(provider: IdentityProvider):
    with provider.serve() as served:
        yield served


def presented(provider: IdentityProvider) -> list[str]:
    """The refresh tokens that were presented."""
    return [str(r.form["refresh_token"]) for r in provider.token_requests if "refresh_token" in r.form]


def shared(outcomes: list[Outcome]) -> Outcome:
    """The one outcome that all have."""
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(set(outcomes)) == 1
    return outcomes[0]


def leader(server: RedisProcess, workers: Workers) -> Worker:
    """Who holds the renewal lock."""
    client = server.client()
    (key,) = client.scan_iter("*:holders")
    ((owner, _),) = client.zrange(key, 0, -1, withscores=True)
    return workers.of_process(int(owner.split()[1]))


@pytest.mark.parametrize("size", SIZES)
def test_a_fleet_makes_one_token_request_per_life(server, provider, url, size):
    with token_workers(size, server.url, url) as workers:
        tokens = [shared(workers.ask("token")).access_token]
        for _ in range(4):
            provider.issuer.expire_access_tokens()
            tokens.append(shared(workers.ask("renewed")).access_token)
        adopted = sum(workers.counted(EventKind.ADOPTED))

    assert tokens == [issued.access_token for issued in provider.issued]
    assert provider.grants() == ["password"] + ["refresh_token"] * 4
    assert adopted == 5 * (size - 1)
    assert len(presented(provider)) == len(set(presented(provider)))


@pytest.mark.slow
def test_a_fleet_sends_one_token_request_per_short_lifetime(server, provider, url):
    provider.issuer.lifetime = 8.0
    with token_workers(64, server.url, url) as workers:
        workers.tell("keep asking", 30.0, 0.2)
        responses = workers.responses()

    assert sum(failures for _, failures in responses) == 0
    assert set().union(*(served for served, _ in responses)) <= {issued.access_token for issued in provider.issued}
    issued = [token.issued_at for token in provider.issued]
    assert len(issued) >= 4
    # Renewed in the last quarter; the other half of the bound is for the time a request takes on a busy machine.
    assert min(later - earlier for earlier, later in pairwise(issued)) > 8.0 / 2
    assert provider.issuer.reuse_events == 0


@pytest.mark.parametrize("lives", [0, 1])
def test_a_killed_leader_is_replaced_when_its_lease_ends(server, provider, url, lives):
    with token_workers(8, server.url, url, lease_seconds=2) as workers:
        for _ in range(lives):
            workers.ask("token")
            assert provider.token_arrived.acquire(timeout=0)
            provider.issuer.expire_access_tokens()
        with provider.holding():
            workers.tell("renewed" if lives else "token")
            assert provider.token_arrived.acquire(timeout=30)
            workers.kill(leader(server, workers))
            assert provider.token_arrived.acquire(timeout=30)  # the one who took over
        token = shared(workers.outcomes())

    # The journal states that the refresh token may be spent: who takes over logs in.
    assert provider.grants() == (["password", "refresh_token", "password"] if lives else ["password", "password"])
    assert token.access_token in {issued.access_token for issued in provider.issued}
    assert len(presented(provider)) == lives


@pytest.mark.parametrize("lives", [0, 1])
def test_a_leader_resuming_after_its_lease_adopts_the_newer_token(server, provider, url, lives):
    with token_workers(4, server.url, url, lease_seconds=2) as workers:
        for _ in range(lives):
            workers.ask("token")
            assert provider.token_arrived.acquire(timeout=0)
            provider.issuer.expire_access_tokens()
        with provider.holding():
            workers.tell("renewed" if lives else "token")
            assert provider.token_arrived.acquire(timeout=30)
            sleeper = leader(server, workers)
            sleeper.signal(signal.SIGSTOP)
            assert provider.token_arrived.acquire(timeout=30)  # the one who took over
        others = Workers([member for member in workers.members if member is not sleeper])
        token = shared(others.outcomes())
        sleeper.signal(signal.SIGCONT)
        (woken,) = sleeper.response()
        sleeper.tell("counts")
        counts = sleeper.response()

    assert woken == token
    assert counts["lease_lost"] == 1
    assert len(provider.grants()) == lives + 2
    assert len(presented(provider)) == len(set(presented(provider)))


def test_all_clients_together_try_a_wrong_password_at_most_twice(server, provider, url):
    with token_workers(8, server.url, url, clients=8, password="wrong") as workers:
        outcomes = workers.ask("token") + workers.ask("token")

    assert [outcome.error for outcome in outcomes] == ["LoginRefused"] * 128
    assert 1 <= len(provider.token_requests) <= 2


@pytest.mark.slow
def test_leaders_killed_anytime_never_reuse_a_spent_refresh_token(server, provider, url):
    draw = random.Random(7)
    rounds = 30
    with token_workers(rounds + 4, server.url, url, lease_seconds=1) as workers:
        shared(workers.ask("token"))
        for _ in range(rounds):
            provider.issuer.expire_access_tokens()
            victim = workers.members[0]
            victim.tell("renewed")
            time.sleep(draw.uniform(0, 0.03))  # anywhere in a renewal, which takes about so long
            workers.kill(victim)
            shared(workers.ask("renewed"))

    assert provider.issuer.reuse_events == 0
    assert len(presented(provider)) == len(set(presented(provider)))
    assert len(provider.grants()) <= 1 + 2 * rounds

"""RedisStore keeps the protocol of a token store, on a real server."""

from __future__ import annotations

import copy
import logging
import pickle
import secrets
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from auth_core import ConfigurationError, LeaseLost, RedisStore, Secret, Token
from auth_core.clock import SystemClock, now
from auth_core.policy import Refusal
from auth_core.store import RefreshIntent, TokenRecord
from auth_core.store import redis_scripts as scripts
from auth_core.store.memory import REFUSALS_KEPT
from auth_core_testing import FakeClock
from redis.crc import key_slot

from support.redis_servers import RedisProcess, running_redis


@pytest.fixture(scope="module")
def server():
    with running_redis() as running:
        yield running


@pytest.fixture
def stores(server: RedisProcess):
    """Makes stores of one prefix: what several processes have."""
    prefix = f"test-{secrets.token_hex(4)}"

    def make(url_or_client: str | redis.Redis = server.url, **options) -> RedisStore:
        return RedisStore(url_or_client, prefix=prefix, **options)

    return make


def token(text: str = "access", *, generation: int = 1, lifetime: float | None = 3600.0, **parts) -> Token:
    issued = now(SystemClock())
    return Token(
        access_token=Secret(text), issued=issued, lifetime=lifetime, generation=generation, grant="password", **parts
    )


def record(text: str = "access", *, generation: int = 1) -> TokenRecord:
    return TokenRecord(token(text, generation=generation), generation)


def let_leases_end(server: RedisProcess, store: RedisStore) -> None:
    """What happens to the lock when its lease ends."""
    server.client().delete(store._keys("key").holders)


# --- records --------------------------------------------------------------------------------------------------------


def test_a_saved_record_is_whole_for_whoever_reads_it(stores):
    kept = TokenRecord(
        token(
            refresh_token=Secret("rëfresh"),
            extras={"tenant": 7, "api_key": Secret("key")},
            server_offset=1.5,
            generation=3,
        ),
        3,
        RefreshIntent("digest", time.time(), 42),
    )
    with stores().lease("key", wait_seconds=5) as lease:
        lease.save(kept)
    found = stores().read("key")

    assert found.token.access_token == Secret("access")
    assert found.token.refresh_token == Secret("rëfresh")
    assert found.token.extras == {"tenant": 7, "api_key": Secret("key")}
    assert (found.token.lifetime, found.token.grant, found.token.server_offset) == (3600.0, "password", 1.5)
    assert (found.generation, found.token.generation) == (3, 3)
    assert (found.intent.refresh_token_digest, found.intent.process_id) == ("digest", 42)
    assert found.intent.at_wall == pytest.approx(kept.intent.at_wall, abs=30)


def test_nothing_is_kept_under_a_new_key(stores):
    assert stores().read("nobody wrote here") == TokenRecord()


@pytest.mark.parametrize("key", ["a b", "a}b{c", "ü", "*", ""])
def test_any_text_is_a_key(stores, key):
    store = stores()
    with store.lease(key, wait_seconds=5) as lease:
        lease.save(record())

    assert store.read(key).token is not None
    assert store.read(key + "x").token is None


@pytest.mark.parametrize("hours", [-5, 5])
def test_hosts_whose_clocks_differ_agree_on_what_is_left(stores, hours):
    clock = FakeClock(wall=time.time() + hours * 3600)
    here, there = stores(), stores(clock=clock)
    issued = now(clock)
    with there.lease("key", wait_seconds=5) as lease:
        lease.save(TokenRecord(Token(access_token=Secret("a"), issued=issued, lifetime=3600, grant="password"), 1))
    found = here.read("key").token

    assert now(SystemClock()).until(found.ends) == pytest.approx(3600, abs=60)
    assert now(SystemClock()).until(found.ends) <= 3600


def test_what_cannot_be_read_counts_as_absent_with_a_warning(stores, server, caplog):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(record(generation=4))
    server.client().hset(store._keys("key").record, "text", '{"version": 99, "token": "canary"}')
    with caplog.at_level(logging.WARNING, "auth_core"):
        found = store.read("key")

    assert found == TokenRecord(None, 4)
    assert "counts as absent" in caplog.text
    assert "canary" not in caplog.text


def test_the_salt_is_one_for_all_who_share_the_store(stores, server):
    with ThreadPoolExecutor(8) as pool:
        salts = set(pool.map(lambda _: stores().salt, range(16)))

    assert len(salts) == 1
    assert RedisStore(server.url, prefix="another").salt not in salts


def test_everything_but_the_salt_ages(stores, server):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease, store.login_turn("login", at_most=2, wait_seconds=5):
        lease.save(record())
        store.add_refusal("login", Refusal(time.time(), 401, None))
        client = server.client()
        kinds = {key.rpartition(b":")[2]: client.pttl(key) for key in client.scan_iter(f"{store._prefix}:*")}
    store.forget("other")

    assert kinds.keys() == {b"record", b"holders", b"turns", b"refusals"}
    assert 29 * 86_400_000 < kinds[b"record"] <= 30 * 86_400_000
    assert 0 < kinds[b"holders"] <= 10_000
    assert 0 < kinds[b"turns"] <= 10_000
    assert 86_000_000 < kinds[b"refusals"] <= 86_400_000
    assert client.pttl(store._keys("other").record) > 0


@pytest.mark.parametrize(("days", "kept"), [(90, 90), (1e15, 3650)])
def test_tokens_living_longer_than_a_month_are_kept_as_long(stores, server, days, kept):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(TokenRecord(token(lifetime=days * 86_400.0), 1))

    assert kept - 1 < server.client().ttl(store._keys("key").record) / 86_400 <= kept


# --- the lease ------------------------------------------------------------------------------------------------------


def test_a_lease_has_one_holder_named_in_the_waiters_timeout(stores):
    with stores().lease("key", wait_seconds=5):
        with (
            pytest.raises(TimeoutError, match=r"process \d+ on \S+ holds the renewal lock"),
            stores().lease("key", wait_seconds=0.2),
        ):
            pass
        with stores().lease("another", wait_seconds=5):
            pass
    with stores().lease("key", wait_seconds=5):
        pass


def test_waiters_get_the_lease_one_after_the_other(stores):
    inside, most, total = 0, 0, 0

    def renew(_: int) -> None:
        nonlocal inside, most, total
        with stores().lease("key", wait_seconds=60) as lease:
            inside += 1
            most = max(most, inside)
            before = lease.load().generation
            lease.save(record(generation=before + 1))
            total += 1
            inside -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(renew, range(24)))

    assert (most, total) == (1, 24)
    assert stores().read("key").generation == 24


def test_a_lease_is_extended_while_it_is_held(stores, server):
    store = stores(lease_seconds=1)
    with store.lease("key", wait_seconds=5) as lease:
        key = store._keys("key").holders
        client = server.client()
        ends = {end for _, end in client.zrange(key, 0, -1, withscores=True)}
        for _ in range(600):
            ends |= {end for _, end in client.zrange(key, 0, -1, withscores=True)}
            if len(ends) > 4:
                break
            time.sleep(0.05)
        lease.save(record())
    assert len(ends) > 4


def test_a_lease_is_held_even_without_a_thread_extending_it(stores, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    store = stores()
    monkeypatch.setattr(threading.Thread, "start", start)
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(record())

    assert store.read("key").token is not None


def test_a_hanging_renewal_does_not_keep_its_lease_forever(stores, monkeypatch):
    monkeypatch.setattr("auth_core.store.redis.LONGEST_RENEWAL_SECONDS", 0.0)
    with (
        stores(lease_seconds=1).lease("key", wait_seconds=5) as hanging,
        stores().lease("key", wait_seconds=60),
        pytest.raises(LeaseLost),
    ):
        hanging.save(record())


def test_nothing_extends_a_lease_that_was_given_back(stores, server):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease:
        held = lease._held
    response = store._server.run(scripts.EXTEND, held.keys, [held.owner, held.fence, "9000"])

    assert int(response.values[0]) == 0
    assert not server.client().exists(*held.keys[:1])


def test_a_holder_cannot_save_over_the_next_after_its_lease(stores, server):
    slow, quick = stores(), stores()
    with slow.lease("key", wait_seconds=5) as sleeper:
        let_leases_end(server, slow)
        with quick.lease("key", wait_seconds=5) as lease:
            with pytest.raises(LeaseLost, match="nothing was saved"):
                sleeper.save(record("late"))
            lease.save(record("newer"))
        with pytest.raises(LeaseLost):  # also when nobody holds it any more
            sleeper.save(record("late"))

        assert sleeper.load().token.access_token == Secret("newer")
    assert quick.read("key").token.access_token == Secret("newer")


def test_releasing_a_lost_lease_does_not_release_the_next_holders(stores, server):
    slow, quick = stores(), stores()
    with slow.lease("key", wait_seconds=5):
        let_leases_end(server, slow)
        lock = quick.lease("key", wait_seconds=5)
        lease = lock.__enter__()
    with pytest.raises(TimeoutError), slow.lease("key", wait_seconds=0):
        pass
    lease.save(record("mine"))
    lock.__exit__(None, None, None)

    assert slow.read("key").token.access_token == Secret("mine")


def test_a_late_save_is_good_where_nobody_came_after(stores, server):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease:
        let_leases_end(server, store)
        lease.save(record("paid for"))
        with pytest.raises(TimeoutError), stores().lease("key", wait_seconds=0):  # and the lock is held again
            pass

    assert store.read("key").token.access_token == Secret("paid for")


def test_a_server_without_its_data_rejects_saves_of_earlier_leases(stores, server):
    store = stores()
    with store.lease("key", wait_seconds=5) as before:
        server.client().flushall()
        with stores().lease("key", wait_seconds=5) as lease:  # its number is the same again
            with pytest.raises(LeaseLost):
                before.save(record("late"))
            lease.save(record("mine"))


def test_a_script_that_the_server_lost_is_sent_again(stores, server):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease:
        server.client().script_flush()
        lease.save(record())
        server.client().script_flush()

    assert store.read("key").token is not None


def test_an_acquisition_whose_response_was_lost_is_no_second_one(stores):
    store = stores()
    keys = store._keys("key")
    fences = {store._take([keys.holders, keys.record], "an owner 1 host", 1, 5, "it") for _ in range(3)}

    assert len(fences) == 1


# --- forgetting -----------------------------------------------------------------------------------------------------


def test_saves_of_a_lease_after_forget_are_discarded(stores):
    store = stores()
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(record(generation=7))
        stores().forget("key")
        lease.save(record(generation=8))
        with stores().lease("key", wait_seconds=0) as after:  # nobody holds that one
            assert after.load() == TokenRecord(None, 8)

        lease.save(record(generation=9))
    assert store.read("key") == TokenRecord(None, 8)


def test_generations_only_grow(stores):
    store = stores()
    seen = [store.read("key").generation]
    for text in ("a", "b"):
        with store.lease("key", wait_seconds=5) as lease:
            lease.save(record(text, generation=lease.load().generation + 1))
        seen.append(store.read("key").generation)
        store.forget("key")
        seen.append(store.read("key").generation)

    assert seen == sorted(set(seen))


# --- refused logins -------------------------------------------------------------------------------------------------


def test_refusals_of_many_are_all_remembered_oldest_first(stores):
    start = time.time() - 100

    def add(number: int) -> None:
        stores().add_refusal("login", Refusal(start + number, 400 + number, "invalid_grant"))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add, range(6)))
    found = stores().refusals("login")

    assert [refusal.status for refusal in found] == [400, 401, 402, 403, 404, 405]
    assert [refusal.at_wall for refusal in found] == pytest.approx([start + n for n in range(6)], abs=30)
    assert stores().refusals("another") == ()


def test_equal_refusals_of_two_count_twice(stores):
    refusal = Refusal(time.time(), 401)
    for _ in range(2):
        stores().add_refusal("login", refusal)

    assert len(stores().refusals("login")) == 2


def test_the_memory_of_refusals_is_bounded(stores):
    store = stores()
    for number in range(REFUSALS_KEPT + 3):
        store.add_refusal("login", Refusal(1000.0 + number, number))

    assert [refusal.status for refusal in store.refusals("login")] == list(range(3, REFUSALS_KEPT + 3))
    store.forget_refusals("login")
    assert store.refusals("login") == ()


def test_as_many_log_in_at_once_as_may(stores):
    with (
        stores().login_turn("login", at_most=2, wait_seconds=5),
        stores().login_turn("login", at_most=2, wait_seconds=5),
    ):
        with (
            pytest.raises(TimeoutError, match="holds a turn to log in"),
            stores().login_turn("login", at_most=2, wait_seconds=0.1),
        ):
            pass
        with stores().login_turn("other login", at_most=1, wait_seconds=5):
            pass
    with stores().login_turn("login", at_most=1, wait_seconds=5):
        pass


# --- clients and clusters -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"decode_responses": True}, {"encoding": "latin-1"}])
def test_a_client_of_the_users_own_serves(stores, server, options):
    with server.client(**options) as client:
        store = stores(client)
        with store.lease("key", wait_seconds=5) as lease:
            lease.save(record())
        store.add_refusal("login", Refusal(time.time(), 401, "nö"))

        assert store.read("key").token.access_token == Secret("access")
        assert store.refusals("login")[0].code == "nö"
        assert len(store.salt) == 32


def test_the_keys_of_a_record_share_one_cluster_hash_slot(stores):
    keys = stores()._keys("any}key{")
    slots = {key_slot(key.encode()) for key in (keys.record, keys.holders, keys.turns, keys.refusals)}

    assert len(slots) == 1


def test_a_cluster_serves():
    with running_redis(cluster=True) as server:
        server.client().execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
        for _ in range(600):
            if server.client().execute_command("CLUSTER INFO")["cluster_state"] == "ok":
                break
            time.sleep(0.05)
        with redis.RedisCluster(port=server.port, host="127.0.0.1", password=server.password) as client:
            store = RedisStore(client)
            for key in ("one", "two", "three"):
                with store.lease(key, wait_seconds=5) as lease:
                    lease.save(record(key))
                store.add_refusal(key, Refusal(time.time(), 401))
            found = [store.read(key).token.access_token.reveal() for key in ("one", "two", "three")]
            store.forget("one")

            assert found == ["one", "two", "three"]
            assert store.read("one") == TokenRecord(None, 2)
            assert len(store.refusals("two")) == 1
            assert str(store) == f"Redis Cluster at 127.0.0.1:{server.port}"


# --- the object -----------------------------------------------------------------------------------------------------


def test_a_copy_is_the_store_itself_and_pickling_is_refused(stores):
    store = stores()

    assert copy.copy(store) is copy.deepcopy(store) is store
    with pytest.raises(TypeError, match="may hold a password"):
        pickle.dumps(store)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://user:geheim@cache.example:6380/2", "Redis at cache.example:6380"),
        ("rediss://cache.example", "Redis at cache.example:6379"),
        ("unix://user:geheim@/run/redis.sock", "Redis at /run/redis.sock"),
    ],
)
def test_a_store_says_where_it_is_and_nothing_secret(url, address):
    store = RedisStore(url)

    assert str(store) == address
    assert repr(store) == f"<RedisStore: {address}>"


@pytest.mark.parametrize(
    "url", ["http://geheim@x", "redis://:ge/heim@host", "redis://x:geheim", "redis://x?geheim=1", "geheim", ""]
)
def test_an_unusable_url_is_refused_without_being_shown(url):
    with pytest.raises(ConfigurationError, match="percent-encoded") as refused:
        RedisStore(url)

    assert "geheim" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_client_for_event_loops_is_refused():
    with pytest.raises(ConfigurationError, match=r"not a redis\.asyncio\.client\.Redis"):
        RedisStore(redis.asyncio.Redis())


@pytest.mark.parametrize("seconds", [0, 0.5, 301, float("inf"), float("nan")])
def test_a_lease_too_short_or_too_long_is_refused(seconds):
    with pytest.raises(ConfigurationError, match="lease_seconds must be from 1 to 300"):
        RedisStore("redis://127.0.0.1", lease_seconds=seconds)


def test_an_extra_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r'pip install "auth-core\[redis\]"'):
        RedisStore("redis://127.0.0.1")


def test_nothing_is_left_running(stores):
    with stores().lease("key", wait_seconds=5):
        pass
    for _ in range(600):
        if not any(thread.name == "auth_core lease" for thread in threading.enumerate()):
            return
        time.sleep(0.05)
    pytest.fail("the thread that extends a lease goes on after it")


def test_close_closes_the_connections_of_the_store_only(server, stores):
    def connections() -> int:
        return len(server.client().client_list())

    before = connections()
    with stores() as store:
        assert store.read("key") == TokenRecord()
        assert connections() == before + 1
    assert connections() == before
    assert store.read("key") == TokenRecord()  # opens another one
    store.close()

    with server.client() as own:
        stores(own).close()
        own.ping()

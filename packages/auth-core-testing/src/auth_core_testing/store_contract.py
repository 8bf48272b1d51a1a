"""The contract of token stores, as test classes that can be run against any store, including your own.

::

    from auth_core_testing.store_contract import SharedStoreContract

    class TestMyStore(SharedStoreContract):
        @pytest.fixture(autouse=True)
        def _folder(self, tmp_path):
            self.folder = tmp_path

        def store_factory(self):
            return partial(MyStore, self.folder)

pytest collects the subclass like any other test class; unittest does if it is also a ``TestCase``. This module does not
import pytest. The test of arbitrary contents requires ``hypothesis`` and is skipped without it.

When you write a new store, implement it in the order of the tests.
"""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from unittest import SkipTest

from attrs import evolve
from auth_core.clock import SystemClock, now
from auth_core.errors import LeaseLost
from auth_core.policy import Refusal
from auth_core.store import RefreshIntent, TokenRecord, TokenStore
from auth_core.token import Secret, Token

from .store_peer import StorePeer
from .store_records import ISSUED, LATE_SECONDS, a_token, any_record, hard_records, require_round_trip, save_record
from .store_tools import Inside, in_threads, raises, timed_out

__all__ = ["SharedStoreContract", "StoreContract"]

SOON_SECONDS = 0.2
"""Wait for calls that are expected to time out."""
REFUSALS_AT_LEAST, REFUSALS_AT_MOST = 4, 64
"""Bounds of the refusals that a store keeps for one login: more than any refusal budget, but a limited number."""


class StoreContract:
    """The contract of every store, including stores that only one process can use."""

    def store_factory(self) -> Callable[[], TokenStore]:
        """Return a factory for the store under test; override this. Called once per test, for empty storage.

        Every call of the factory returns a store of the same storage, which may be the same object each time.
        """
        raise NotImplementedError

    # --- records ----------------------------------------------------------------------------------------------------

    def test_a_place_that_was_never_used_is_empty(self) -> None:
        store = self.store_factory()()

        assert store.read("key") == TokenRecord(), "a new store returns a record that was never saved"
        assert list(store.refusals("login")) == [], "a new store returns refusals that were never added"
        with store.lease("key", wait_seconds=0) as lease:
            assert lease.load() == TokenRecord()

    def test_a_record_comes_back_with_all_its_fields(self) -> None:
        make = self.store_factory()
        for record in hard_records():
            require_round_trip(make, record)

    def test_any_record_comes_back(self) -> None:
        try:
            from hypothesis import given, settings
        except ImportError:
            raise SkipTest("requires hypothesis") from None
        make = self.store_factory()

        @settings(deadline=None, max_examples=50)
        @given(any_record())
        def comes_back(record: TokenRecord) -> None:
            require_round_trip(make, record)

        comes_back()

    def test_a_token_is_no_younger_for_having_been_stored(self) -> None:
        make = self.store_factory()
        clock = SystemClock()
        issued = now(clock).later(-50.0)
        save_record(make(), "key", TokenRecord(a_token(issued=issued, lifetime=60.0), 1))
        token = _found(make(), "key")

        assert token.ends is not None
        assert -1.0 < now(clock).until(token.ends) - now(clock).until(issued.later(60.0)) < 1.0

    def test_keys_are_kept_apart(self) -> None:
        store = self.store_factory()()
        keys = ["a", "A", "b", "a/b", "../a", "a" * 300, "ü", ""]
        for generation, key in enumerate(keys, 1):
            save_record(store, key, TokenRecord(None, generation))

        assert [store.read(key).generation for key in keys] == list(range(1, len(keys) + 1))

    def test_what_a_lease_saves_is_read_at_once_by_all(self) -> None:
        make = self.store_factory()
        with make().lease("key", wait_seconds=0) as lease:
            for generation in (1, 2):
                lease.save(TokenRecord(a_token(), generation))
                assert lease.load().generation == generation
                assert make().read("key").generation == generation

    def test_the_journal_is_there_for_whoever_comes_next(self) -> None:
        make = self.store_factory()
        intent = RefreshIntent("digest", ISSUED.wall, 4711)
        save_record(make(), "key", TokenRecord(a_token(), 1, intent))
        found = make().read("key").intent

        assert found is not None
        assert (found.refresh_token_digest, found.process_id) == ("digest", 4711)
        assert abs(found.at_wall - ISSUED.wall) < 1.0
        save_record(make(), "key", TokenRecord(a_token(), 2))
        assert make().read("key").intent is None

    # --- the lease --------------------------------------------------------------------------------------------------

    def test_one_thread_at_a_time_has_the_lease(self) -> None:
        make = self.store_factory()
        inside = Inside()

        def work() -> None:
            store = make()
            for _ in range(5):
                with store.lease("key", wait_seconds=LATE_SECONDS) as lease, inside:
                    record = lease.load()
                    time.sleep(0.001)  # let another thread enter
                    lease.save(evolve(record, generation=record.generation + 1))

        in_threads([work] * 6)

        assert inside.most == 1, f"{inside.most} threads held the lease at once"
        assert make().read("key").generation == 30, "a save was lost: another thread overwrote it"

    def test_waiting_for_a_lease_times_out_without_affecting_the_holder(self) -> None:
        make = self.store_factory()
        with make().lease("key", wait_seconds=0) as lease:
            for wait_seconds in (0.0, SOON_SECONDS):
                text = timed_out(partial(make().lease, "key", wait_seconds=wait_seconds))
                assert text, "the TimeoutError has no message"
            lease.save(TokenRecord(None, 1))

        assert make().read("key").generation == 1

    def test_who_waits_gets_the_lease_when_it_ends(self) -> None:
        make = self.store_factory()
        waiting = threading.Event()
        found: list[int] = []

        def wait() -> None:
            store = make()
            waiting.set()
            with store.lease("key", wait_seconds=LATE_SECONDS) as lease:
                found.append(lease.load().generation)

        with make().lease("key", wait_seconds=0) as lease:
            thread = threading.Thread(target=wait)
            thread.start()
            assert waiting.wait(LATE_SECONDS)
            lease.save(TokenRecord(None, 7))
        thread.join()

        assert found == [7]

    def test_leases_of_different_keys_do_not_wait_for_each_other(self) -> None:
        store = self.store_factory()()
        with ExitStack() as held:
            for number in range(20):
                held.enter_context(store.lease(f"key {number}", wait_seconds=0))

    def test_a_lease_ends_with_an_error_too(self) -> None:
        store = self.store_factory()()
        for _ in range(2):
            try:
                with store.lease("key", wait_seconds=0):
                    raise ZeroDivisionError
            except ZeroDivisionError:
                continue

    def test_a_lease_that_has_ended_saves_nothing(self) -> None:
        store = self.store_factory()()
        with store.lease("key", wait_seconds=0) as ended:
            ended.save(TokenRecord(None, 1))
        with store.lease("key", wait_seconds=0):
            assert raises(LeaseLost, lambda: ended.save(TokenRecord(None, 9))), "no LeaseLost"

        assert store.read("key").generation == 1

    # --- forget -----------------------------------------------------------------------------------------------------

    def test_forgetting_drops_the_token_and_raises_the_generation(self) -> None:
        make = self.store_factory()
        store = make()
        store.forget("key")
        first = make().read("key").generation
        save_record(store, "key", TokenRecord(a_token(), first + 5, RefreshIntent("digest", 0.0, 1)))
        store.forget("key")
        store.forget("another key")
        record = make().read("key")

        assert (record.token, record.intent) == (None, None)
        assert record.generation > first + 5 > first

    def test_forgetting_waits_for_no_lease_and_discards_its_later_saves(self) -> None:
        make = self.store_factory()
        save_record(make(), "key", TokenRecord(a_token(), 1))
        with make().lease("key", wait_seconds=0) as lease:
            lease.save(TokenRecord(a_token(), 1, RefreshIntent("digest", 0.0, 1)))
            make().forget("key")
            for generation in (1, 2, 3):
                lease.save(TokenRecord(a_token(), generation))
            assert make().read("key").token is None, "the forgotten token came back"
        with make().lease("key", wait_seconds=LATE_SECONDS) as lease:
            record = lease.load()
            assert record.token is None, "the forgotten token came back"
            lease.save(TokenRecord(a_token(), record.generation + 1))

        assert _found(make(), "key")
        assert record.generation > 1

    # --- refused logins ---------------------------------------------------------------------------------------------

    def test_refusals_are_recorded_oldest_first_and_apart(self) -> None:
        make = self.store_factory()
        refusals = [Refusal(ISSUED.wall + second, 400 + second, code) for second, code in enumerate(("a", None, "ü"))]
        for refusal in refusals:
            make().add_refusal("login", refusal)
        make().add_refusal("another login", refusals[0])
        found = list(make().refusals("login"))

        assert [(refusal.status, refusal.code) for refusal in found] == [(400, "a"), (401, None), (402, "ü")]
        assert all(abs(one.at_wall - other.at_wall) < 1.0 for one, other in zip(found, refusals, strict=True))
        make().forget_refusals("login")
        make().forget_refusals("a login that nobody tried")
        assert list(make().refusals("login")) == []
        assert len(make().refusals("another login")) == 1

    def test_refusals_of_many_threads_add_up(self) -> None:
        make = self.store_factory()
        in_threads([lambda: make().add_refusal("login", Refusal(ISSUED.wall, 400))] * REFUSALS_AT_LEAST)

        assert len(make().refusals("login")) == REFUSALS_AT_LEAST

    def test_refusals_do_not_add_up_without_end(self) -> None:
        store = self.store_factory()()
        for number in range(REFUSALS_AT_MOST + 1):
            store.add_refusal("login", Refusal(ISSUED.wall + number, 400))
        found = store.refusals("login")

        assert REFUSALS_AT_LEAST <= len(found) <= REFUSALS_AT_MOST
        assert abs(found[-1].at_wall - ISSUED.wall - REFUSALS_AT_MOST) < 1.0, "the last refusal is not the newest"

    def test_so_many_logins_are_under_way_and_no_more(self) -> None:
        make = self.store_factory()
        for at_most in (1, 2):
            inside = Inside()

            def log_in(at_most: int = at_most, inside: Inside = inside) -> None:
                with make().login_turn(f"login {at_most}", at_most=at_most, wait_seconds=LATE_SECONDS), inside:
                    time.sleep(0.001)

            in_threads([log_in] * 6)
            assert inside.entered == 6
            assert inside.most <= at_most, f"{inside.most} logins held a turn at once; the limit is {at_most}"

    def test_waiting_for_a_login_turn_ends_in_time(self) -> None:
        make = self.store_factory()
        with make().login_turn("login", at_most=1, wait_seconds=0):
            text = timed_out(lambda: make().login_turn("login", at_most=1, wait_seconds=SOON_SECONDS))
        with make().login_turn("login", at_most=1, wait_seconds=0):
            assert text, "the TimeoutError has no message"

    # --- the store itself -------------------------------------------------------------------------------------------

    def test_the_salt_is_long_and_stays(self) -> None:
        make = self.store_factory()
        salt = make().salt

        assert 16 <= len(salt) <= 64, "the salt must have 16 to 64 bytes: it keys a BLAKE2b hash"
        assert make().salt == salt
        assert len(set(salt)) > 4, "the salt is not random"

    def test_a_copy_is_the_store_itself(self) -> None:
        store = self.store_factory()()

        assert copy.copy(store) is store
        assert copy.deepcopy(store) is store

    def test_its_name_says_something_and_nothing_secret(self) -> None:
        store = self.store_factory()()
        token = a_token(
            access_token=Secret("canary-a"), refresh_token=Secret("canary-r"), extras={"x": Secret("canary-x")}
        )
        with store.lease("canary-k", wait_seconds=0) as lease:
            lease.save(TokenRecord(token, 1))
            shown = f"{store} {store!r} {lease} {lease!r}"

        assert str(store)
        assert "canary" not in shown
        assert store.salt.hex() not in shown
        assert repr(store.salt) not in shown


class SharedStoreContract(StoreContract):
    """The contract of stores that processes share. The factory must be picklable: ``functools.partial(MyStore, path)``.

    Attributes:
        seconds_until_a_dead_holder_is_replaced: the longest time for which the lease of a killed process excludes
            others. 0 where the operating system releases it, else slightly more than the duration of a lease.
    """

    seconds_until_a_dead_holder_is_replaced: float = 0.0

    @contextmanager
    def _peers(self, count: int) -> Generator[tuple[Callable[[], TokenStore], Sequence[StorePeer]]]:
        make = self.store_factory()
        with ExitStack() as stack:
            yield make, [stack.enter_context(StorePeer(make)) for _ in range(count)]

    def test_processes_that_come_first_together_make_one_salt(self) -> None:
        with self._peers(4) as (make, peers):
            for peer in peers:
                peer.ask("salt")
            salts = {peer.result() for peer in peers}

            assert salts == {make().salt.hex()}

    def test_what_one_process_saves_another_reads(self) -> None:
        with self._peers(1) as (make, [peer]):
            peer.do("lease", "key", 0.0)
            peer.do("save", 3, "of the peer")
            found = _found(make(), "key")
            peer.do("release")
            save_record(make(), "key", TokenRecord(a_token(access_token=Secret("mine")), 4))

            assert (found.access_token, found.generation) == (Secret("of the peer"), 3)
            assert peer.do("read", "key") == [4, "mine"]

    def test_one_process_at_a_time_has_the_lease(self) -> None:
        with self._peers(4) as (make, peers):
            for peer in peers:
                peer.ask("count_up", "key", 5)
            for peer in peers:
                peer.result()

            assert make().read("key").generation == 20, "a save was lost: another process overwrote it"

    def test_waiting_for_another_process_ends_in_time(self) -> None:
        with self._peers(2) as (make, [peer, other]):
            peer.do("lease", "key", 0.0)
            assert timed_out(lambda: make().lease("key", wait_seconds=SOON_SECONDS))
            assert raises(TimeoutError, lambda: other.do("lease", "key", SOON_SECONDS))
            peer.do("release")
            other.do("lease", "key", LATE_SECONDS)
            assert timed_out(lambda: make().lease("key", wait_seconds=0.0))

    def test_a_killed_process_releases_its_lease_and_leaves_its_journal(self) -> None:
        with self._peers(1) as (make, [peer]):
            save_record(make(), "key", TokenRecord(a_token(), 1))
            peer.do("lease", "key", 0.0)
            peer.do("intend", "the digest of the dead")
            peer.kill()
            with make().lease("key", wait_seconds=self.seconds_until_a_dead_holder_is_replaced) as lease:
                record = lease.load()
                lease.save(TokenRecord(a_token(), 2))

            assert record.token is not None
            assert record.intent is not None
            assert (record.intent.refresh_token_digest, record.intent.process_id) == (
                "the digest of the dead",
                peer.process_id,
            )
            assert make().read("key").generation == 2

    def test_forgetting_reaches_a_lease_of_another_process(self) -> None:
        with self._peers(1) as (make, [peer]):
            save_record(make(), "key", TokenRecord(a_token(), 1))
            peer.do("lease", "key", 0.0)
            make().forget("key")
            peer.do("save", 2, "of the peer")
            record = make().read("key")

            assert record.token is None, "the forgotten token came back"
            assert record.generation > 1
            peer.do("release")
            with make().lease("key", wait_seconds=LATE_SECONDS) as lease:
                peer.do("forget", "key")
                lease.save(TokenRecord(a_token(), record.generation + 1))
            assert make().read("key").token is None, "the forgotten token came back"

    def test_refusals_of_many_processes_add_up(self) -> None:
        with self._peers(REFUSALS_AT_LEAST) as (make, peers):
            for number, peer in enumerate(peers):
                peer.ask("add_refusals", "login", [ISSUED.wall + number])
            for peer in peers:
                peer.result()
            expected = [ISSUED.wall + number for number in range(len(peers))]
            found = sorted(peers[0].do("refusals", "login"))

            assert len(make().refusals("login")) == len(peers)
            assert all(abs(one - other) < 1.0 for one, other in zip(found, expected, strict=True))
            make().forget_refusals("login")
            assert peers[0].do("refusals", "login") == []

    def test_a_login_turn_counts_only_while_its_process_lives(self) -> None:
        with self._peers(1) as (make, [peer]):
            peer.do("login_turn", "login", 1, 0.0)
            assert timed_out(lambda: make().login_turn("login", at_most=1, wait_seconds=SOON_SECONDS))
            peer.kill()
            with make().login_turn("login", at_most=1, wait_seconds=self.seconds_until_a_dead_holder_is_replaced):
                pass

    def test_a_forked_child_uses_the_store_without_ending_parent_leases(self) -> None:
        with self._peers(1) as (make, [peer]):
            peer.do("lease", "key", 0.0)
            peer.do("save", 1, "of the parent")
            outcome = peer.do("fork", "key")

            assert outcome["read"] == [1, "of the parent"]
            assert outcome["salt"] == make().salt.hex()
            assert outcome["excluded"], "the child got the lease of its parent"
            assert outcome["lost"], "the child saved under the lease of its parent"
            assert timed_out(lambda: make().lease("key", wait_seconds=0.0)), "the child ended the lease of its parent"
            peer.do("save", 2, "of the parent")
            assert make().read("key").generation == 2


def _found(store: TokenStore, key: str) -> Token:
    token = store.read(key).token
    assert token is not None, "the store returned no token"
    return token

"""A store that cannot be reached keeps nobody from working: memory first, then a login of one's own."""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from auth_core import EventKind, InsecureStore, LeaseLost, LoginRefused, MemoryStore, StoreUnavailable
from auth_core.store import RefusalBook, TokenRecord
from auth_core.store.memory import _Lease as MemoryLease
from auth_core_testing import PasswordCredentials


class Distant(MemoryStore):
    """A store on the other end of a cable."""

    def __init__(self, trouble: type[Exception] = StoreUnavailable) -> None:
        super().__init__(refusals=RefusalBook())
        self.reachable = True
        self.keeps = True
        self.trouble = trouble

    def __str__(self) -> str:
        return "a distant store"

    def _check(self) -> None:
        if not self.reachable:
            raise self.trouble("a distant store: no route")

    @property
    def salt(self) -> bytes:
        self._check()
        return super().salt

    def read(self, key):
        self._check()
        return super().read(key)

    @contextmanager
    def lease(self, key, *, wait_seconds):
        self._check()
        with super().lease(key, wait_seconds=wait_seconds) as slot:
            yield _Lease(self, slot)

    def refusals(self, fingerprint):
        self._check()
        return super().refusals(fingerprint)


class _Lease:
    def __init__(self, store: Distant, slot) -> None:
        self._store, self._slot = store, slot

    def load(self):
        self._store._check()
        return self._slot.load()

    def save(self, record):
        self._store._check()
        if not self._store.keeps:
            raise LeaseLost("a distant store: another has taken over")
        self._slot.save(record)


@pytest.fixture
def store(monkeypatch):
    """Not taken for the memory that a renewer falls back to, which is another class in life."""
    from auth_core import renewal

    class Fallback(MemoryStore):
        def __init__(self) -> None:
            super().__init__(refusals=RefusalBook())

    monkeypatch.setattr(renewal, "MemoryStore", Fallback)
    return Distant()


def test_the_token_in_memory_is_served_while_it_lives(make_world, store):
    world = make_world(store=store)
    world.get()
    store.reachable = False
    world.clock.advance(1800)

    assert world.source.token().generation == 1
    assert world.provider.grants() == ["password"]


def test_clients_log_in_alone_and_leave_the_shared_refresh_token(make_world, store):
    world = make_world(store=store)
    world.get()
    store.reachable = False
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "password"]
    assert world.source.recorder.counts()[EventKind.STORE_UNAVAILABLE] == 1


def test_what_was_got_alone_is_renewed_alone(make_world, store):
    world = make_world(store=store)
    store.reachable = False
    for _ in range(3):
        assert world.get().status_code == 200
        world.clock.advance(3601)

    assert world.provider.grants() == ["password", "refresh_token", "refresh_token"]
    assert world.issuer.reuse_events == 0


def test_a_store_that_is_back_is_used_again(make_world, store):
    world = make_world(store=store)
    store.reachable = False
    world.get()
    store.reachable = True
    world.clock.advance(3601)
    world.get()

    other = world.new_authenticator(store=store).source("oauth").token()
    assert other.access_token == world.source.token().access_token
    assert world.provider.grants() == ["password", "password"]


def test_refused_logins_stay_within_the_budget_with_an_unreliable_store(make_world, store):
    world = make_world(store=store, credentials=PasswordCredentials(username="alice", password="wrong"))
    for round_ in range(10):
        store.reachable = round_ % 2 == 0
        with pytest.raises(LoginRefused):
            world.source.token()
        world.clock.advance(31)

    assert world.logins() == 2


def test_a_token_that_cannot_be_saved_is_served(make_world, store):
    world = make_world(store=store)
    world.provider.respond_next(lambda request: loses_the_store(world, store, request))

    assert world.source.token().generation == 1
    assert world.provider.grants() == ["password"]


def loses_the_store(world, store, request):
    store.reachable = False
    return world.provider.regular_response(request)


def test_a_renewal_that_lost_its_lease_adopts_the_saved_token(make_world, store):
    world = make_world(store=store)
    world.get()
    world.clock.advance(3601)
    rival = world.new_authenticator(store=MemoryStore(refusals=RefusalBook())).source("oauth")

    def another_takes_over(request):
        response = world.provider.regular_response(request)
        (slot,) = store._slots.values()
        from attrs import evolve

        newer = evolve(rival.token(), generation=2)
        slot.record = evolve(slot.record, token=newer, generation=2, intent=None)
        store.keeps = False
        return response

    world.provider.respond_next(another_takes_over)
    mine = world.source.token()

    assert mine.access_token == rival.token().access_token
    assert world.source.recorder.counts()[EventKind.LEASE_LOST] == 1


def test_a_renewal_that_lost_its_lease_before_sending_starts_over(make_world, store):
    world = make_world(store=store)
    world.get()
    world.clock.advance(3601)
    save, asked = MemoryLease.save, []

    def lost_once(self, record):
        asked.append(record)
        if len(asked) == 1:
            raise LeaseLost("a distant store: the lease has ended")
        save(self, record)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(MemoryLease, "save", lost_once)
        assert world.source.token().generation == 2

    assert (asked[0].intent is None, len(asked)) == (False, 3)
    assert world.provider.grants() == ["password", "refresh_token"]


def test_a_store_readable_by_others_is_refused_before_sending(make_world, store):
    store.trouble = InsecureStore
    store.reachable = False
    world = make_world(store=store)
    with pytest.raises(InsecureStore):
        world.source.token()

    assert world.provider.token_requests == []


def test_tokens_of_callables_stay_out_of_the_shared_store(make_world, store):
    """In this process only; a refused login with them is recorded in the store all the same."""
    right = PasswordCredentials(username="alice", password=lambda: "correct horse")
    world = make_world(store=store, credentials=right)
    world.get()
    world.clock.advance(3601)
    world.get()
    assert world.provider.grants() == ["password", "refresh_token"]
    assert store._slots == {}

    wrong = PasswordCredentials(username="alice", password=lambda: "wrong")
    for _ in range(3):
        with pytest.raises(LoginRefused):
            world.new_authenticator(store=store, credentials=wrong).source("oauth").token()
    assert world.logins() == 2


def test_many_clients_with_callables_leave_no_records_in_shared_memory(world):
    """A web application that makes one per request would fill it."""
    for _ in range(5):
        callables = PasswordCredentials(username="alice", password=lambda: "correct horse")
        world.new_authenticator(credentials=callables, store=world.store).source("oauth").token()

    assert world.store._slots == {}
    wrong = PasswordCredentials(username="alice", password=lambda: "wrong")
    for _ in range(3):
        with pytest.raises(LoginRefused):
            world.new_authenticator(credentials=wrong, store=world.store).source("oauth").token()
        world.clock.advance(31)
    assert world.logins() == 5 + 2


def test_a_waiter_for_the_lock_takes_the_token_once_available(make_world, store):
    """The one who renewed may take its time to give the lock back, and others may stand in the queue."""
    world = make_world(store=store)
    rival = world.new_authenticator(store=MemoryStore(refusals=RefusalBook())).source("oauth").token()
    key = next(iter(world.authenticator._sources.values()))._renewer.store_key
    with MemoryStore.lease(store, key, wait_seconds=1) as slot:
        slot.save(TokenRecord(rival, rival.generation))
        assert world.source.token().access_token == rival.access_token

    assert world.provider.grants() == ["password"]

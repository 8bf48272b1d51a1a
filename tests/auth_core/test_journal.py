"""Promise 6: a rotating refresh token is never presented twice, whatever became of the response."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager, suppress

import pytest
from attrs import evolve
from auth_core import EventKind, LeaseLost, LoginRequired, MemoryStore, Secret, StoreUnavailable, TokenUnavailable
from auth_core.store import RefreshIntent, RefusalBook, TokenRecord
from auth_core_testing import (
    CodeCredentials,
    DateOffset,
    ExpiresInAbsent,
    ProviderResponse,
    ResetConnection,
    oauth_lifecycle,
)


def record(world):
    """What the store keeps."""
    (slot,) = world.store._slots.values()
    return slot.record


def kinds(world) -> set[EventKind]:
    return set(world.source.recorder.counts())


def test_the_journal_is_written_before_the_refresh_token_is_sent(world):
    world.get()
    world.clock.advance(3601)
    seen = []

    def look(request):
        seen.append(record(world).intent)
        return ProviderResponse.json({}, 503)

    world.provider.respond_next(look)
    with pytest.raises(TokenUnavailable):
        world.source.token()

    assert isinstance(seen[0], RefreshIntent)
    assert world.provider.token_requests[-1].form["refresh_token"] not in repr(seen[0])


def test_a_renewal_that_is_through_leaves_no_entry(world):
    world.get()
    world.clock.advance(3601)
    world.get()

    assert record(world).intent is None
    assert world.provider.grants() == ["password", "refresh_token"]


def test_an_entry_of_a_dead_process_leads_to_a_login(world):
    world.get()
    refresh_token = record(world).token.refresh_token
    died_before_the_response_was_kept(world, refresh_token)
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "password"]
    assert EventKind.REFRESH_TOKEN_IN_DOUBT in kinds(world)


def test_an_entry_about_another_refresh_token_does_not_matter(world):
    world.get()
    died_before_the_response_was_kept(world, Secret("the one before"))
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]


def died_before_the_response_was_kept(world, refresh_token) -> None:
    from auth_core.store import refresh_token_digest

    (slot,) = world.store._slots.values()
    digest = refresh_token_digest(world.store.salt, refresh_token)
    slot.record = evolve(slot.record, intent=RefreshIntent(digest, world.clock.wall(), 4242))


@pytest.mark.parametrize(
    "lost",
    [ResetConnection(), *(ProviderResponse.html(status) for status in (302, 403, 404, 408, 500, 502, 503, 524))],
    ids=lambda lost: str(getattr(lost, "status", "reset")),
)
def test_a_response_that_does_not_deny_processing_leads_to_a_login(world, lost):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(lost)
    with suppress(TokenUnavailable):  # after 403 and 404 the login follows at once
        world.source.token()
    world.clock.advance(60)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "password"]


@pytest.mark.parametrize(("told", "headers"), [(429, {}), (503, {"Retry-After": "5"})])
def test_a_request_turned_away_before_processing_keeps_the_refresh_token(world, told, headers):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(evolve(ProviderResponse.html(told), headers=headers))
    with pytest.raises(TokenUnavailable):
        world.source.token()
    world.clock.advance(60)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "refresh_token"]
    assert world.issuer.reuse_events == 0


def test_a_refresh_token_that_is_not_rotated_needs_no_journal(make_world):
    lifecycle = oauth_lifecycle()
    world = make_world(lifecycle=evolve(lifecycle, refresh=evolve(lifecycle.refresh, rotates=False)), rotates=False)
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(ResetConnection())
    with pytest.raises(TokenUnavailable):
        world.source.token()
    world.clock.advance(60)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "refresh_token"]


def test_a_valid_token_is_not_risked_where_login_is_impossible(make_world):
    """Presented again, the server might revoke the access token too, which still serves."""
    world = make_world(credentials=CodeCredentials(code="c1"))
    world.provider.codes.add("c1")
    world.get()
    world.clock.advance(3600 * 0.8)
    world.provider.respond_next(ResetConnection())
    world.get()
    world.wait_for_renewal()
    world.clock.advance(60)
    assert world.get().status_code == 200
    world.wait_for_renewal()

    assert world.provider.grants() == ["code", "refresh_token"]


def test_a_refused_refresh_token_ends_where_no_login_is_possible(make_world):
    world = make_world(credentials=CodeCredentials(code="c1"))
    world.provider.codes.add("c1")
    world.get()
    world.issuer.expire_refresh_tokens()
    world.clock.advance(3601)

    with pytest.raises(LoginRequired):
        world.source.token()
    world.clock.advance(60)
    with pytest.raises(LoginRequired):
        world.source.token()
    assert world.provider.grants() == ["code", "refresh_token"]


# --- a token that was paid for is not lost --------------------------------------------------------------------------


class Forgetful:
    """A store shared with others, which cannot keep what comes at the wrong moment."""

    def __init__(self) -> None:
        self.memory = MemoryStore(refusals=RefusalBook())
        self.trouble: Exception | None = None

    def __getattr__(self, name):
        return getattr(self.memory, name)

    def __str__(self) -> str:
        return "a store of the test's own"

    @contextmanager
    def lease(self, key, *, wait_seconds):
        with self.memory.lease(key, wait_seconds=wait_seconds) as lease:
            yield _Lease(self, lease)


class _Lease:
    def __init__(self, store, lease) -> None:
        self._store, self.load, self._save = store, lease.load, lease.save

    def save(self, record):
        if self._store.trouble is not None:
            raise self._store.trouble
        self._save(record)


@pytest.fixture
def far_world(make_world):
    """A client that shares a store with others, and has no second login: its code is spent."""
    world = make_world(credentials=CodeCredentials(code="c1"), store=Forgetful())
    world.provider.codes.add("c1")
    return world


def refreshed_into_a_store_that_fails(world, trouble: Exception) -> None:
    def fails_meanwhile(request):
        world.store.trouble = trouble
        return world.provider.regular_response(request)

    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(fails_meanwhile)
    assert world.get().status_code == 200
    world.store.trouble = None


TROUBLES = [StoreUnavailable("no route"), LeaseLost("too slow"), OSError("of a store of the user's own")]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: type(trouble).__name__)
def test_an_unsaved_refresh_token_is_saved_by_the_next_renewal(far_world, trouble):
    world = far_world
    refreshed_into_a_store_that_fails(world, trouble)
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert record(world).token.generation == 3
    assert world.provider.grants() == ["code", "refresh_token", "refresh_token"]
    assert world.issuer.reuse_events == 0


def test_an_unsaved_refresh_token_never_replaces_a_newer_one(far_world):
    world = far_world
    refreshed_into_a_store_that_fails(world, StoreUnavailable("no route"))
    renewed_by_another = Secret(world.issuer.issue("alice").access_token)
    newer = evolve(world.source.token(), access_token=renewed_by_another, refresh_token=None, generation=2)
    (slot,) = world.store._slots.values()
    slot.record = TokenRecord(newer, 2)
    world.clock.advance(3601)
    with pytest.raises(LoginRequired):
        world.get()

    assert record(world).token.access_token == newer.access_token


def test_an_unsaved_refresh_token_is_forgotten_with_the_others(far_world):
    world = far_world
    refreshed_into_a_store_that_fails(world, StoreUnavailable("no route"))
    world.source.forget()
    with pytest.raises(LoginRequired):
        world.get()


def test_a_forked_child_never_presents_its_parents_unsaved_refresh_token(far_world, monkeypatch):
    world = far_world
    refreshed_into_a_store_that_fails(world, StoreUnavailable("no route"))
    world.clock.advance(3601)
    monkeypatch.setattr(os, "getpid", lambda: 4242)
    with pytest.raises(LoginRequired):
        world.get()

    assert world.provider.grants() == ["code", "refresh_token"]


class Raises(logging.Handler):
    """A handler of log records that fails, as one that sends them over a network may."""

    def emit(self, record):
        raise OSError


@pytest.fixture
def failing_log(monkeypatch):
    def start() -> None:
        monkeypatch.setattr(logging.getLogger("auth_core"), "handlers", [Raises()])

    return start


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fault", [ExpiresInAbsent(), DateOffset(7200)])
def test_a_log_that_fails_loses_no_rotated_refresh_token(world, fault, failing_log):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(fault)
    failing_log()
    with pytest.raises(TokenUnavailable):
        world.get()
    world.clock.advance(2)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]
    world.ended()

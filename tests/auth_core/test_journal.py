"""Promise 6: a rotating refresh token is never presented twice, whatever became of the answer."""

from __future__ import annotations

import pytest
from attrs import evolve
from auth_core import EventKind, LoginRequired, Secret, TokenUnavailable
from auth_core.store import RefreshIntent
from auth_core.testing import CodeCredentials, ProviderAnswer, ResetConnection, oauth_lifecycle


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
        return ProviderAnswer.json({}, 503)

    world.provider.answer_next(look)
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


def test_who_finds_an_entry_of_a_process_that_died_logs_in(world):
    world.get()
    refresh_token = record(world).token.refresh_token
    died_before_the_answer_was_kept(world, refresh_token)
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "password"]
    assert EventKind.REFRESH_TOKEN_IN_DOUBT in kinds(world)


def test_an_entry_about_another_refresh_token_does_not_matter(world):
    world.get()
    died_before_the_answer_was_kept(world, Secret("the one before"))
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]


def died_before_the_answer_was_kept(world, refresh_token) -> None:
    from auth_core.store import refresh_token_digest

    (slot,) = world.store._slots.values()
    digest = refresh_token_digest(world.store.salt, refresh_token)
    slot.record = evolve(slot.record, intent=RefreshIntent(digest, world.clock.wall(), 4242))


@pytest.mark.parametrize(
    "lost", [ResetConnection(), ProviderAnswer.html(502), ProviderAnswer.html(504)], ids=["reset", "502", "504"]
)
def test_an_answer_that_was_lost_on_its_way_is_followed_by_a_login(world, lost):
    world.get()
    world.clock.advance(3601)
    world.provider.answer_next(lost)
    with pytest.raises(TokenUnavailable):
        world.source.token()
    world.clock.advance(60)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "password"]


@pytest.mark.parametrize("told", [429, 500, 503])
def test_a_server_that_said_it_failed_kept_the_refresh_token_as_it_was(world, told):
    world.get()
    world.clock.advance(3601)
    world.provider.answer_next(ProviderAnswer.json({"error": "temporarily_unavailable"}, told))
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
    world.provider.answer_next(ResetConnection())
    with pytest.raises(TokenUnavailable):
        world.source.token()
    world.clock.advance(60)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "refresh_token"]


def test_a_valid_token_is_not_put_at_risk_where_no_login_can_follow(make_world):
    """Presented again, the server might revoke the access token too, which still serves."""
    world = make_world(credentials=CodeCredentials(code="c1"))
    world.provider.codes.add("c1")
    world.get()
    world.clock.advance(3600 * 0.8)
    world.provider.answer_next(ResetConnection())
    world.get()
    world.landed()
    world.clock.advance(60)
    assert world.get().status_code == 200
    world.landed()

    assert world.provider.grants() == ["code", "refresh_token"]


def test_a_refresh_token_that_was_refused_ends_where_no_login_can_follow(make_world):
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

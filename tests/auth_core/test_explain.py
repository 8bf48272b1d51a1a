"""Promise 12: a source can say what happened and why, in a bounded record without secrets."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest
from auth_core import AuthEvent, EventKind, ForeignOrigin, LoginRefused, TokenUnavailable
from auth_core.events import CAPACITY, EventRecorder
from auth_core_testing import FakeClock, PasswordCredentials, ProviderResponse


def transcript(world) -> list[str]:
    """Kind, and text where there is one, of every event."""
    return [f"{event.kind.value}: {event.text}".rstrip(": ") for event in world.source.recorder.events()]


def test_a_first_login(world):
    world.get()

    assert transcript(world) == [
        "renewal_started: there is no token yet",
        "renewed: token 1 by password for 3600 s; callers that waited: 1",
    ]


def test_a_storm_says_how_many_waited(world):
    with world.provider.holding(), ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(world.source.token) for _ in range(8)]
        assert world.provider.token_arrived.acquire(timeout=10)
        while world.source._renewals.current.waiting < 8:
            pass
        world.provider.release()
        assert {call.result().generation for call in calls} == {1}

    assert transcript(world)[-1].endswith("callers that waited: 8")


def test_a_renewal_beside_the_calls_and_one_before_a_call(world):
    world.get()
    world.clock.advance(3600 * 0.8)
    world.get()
    world.wait_for_renewal()
    world.clock.advance(3550)
    world.get()

    assert [line for line in transcript(world) if line.startswith("renewal_started")] == [
        "renewal_started: there is no token yet",
        "renewal_started: token 1 has 720 s left, renewed in the background",
        "renewal_started: token 2 has 50 s left, too little to serve it",
    ]


def test_a_provider_that_is_down_while_the_token_lives(world):
    world.get()
    world.clock.advance(3550)
    world.provider.respond_next(ProviderResponse.html(503))
    world.get()

    assert transcript(world)[-3:] == [
        "renewal_started: token 1 has 50 s left, too little to serve it",
        "renewal_failed: provider: password: createToken failed: HTTP 503; callers that waited: 1",
        "served_after_failure: token 1 has not expired",
    ]


def test_a_provider_that_is_down_when_the_token_has_ended(world):
    world.provider.respond_next(ProviderResponse.html(503))
    for _ in range(5):
        with pytest.raises(TokenUnavailable):
            world.source.token()

    last = world.source.recorder.events()[-1]
    assert (last.kind, last.times) == (EventKind.FAILED_FROM_MEMORY, 4)


def test_a_wrong_password(make_world):
    world = make_world(credentials=PasswordCredentials(username="alice", password="wrong"))
    for _ in range(3):
        with pytest.raises(LoginRefused):
            world.source.token()

    counts = world.source.recorder.counts()
    assert (counts[EventKind.LOGIN_REFUSED], counts[EventKind.LOGIN_HELD_BACK]) == (1, 2)
    text = world.source.explain()
    assert "refused logins recorded: 1" in text
    assert "held back for 30 s" in text


def test_an_expired_token_a_late_refusal_and_a_forbidden_operation(world):
    world.get()
    old = world.source.token()
    world.issuer.expire_access_tokens()
    world.get()
    world.source.renewed(old, "slowCall")
    world.get("/forbidden", operation_id="adminCall")

    told = [line for line in transcript(world) if not line.startswith("renew")]
    assert told == [
        "expired_by_api: readThing refused token 1",
        "late_refusal: slowCall refused token 1",
        "expired_by_api: adminCall refused token 2",
        "operation_forbidden: adminCall refused token 3, renewed for it",
    ]


def test_a_request_to_another_server(world):
    with pytest.raises(ForeignOrigin):
        world.client.get("https://elsewhere.example/", auth=world.auth())

    assert transcript(world) == ["foreign_origin: readThing was not sent to https://elsewhere.example"]


def test_a_server_that_hands_out_the_same_token_again(world):
    issued = world.issuer.issue("alice")
    world.provider.respond_next(*[ProviderResponse.json({"access_token": issued.access_token, "expires_in": 60})] * 2)
    world.source.token()
    world.clock.advance(59)
    world.source.token()

    assert "same_token: the server returned the current token again" in transcript(world)


def test_the_explanation_shows_token_store_and_ways(world):
    world.get()
    world.clock.advance(600)

    assert world.source.explain().splitlines()[:6] == [
        "provider: oauth",
        "  token 1 by password, 3000 s left of 3600",
        *world.source.explain().splitlines()[2:3],
        "  logs in by password at https://provider.example/token; renews by a refresh token that rotates",
        "  store: memory of this process",
        "  no refused login is recorded",
    ]
    assert world.authenticator.explain() == world.source.explain()


def test_the_explanation_of_a_refused_and_of_an_ended_token(world):
    world.get()
    world.provider.respond_always(ProviderResponse.html(503))
    with pytest.raises(TokenUnavailable):
        world.get("/forbidden", operation_id="adminCall")
    assert world.source.explain().splitlines()[1:3] == [
        "  token 1 by password, 3600 s left of 3600",
        "  an API refused it; renewed before the next call",
    ]
    world.clock.advance(61)
    world.get()
    assert "renewal_started: token 1 was refused" in transcript(world)

    world.clock.advance(3539.3)
    assert world.source.explain().splitlines()[1] == "  token 1 by password has expired; renewed before the next call"
    assert "-0 s" not in world.source.explain()


def test_a_refused_refresh_token_is_no_refused_password(world):
    world.get()
    world.issuer.expire_refresh_tokens()
    world.clock.advance(3601)
    world.get()

    (line,) = [line for line in transcript(world) if line.startswith("refresh_refused")]
    assert "the refresh token was refused: HTTP 400 invalid_grant" in line


def test_no_secret_is_in_it(world):
    world.get()
    world.clock.advance(3601)
    world.get()
    text = world.source.explain() + repr(world.source.recorder.events())

    for issued in world.provider.issued:
        assert issued.access_token not in text
        assert issued.refresh_token not in text
    assert "correct horse" not in text


# --- for programs ---------------------------------------------------------------------------------------------------


def test_a_listener_is_reported_as_it_happens(world):
    received: list[AuthEvent] = []
    authenticator = world.new_authenticator(on_event=received.append)
    authenticator.source("oauth").token()

    assert [event.kind for event in received] == [EventKind.RENEWAL_STARTED, EventKind.RENEWED]
    assert {event.source for event in received} == {"provider: oauth"}
    assert received[0].at == world.clock.wall()


def test_a_listener_that_fails_harms_nobody(world, caplog):
    def broken(event):
        raise RuntimeError

    with caplog.at_level(logging.ERROR, "auth_core"):
        assert world.new_authenticator(on_event=broken).source("oauth").token().generation == 1

    assert "the listener for token events failed" in caplog.text


def test_the_record_is_bounded_and_the_counts_are_whole():
    recorder = EventRecorder("v: s", FakeClock())
    for number in range(3 * CAPACITY):
        recorder.record(EventKind.RENEWED, f"token {number}")

    assert len(recorder.events()) == CAPACITY
    assert recorder.counts() == {EventKind.RENEWED: 3 * CAPACITY}


def test_what_repeats_is_one_entry():
    clock = FakeClock()
    recorder = EventRecorder("v: s", clock)
    for _ in range(1000):
        clock.advance(1)
        recorder.record(EventKind.FAILED_FROM_MEMORY, "down")

    (event,) = recorder.events()
    assert (event.times, event.at) == (1000, clock.wall())
    assert "failed_from_memory (1000 times): down" in "\n".join(recorder.lines())

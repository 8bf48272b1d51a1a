"""Logging in and renewing: steps that merge, refresh tokens that end, tokens made elsewhere."""

from __future__ import annotations

import base64
import logging
from typing import Any

import pytest
from attrs import evolve
from auth_core import InvalidCredentials, MemoryStore, Secret, TokenUnavailable
from auth_core.clock import now
from auth_core.lifecycle import (
    BasicAuthentication,
    Candidate,
    CredentialDefinition,
    DefaultLifetime,
    Extra,
    FromCredential,
    FromToken,
    Grant,
    JwtClaim,
    Refresh,
    TokenLifecycle,
    TokenRequest,
    TokenResponse,
)
from auth_core.store import RefusalBook
from auth_core_testing import (
    BEARER,
    ExpiresInAbsent,
    PasswordCredentials,
    ProviderResponse,
    StaticCredentials,
    oauth_lifecycle,
)


def test_a_refused_refresh_token_is_dropped_and_one_login_made(world):
    world.get()
    world.issuer.expire_refresh_tokens()
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "password"]


def test_a_refused_refresh_is_no_refusal_of_the_credentials(world):
    for _ in range(5):
        assert world.get().status_code == 200
        world.issuer.expire_refresh_tokens()
        world.clock.advance(3601)

    assert world.logins() == 5


def test_a_successful_refresh_without_a_token_leads_to_a_login(world):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(ProviderResponse.json({"ok": True}))

    assert world.get().status_code == 200
    assert world.provider.grants()[-1] == "password"


def test_a_refresh_turned_away_causes_no_login(world):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(ProviderResponse.html(429))
    with pytest.raises(TokenUnavailable):
        world.get()
    world.clock.advance(61)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "refresh_token"]


@pytest.mark.parametrize("status", [404, 410, 422])
def test_an_undeclared_refusal_of_a_refresh_leads_to_a_login(world, status):
    """No lifecycle declares that response. The refresh token is in doubt, so it is not presented again."""
    world.get()
    world.clock.advance(3590)
    blame = ProviderResponse.json({"error": "who_knows"}, status)
    world.provider.respond_next(blame)
    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]
    world.clock.advance(60)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "password"]


@pytest.mark.parametrize("status", [408, 425, 429])
def test_after_a_temporary_failure_no_login_follows_at_once(world, status):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(ProviderResponse.json({}, status))
    with pytest.raises(TokenUnavailable):
        world.get()

    assert world.provider.grants() == ["password", "refresh_token"]


@pytest.mark.parametrize("age", [3601, 3600 - 30])
def test_another_clients_expiring_token_is_renewed_and_not_adopted(world, age):
    world.get()
    world.clock.advance(age)

    assert world.new_authenticator(store=world.store).source("oauth").token().generation == 2
    assert world.provider.grants() == ["password", "refresh_token"]


def test_the_store_is_read_again_after_a_refused_refresh(make_world):
    """Where a lock holds on one host only, another may have presented the refresh token meanwhile."""
    world = make_world()
    world.get()
    world.clock.advance(3601)
    (slot,) = world.store._slots.values()

    def another_was_faster(request):
        issued = world.issuer.refresh(str(request.form["refresh_token"]))
        newer = evolve(
            slot.record.token,
            access_token=Secret(issued.access_token),
            refresh_token=Secret(issued.refresh_token),
            issued=now(world.clock),
            generation=2,
        )
        slot.record = evolve(slot.record, token=newer, generation=2, intent=None)
        return world.provider.regular_response(request)

    world.provider.respond_next(another_was_faster)
    assert world.source.token() is slot.record.token
    assert world.source.token().generation == 2
    assert world.provider.grants() == ["password", "refresh_token"]


def lost_after_rotating(world):
    """A fault: the provider rotates the refresh token, and its response is lost."""

    def fault(request):
        world.issuer.refresh(str(request.form["refresh_token"]))
        raise ConnectionResetError

    return fault


def test_a_rotated_refresh_token_is_discarded_after_a_lost_response(world):
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(lost_after_rotating(world))
    with pytest.raises(TokenUnavailable):
        world.get()
    world.clock.advance(61)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token", "password"]
    assert world.issuer.reuse_events == 0


def test_the_old_refresh_token_is_kept_when_none_is_returned(make_world):
    world = make_world(rotates=False)
    world.get()
    for _ in range(3):
        world.clock.advance(3601)
        fresh = world.issuer.issue("alice").access_token
        world.provider.respond_next(ProviderResponse.json({"access_token": fresh, "expires_in": 3600}))
        world.get()
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password"] + ["refresh_token"] * 4


def test_without_a_refresh_in_the_lifecycle_the_login_is_repeated(make_world):
    world = make_world(lifecycle=oauth_lifecycle(refresh=False))
    world.get()
    world.clock.advance(3601)
    world.get()

    assert world.provider.grants() == ["password", "password"]


# --- static tokens --------------------------------------------------------------------------------------------------


def test_a_token_made_elsewhere_never_renews(make_world):
    world = make_world()
    world = make_world(
        credentials=StaticCredentials(token=world.issuer.issue("alice", lifetime=1e9).access_token),
        provider=world.provider,
    )
    for _ in range(5):
        assert world.get().status_code == 200
        world.clock.advance(86_400)

    assert world.provider.token_requests == []
    assert len(world.provider.api_requests) == 5


def test_basic_authentication_is_a_token_that_never_renews(make_world):
    grant = Grant(
        "static",
        (CredentialDefinition("token", "KEY", secret=True),),
        static=BasicAuthentication(FromCredential("token")),
    )
    lifecycle = evolve(oauth_lifecycle(), grants=(grant,), placements=(evolve(BEARER, prefix="Basic "),))
    world = make_world(lifecycle=lifecycle, credentials=StaticCredentials(token="kéy"))
    world.get()

    scheme, _, encoded = world.provider.api_requests[0].headers["authorization"].partition(" ")
    assert (scheme, base64.b64decode(encoded).decode()) == ("Basic", "kéy:")


@pytest.mark.parametrize("value", [lambda: None, lambda: b"bytes", lambda: "lone \ud800"])
def test_a_callable_returning_no_sendable_text_raises_our_error(make_world, value):
    world = make_world(credentials=PasswordCredentials(username="alice", password=value))

    with pytest.raises(InvalidCredentials, match="'password'"):
        world.get()


# --- several steps --------------------------------------------------------------------------------------------------


def step(name: str, response: TokenResponse, *, optional: bool = False, **body: Any) -> TokenRequest:
    body = {"username": FromCredential("username"), "password": FromCredential("password"), **body}
    return TokenRequest(
        name, "POST", "base_url", f"/{name}/token", "json", body=body, response=response, optional=optional
    )


def place(*pointers: str, **conditions: Any) -> tuple[Candidate, ...]:
    return tuple(Candidate(f"$response.body#/{pointer}", **conditions) for pointer in pointers)


TWO_STEPS = TokenLifecycle(
    vendor="provider",
    scheme="oauth",
    grants=(
        Grant(
            "password",
            oauth_lifecycle().grants[0].credentials,
            (
                step(
                    "access",
                    TokenResponse(
                        access_token=place("token"),
                        expires=(JwtClaim(), DefaultLifetime(60)),
                        extras={"id_token": Extra(place("id_token"))},
                    ),
                ),
                step(
                    "refresh",
                    TokenResponse(refresh_token=place("refresh_token"), expires=(DefaultLifetime(60),)),
                    optional=True,
                    id=FromToken("id_token"),
                ),
            ),
        ),
    ),
    placements=(BEARER,),
    refresh=Refresh(
        TokenRequest(
            "renew",
            "POST",
            "base_url",
            "/renew/token",
            "json",
            body={"refresh_token": FromToken("refresh_token")},
            response=TokenResponse(
                access_token=(*place("token"), *place("refresh_token", jwt_claims={"token_use": "access"})),
                refresh_token=place("refresh_token", not_jwt=True),
                expires=(JwtClaim(),),
            ),
        )
    ),
)


@pytest.fixture
def two_steps(make_world):
    return make_world(lifecycle=TWO_STEPS)


def access(world, **claims: Any) -> str:
    return world.issuer.issue("alice", claims={"token_use": "access", **claims}).access_token


def test_the_responses_of_two_steps_merge(two_steps):
    two_steps.provider.respond_next(
        ProviderResponse.json({"token": access(two_steps), "id_token": "ID"}),
        ProviderResponse.json({"refresh_token": "R", "id_token": "ID2"}),
    )
    token = two_steps.source.token()

    assert (token.part("refresh_token"), token.part("id_token"), token.lifetime) == ("R", "ID", 3600)
    assert two_steps.provider.token_requests[1].form["id"] == "ID"


def test_a_failed_optional_step_still_yields_the_token(two_steps):
    two_steps.provider.respond_next(ProviderResponse.json({"token": access(two_steps)}), ProviderResponse.html(500))
    token = two_steps.source.token()

    assert token.part("refresh_token") is None
    assert token.lifetime == 3600


def test_an_access_token_under_the_other_name_is_read(two_steps):
    two_steps.provider.respond_next(
        ProviderResponse.json({"token": access(two_steps)}), ProviderResponse.json({"refresh_token": "a.b.c.d.e"})
    )
    two_steps.source.token()
    two_steps.clock.advance(3601)
    fresh = access(two_steps)
    two_steps.provider.respond_next(ProviderResponse.json({"refresh_token": fresh, "id_token": "x"}))
    token = two_steps.source.token()

    assert (token.part("access_token"), token.part("refresh_token")) == (fresh, "a.b.c.d.e")


# --- the end of a life ----------------------------------------------------------------------------------------------


def test_an_unknown_lifetime_is_ten_minutes_and_said_once(world, caplog):
    caplog.set_level(logging.WARNING, "auth_core")
    world.provider.respond_always(ExpiresInAbsent())
    world.get()
    world.clock.advance(601)
    world.get()

    assert world.source.token().lifetime == 600
    assert len(world.provider.token_requests) == 2
    assert caplog.text.count("no response states the token's lifetime") == 1


@pytest.mark.parametrize("expires_in", [0, -5, "soon", None, [], {}, True, 1e999])
def test_a_nonsensical_lifetime_is_unknown_and_not_zero(world, expires_in):
    access_token = world.issuer.issue("alice").access_token
    world.provider.respond_next(ProviderResponse.json({"access_token": access_token, "expires_in": expires_in}))

    assert world.get().status_code == 200
    assert world.source.token().lifetime == 600


def test_life_is_counted_from_before_the_request_was_sent(world):
    def slow(request):
        world.clock.advance(20)
        return ProviderResponse.json({"access_token": world.issuer.issue("alice").access_token, "expires_in": "100"})

    started = world.clock.wall()
    world.provider.respond_next(slow)

    assert world.source.token().ends.wall == started + 100


# --- shared stores --------------------------------------------------------------------------------------------------


def test_clients_with_the_same_store_and_credentials_share_one_token(world):
    other = world.new_authenticator(store=world.store)

    assert world.source.token().access_token == other.source("oauth").token().access_token
    assert world.logins() == 1


def test_clients_with_other_credentials_share_nothing(world):
    world.provider.users["bob"] = "b"
    other = world.new_authenticator(credentials=PasswordCredentials(username="bob", password="b"), store=world.store)
    world.source.token()

    assert world.issuer.verify(other.source("oauth").token().access_token.reveal())["sub"] == "bob"


def test_tokens_of_callables_are_shared_with_nobody(make_world):
    world = make_world()
    world.provider.users["bob"] = "b"
    users = [("alice", "correct horse"), ("bob", "b")]
    subjects = []
    for name, password in users:
        credentials = PasswordCredentials(username=lambda name=name: name, password=lambda password=password: password)
        source = world.new_authenticator(credentials=credentials, store=world.store).source("oauth")
        subjects.append(world.issuer.verify(source.token().access_token.reveal())["sub"])

    assert subjects == ["alice", "bob"]


def test_waiting_for_an_unreleased_lease_ends_after_the_stated_seconds():
    store = MemoryStore(refusals=RefusalBook())
    with store.lease("key", wait_seconds=1), pytest.raises(TimeoutError), store.lease("key", wait_seconds=0.01):
        pass
    with store.lease("key", wait_seconds=0.01) as lease:
        assert lease.load().token is None

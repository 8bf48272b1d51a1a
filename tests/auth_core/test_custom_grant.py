"""A grant that cannot be declared is served by the same policy as any other."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest
from attrs import evolve, frozen
from auth_core import (
    CredentialValue,
    CustomGrant,
    GrantedToken,
    InvalidCredentials,
    LoginRefused,
    MalformedTokenResponse,
    TokenUnavailable,
)

ASKED: list[str] = []
OUTCOMES = {
    "refused": LoginRefused("no", request_sent=True),
    "broken": ValueError("a-secret-in-a-text"),
    "empty": "",
}


@frozen(kw_only=True, repr=False)
class DeviceCode(CustomGrant):
    scheme: ClassVar[str] = "oauth"
    grant: ClassVar[str] = "device_code"

    code: CredentialValue

    def request_token(self, send):
        ASKED.append(str(self.code))
        outcome = OUTCOMES.get(str(self.code), "a-token-of-my-own")
        if isinstance(outcome, Exception):
            raise outcome
        return GrantedToken(access_token=outcome, lifetime=3600)


@pytest.fixture(autouse=True)
def nobody_asked():
    ASKED.clear()


def test_all_callers_share_its_one_outcome(make_world):
    world = make_world(credentials=DeviceCode(code="c"))
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda _: world.source.token().access_token.reveal(), range(16)))

    assert (set(tokens), ASKED) == ({"a-token-of-my-own"}, ["c"])


def test_it_is_asked_again_when_the_token_ends(make_world):
    world = make_world(credentials=DeviceCode(code="c"))
    world.source.token()
    world.clock.advance(3601)
    world.source.token()

    assert ASKED == ["c", "c"]


def test_a_refusal_is_recorded(make_world):
    world = make_world(credentials=DeviceCode(code="refused"))
    for _ in range(10):
        with pytest.raises(LoginRefused):
            world.source.token()

    assert ASKED == ["refused"]


def test_any_other_exception_means_try_later_and_is_not_shown(make_world):
    world = make_world(credentials=DeviceCode(code="broken"))
    with pytest.raises(TokenUnavailable) as caught:
        world.source.token()

    assert "a-secret-in-a-text" not in str(caught.value)


def test_an_empty_token_is_none(make_world):
    world = make_world(credentials=DeviceCode(code="empty"))
    with pytest.raises(MalformedTokenResponse):
        world.source.token()


def test_a_refresh_token_is_presented_as_the_lifecycle_declares(make_world):
    @frozen(kw_only=True, repr=False)
    class Session(CustomGrant):
        scheme: ClassVar[str] = "oauth"
        grant: ClassVar[str] = "session"

        def request_token(self, send):
            issued = world.issuer.issue("robot")
            return GrantedToken(access_token=issued.access_token, lifetime=3600, refresh_token=issued.refresh_token)

    world = make_world()
    world.authenticator = world.new_authenticator(credentials=Session())
    assert world.get().json()["sub"] == "robot"
    world.clock.advance(3601)
    assert world.get().json()["sub"] == "robot"

    assert world.provider.grants() == ["refresh_token"]


@pytest.mark.parametrize(
    ("stated", "lifetime"),
    [(0, 600), (-5.0, 600), (math.nan, 600), (math.inf, 600), (True, 600), ("soon", 600), ("3600", 3600), (60, 60)],
)
def test_a_lifetime_that_is_no_positive_number_is_unknown(make_world, stated, lifetime):
    """Taken as it stands, each call would log in."""

    @frozen(kw_only=True, repr=False)
    class Careless(DeviceCode):
        def request_token(self, send):
            return evolve(super().request_token(send), lifetime=stated)

    world = make_world(credentials=Careless(code="c"))
    for _ in range(3):
        assert world.source.token().lifetime == lifetime
        world.clock.advance(1)

    assert ASKED == ["c"]


@frozen(kw_only=True, repr=False)
class Shown(CustomGrant):
    """Shows a code to a person."""

    scheme: ClassVar[str] = "oauth"
    grant: ClassVar[str] = "shown"

    tenant: int
    show: Callable[[str], None]

    def request_token(self, send):
        self.show(f"enter A-1 for tenant {self.tenant}")
        ASKED.append("A-1")
        return GrantedToken(access_token="a-token-of-my-own", lifetime=3600)


def test_a_callable_field_is_left_to_the_grant_to_call(make_world):
    shown: list[str] = []
    world = make_world(credentials=Shown(tenant=7, show=shown.append))

    assert world.source.token()
    assert shown == ["enter A-1 for tenant 7"]


def test_equal_numbers_share_a_token_and_other_ones_do_not(make_world):
    @frozen(kw_only=True, repr=False)
    class OfATenant(DeviceCode):
        tenant: int

    world = make_world(credentials=OfATenant(code="c", tenant=1))
    for tenant in (1, 1, 2):
        credentials = OfATenant(code="c", tenant=tenant)
        world.new_authenticator(credentials=credentials, store=world.store).source("oauth").token()

    assert ASKED == ["c", "c"]


def test_one_for_another_scheme_is_refused_with_those_there_are(make_world):
    @frozen(kw_only=True, repr=False)
    class Elsewhere(DeviceCode):
        scheme: ClassVar[str] = "somewhere"

    with pytest.raises(InvalidCredentials, match="'somewhere'; this client has oauth"):
        make_world(credentials=Elsewhere(code="c"))


def test_its_repr_shows_no_value():
    assert "c-secret" not in repr(DeviceCode(code="c-secret"))

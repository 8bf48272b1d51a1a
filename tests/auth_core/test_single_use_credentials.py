"""Credentials for one use, such as a code: presented once, by whichever client, and known to be spent afterwards."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from auth_core import LoginRefused, LoginRequired, TokenUnavailable
from auth_core.store.file import FileStore
from auth_core.store.memory import PROCESS_BOOK
from auth_core_testing import CodeCredentials, IdentityProvider, ProviderResponse, ResetConnection


def code_world(make_world, code, codes=("c1", "c2"), *, refresh_tokens=False):
    provider = IdentityProvider(codes=codes, refresh_tokens=refresh_tokens)
    world = make_world(credentials=CodeCredentials(code=code), provider=provider)
    provider.issuer.clock = world.clock
    return world


def test_a_code_is_used_once_and_then_requires_a_login(make_world):
    world = code_world(make_world, "c1")
    world.get()
    world.clock.advance(3601)
    with pytest.raises(LoginRequired, match="code can be used only once") as failure:
        world.get()

    assert failure.value.request_sent is False
    assert world.provider.grants() == ["code"]


def test_a_callable_brings_a_code_for_each_login(make_world):
    codes = iter(["c1", "c2"])
    world = code_world(make_world, lambda: next(codes))
    world.get()
    world.clock.advance(3601)

    assert world.get().status_code == 200


def test_a_code_that_never_reached_the_server_is_not_spent(make_world):
    world = code_world(make_world, "c1")
    world.provider.respond_next(ProviderResponse.html(503))
    with pytest.raises(TokenUnavailable):
        world.get()
    world.clock.advance(61)

    assert world.get().status_code == 200


def test_a_refused_code_is_not_presented_again(make_world):
    world = code_world(make_world, "wrong")
    with pytest.raises(LoginRefused):
        world.get()
    world.clock.advance(10_000)
    with pytest.raises(LoginRequired):
        world.get()

    assert len(world.provider.token_requests) == 1


def test_a_used_code_is_known_to_the_process(make_world):
    world = code_world(make_world, "c1")
    world.get()
    again = world.new_authenticator(credentials=CodeCredentials(code=lambda: "c1")).source("oauth")
    for source in (world.new_authenticator().source("oauth"), again):
        with pytest.raises(LoginRequired, match="has been used"):
            source.token()

    assert world.provider.grants() == ["code"]


@pytest.mark.parametrize("code", ["one-time", lambda: "one-time"], ids=["text", "callable"])
def test_a_used_code_is_known_after_a_restart(make_world, tmp_path, code):
    world = code_world(make_world, code, codes=["one-time"])
    world.authenticator = world.new_authenticator(store=FileStore(tmp_path))
    world.get()
    world.source.forget()
    PROCESS_BOOK.clear()
    world.authenticator = world.new_authenticator(store=FileStore(tmp_path))
    with pytest.raises(LoginRequired, match="has been used"):
        world.get()

    assert world.provider.grants() == ["code"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"one-time" in path.read_bytes()]


def test_clients_that_start_together_present_a_code_once(make_world):
    world = code_world(make_world, "c1")
    sources = [world.new_authenticator().source("oauth") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        outcomes = [pool.submit(source.token).exception() for source in sources]

    assert Counter(map(type, outcomes)) == {type(None): 1, LoginRequired: 7}
    assert world.provider.grants() == ["code"]


def test_a_refused_client_has_not_used_its_code(make_world):
    world = code_world(make_world, "c1")
    world.provider.respond_next(ProviderResponse.json({"error": "invalid_client"}, 401))
    for _ in range(2):
        with pytest.raises(LoginRefused, match="invalid_client"):
            world.get()
    world.clock.advance(31)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["code", "code"]


def test_a_refresh_token_spares_the_code(make_world):
    world = code_world(make_world, "c1")
    world.provider.refresh_tokens = True
    world.get()
    world.clock.advance(3601)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["code", "refresh_token"]


def test_an_undeclared_refusal_is_raised_where_no_login_is_possible(make_world):
    world = code_world(make_world, "c1", refresh_tokens=True)
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(ProviderResponse.json({}, 422))
    with pytest.raises(TokenUnavailable, match="HTTP 422"):
        world.get()


def test_a_refresh_token_is_retried_where_no_login_is_possible(make_world):
    """The response to the refresh was lost."""
    world = code_world(make_world, "c1", refresh_tokens=True)
    world.get()
    world.clock.advance(3601)
    world.provider.respond_next(ResetConnection())
    with pytest.raises(TokenUnavailable):
        world.get()
    world.clock.advance(61)

    assert world.get().status_code == 200
    assert world.provider.grants() == ["code", "refresh_token", "refresh_token"]

"""Vendors × grants × situations × callers, over real loopback sockets.

Each cell says how many token requests are made, of which kind, and what everybody who called got. A deadlock is an
error of the harness, which is bounded.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress

import pytest
from auth_core import (
    LoginRefused,
    LoginRequired,
    MalformedTokenResponse,
    RefreshPolicy,
    RefreshTimeout,
    TokenUnavailable,
)
from auth_core_testing import REFRESH, HtmlPage, Outcomes, ProviderRequest, ProviderResponse, fork, fork_during_renewal

from matrix.world import CROWDS, Cell, GrantCase, grant_cases

GRANT_CASES = grant_cases()

CELLS = [
    pytest.param(way, crowd, id=f"{way}-{crowd}", marks=() if number % len(CROWDS) == turn else pytest.mark.slow)
    for number, way in enumerate(GRANT_CASES)
    for turn, crowd in enumerate(CROWDS)
]
"""Every grant with every crowd; each grant with one of them in the ordinary run, so that every crowd meets many."""

pytestmark = pytest.mark.parametrize(("way", "crowd"), CELLS)


@pytest.fixture
def world(way: GrantCase, crowd: str) -> Iterator[Cell]:
    with ExitStack() as stack:
        yield Cell(stack, way, crowd)


def all_got(outcomes: Outcomes, status: int = 200) -> bool:
    """Everybody has a response of the API with this status."""
    return outcomes.values() == [status] * len(outcomes)


def all_raised(outcomes: Outcomes, error: type[Exception]) -> bool:
    """Everybody has the same error, each an object of their own."""
    errors = outcomes.errors()
    return outcomes.kinds() == {error} and len({id(each) for each in errors}) == len(outcomes)


def renewed(world: Cell, outcomes: Outcomes) -> bool:
    """Everybody was served after one renewal; where there is none, everybody was asked for new credentials."""
    way = world.way
    if way.static:
        return all_got(outcomes) and world.asked() == []
    if not way.renewal:
        return all_raised(outcomes, LoginRequired) and world.asked() == []
    return all_got(outcomes) and world.asked() == way.renewal


def test_cold(world: Cell) -> None:
    """Nobody has a token: one login for all."""
    assert all_got(world.everybody())
    assert world.asked() == world.way.login


def test_expired(world: Cell) -> None:
    """The token's life has passed: one renewal for all, and the API sees no dead token."""
    assert world.call() == 200
    world.asked()
    world.end_of_life()

    assert renewed(world, world.everybody())
    assert set(world.provider.statuses) == {200}


def test_near_expiry(world: Cell) -> None:
    """In the last fifth of its life: nobody waits for the renewal, which is held until all are served."""
    assert world.call() == 200
    world.asked()
    world.advance(world.issuer.lifetime * 0.8)
    with world.provider.holding():
        assert all_got(world.everybody())
    world.wait_for_renewal()

    assert world.asked() == world.way.renewal
    assert world.call() == 200
    assert world.asked() == []


def test_login_refused(world: Cell) -> None:
    """One refused login for all, and no second one while it is recorded."""
    world.log_in_with(world.wrong_credentials())
    first, second = world.everybody(), world.everybody()
    if world.way.static:  # there is no login: the API refuses, and that is the response
        assert all_got(first, world.expired_status)
        assert world.asked() == []
        return
    # A credential for one use is spent by it, and that is what whoever comes later is told.
    told_later = LoginRequired if world.way.single_use else LoginRefused
    assert first.kinds() in ({LoginRefused}, {LoginRefused, told_later})
    assert world.asked() == [world.way.grant.name]
    assert all_raised(second, told_later)

    world.log_in_with(world.right_credentials())
    assert all_got(world.everybody())
    assert world.asked() == world.way.login


def test_refresh_refused(world: Cell) -> None:
    """The refresh token has ended: one login in its place. Without refresh: the login that renews is refused."""
    assert world.call() == 200
    world.asked()
    way = world.way
    if way.static:
        world.provider.expire_tokens()
        assert all_got(world.everybody(), world.expired_status)
        assert world.asked() == []
    elif way.refreshes:
        world.issuer.expire_refresh_tokens()
        world.end_of_life()
        outcomes = world.everybody()
        if way.single_use:
            assert all_raised(outcomes, LoginRequired)
            assert world.asked() == [REFRESH]
        else:
            assert all_got(outcomes)
            assert world.asked() == [REFRESH, *way.login]
    else:
        changed = {item.name: "changed" for item in way.grant.credentials}
        world.provider.credentials[way.grant.name] = changed
        world.end_of_life()
        outcomes = world.everybody()
        if way.single_use:
            assert all_raised(outcomes, LoginRequired)
            assert world.asked() == []
        else:
            assert all_raised(outcomes, LoginRefused)
            assert world.asked() == [way.grant.name]


def test_provider_down(world: Cell) -> None:
    """One request for all, then none until a while has passed; then everybody is served."""
    world.provider.respond_always(ProviderResponse(status=503))
    outcomes = [world.everybody(), world.everybody()]
    if world.way.static:
        assert all(all_got(each) for each in outcomes)
        assert world.asked() == []
        return
    assert all(all_raised(each, TokenUnavailable) for each in outcomes)
    assert world.asked() == [world.way.grant.name]

    world.provider.respond_always()
    world.advance(2)
    assert all_got(world.everybody())
    assert world.asked() == world.way.login


def test_provider_slow(world: Cell) -> None:
    """Who does not want to wait longer is told; the renewal goes on, and serves whoever comes next."""
    if world.way.static:  # whose own little flight may take longer than that
        with world.provider.holding():
            assert all_got(world.everybody())
        assert world.asked() == []
        return
    world.log_in_with(world.right_credentials(), RefreshPolicy(wait_timeout_seconds=0.02))
    with world.provider.holding():
        outcomes = world.everybody()
    assert all_raised(outcomes, RefreshTimeout)
    world.wait_for_renewal()
    assert all_got(world.everybody())
    assert world.asked() == world.way.login


@pytest.mark.parametrize(
    "response",
    [HtmlPage(200), ProviderResponse(headers={"Content-Type": "application/json"}, content=b'{"token": "abc')],
    ids=["a page", "half a body"],
)
def test_malformed_response(world: Cell, response: HtmlPage | ProviderResponse) -> None:
    """A success without a token: one request for all, then none until a while has passed."""
    world.provider.respond_always(response)
    outcomes = [world.everybody(), world.everybody()]
    if world.way.static:
        assert all(all_got(each) for each in outcomes)
        assert world.asked() == []
        return
    assert all(all_raised(each, MalformedTokenResponse) for each in outcomes)
    assert world.asked() == world.way.login[:1]  # no more steps: each sends the password

    world.provider.respond_always()
    world.advance(10)
    assert all_got(world.everybody())
    assert world.asked() == world.way.login


def test_late_401(world: Cell) -> None:
    """The server drops the token early. One is told after everybody else was renewed: it causes no second renewal."""
    assert world.call() == 200
    world.asked()
    world.provider.expire_tokens()
    others_are_renewed = threading.Event()

    def late(request: ProviderRequest) -> ProviderResponse:
        assert others_are_renewed.wait(30)
        return world.provider.expired_response()

    def meanwhile() -> None:
        if world.way.knows_expiry and world.way.renewal:
            assert world.provider.token_arrived.acquire(timeout=30)
            world.wait_for_renewal()
        others_are_renewed.set()

    world.provider.respond_next_api(late)
    outcomes = world.everybody(meanwhile)
    if not world.way.knows_expiry:  # the response may mean anything: it is handed over
        assert all_got(outcomes, world.expired_status)
        assert world.asked() == []
        return
    assert renewed(world, outcomes)


def test_fresh_401(world: Cell) -> None:
    """The API says "expired" whatever the token: one renewal, then the response is believed."""
    assert world.call() == 200
    world.asked()
    with_the_same_token = threading.Barrier(world.callers)

    def expired(request: ProviderRequest) -> ProviderResponse:
        if len(world.provider.api_requests) <= 1 + world.callers:
            with_the_same_token.wait(30)
        return world.provider.expired_response()

    world.provider.respond_always_api(expired)
    outcomes = [world.everybody(), world.everybody()]
    if world.way.knows_expiry and not world.way.renewal:
        assert all(all_raised(each, LoginRequired) for each in outcomes)
        assert world.asked() == []
        return
    assert all(all_got(each, world.expired_status) for each in outcomes)
    assert world.asked() == (world.way.renewal if world.way.knows_expiry else [])


def test_cancelled(world: Cell) -> None:
    """The task that caused the renewal is cancelled, and its event loop closed: the others get what it asked for."""
    if world.way.refreshes:
        assert world.call() == 200
        world.asked()
        world.end_of_life()
    expected = world.way.renewal if world.way.refreshes else world.way.login

    async def cancelled() -> None:
        leader = asyncio.create_task(world.call_async())
        if not world.way.static:
            assert await asyncio.to_thread(world.provider.token_arrived.acquire, timeout=30)
        leader.cancel()
        with suppress(asyncio.CancelledError):
            await leader

    with world.provider.holding():
        asyncio.run(cancelled())
        assert all_got(world.everybody(meanwhile=world.provider.release))
    assert world.asked() == expected
    assert world.issuer.reuse_events == 0

    world.end_of_life()  # the rotated refresh token is there
    assert renewed(world, world.everybody())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no os.fork")
def test_forked(world: Cell) -> None:
    """A child of a fork in the middle of a renewal waits for nobody, leaves the parent's refresh token alone, logs in.

    Where the credentials can be used once they are the parent's, and the child asks for new ones.
    """
    way = world.way

    def in_child() -> list[int | str]:
        outcomes = world.everybody()
        return [outcome.value if outcome.error is None else type(outcome.error).__name__ for outcome in outcomes]

    if way.static:
        assert fork(in_child).value == [200] * world.callers
        assert world.asked() == []
        return
    if way.refreshes:
        assert world.call() == 200
        world.end_of_life()
    before = Counter(world.asked())
    parent, child = fork_during_renewal(world.provider, world.call, in_child)
    assert before == Counter(way.login if way.refreshes else [])
    assert parent.value == 200
    in_parent = [REFRESH] if way.refreshes else way.login
    if way.lifecycle.refresh is not None and not way.lifecycle.refresh.rotates:
        in_the_child = [REFRESH]  # this refresh token may be used by both
    else:
        in_the_child = [] if way.single_use else way.login
    assert child.value == [200 if in_the_child else "LoginRequired"] * world.callers
    assert Counter(world.asked()) == Counter(in_parent) + Counter(in_the_child)
    assert world.issuer.reuse_events == 0

    assert all_got(world.everybody())
    assert world.asked() == []


@pytest.mark.parametrize("step", [-7200, 7200], ids=["back", "forward"])
def test_clock_stepped(world: Cell, step: int) -> None:
    """Somebody sets the wall clock by two hours: the API is shown no dead token, then and two lives later."""
    assert world.call() == 200
    world.asked()
    world.clock.step_wall(step)
    ended = step >= world.issuer.lifetime  # as far as this machine can tell
    outcomes = world.everybody()
    if ended:
        assert renewed(world, outcomes)
    else:
        assert all_got(outcomes)
        assert world.asked() == []
    for _ in range(2):
        world.end_of_life()
        assert renewed(world, world.everybody())
        assert world.way.single_use or all_got(world.everybody())
        assert world.asked() == []
    assert set(world.provider.statuses) == {200}

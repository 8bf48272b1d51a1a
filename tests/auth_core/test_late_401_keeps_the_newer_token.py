"""Promise 5: a late refusal never invalidates a newer token, and a forbidden operation is not an expired one."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from attrs import evolve
from auth_core import LoginRefused, LoginRequired, TokenUnavailable
from auth_core.httpx_auth import HttpxAuth
from auth_core.lifecycle import Placement, ResponseCondition, ValueCondition
from auth_core_testing import (
    BEARER,
    CodeCredentials,
    ProviderRequest,
    ProviderResponse,
    ResetConnection,
    StaticCredentials,
    oauth_lifecycle,
)


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def world(request, make_world):
    return make_world(use_async=request.param)


def test_ten_late_refusals_of_a_replaced_token_renew_nothing(world):
    old = world.source.token()
    world.issuer.expire_access_tokens()
    newer = world.source.renewed(old, "readThing")

    assert newer is not None
    for _ in range(10):
        assert world.source.renewed(old, "readThing") is newer
    assert world.provider.grants() == ["password", "refresh_token"]


def test_a_late_refusal_is_repeated_after_the_newer_token_expired(world):
    old = world.source.token()
    world.issuer.expire_access_tokens()
    world.source.renewed(old, "readThing")
    world.clock.advance(3601)

    assert world.source.renewed(old, "slowCall").generation == 3


def test_a_late_refusal_is_repeated_during_the_newer_tokens_renewal(world):
    old = world.source.token()
    world.issuer.expire_access_tokens()
    newer = world.source.renewed(old, "readThing")
    for _ in range(2):
        assert world.provider.token_arrived.acquire(timeout=10)
    with ThreadPoolExecutor(2) as pool, world.provider.holding():
        renewal = pool.submit(world.source.renewed, newer, "otherThing")
        assert world.provider.token_arrived.acquire(timeout=10)
        late = pool.submit(world.source.renewed, old, "slowCall")
        while not late.done() and world.source._renewals.current.waiting < 2:
            threading.Event().wait(0.01)
        world.provider.release()

        assert renewal.result(30) is late.result(30)
    assert world.refreshes() == 2


def test_a_late_refusal_is_repeated_with_an_unrenewable_newer_token(world):
    """The newer token must still be valid."""
    old = world.source.token()
    world.issuer.expire_access_tokens()
    newer = world.source.renewed(old, "readThing")
    world.clock.advance(3550)
    world.provider.respond_next(ProviderResponse.html(503))

    assert world.source.renewed(old, "slowCall") is newer


def test_many_refusals_under_a_single_session_provider_cost_one_login(make_world):
    world = make_world(single_session=True)
    world.provider.refresh_tokens = False
    world.get()
    world.issuer.expire_access_tokens()
    with ThreadPoolExecutor(32) as pool:
        statuses = list(pool.map(lambda _: world.get().status_code, range(32)))

    assert statuses == [200] * 32
    assert world.logins() == 2


def test_a_refused_fresh_token_returns_that_response(world):
    response = world.get("/forbidden", operation_id="forbidden")

    assert response.status_code == 401
    assert len(world.provider.api_requests) == 2
    assert len(world.provider.token_requests) == 2


def test_a_forbidden_operation_costs_one_renewal_over_many_calls(world):
    for _ in range(100):
        assert world.get("/forbidden", operation_id="forbidden").status_code == 401
        assert world.get().status_code == 200

    assert world.provider.grants() == ["password", "refresh_token"]


def test_what_was_forbidden_is_forgotten_with_the_token(world):
    """Somebody else may log in now."""
    for _ in range(3):
        assert world.get("/forbidden", operation_id="forbidden").status_code == 401
    world.source.forget()
    for _ in range(3):
        assert world.get("/forbidden", operation_id="forbidden").status_code == 401

    assert world.provider.grants() == ["password", "refresh_token"] * 2


def test_two_forbidden_operations_do_not_drive_each_other(world):
    for _ in range(20):
        assert world.get("/a/forbidden", operation_id="a").status_code == 401
        assert world.get("/b/forbidden", operation_id="b").status_code == 401

    assert world.refreshes() == 2


def test_a_forbidden_operation_may_renew_again_after_the_token_ended(world):
    world.get("/forbidden", operation_id="forbidden")
    world.clock.advance(3601)
    world.get("/forbidden", operation_id="forbidden")

    assert world.refreshes() == 3  # refused, ended, refused


def test_an_operation_that_was_accepted_since_may_renew_again(world):
    for _ in range(5):
        world.issuer.expire_access_tokens()
        assert world.get().status_code == 200

    assert world.refreshes() == 4


def test_a_refusal_during_an_outage_keeps_the_token_for_others(world):
    world.get()
    world.provider.respond_next(ProviderResponse.html(503))
    with pytest.raises(TokenUnavailable):
        world.get("/forbidden", operation_id="forbidden")

    assert world.get().status_code == 200
    assert len(world.provider.token_requests) == 2


def test_a_token_that_never_renews_hands_the_refusal_over(make_world):
    world = make_world(credentials=StaticCredentials(token="made-elsewhere"))

    assert world.get().status_code == 401
    assert len(world.provider.api_requests) == 1
    assert world.provider.token_requests == []


def test_a_static_token_from_a_callable_is_asked_for_again(make_world):
    world = make_world()
    tokens = iter(["old", world.issuer.issue("alice").access_token])
    world = make_world(credentials=StaticCredentials(token=lambda: next(tokens)), provider=world.provider)

    assert world.get().status_code == 200
    assert world.provider.statuses == [401, 200]


def test_a_provider_repeating_the_refused_token_is_not_asked_endlessly(world):
    world.get()
    same = ProviderResponse.json({"access_token": world.provider.issued[0].access_token, "expires_in": 3600})
    world.issuer.expire_access_tokens()
    world.provider.respond_next(*[same] * 10)
    for _ in range(10):
        assert world.get().status_code == 401

    assert len(world.provider.token_requests) == 2
    assert len(world.provider.api_requests) == 11  # nothing is sent again with the token that was refused


def test_a_late_refusal_of_a_reissued_token_counts_as_current(world):
    old = world.source.token()
    again = ProviderResponse.json({"access_token": old.access_token.reveal(), "expires_in": 720})
    world.provider.respond_next(again)
    world.clock.advance(0.8 * 3600)
    world.source.token()
    world.wait_for_renewal()
    assert world.source.token().generation == 2

    renewed = world.source.renewed(old, "readThing")
    assert renewed is not None
    assert renewed.access_token != old.access_token


def test_a_late_refusal_after_forget_keeps_the_back_off(world):
    old = world.source.token()
    world.source.forget()
    world.provider.respond_always(ProviderResponse.html(503))
    with pytest.raises(TokenUnavailable):
        world.source.token()
    for _ in range(3):
        with pytest.raises(TokenUnavailable) as failure:
            world.source.renewed(old, "slowCall")
        assert failure.value.request_sent is False

    assert len(world.provider.token_requests) == 2


def test_a_refused_renewal_raises_for_the_refused_tokens_caller(world):
    world.provider.refresh_tokens = False
    world.get()
    world.provider.users["alice"] = "changed"
    world.issuer.expire_access_tokens()

    with pytest.raises(LoginRefused):
        world.get()


def test_a_caller_after_a_failed_renewal_gets_the_waiters_error(make_world):
    world = make_world(credentials=CodeCredentials(code="c1"))
    world.provider.codes.add("c1")
    world.provider.refresh_tokens = False
    world.get()
    world.issuer.expire_access_tokens()
    for _ in range(3):
        with pytest.raises(LoginRequired):
            world.get()
    world.clock.advance(61)  # the pause after a failure has passed
    with pytest.raises(LoginRequired):
        world.get()


def test_overtaking_calls_of_a_forbidden_operation_cost_one_renewal(make_world):
    world = make_world(sockets=True)
    world.get()
    replay_has_arrived, overtaken = threading.Event(), threading.Event()

    def held_replay(request: ProviderRequest) -> ProviderResponse:
        replay_has_arrived.set()
        assert overtaken.wait(30)
        return ProviderResponse.html(401)

    world.provider.respond_next_api(ProviderResponse.html(401), held_replay)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(world.get, "/forbidden", operation_id="forbidden")
        assert replay_has_arrived.wait(30)
        assert world.get("/forbidden", operation_id="forbidden").status_code == 401
        overtaken.set()
        assert first.result(30).status_code == 401

    assert world.refreshes() == 1


def test_permitted_and_forbidden_calls_of_one_operation_cost_one_renewal(world):
    for _ in range(100):
        assert world.get("/salaries/forbidden", operation_id="run").status_code == 401
        assert world.get("/employees", operation_id="run").status_code == 200

    assert world.refreshes() == 1


def test_a_forbidden_unreplayable_upload_costs_one_renewal(world):
    for _ in range(10):
        assert world.send("POST", "/forbidden", content=iter([b"x"])).status_code == 401
        world.wait_for_renewal()

    assert world.refreshes() == 1


def test_an_operation_whose_replay_was_lost_may_renew_again(world):
    world.get()
    world.issuer.expire_access_tokens()
    unauthorized = ProviderResponse.json({}, 401)
    world.provider.respond_next_api(unauthorized, ResetConnection())
    with pytest.raises(httpx.TransportError):
        world.get()
    world.issuer.expire_access_tokens()

    assert world.get().status_code == 200
    assert world.refreshes() == 2


def test_a_forbidden_operation_may_renew_again_after_a_pause(make_world):
    """The tokens have no known lifetime."""
    world = make_world()
    tokens = iter([world.issuer.issue("alice").access_token for _ in range(4)])
    world = make_world(credentials=StaticCredentials(token=lambda: next(tokens)), provider=world.provider)
    for _ in range(5):
        assert world.get("/forbidden").status_code == 401
    assert len(world.provider.api_requests) == 6
    world.clock.advance(601)
    world.get("/forbidden")

    assert len(world.provider.api_requests) == 8


UNAUTHORIZED = ProviderResponse.json({}, 401)


def test_a_coincidence_of_two_ended_tokens_is_forgotten_soon(world):
    """One session per user and two workers: the renewed token is ended, too, before the request is sent again."""
    world.get()
    world.provider.respond_next_api(UNAUTHORIZED, UNAUTHORIZED)
    assert world.get().status_code == 401
    world.issuer.expire_access_tokens()
    assert world.get().status_code == 401
    assert "readThing refuses new tokens: no renewal for it for 30 s" in world.source.explain()
    world.clock.advance(31)

    assert world.get().status_code == 200
    assert world.refreshes() == 2
    assert "refuses new tokens" not in world.source.explain()

    world.provider.respond_next_api(UNAUTHORIZED, UNAUTHORIZED)
    world.get()
    world.clock.advance(31)  # the success has reset the pause
    world.issuer.expire_access_tokens()
    assert world.get().status_code == 200


def test_a_forbidden_operation_renews_after_growing_pauses(make_world):
    world = make_world(lifetime=86_400.0)
    for _ in range(360):
        assert world.get("/forbidden", operation_id="forbidden").status_code == 401
        world.clock.advance(10)

    assert world.refreshes() == 10  # after 0, 30, 90, 210, 450, 930, 1530, 2130, 2730 and 3330 seconds


def test_a_token_that_has_ended_meanwhile_forbids_nothing(world):
    def slow(request: ProviderRequest) -> ProviderResponse:
        world.clock.advance(3601)
        return UNAUTHORIZED

    world.get()
    world.provider.respond_next_api(UNAUTHORIZED, slow)
    assert world.get().status_code == 401
    world.issuer.expire_access_tokens()

    assert world.get().status_code == 200
    assert "operation_forbidden" not in world.source.explain()


@pytest.mark.parametrize("type_", ["application/json", "application/problem+json", None])
def test_a_condition_on_the_body_holds_whatever_type_a_success_has(make_world, type_):
    """Of an operation without JSON: the response to a deletion, a file."""
    expired = ResponseCondition(status=401, body={"/code": "EXPIRED"})
    world = make_world(lifecycle=oauth_lifecycle(expired=(expired,)))
    told = ProviderResponse.json({"code": "EXPIRED"}, 401)
    world.provider.respond_next_api(evolve(told, headers={} if type_ is None else {"Content-Type": type_}))

    response = world.client.delete(world.url + "/things", auth=world.auth("deleteThing", json_response=False))
    assert response.status_code == 200
    assert world.refreshes() == 1


def test_a_success_that_is_a_file_is_not_read_to_classify_it(make_world):
    expired = ResponseCondition(body={"/code": "EXPIRED"})
    world = make_world(lifecycle=oauth_lifecycle(expired=(expired,)), sockets=True)
    world.provider.respond_next_api(ProviderResponse.json({"code": "EXPIRED"}))
    auth = world.auth("readFile", json_response=False)
    with world.client.stream("GET", world.url + "/things", auth=auth) as response:
        assert not response.is_stream_consumed

    assert world.refreshes() == 0


@pytest.mark.parametrize(
    ("second", "expired", "statuses"),
    [
        ("newer", None, [401, 200]),
        ("old", None, [401]),
        ("newer", (ResponseCondition(status=403),), [401]),  # the user knows better
    ],
)
def test_a_callable_without_a_declared_expiry_is_called_again(make_world, second, expired, statuses):
    lifecycle = oauth_lifecycle(expired=())
    provider = make_world().provider
    texts = {"old": "old", "newer": provider.issuer.issue("alice").access_token}
    given = iter(["old", second])
    credentials = StaticCredentials(token=lambda: texts[next(given)])
    world = make_world(credentials=credentials, provider=provider, lifecycle=lifecycle)
    world.authenticator = world.new_authenticator(expired=expired)

    assert world.get().status_code == statuses[-1]
    assert world.provider.statuses == statuses


@pytest.mark.parametrize(("told", "renewed"), [("FIRST", (1, 0)), ("SECOND", (0, 1))])
@pytest.mark.parametrize("sync", [True, False])
def test_of_two_tokens_the_one_that_was_refused_is_renewed(make_world, told, renewed, sync):
    def told_by(code: str, placement: Placement):
        expired = ResponseCondition(status=(401,), body={"/code": ValueCondition(any_of=(code,))})
        return make_world(lifecycle=oauth_lifecycle(placements=(placement,), expired=(expired,)))

    first, second = told_by("FIRST", BEARER), told_by("SECOND", Placement("header", "X-Second"))
    first.provider.respond_next_api(ProviderResponse.json({"code": told}, 401))
    auth = HttpxAuth((first.source, second.source), operation_id="readThing", json_response=True)

    async def run() -> httpx.Response:
        async with first.new_async_client() as client:
            return await client.get(first.url + "/things", auth=auth)

    response = first.client.get(first.url + "/things", auth=auth) if sync else asyncio.run(run())
    assert response.status_code == 200
    assert (first.refreshes(), second.refreshes()) == renewed
    replay = first.provider.api_requests[-1].headers
    assert replay["authorization"] == f"Bearer {first.source.token().access_token.reveal()}"
    assert replay["x-second"] == second.source.token().access_token.reveal()

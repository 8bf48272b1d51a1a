"""Promise 2: a refused login is recorded under a fingerprint of the credentials, however many clients exist."""

from __future__ import annotations

import logging
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve
from auth_core import AuthError, LoginRefused, RefreshPolicy
from auth_core.lifecycle import TokenLifecycle
from auth_core_testing import CodeCredentials, PasswordCredentials, ProviderResponse, oauth_lifecycle

WRONG = PasswordCredentials(username="alice", password="wrong")
RIGHT = PasswordCredentials(username="alice", password="correct horse")


def refused(source) -> LoginRefused:
    with pytest.raises(LoginRefused) as failure:
        source.token()
    return failure.value


def test_the_same_login_is_not_repeated_at_once(make_world):
    world = make_world(credentials=WRONG)
    first, second = refused(world.source), refused(world.source)

    assert (first.request_sent, first.status, first.code) == (True, 400, "invalid_grant")
    assert second.request_sent is False
    assert second.retry_after_seconds == pytest.approx(30)
    assert len(world.provider.token_requests) == 1


def test_a_login_is_refused_at_most_twice_in_fifteen_minutes(make_world):
    world = make_world(credentials=WRONG)
    for _ in range(90):
        refused(world.source)
        world.clock.advance(10)

    assert len(world.provider.token_requests) == 2


def test_all_clients_of_the_process_share_the_memory(make_world):
    world = make_world(credentials=WRONG)
    for _ in range(20):
        refused(world.new_authenticator(credentials=WRONG).source("oauth"))

    assert len(world.provider.token_requests) == 1


def test_many_clients_that_start_together_stay_within_the_budget(make_world):
    world = make_world(credentials=WRONG)
    sources = [world.new_authenticator(credentials=WRONG).source("oauth") for _ in range(16)]
    with ThreadPoolExecutor(16) as pool, world.provider.holding():
        outcomes = pool.map(refused, sources)
        assert world.provider.token_arrived.acquire(timeout=30)
        threading.Event().wait(0.1)  # for those who would ask beyond the budget

    assert len(list(outcomes)) == 16
    assert len(world.provider.token_requests) <= 2


def test_clients_starting_together_stay_within_a_budget_without_pauses(make_world):
    world = make_world(credentials=WRONG, policy=RefreshPolicy(refused_login_pause_seconds=0))
    second, third = threading.Event(), threading.Event()

    def until(event, arrived):
        def respond(request):
            arrived.set()
            event.wait(0.3)  # for those who would ask beyond the budget
            return world.provider.regular_response(request)

        return respond

    world.provider.respond_next(until(second, threading.Event()), until(third, second), until(second, third))
    sources = [world.new_authenticator(credentials=WRONG).source("oauth") for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        assert len(list(pool.map(refused, sources))) == 8

    assert len(world.provider.token_requests) == 2


class Raises(logging.Handler):
    """A handler of log records that fails, as one that sends them over a network may."""

    def emit(self, record):
        raise OSError


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failing_log_handler_does_not_extend_the_refusal_budget(make_world, monkeypatch):
    monkeypatch.setattr(logging.getLogger("auth_core"), "handlers", [Raises()])
    world = make_world(credentials=WRONG)
    for _ in range(10):
        with pytest.raises(AuthError):
            world.source.token()
        world.clock.advance(61)
    world.ended()

    assert len(world.provider.token_requests) == 2


def test_earlier_refusals_reduce_how_many_clients_log_in_at_once(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)
    world.clock.advance(31)
    sources = [world.new_authenticator(credentials=WRONG).source("oauth") for _ in range(16)]
    with ThreadPoolExecutor(16) as pool, world.provider.holding():
        outcomes = pool.map(refused, sources)
        assert world.provider.token_arrived.acquire(timeout=30)
        assert world.provider.token_arrived.acquire(timeout=30)
        threading.Event().wait(0.1)  # for those who would ask beyond the budget

    assert len(list(outcomes)) == 16
    assert len(world.provider.token_requests) == 2


def test_the_same_login_at_another_server_is_another_login(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)
    world.url = "https://other.example"

    assert refused(world.new_authenticator(credentials=WRONG).source("oauth")).request_sent is True


def test_many_clients_with_the_right_password_all_log_in(make_world):
    world = make_world()
    sources = [world.new_authenticator(credentials=RIGHT).source("oauth") for _ in range(16)]
    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(lambda source: source.token(), sources))

    assert len({token.access_token for token in tokens}) == 16


def test_changed_credentials_are_tried_at_once(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)

    assert world.new_authenticator(credentials=RIGHT).source("oauth").token()


def test_a_callable_that_brings_another_password_is_tried_at_once(make_world):
    passwords = iter(["wrong", "wrong", "correct horse"])
    world = make_world(credentials=PasswordCredentials(username="alice", password=lambda: next(passwords)))
    refused(world.source)
    refused(world.source)

    assert world.source.token()
    assert world.logins() == 2


def test_forget_failures_lets_a_person_try_again(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)
    world.provider.users["alice"] = "wrong"
    world.authenticator.forget_failures()

    assert world.source.token()


def test_an_accepted_login_clears_the_memory(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)
    world.clock.advance(31)
    world.provider.users["alice"] = "wrong"
    world.source.token()
    world.source.forget()
    world.provider.users["alice"] = "changed again"

    assert refused(world.source).request_sent is True
    world.clock.advance(31)
    assert refused(world.source).request_sent is True  # the second since then
    world.clock.advance(31)
    assert refused(world.source).request_sent is False


def test_the_error_names_the_variables_and_no_value(make_world):
    world = make_world(credentials=WRONG)
    text = str(refused(world.source))

    assert "PROVIDER_PASSWORD" in text
    assert "invalid_grant" in text
    assert "wrong" not in text


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("p\n", " (ends with a line break)"),
        ("p\r\n", " (ends with a line break)"),
        ("\ufeffp", " (begins with a byte order mark)"),
        (" p", " (begins or ends with white space)"),
        ("p\t", " (begins or ends with white space)"),
        ('"p"', " (is in quotation marks)"),
        ("'p'", " (is in quotation marks)"),
        ("it's", ""),
        ('"', ""),
    ],
)
def test_the_error_says_what_was_added_to_a_value(make_world, password, told):
    world = make_world(credentials=PasswordCredentials(username="alice", password=password))
    with pytest.raises(LoginRefused) as failure:
        world.get()

    assert f"PASSWORD{told}" in str(failure.value).replace(password, "")
    assert told or "(" not in str(failure.value).partition("; check ")[2]


def test_a_cleared_book_remembers_nothing(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)
    world.store.book.clear()

    assert refused(world.source).request_sent is True


# --- refusals in a form that no lifecycle declares ------------------------------------------------------------------

DENIED = {"error": "access_denied", "error_description": "not on this plan"}
WRONG_CLIENT = {"error": "invalid_client", "error_description": "unknown client"}


@pytest.mark.parametrize(
    ("response", "posted", "text"),
    [
        (ProviderResponse.html(401), (2, 2), "HTTP 401"),
        (ProviderResponse.json(DENIED, 403), (2, 2), "HTTP 403 access_denied (not on this plan)"),
        (ProviderResponse.json({"detail": "no such user"}, 422), (2, 2), "HTTP 422 (no such user)"),
        (ProviderResponse.json({"error": "invalid_grant"}, 200), (2, 2), "HTTP 200 invalid_grant"),
        (ProviderResponse.json({"error": "invalid_grant"}, 302), (2, 2), "HTTP 302 invalid_grant"),
        (ProviderResponse.json(WRONG_CLIENT, 503), (2, 2), "HTTP 503 invalid_client (unknown client)"),
        (ProviderResponse.json({"error": {"code": "E7", "message": "locked"}}, 409), (2, 2), "HTTP 409 E7 (locked)"),
        (ProviderResponse.json({"error": "E1", "error_description": "no user"}), (6, 8), "HTTP 200 E1 (no user)"),
        *((ProviderResponse.html(status), (6, 8), f"HTTP {status}") for status in (200, 204, 302, 404, 408, 500, 530)),
        *((ProviderResponse.html(status), (20, 30), f"HTTP {status}") for status in (429, 503)),
    ],
)
def test_a_wrong_password_is_not_posted_until_the_account_is_locked(make_world, response, posted, text):
    world = make_world(credentials=WRONG)
    world.provider.respond_always(response)
    with pytest.raises(AuthError) as first:
        world.source.token()
    for _ in range(90):
        with pytest.raises(AuthError):
            world.source.token()
        world.clock.advance(10)

    assert text in str(first.value)
    assert first.value.status == response.status
    assert posted[0] <= len(world.provider.token_requests) <= posted[1]


# --- credentials that change by design ------------------------------------------------------------------------------


def reusable(lifecycle: TokenLifecycle) -> TokenLifecycle:
    """A lifecycle that does not say that its code can be used only once."""
    password, code, static = lifecycle.grants
    (definition,) = code.credentials
    return evolve(
        lifecycle, grants=(password, evolve(code, credentials=(evolve(definition, single_use=False),)), static)
    )


@pytest.mark.parametrize("lifecycle", [oauth_lifecycle(), reusable(oauth_lifecycle())], ids=["single use", "reusable"])
def test_new_assertions_stay_within_the_budget(make_world, lifecycle):
    given = CodeCredentials(code=lambda: secrets.token_hex(8))
    world = make_world(credentials=given, lifecycle=lifecycle)
    sources = [world.new_authenticator().source("oauth") for _ in range(2)]
    for number in range(20):
        refused(sources[number % 2])
        world.clock.advance(31)

    assert len(world.provider.token_requests) == 2
    assert "refused logins recorded: 2" in world.source.explain()
    world.authenticator.forget_failures()
    assert refused(sources[0]).request_sent is True


def test_an_accepted_assertion_restores_the_budget(make_world):
    texts = iter(["wrong 1", "right 1", "wrong 2", "wrong 3", "wrong 4"])
    world = make_world(credentials=CodeCredentials(code=lambda: next(texts)))
    world.provider.codes.add("right 1")
    refused(world.source)
    world.clock.advance(31)
    world.source.token()
    world.source.forget()
    for sent in (True, True, False):
        assert refused(world.source).request_sent is sent
        world.clock.advance(31)


def test_the_recorded_refusal_has_the_servers_reason(make_world):
    world = make_world(credentials=WRONG)
    refused(world.source)
    again = refused(world.source)

    assert (again.request_sent, again.status, again.code) == (False, 400, "invalid_grant")
    assert "refused recently (HTTP 400 invalid_grant)" in str(again)

"""The thread of a renewal: when it cannot start, when it calls back, when what it runs is broken."""

from __future__ import annotations

import asyncio
import copy
import subprocess
import sys
import threading

import pytest
from attrs import evolve
from auth_core import (
    AuthEvent,
    EventKind,
    InvalidCredentials,
    LoginRefused,
    Secret,
    Token,
    TokenUnavailable,
)
from auth_core.clock import now
from auth_core_testing import FakeClock, PasswordCredentials

TOKEN = Token(access_token=Secret("t"), issued=now(FakeClock()), lifetime=3600.0, grant="hand-written")


@pytest.fixture
def no_more_threads(monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        yield patched


def test_without_a_thread_whoever_asks_renews(world, no_more_threads):
    assert world.source.token().generation == 1
    world.clock.advance(0.8 * 3600)
    assert world.get().status_code == 200
    world.clock.advance(3601)

    assert asyncio.run(world.source.token_async()).generation == 3
    assert world.provider.grants() == ["password", "refresh_token", "refresh_token"]


def test_without_a_thread_a_refusal_raises_like_any_other(make_world, no_more_threads):
    world = make_world(credentials=PasswordCredentials(username="alice", password="wrong"))
    for _ in range(3):
        with pytest.raises(LoginRefused) as caught:
            world.source.token()

    assert world.logins() == 1
    assert caught.value.__context__ is None


def test_without_a_thread_tokens_are_given_back_all_the_same(make_world, no_more_threads):
    world = make_world()
    world.source.token()
    world.authenticator.logout()
    world.source.token()

    assert world.logins() == 2


def test_who_renews_and_is_interrupted_leaves_no_waiter_behind(world, no_more_threads):
    def interrupted(request):
        raise KeyboardInterrupt

    world.provider.respond_next(interrupted)
    with pytest.raises(KeyboardInterrupt) as caught:
        world.source.token()
    world.clock.advance(2)

    assert caught.value.__context__ is None, "its frames hold credentials"
    assert world.source.token().generation == 1


WORKER = """
import sys, threading
import httpx
from auth_core import Authenticator
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import PasswordCredentials, oauth_lifecycle

http = httpx.Client()
authenticator = Authenticator(
    {"oauth": oauth_lifecycle()},
    [PasswordCredentials(username="alice", password="correct horse")],
    {"base_url": sys.argv[1]},
    send=HttpxTokenSender(http),
)

def work():
    threading.main_thread().join()
    with http:
        print(authenticator.source("oauth").token().generation, flush=True)

threading.Thread(target=work).start()
"""


def test_a_worker_gets_tokens_after_the_main_thread_has_ended(make_world):
    world = make_world(sockets=True)
    program = [sys.executable, "-W", "error", "-c", WORKER, world.url]
    finished = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)

    assert (finished.stdout, finished.stderr) == ("1\n", "")


def test_an_interrupted_start_of_a_renewal_leaves_no_waiter(world, monkeypatch):
    def start(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        with pytest.raises(KeyboardInterrupt):
            world.source.token()
    world.clock.advance(2)

    assert world.source.token()


def test_a_listener_interrupting_the_start_leaves_no_waiter(world):
    def listener(event):
        if event.kind is EventKind.RENEWAL_STARTED and not received:
            received.append(event)
            raise KeyboardInterrupt

    received: list[AuthEvent] = []
    source = world.new_authenticator(on_event=listener).source("oauth")
    with pytest.raises(KeyboardInterrupt):
        source.token()
    world.clock.advance(2)

    assert source.token()


def test_the_next_caller_starts_what_an_interrupted_one_did_not(world, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(world.source._renewals, "start", interrupted)
        with pytest.raises(KeyboardInterrupt):
            world.source.token()

    assert world.source.token()


def test_a_callable_using_the_client_it_logs_in_raises(make_world):
    world = make_world(credentials=PasswordCredentials(username="alice", password=lambda: str(world.source.token())))
    with pytest.raises(InvalidCredentials, match="called the API with the client that is logging in"):
        world.source.token()


class Broken:
    """A hand-written renewer that breaks its promise once."""

    renewable = True

    def __init__(self, wrong, right) -> None:
        self.responses = [wrong, right]

    def renew(self, stale_generation):
        response = self.responses.pop(0)
        if isinstance(response, BaseException):
            raise response
        return response


class OtherConstructor(LoginRefused):
    """An error of the user's own, which is not made of a message."""

    def __init__(self, user: str, reason: str) -> None:
        super().__init__(f"{user}: {reason}", request_sent=True)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "a token",
        evolve(TOKEN, lifetime="3600"),
        TokenUnavailable("busy", retry_after_seconds="60"),  # as a header has it
        SystemExit(1),
    ],
)
def test_a_renewer_that_brings_no_token_leaves_no_waiter_behind(world, wrong):
    world.authenticator.add_renewer("oauth", Broken(wrong, TOKEN))
    with pytest.raises(TokenUnavailable, match="the renewal failed"):
        world.source.token()
    world.clock.advance(2)

    assert world.source.token() is TOKEN


def test_an_error_of_the_users_own_reaches_all_who_wait(world):
    world.authenticator.add_renewer("oauth", Broken(OtherConstructor("alice", "no device"), TOKEN))
    with pytest.raises(OtherConstructor, match=r"^alice: no device$"):
        world.source.token()

    assert world.source.token() is TOKEN


def test_notes_on_an_error_are_not_copied_to_others():
    error = TokenUnavailable("busy", status=503)
    error.add_note("in the nightly job")
    other = copy.copy(error)

    assert (str(other), other.status, other.request_sent) == ("busy", 503, False)
    assert not hasattr(other, "__notes__")

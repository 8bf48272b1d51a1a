"""The thread of a renewal: when it cannot start, when it calls back, when what it runs is broken."""

from __future__ import annotations

import threading

import pytest
from attrs import evolve
from auth_core import InvalidCredentials, Secret, Token, TokenUnavailable
from auth_core.clock import now
from auth_core.testing import FakeClock, PasswordCredentials

TOKEN = Token(access_token=Secret("t"), issued=now(FakeClock()), lifetime=3600.0, grant="hand-written")


def test_without_a_thread_the_waiters_are_told_and_the_next_call_tries_again(world, monkeypatch):
    def start(self):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        with pytest.raises(TokenUnavailable, match="can't start new thread"):
            world.source.token()
    world.clock.advance(2)

    assert world.source.token()


def test_an_interrupt_at_the_start_of_a_renewal_leaves_no_waiter_behind(world, monkeypatch):
    def start(self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "start", start)
        with pytest.raises(KeyboardInterrupt):
            world.source.token()
    world.clock.advance(2)

    assert world.source.token()


def test_a_callable_that_uses_the_client_it_logs_in_is_told_so(make_world):
    world = make_world(credentials=PasswordCredentials(username="alice", password=lambda: str(world.source.token())))
    with pytest.raises(InvalidCredentials, match="called the API with the client that is logging in"):
        world.source.token()


class Broken:
    """A hand-written renewer that breaks its promise once."""

    renewable = True

    def __init__(self, wrong, right) -> None:
        self.answers = [wrong, right]

    def renew(self, stale_generation):
        return self.answers.pop(0)


@pytest.mark.parametrize("wrong", [None, "a token", evolve(TOKEN, lifetime="3600")])
def test_a_renewer_that_brings_no_token_leaves_no_waiter_behind(world, wrong):
    world.authenticator.add_renewer("oauth", Broken(wrong, TOKEN))
    with pytest.raises(TokenUnavailable, match="the renewal failed"):
        world.source.token()
    world.clock.advance(2)

    assert world.source.token() is TOKEN

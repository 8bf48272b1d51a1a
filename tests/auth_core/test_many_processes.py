"""Many processes with one FileStore: one renewal for all, and no more wrong passwords than one process may send."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest
from auth_core import Authenticator, FileStore, SystemClock
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import IdentityProvider, PasswordCredentials, TokenIssuer, oauth_lifecycle

from support import many_clients
from support.forked import Forked

PROCESSES, THREADS = 8, 32
RIGHT, WRONG = "correct horse", "wrong"


class TwoHoursAgo(SystemClock):
    """For a token that has ended by now."""

    @staticmethod
    def wall() -> float:
        return time.time() - 7200


@pytest.fixture
def provider():
    return IdentityProvider(issuer=TokenIssuer(), users={"alice": RIGHT})


@pytest.fixture
def url(provider):
    with provider.serve() as url:
        yield url


def log_in(url: str, directory: Path, password: str = RIGHT, clock: SystemClock | None = None) -> str:
    """The token that a client in this process gets."""
    with httpx.Client() as http:
        authenticator = Authenticator(
            {"oauth": oauth_lifecycle()},
            [PasswordCredentials(username="alice", password=password)],
            {"base_url": url},
            send=HttpxTokenSender(http),
            clock=clock,
            store=FileStore(directory, clock=clock),
        )
        return authenticator.source("oauth").token().access_token.reveal()


def ask_from_many_processes(url: str, directory: Path, *, threads: int, password: str) -> Counter[str]:
    """What all threads of all processes got, who all asked at once: a token, or the name of an error."""
    processes = [Forked(many_clients.main, url, str(directory), threads, password) for _ in range(PROCESSES)]
    try:
        assert [process.response() for process in processes] == ["ready"] * PROCESSES
        for process in processes:
            process.pipe.send("ask")
        return sum((process.response() for process in processes), Counter[str]())
    finally:
        for process in processes:
            process.close()


@pytest.mark.timeout(600)
def test_a_single_use_refresh_token_serves_all_processes_once(provider, url, tmp_path):
    ended = log_in(url, tmp_path / "store", clock=TwoHoursAgo())
    outcomes = ask_from_many_processes(url, tmp_path / "store", threads=1, password=RIGHT)

    assert provider.grants() == ["password", "refresh_token"]
    assert outcomes == {provider.issued[-1].access_token: PROCESSES}
    assert ended not in outcomes
    assert provider.issuer.reuse_events == 0


@pytest.mark.timeout(600)
def test_the_first_token_of_all_is_got_once(provider, url, tmp_path):
    outcomes = ask_from_many_processes(url, tmp_path / "store", threads=4, password=RIGHT)

    assert provider.grants() == ["password"]
    assert outcomes == {provider.issued[0].access_token: PROCESSES * 4}


@pytest.mark.timeout(600)
def test_all_processes_together_try_a_wrong_password_at_most_twice(provider, url, tmp_path):
    outcomes = ask_from_many_processes(url, tmp_path / "store", threads=THREADS, password=WRONG)

    assert outcomes == {"LoginRefused": PROCESSES * THREADS}
    assert 1 <= len(provider.token_requests) <= 2
    assert log_in(url, tmp_path / "store", RIGHT), "another password is tried at once"
    assert provider.grants()[-1] == "password"
    assert len(provider.issued) == 1


@pytest.mark.timeout(600)
def test_processes_without_a_common_store_trigger_reuse_detection(provider, url, tmp_path, monkeypatch):
    """What the first test would find if nothing were shared: each process has a copy of the store for itself."""
    monkeypatch.setattr(f"{__name__}.PROCESSES", 1)
    log_in(url, tmp_path / "store", clock=TwoHoursAgo())
    for number in range(3):
        shutil.copytree(tmp_path / "store", tmp_path / str(number))
        ask_from_many_processes(url, tmp_path / str(number), threads=1, password=RIGHT)

    assert provider.grants().count("refresh_token") == 3
    assert provider.issuer.reuse_events == 1, "and the family is revoked from then on"

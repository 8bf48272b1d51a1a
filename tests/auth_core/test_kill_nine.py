"""Kill -9 at every step of a renewal: never an unreadable store, never a rotating refresh token presented twice.

Real processes and a real socket. The provider rotates refresh tokens and detects one that comes a second time.
"""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from auth_core import Authenticator, FileStore, SystemClock
from auth_core.clock import now
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.store.codec import decode_record, decode_refusals
from auth_core_testing import IdentityProvider, PasswordCredentials, TokenIssuer, oauth_lifecycle

from support import killed_renewal
from support.forked import Forked

KILLS = 500
NEVER = 10**9


class TwoHoursAgo(SystemClock):
    """For a token that has ended by now."""

    @staticmethod
    def wall() -> float:
        return time.time() - 7200


class Scene:
    """A provider on a socket, and clients of it that share a store."""

    def __init__(self, tmp_path: Path, *, users: dict[str, str] | None = None) -> None:
        self.provider = IdentityProvider(issuer=TokenIssuer(), users=users or {"alice": "correct horse"})
        self.tmp_path = tmp_path
        self.url = ""
        self._places = 0

    def place(self, state: str) -> str:
        """A store: ``empty``, or one with an ``ended`` access token and a refresh token."""
        self._places += 1
        path = str(self.tmp_path / f"store {self._places}")
        if state == "ended":
            self.client(path, TwoHoursAgo()).source("oauth").token()
        return path

    def client(self, path: str, clock: SystemClock | None = None) -> Authenticator:
        return Authenticator(
            {"oauth": oauth_lifecycle()},
            [PasswordCredentials(username="alice", password="correct horse")],
            {"base_url": self.url},
            send=HttpxTokenSender(self.http),
            clock=clock,
            store=FileStore(path, clock=clock),
        )

    @contextmanager
    def started(
        self, path: str, *, kill_before: int = NEVER, mistake: str = "", for_ever: bool = False
    ) -> Iterator[Forked]:
        process = Forked(killed_renewal.main, self.url, path, kill_before, mistake, for_ever)
        try:
            assert process.response() == "started"
            yield process
        finally:
            process.close()

    def steps(self, state: str, mistake: str = "") -> list[str]:
        """The names of all steps, of a process that is left alone."""
        with self.started(self.place(state), mistake=mistake) as process:
            return process.response()

    def kill_before(self, step: int, state: str, mistake: str = "") -> list[str]:
        """What is wrong after a process was killed before that step."""
        path = self.place(state)
        with self.started(path, kill_before=step, mistake=mistake) as process:
            assert process.ended() == -signal.SIGKILL
        return [f"killed before step {step} of a store that was {state}: {wrong}" for wrong in self.aftermath(path)]

    def kill_after(self, seconds: float) -> list[str]:
        """What is wrong after a process that renews all the time was killed at that moment."""
        path = self.place("ended")
        with self.started(path, for_ever=True):
            time.sleep(seconds)
        return [f"killed after {seconds:.4f} s: {wrong}" for wrong in self.aftermath(path)]

    def aftermath(self, path: str) -> list[str]:
        wrong = [f"{name} is unreadable" for name in unreadable(path)]
        source = self.client(path).source("oauth")
        token = source.token()
        for found in (token, source.renewed(token, "readThing")):
            self.provider.issuer.verify(found.access_token.reveal())
        return wrong

    def presented_twice(self) -> int:
        """How often a refresh token arrived after it had arrived before."""
        shown = Counter(request.form.get("refresh_token") for request in self.provider.token_requests)
        del shown[None]
        return sum(times - 1 for times in shown.values()) or self.provider.issuer.reuse_events


def unreadable(path: str) -> list[str]:
    readers = {
        "token": lambda content: decode_record(content, now(SystemClock())),
        "refusals": decode_refusals,
        "salt": lambda content: bytes.fromhex(content.decode("ascii")),
    }
    found = []
    for file in Path(path).iterdir() if Path(path).exists() else ():
        read = readers.get(file.name.partition("-")[0])
        if read is not None and file.suffix == "":
            try:
                read(file.read_bytes())
            except ValueError:
                found.append(file.name)
    return found


@pytest.fixture
def scene(tmp_path):
    scene = Scene(tmp_path)
    with scene.provider.serve() as scene.url, httpx.Client() as scene.http:
        yield scene


def test_a_renewal_has_the_steps_that_are_to_be_interrupted(scene):
    refresh, login = scene.steps("ended"), scene.steps("empty")
    writes = ["open token.new", "fchmod", "write first half", "write second half", "fsync", "replace", "open token"]

    assert (refresh.count("send"), login.count("send")) == (1, 1)
    for name in ("lock", "unlock", "ftruncate", "open token.lock", "open write.lock", *writes[:-1], "end"):
        assert name in refresh
    sent = refresh.index("send")
    assert "replace" in refresh[:sent], "no journal before the request"
    assert "replace" in refresh[sent:]
    assert "open salt.new" in login
    assert scene.provider.grants() == ["password", "refresh_token", "password"]


@pytest.mark.timeout(600)
def test_killed_at_each_kind_of_step_of_a_renewal(scene):
    steps = scene.steps("ended")
    sent = steps.index("send")
    kinds = {(name, index > sent): index for index, name in enumerate(steps)}  # before and after the request
    wrong = [line for index in kinds.values() for line in scene.kill_before(index, "ended")]

    assert len(kinds) > 25
    assert wrong == []
    assert scene.presented_twice() == 0


@pytest.mark.timeout(600)
def test_killed_at_each_step_that_only_the_first_renewal_has(scene):
    steps, others = scene.steps("empty"), set(scene.steps("ended"))
    kinds = {name: index for index, name in enumerate(steps) if name not in others}
    wrong = [line for index in kinds.values() for line in scene.kill_before(index, "empty")]

    assert {"open salt.new", "open login.lock", "open refusals"} <= kinds.keys()
    assert wrong == []
    assert scene.presented_twice() == 0


def test_killed_while_the_response_is_under_way(scene):
    """The worst moment: the server has spent the refresh token, and nobody knows its successor."""
    path = scene.place("ended")
    while scene.provider.token_arrived.acquire(blocking=False):
        pass
    with scene.provider.holding(), scene.started(path):
        assert scene.provider.token_arrived.acquire(timeout=60)
    wrong = scene.aftermath(path)

    assert wrong == []
    assert scene.presented_twice() == 0
    assert scene.provider.grants() == ["password", "refresh_token", "password", "refresh_token"]


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_killed_five_hundred_times(scene):
    at_steps = [(index, state) for state in ("ended", "empty") for index in range(len(scene.steps(state)))]
    draw = random.Random(20250101)
    at_moments = [draw.uniform(0, 0.3) for _ in range(KILLS - len(at_steps))]
    wrong = [line for index, state in at_steps for line in scene.kill_before(index, state)]
    wrong += [line for seconds in at_moments for line in scene.kill_after(seconds)]

    assert len(at_moments) >= 100
    assert wrong == []
    assert scene.presented_twice() == 0


# --- what it would find ---------------------------------------------------------------------------------------------


def test_a_renewal_without_a_journal_is_caught(scene):
    responded = scene.steps("ended").index("responded") - journal_steps(scene)
    scene.kill_before(responded, "ended", "no journal")

    assert scene.presented_twice() == 1
    assert scene.provider.issuer.reuse_events == 1


def journal_steps(scene: Scene) -> int:
    """How many steps the journal takes."""
    return len(scene.steps("ended")) - len(scene.steps("ended", mistake="no journal"))


def test_a_store_that_writes_in_place_is_caught(scene):
    steps = scene.steps("ended", mistake="in place")
    halves = [index for index, name in enumerate(steps) if name.endswith("half")]
    wrong = [scene.kill_before(index, "ended", "in place") for index in halves]

    assert len(halves) == 4  # the journal and the token
    assert all("is unreadable" in lines[0] for lines in wrong)

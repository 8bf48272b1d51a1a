"""Another process with the same store, controlled by the test: for stores that processes share.

Commands and results are JSON lines. The store's factory is pickled and sent over standard input, because a URL with a
password must not appear in a list of processes.
"""

from __future__ import annotations

import base64
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, NoReturn, Self

from attrs import evolve
from auth_core.clock import SystemClock, now
from auth_core.errors import LeaseLost, StoreUnavailable
from auth_core.policy import Refusal
from auth_core.store import RefreshIntent, RenewalLease, TokenRecord, TokenStore
from auth_core.token import Secret, Token

from .store_tools import raises

__all__ = ["StorePeer"]

ERRORS: dict[str, type[Exception]] = {kind.__name__: kind for kind in (LeaseLost, StoreUnavailable, TimeoutError)}
COMMAND = "from auth_core_testing.store_peer import serve; serve()"


class StorePeer:
    """Another process, for the duration of the block. Its methods raise the exceptions of the store in that process.

    Args:
        factory: makes the store; picklable.
    """

    def __init__(self, factory: Callable[[], TokenStore]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        self._write(base64.b64encode(pickle.dumps(factory)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def process_id(self) -> int:
        return self._process.pid

    def ask(self, call: str, *arguments: object) -> None:
        """Start a call; :meth:`result` waits for its outcome."""
        self._write(json.dumps([call, arguments]).encode())

    def result(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            message = f"the other process ended with exit status {self._process.wait()}; its error is on stderr"
            raise RuntimeError(message)
        value, error, text = json.loads(line)
        if error is not None:
            raise ERRORS.get(error, RuntimeError)(text)
        return value

    def do(self, call: str, *arguments: object) -> Any:
        """Call a method of :class:`Calls` in the other process and return its outcome."""
        self.ask(call, *arguments)
        return self.result()

    def kill(self) -> None:
        """Kill the process, without any clean-up."""
        self._process.kill()
        self._process.communicate()

    def _write(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()


class Calls:
    """The commands of a peer. Arguments and outcomes are JSON values."""

    def __init__(self, store: TokenStore) -> None:
        self._store = store
        self._held = ExitStack()
        self._lease: RenewalLease | None = None

    def salt(self) -> str:
        return self._store.salt.hex()

    def read(self, key: str) -> tuple[int, str | None]:
        """Generation and access token."""
        record = self._store.read(key)
        return record.generation, record.token.access_token.reveal() if record.token else None

    def lease(self, key: str, wait_seconds: float) -> None:
        """Hold the lease until :meth:`release`."""
        self._lease = self._held.enter_context(self._store.lease(key, wait_seconds=wait_seconds))

    def login_turn(self, login: str, at_most: int, wait_seconds: float) -> None:
        """Hold the turn until :meth:`release`."""
        self._held.enter_context(self._store.login_turn(login, at_most=at_most, wait_seconds=wait_seconds))

    def release(self) -> None:
        self._held.close()

    def save(self, generation: int, access_token: str) -> None:
        """Save under the held lease."""
        token = Token(access_token=Secret(access_token), issued=now(SystemClock()), grant="peer", generation=generation)
        self._lent().save(TokenRecord(token, generation))

    def intend(self, digest: str) -> None:
        """Write the journal, under the held lease."""
        lease = self._lent()
        lease.save(evolve(lease.load(), intent=RefreshIntent(digest, 0.0, os.getpid())))

    def count_up(self, key: str, times: int) -> None:
        """Raise the generation by one several times, each time under a new lease."""
        for _ in range(times):
            with self._store.lease(key, wait_seconds=60.0) as lease:
                record = lease.load()
                lease.save(evolve(record, generation=record.generation + 1))

    def forget(self, key: str) -> None:
        self._store.forget(key)

    def add_refusals(self, login: str, moments: list[float]) -> None:
        for at in moments:
            self._store.add_refusal(login, Refusal(at, 400, "invalid_grant"))

    def refusals(self, login: str) -> list[float]:
        return [refusal.at_wall for refusal in self._store.refusals(login)]

    def fork(self, key: str) -> Any:
        """Use the store in a forked child while the parent holds the lease of ``key``."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            self._in_forked_child(key, writing)
        os.close(writing)
        with open(reading, "rb") as told:
            outcome = told.read()
        os.waitpid(child, 0)
        return json.loads(outcome)

    def _in_forked_child(self, key: str, writing: int) -> NoReturn:
        try:
            outcome: dict[str, Any] = {"read": self.read(key), "salt": self.salt()}
            outcome["excluded"] = raises(TimeoutError, partial(self.lease, key, 0.0))
            outcome["lost"] = raises(LeaseLost, partial(self.save, 99, "of the child"))
            self._held.close()  # must not end the lease of the parent
            os.write(writing, json.dumps(outcome).encode())
        finally:
            os._exit(0)

    def _lent(self) -> RenewalLease:
        assert self._lease is not None, "no lease was taken"
        return self._lease


def serve() -> None:
    """Run the other process until its standard input is closed."""
    calls = Calls(pickle.loads(base64.b64decode(sys.stdin.buffer.readline()))())
    for line in sys.stdin.buffer:
        name, arguments = json.loads(line)
        value, error, text = None, None, ""
        try:
            value = getattr(calls, name)(*arguments)
        except tuple(ERRORS.values()) as caught:
            error, text = type(caught).__name__, str(caught)
        sys.stdout.write(json.dumps([value, error, text]) + "\n")
        sys.stdout.flush()

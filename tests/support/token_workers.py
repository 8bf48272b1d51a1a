"""Processes that each have a client of their own and share a RedisStore.

A worker executes commands that it receives over a pipe, and responds with plain values.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Literal, NamedTuple

import httpx
from auth_core import Authenticator, AuthError, EventKind, RedisStore, RefreshPolicy, Token, TokenSource
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import PasswordCredentials, oauth_lifecycle

from support.forked import Forked

Command = Literal["token", "renewed", "counts", "keep asking"]


class Outcome(NamedTuple):
    """The result of a call: a token, or the name of an error."""

    access_token: str | None
    generation: int = 0
    error: str | None = None


class Worker(Forked):
    """The parent's end of the pipe to a worker."""

    def tell(self, command: Command, *arguments: Any) -> None:
        self.pipe.send((command, *arguments))

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)


def work(pipe: Connection, redis_url: str, provider_url: str, options: Mapping[str, Any]) -> None:
    """Run a worker until its pipe is closed."""
    store = RedisStore(redis_url, lease_seconds=options.get("lease_seconds", 10.0))
    credentials = PasswordCredentials(username="alice", password=options.get("password", "correct horse"))

    def new_source() -> TokenSource:
        return Authenticator(
            {"oauth": oauth_lifecycle()},
            [credentials],
            {"base_url": provider_url},
            send=HttpxTokenSender(httpx.Client()),
            policy=RefreshPolicy(),
            store=store,
        ).source("oauth")

    sources = [new_source() for _ in range(options.get("clients", 1))]
    used: dict[int, Token] = {}

    def obtain(command: Command, number: int) -> Outcome:
        try:
            token = sources[number].token() if command == "token" else sources[number].renewed(used[number], "op")
        except AuthError as error:
            return Outcome(None, error=type(error).__name__)
        assert token is not None
        sources[number].accepted(token, "op")  # as after a response to the request that was sent again
        used[number] = token
        return Outcome(token.access_token.reveal(), token.generation)

    with ThreadPoolExecutor(len(sources)) as pool:
        while True:
            try:
                command, *arguments = pipe.recv()
            except EOFError:
                return
            if command == "counts":
                pipe.send({kind.value: times for kind, times in sources[0].recorder.counts().items()})
            elif command == "keep asking":
                pipe.send(keep_asking(sources[0], *arguments))
            else:
                pipe.send(list(pool.map(partial(obtain, command), range(len(sources)))))


def keep_asking(source: TokenSource, seconds: float, pause: float) -> tuple[set[str], int]:
    """Call repeatedly for a while; returns the served tokens, and how many were expired or unavailable."""
    served: set[str] = set()
    failures = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            served.add(source.token().access_token.reveal())
        except AuthError:
            failures += 1
        time.sleep(pause)
    return served, failures


class Workers:
    """All workers."""

    def __init__(self, members: Sequence[Worker]) -> None:
        self.members = list(members)

    def tell(self, command: Command, *arguments: Any) -> None:
        for member in self.members:
            member.tell(command, *arguments)

    def responses(self) -> list[Any]:
        return [member.response() for member in self.members]

    def outcomes(self) -> list[Outcome]:
        """The outcomes of all clients of all workers."""
        return [outcome for response in self.responses() for outcome in response]

    def ask(self, command: Command, *arguments: Any) -> list[Outcome]:
        """Send a command to all workers at once and return the outcomes."""
        self.tell(command, *arguments)
        return self.outcomes()

    def counted(self, kind: EventKind) -> list[int]:
        self.tell("counts")
        return [counts.get(kind.value, 0) for counts in self.responses()]

    def of_process(self, process_id: int) -> Worker:
        return next(member for member in self.members if member.process.pid == process_id)

    def kill(self, member: Worker) -> None:
        """Kill a worker as the system does when memory runs out."""
        self.members.remove(member)
        member.signal(signal.SIGKILL)
        member.ended()


@contextmanager
def token_workers(number: int, redis_url: str, provider_url: str, **options: Any) -> Generator[Workers]:
    """Run ``number`` workers for the duration of the block."""
    with ExitStack() as stack:
        workers = Workers([])
        for _ in range(number):
            workers.members.append(Worker(work, redis_url, provider_url, options))
            stack.callback(workers.members[-1].close)
        yield workers

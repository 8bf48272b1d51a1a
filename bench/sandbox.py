"""The sandbox under load: a thousand connections for half a minute lose no request and leak nothing.

The sandbox and the load each run in a process of their own, on loopback. Descriptors and memory are the sandbox's.
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import resource
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import httpx
from rich.table import Table

from bench.measure import console, readable
from vendor_sandbox import Sandbox

CONNECTIONS = 1000
SECONDS = 30.0
WARM_UP_SECONDS = 5.0
KEPT_REQUESTS = 1000
"""Requests kept per vendor, as for a long-running sandbox: what is kept on purpose is not a leak."""
RESPONSE_SECONDS = 120.0
"""Longer than any response may take: a connection that waits this long has lost its request."""
FIRST_DESCRIPTORS = 4096


@dataclass
class Load:
    """Outcome of the requests of a load."""

    sent: int = 0
    served: int = 0
    statuses: Counter[int] = field(default_factory=Counter[int])
    failures: Counter[str] = field(default_factory=Counter[str])
    """Connections that ended early, by cause."""
    seconds: list[float] = field(default_factory=list[float])
    """Seconds from each request to the end of its response."""


@dataclass(frozen=True)
class State:
    """The sandbox's process."""

    recorded: int
    descriptors: int
    kilobytes: int
    """Resident memory."""


@dataclass(frozen=True)
class Outcome:
    """One load, with the sandbox's process before, in the middle, and after it."""

    load: Load
    before: State
    after: State
    took: float

    def show(self) -> None:
        """Print a table."""
        seconds = sorted(self.load.seconds)
        table = Table(
            title=f"sandbox: {CONNECTIONS} connections for {SECONDS:.0f} s", title_justify="left", title_style="bold"
        )
        for column in ("", "before", "after"):
            table.add_column(column, justify="left" if not column else "right")
        recorded = self.after.recorded - self.before.recorded
        for name, values in (
            ("requests sent", ("", self.load.sent)),
            ("requests responded", ("", self.load.served)),
            ("requests recorded", ("", recorded)),
            ("requests lost", ("", self.load.sent - self.load.served)),
            ("requests per second", ("", round(self.load.served / self.took))),
            ("statuses", ("", dict(self.load.statuses))),
            ("broken connections", ("", dict(self.load.failures) or "none")),
            ("median response", ("", readable(seconds[len(seconds) // 2]))),
            ("slowest of a hundred", ("", readable(seconds[len(seconds) * 99 // 100]))),
            ("open descriptors", (self.before.descriptors, self.after.descriptors)),
            ("resident memory, MB", (f"{self.before.kilobytes / 1024:.1f}", f"{self.after.kilobytes / 1024:.1f}")),
        ):
            table.add_row(name, *map(str, values))
        console.print(table)


# --- the load


async def load(
    port: int,
    requests: Sequence[bytes],
    connections: int,
    *,
    seconds: float | None = None,
    each: int | None = None,
) -> Load:
    """Keep connections busy, each with one request after the other, for ``seconds`` or for ``each`` requests.

    Args:
        port: on 127.0.0.1.
        requests: whole HTTP/1.1 requests, sent in turn.
        connections: how many at the same time.
        seconds: when to send no more.
        each: how many requests each connection sends.
    """
    done = Load()
    deadline = None if seconds is None else time.perf_counter() + seconds

    async def connection(number: int) -> None:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                sent = 0
                while (each is None or sent < each) and (deadline is None or time.perf_counter() < deadline):
                    started = time.perf_counter()
                    writer.write(requests[(number + sent) % len(requests)])
                    sent += 1
                    done.sent += 1
                    status = await asyncio.wait_for(_response(reader), RESPONSE_SECONDS)
                    done.served += 1
                    done.statuses[status] += 1
                    done.seconds.append(time.perf_counter() - started)
            finally:
                writer.close()
                await writer.wait_closed()
        except (OSError, EOFError, TimeoutError) as error:
            done.failures[type(error).__name__] += 1

    await asyncio.gather(*(connection(number) for number in range(connections)))
    return done


async def _response(reader: asyncio.StreamReader) -> int:
    """Read one response to its end and return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = next(int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


def requests_to(sandbox_url: str, servers: dict[str, str], credentials: dict[str, str]) -> list[bytes]:
    """Requests of a user of Cinchy: queries with a token, and a health check. Logs in first."""
    form = {"grant_type": "password", "scope": "js_api", **credentials}
    with httpx.Client(trust_env=False) as client:
        token = client.post(f"{servers['sso_url']}/identity/connect/token", data=form).json()["access_token"]
    host = sandbox_url.removeprefix("http://")
    query = "/cinchy/API/HR/Employees?ResultFormat=JSON&CompressJSON=true"
    return [
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        for path in (query, f"{query}&@city=Oslo", "/cinchy/healthcheck")
    ]


def _load_in_this_process(channel: Connection, port: int, requests: Sequence[bytes], seconds: float) -> None:
    _allow_descriptors()
    channel.send(asyncio.run(load(port, requests, CONNECTIONS, seconds=seconds)))


# --- the sandbox


def state_of(sandbox: Sandbox) -> State:
    """The state of the calling process."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    resident = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return State(
        recorded=sum(vendor.request_count for vendor in sandbox.vendors.values()),
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        kilobytes=int(resident.split()[1]),
    )


def _sandbox_in_this_process(channel: Connection) -> None:
    """Serve, and respond to each message with the process's state, until one is ``None``."""
    _allow_descriptors()
    with Sandbox("cinchy", keep_requests=KEPT_REQUESTS) as sandbox:
        cinchy = sandbox["cinchy"]
        channel.send((sandbox.url, cinchy.servers, cinchy.credentials["password"]))
        while channel.recv() is not None:
            channel.send(state_of(sandbox))


def _allow_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < FIRST_DESCRIPTORS:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(FIRST_DESCRIPTORS, hard), hard))


@contextmanager
def _process(target: object, *arguments: object) -> Generator[Connection]:
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=target, args=(there, *arguments), daemon=True)  # type: ignore[arg-type]
    process.start()
    there.close()
    try:
        yield here
    finally:
        process.join(RESPONSE_SECONDS)
        process.kill()
        here.close()


def run() -> list[Outcome]:
    """Run a short load to warm up, then the measured one."""
    with _process(_sandbox_in_this_process) as sandbox:
        url, servers, credentials = sandbox.recv()
        requests, port = requests_to(url, servers, credentials), httpx.URL(url).port

        def state() -> State:
            sandbox.send("state")
            found: State = sandbox.recv()
            return found

        def loaded(seconds: float) -> Load:
            with _process(_load_in_this_process, port, requests, seconds) as channel:
                finished: Load = channel.recv()
                return finished

        loaded(WARM_UP_SECONDS)
        before = state()
        started = time.perf_counter()
        finished = loaded(SECONDS)
        outcome = Outcome(finished, before, state(), time.perf_counter() - started)
        sandbox.send(None)
    return [outcome]

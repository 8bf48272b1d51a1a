"""Each kind of operation meets each fault: the requests that arrive, and the effects that happen.

The table of the documentation says which requests are sent again. A request that changes data and is not recognised by
the server has at most one effect, whatever happens.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from attrs import define, field, frozen
from auth_core.httpx_auth import bounded

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import ClientError, RateLimitError, ServerError, TransportError, TransportTimeoutError
from support.raw_server import Ending, RawRequest, response, serve_raw
from support.verdicts import all_pass

KEY = "$request.header.Key"


@frozen
class Kind:
    """A kind of operation."""

    method: str
    sent_again: str
    safe: bool | None = None
    key: str | None = None
    only_reads: bool = False

    @property
    def operation(self) -> Operation:
        return Operation("act", self.method, "/act", safe=self.safe, idempotency_key=self.key, makes_key=True)


KINDS = {
    "read": Kind("GET", "always", only_reads=True),
    "search": Kind("POST", "always", safe=True, only_reads=True),
    "purchase": Kind("POST", "always", key=KEY),
    "command": Kind("GET", "if not sent", safe=False),
    "create": Kind("POST", "if not sent"),
    "replace": Kind("PUT", "if not sent"),
    "delete": Kind("DELETE", "if not sent"),
}


@frozen
class Fault:
    """What the server does with the first request."""

    processed: bool
    pieces: tuple[bytes | Ending, ...]
    error: type[ClientError]
    pauses: tuple[float, ...] = (0.05,)
    kept_alive: bool = False
    endless: bytes = b""
    fatal: bool = False
    """Nothing is sent again."""
    at_once: bool = False
    """A GET is sent again whatever it does, since the server cannot have received it."""


HALF = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{"
THROTTLED = response(b"{}", "Retry-After: 3", status="429 Too Many Requests")
FAULTS = {
    "503": Fault(False, (response(b"{}", status="503 Service Unavailable"),), ServerError),
    "429": Fault(False, (THROTTLED,), RateLimitError, pauses=(3.0,)),
    "reset before": Fault(False, (Ending.RESET,), TransportError),
    "reset after": Fault(True, (Ending.RESET,), TransportError),
    "half a body": Fault(True, (HALF, Ending.CLOSED), TransportError),
    "drip": Fault(True, (HALF,), TransportTimeoutError, endless=b" ", fatal=True),
    "closed keep-alive": Fault(False, (Ending.CLOSED,), TransportError, pauses=(), kept_alive=True, at_once=True),
}


class Clock:
    """Real time, and what a server lets pass."""

    skipped = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped


@define
class Shop:
    """The server: a request that changes data has an effect, once per key if it has one."""

    kind: Kind
    fault: Fault
    clock: Clock
    arrived: int = 0
    effects: set[str] = field(factory=set[str])

    def respond(self, request: RawRequest) -> Iterable[bytes | Ending]:
        if "/act" not in request.line:
            return [response()]
        self.arrived += 1
        faulty = self.arrived == 1
        if not self.kind.only_reads and (self.fault.processed or not faulty):
            self.effects.add(request.headers.get("key", str(self.arrived)))
        return self._faulty() if faulty else [response()]

    def _faulty(self) -> Iterator[bytes | Ending]:
        yield from self.fault.pieces
        while self.fault.endless:
            self.clock.skipped += 1
            yield self.fault.endless


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Of both ways to hold the total timeout."""
    clock = Clock()
    monkeypatch.setattr(bounded, "time", clock)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock.monotonic)
    return clock


async def act(kind: Kind, fault: Fault, clock: Clock, *, sync: bool) -> tuple[Shop, list[float], ClientError | None]:
    """Call the operation of a server that has the fault; return what arrived, the pauses, and the error."""
    shop, pauses, failure = Shop(kind, fault, clock), [], None

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    with serve_raw(shop.respond) as server:
        connected = connection(server.url, allow_http=True)
        connected.random = lambda: 1.0
        sender: Any = Sender(connected, None) if sync else AsyncSender(connected, None)
        sender.sleep = pauses.append if sync else pause

        async def send(operation: Operation, **options: Any) -> None:
            parts = RequestParts(operation.path, content=b"{}" if operation.method in {"POST", "PUT"} else None)
            called = sender.exchange(operation, parts, options)
            await called if not sync else None

        try:
            if fault.kept_alive:
                await send(Operation("open", "GET", "/idle"))
            await send(kind.operation)
        except ClientError as error:
            failure = error
        closing = sender.close()
        await closing if not sync else None
    return shop, pauses, failure


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
async def test_nothing_happens_twice_and_what_may_be_is_sent_again(sync: bool, clock: Clock) -> None:
    with all_pass() as check:
        for (name, kind), (event, fault) in ((k, f) for k in KINDS.items() for f in FAULTS.items()):
            with check(f"{name}: {event}"):
                shop, pauses, error = await act(kind, fault, clock, sync=sync)
                again = kind.sent_again == "always" or (fault.at_once and kind.method == "GET")
                again = again and not fault.fatal

                assert shop.arrived == (2 if again else 1)
                assert len(shop.effects) == (not kind.only_reads and (fault.processed or again))
                assert pauses == (list(fault.pauses) if again else [])
                assert (error is None) if again else type(error) is fault.error
                if error is not None:
                    assert vars(error)["attempts"] == 1
                    assert vars(error)["elapsed_seconds"] >= 0
                    assert getattr(error, "request_sent", True) is True

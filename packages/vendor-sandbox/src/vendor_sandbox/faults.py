"""What can go wrong on demand. Each fault is a value, named as a user of the API sees it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Collection
from typing import TypeAlias

from attrs import define, field, frozen

__all__ = [
    "ErrorStatus",
    "Fault",
    "FaultRule",
    "Faults",
    "HeldAnswer",
    "HtmlErrorPage",
    "MalformedJson",
    "PermissionDenied",
    "ResetConnection",
    "SlowAnswer",
    "UnknownOperation",
]


@frozen
class ErrorStatus:
    """An answer with this status in the vendor's own error form; the request is not processed."""

    status: int = 503
    retry_after: int | str | None = None
    """``Retry-After``: seconds, or an HTTP date (RFC 9110 section 10.2.3)."""


@frozen
class HtmlErrorPage:
    """A proxy's HTML page instead of the vendor's answer; the request is not processed."""

    status: int = 502


@frozen
class MalformedJson:
    """The request is processed, and the answer's body breaks off in the middle although the message is complete."""


@frozen
class PermissionDenied:
    """The vendor's answer to a valid token that may not do this."""


@frozen
class ResetConnection:
    """The connection is reset (TCP RST)."""

    processed: bool = False
    """The request took effect before the connection broke."""
    after_bytes: int | None = None
    """Send the answer's head and this many bytes of its body first; implies that the request is processed."""


@frozen
class SlowAnswer:
    """The request is processed at once, the answer comes after ``seconds`` of real time."""

    seconds: float


class HeldAnswer:
    """The request is processed at once, the answer waits for :meth:`release`. For tests: no sleeping, no luck."""

    def __init__(self) -> None:
        self._held = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._released = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def wait_until_held(self, timeout: float = 30.0) -> None:
        """Blocks until one more answer is being held.

        Raises:
            TimeoutError: no request came within ``timeout`` seconds.
        """
        if not self._held.acquire(timeout=timeout):
            raise TimeoutError(f"no answer was held within {timeout:g} s")

    def release(self) -> None:
        """Lets every held answer go, and all that come after."""
        with self._lock:
            self._released = True
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)

    async def hold(self) -> None:
        """Called by the server: returns when released."""
        event = asyncio.Event()
        with self._lock:
            if not self._released:
                self._waiting.append((asyncio.get_running_loop(), event))
            else:
                event.set()
        self._held.release()
        await event.wait()


Fault: TypeAlias = (
    ErrorStatus | HtmlErrorPage | MalformedJson | PermissionDenied | ResetConnection | SlowAnswer | HeldAnswer
)


class UnknownOperation(LookupError):
    """A fault was ordered for an operation that the vendor does not have."""

    def __init__(self, operation: str, known: Collection[str]) -> None:
        super().__init__(f"there is no operation {operation!r}; there are {', '.join(sorted(known))}")


@define(eq=False)
class FaultRule:
    """A fault that was ordered. ``hits`` counts how often it struck."""

    fault: Fault
    operation: str | None
    times: int | None
    hits: int = 0


@define(eq=False)
class Faults:
    """The faults one vendor is asked for. Thread-safe."""

    operations: Collection[str]
    _rules: list[FaultRule] = field(factory=list[FaultRule], init=False)
    _lock: threading.Lock = field(factory=threading.Lock, init=False)

    def add(self, fault: Fault, *, operation: str | None = None, times: int | None = 1) -> FaultRule:
        """Orders a fault for the next ``times`` requests (``None``: all) of one operation, or of any.

        Raises:
            UnknownOperation: no operation has that ``operationId``.
            ValueError: ``times`` is below one.
        """
        if operation is not None and operation not in self.operations:
            raise UnknownOperation(operation, self.operations)
        if times is not None and times < 1:
            raise ValueError(f"times={times}: a fault strikes at least once; use times=None for every request")
        rule = FaultRule(fault, operation, times)
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove(self, rule: FaultRule) -> None:
        """Takes an order back; no error if it is used up or gone."""
        with self._lock:
            self._rules = [other for other in self._rules if other is not rule]

    def clear(self) -> None:
        """Takes all orders back."""
        with self._lock:
            self._rules.clear()

    def take(self, operation: str) -> Fault | None:
        """The fault that strikes a request to ``operation`` now: of several, the one ordered first."""
        with self._lock:
            for rule in self._rules:
                if rule.operation not in (None, operation):
                    continue
                rule.hits += 1
                if rule.times is not None and rule.hits >= rule.times:
                    self._rules.remove(rule)
                return rule.fault
        return None

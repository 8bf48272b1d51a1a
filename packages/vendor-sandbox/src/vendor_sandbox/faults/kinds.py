"""The kinds of faults. Each fault is a value, named after its effect on the client."""

from __future__ import annotations

import asyncio
import math
import threading
from typing import Any, TypeAlias

from attrs import field, frozen

__all__ = [
    "DRIP_BYTES",
    "ErrorStatus",
    "Fault",
    "HalfBody",
    "HeldResponse",
    "HtmlErrorPage",
    "MalformedJson",
    "PermissionDenied",
    "ResetConnection",
    "SlowDrip",
    "SlowResponse",
]

DRIP_BYTES = 16
"""Size in bytes of the chunks of a :class:`SlowDrip`."""
LONGEST_WAIT = 24 * 3600.0


def _is_error_status(instance: object, attribute: Any, value: int) -> None:
    if not 400 <= value <= 599:
        raise ValueError(f"status={value}: must be an error status from 400 to 599")


def _is_wait(instance: object, attribute: Any, value: float) -> None:
    if not (math.isfinite(value) and 0 < value <= LONGEST_WAIT):
        raise ValueError(f"seconds={value}: must be above 0 and at most {LONGEST_WAIT:.0f}")


def _is_retry_after(instance: object, attribute: Any, value: int | str | None) -> None:
    if isinstance(value, int) and value < 0:
        raise ValueError(f"retry_after={value}: must be at least 0 seconds")


@frozen
class ErrorStatus:
    """A response with this status in the vendor's own error form; the request is not processed."""

    status: int = field(default=503, validator=_is_error_status)
    retry_after: int | str | None = field(default=None, validator=_is_retry_after)
    """``Retry-After``: seconds, or an HTTP date (RFC 9110 section 10.2.3)."""


@frozen
class HtmlErrorPage:
    """A proxy's HTML page instead of the vendor's response; the request is not processed."""

    status: int = field(default=502, validator=_is_error_status)


@frozen
class MalformedJson:
    """The request is processed; the response's JSON is truncated inside a complete HTTP message."""


@frozen
class HalfBody:
    """The request is processed; the connection is closed after half of the body that ``Content-Length`` states."""


@frozen
class PermissionDenied:
    """The vendor's response to a valid token that lacks the permission for the operation."""


@frozen
class ResetConnection:
    """The connection is reset (TCP RST)."""

    processed: bool = False
    """Whether the request is processed before the reset."""
    after_bytes: int | None = None
    """Send the response's head and this many bytes of its body first; implies that the request is processed."""


@frozen
class SlowResponse:
    """The request is processed at once; the response is sent after ``seconds`` of real time."""

    seconds: float = field(validator=_is_wait)


@frozen
class SlowDrip:
    """The request is processed at once; the body is sent in chunks of 16 bytes, ``seconds`` of real time apart."""

    seconds: float = field(validator=_is_wait)


class HeldResponse:
    """The request is processed at once; the response waits for :meth:`release`. For deterministic tests."""

    def __init__(self) -> None:
        self._held = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._released = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def wait_until_held(self, timeout: float = 30.0) -> None:
        """Block until one more response is being held.

        Raises:
            TimeoutError: no request arrived within ``timeout`` seconds.
        """
        if not self._held.acquire(timeout=timeout):
            raise TimeoutError(f"no response was held within {timeout:g} s")

    def release(self) -> None:
        """Release all held responses, and do not hold later ones."""
        with self._lock:
            self._released = True
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)

    async def hold(self) -> None:
        """Block until released. Called by the server."""
        event = asyncio.Event()
        with self._lock:
            if not self._released:
                self._waiting.append((asyncio.get_running_loop(), event))
            else:
                event.set()
        self._held.release()
        await event.wait()


Fault: TypeAlias = (
    ErrorStatus
    | HalfBody
    | HeldResponse
    | HtmlErrorPage
    | MalformedJson
    | PermissionDenied
    | ResetConnection
    | SlowResponse
    | SlowDrip
)

"""The clocks of the sandbox's servers: the machine's time, which can be moved."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from email.utils import formatdate

__all__ = ["SandboxClock", "VendorClock"]


EARLIEST, LATEST = 315_532_800.0, 32_503_680_000.0


class SandboxClock:
    """The clock that all vendors of a sandbox share: wall-clock time plus an offset. Thread-safe."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._offset = 0.0
        self._watchers: list[Callable[[float, float], object]] = []
        self._lock = threading.Lock()

    def time(self) -> float:
        """Unix time in seconds."""
        with self._lock:
            return self._now() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward (back, if negative) by ``seconds``.

        Raises:
            ValueError: the clock would leave the range from 1980 to 3000.
        """
        with self._lock:
            if not abs(seconds) <= LATEST or not EARLIEST <= self._now() + self._offset + seconds <= LATEST:
                raise ValueError("the clock must stay between the years 1980 and 3000")
            self._offset += seconds
            now = self._now() + self._offset
        self._notify(now, seconds)

    def reset(self) -> None:
        """Return to the machine's time."""
        with self._lock:
            back, self._offset = -self._offset, 0.0
            now = self._now()
        if back:
            self._notify(now, back)

    def on_change(self, call: Callable[[float, float], object]) -> None:
        """Register ``call``; it is called when the clock is moved, with the new time and the seconds moved."""
        self._watchers.append(call)

    def _notify(self, now: float, seconds: float) -> None:
        for call in tuple(self._watchers):
            call(now, seconds)


class VendorClock:
    """The clock of one vendor: the sandbox's time plus ``skew`` seconds. Used for tokens and ``Date`` headers."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self.skew = 0.0

    def wall(self) -> float:
        """Unix time in seconds on this vendor's clock, including the skew."""
        return self._clock.time() + self.skew

    def monotonic(self) -> float:
        """Seconds without the skew; only differences are meaningful."""
        return self._clock.time()

    def http_date(self) -> str:
        """The value of a ``Date`` header (RFC 9110 section 5.6.7)."""
        return formatdate(self.wall(), usegmt=True)

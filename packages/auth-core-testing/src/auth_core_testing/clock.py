"""A fake clock for tests."""

from __future__ import annotations

import threading

__all__ = ["FakeClock"]


class FakeClock:
    """An :class:`auth_core.Clock` whose wall and monotonic time change only when a test moves them. Thread-safe.

    >>> clock = FakeClock()
    >>> clock.advance(60)
    """

    def __init__(self, wall: float = 1_750_000_000.0, monotonic: float = 1_000.0) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._lock = threading.Lock()

    def wall(self) -> float:
        return self._wall

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, seconds: float) -> None:
        """Move both clocks forward by ``seconds``."""
        with self._lock:
            self._wall += seconds
            self._monotonic += seconds

    def step_wall(self, seconds: float) -> None:
        """Move the wall clock alone, as when it is set, or when the machine was suspended (monotonic time stops)."""
        with self._lock:
            self._wall += seconds

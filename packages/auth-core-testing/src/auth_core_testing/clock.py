"""A clock that moves when it is told to."""

from __future__ import annotations

import threading

__all__ = ["FakeClock"]


class FakeClock:
    """Both clocks of :class:`auth_core.Clock`, moved by hand; may be shared by threads.

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
        """Time passes on both clocks."""
        with self._lock:
            self._wall += seconds
            self._monotonic += seconds

    def step_wall(self, seconds: float) -> None:
        """Somebody sets the wall clock; also what a suspend looks like, as the monotonic clock stops meanwhile."""
        with self._lock:
            self._wall += seconds

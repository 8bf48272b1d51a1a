"""Injectable clocks.

A token's remaining lifetime is measured on two clocks, and the shorter result counts: the monotonic clock is immune to
steps of the wall clock, the wall clock to a suspended machine (on Linux and macOS the monotonic clock stops with it).
"""

from __future__ import annotations

import math
import time
from typing import Protocol

from attrs import frozen


@frozen
class Moment:
    """One reading of both clocks, in seconds. ``monotonic`` is valid in this process only."""

    wall: float
    """Seconds since the Unix epoch."""
    monotonic: float

    def later(self, seconds: float) -> Moment:
        return Moment(self.wall + seconds, self.monotonic + seconds)

    def until(self, end: Moment) -> float:
        """Seconds until ``end``: the smaller of both clocks' results; negative after ``end``."""
        return min(end.wall - self.wall, end.monotonic - self.monotonic)


PAST, NEVER = Moment(-math.inf, -math.inf), Moment(math.inf, math.inf)


class Clock(Protocol):
    """Source of time for the policy. Must be thread-safe."""

    def wall(self) -> float:
        """Seconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never decreases."""
        ...


class SystemClock:
    """The clocks of this machine. Looks up the functions of :mod:`time` at each call, since tests replace them."""

    def wall(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.monotonic()


class Wait:
    """The time limit of a polling loop. Also counts its pauses, so that it ends if a test stops the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._left = seconds

    @property
    def is_over(self) -> bool:
        return min(self._left, self._ends - time.monotonic()) <= 0

    def pause(self, seconds: float) -> None:
        """Sleep, but not beyond the limit."""
        seconds = max(0.0, min(seconds, self._left, self._ends - time.monotonic()))
        time.sleep(seconds)
        self._left -= seconds


def now(clock: Clock) -> Moment:
    return Moment(clock.wall(), clock.monotonic())

"""Time, as an argument.

A token's life is counted on two clocks and the shorter reading counts: the monotonic clock survives a stepped wall
clock, the wall clock survives a suspended machine (on Linux and macOS the monotonic clock stops with it).
"""

from __future__ import annotations

import time
from typing import Protocol

from attrs import frozen


@frozen
class Moment:
    """One reading of both clocks, in seconds. ``monotonic`` means something in this process only."""

    wall: float
    """Seconds since the Unix epoch."""
    monotonic: float

    def later(self, seconds: float) -> Moment:
        return Moment(self.wall + seconds, self.monotonic + seconds)

    def until(self, end: Moment) -> float:
        """Seconds left until ``end``: the shorter of both clocks' readings; negative when it has passed."""
        return min(end.wall - self.wall, end.monotonic - self.monotonic)


class Clock(Protocol):
    """Where the policy gets its time from. Both methods may be called from any thread."""

    def wall(self) -> float:
        """Seconds since the Unix epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start; never goes back."""
        ...


class SystemClock:
    """The machine's clocks."""

    wall = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)


def now(clock: Clock) -> Moment:
    return Moment(clock.wall(), clock.monotonic())

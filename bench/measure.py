"""Interleaved timing: each round runs every contestant once, so that other load affects all of them alike."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.table import Table

WIDTH_OF_A_FILE = 140
console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_A_FILE)


class Shown(Protocol):
    """The result of a benchmark, ready to print."""

    def show(self) -> None: ...


@dataclass(frozen=True)
class Contest:
    """Seconds per call of each contestant, one entry per round. The first one is the baseline."""

    title: str
    seconds: Mapping[str, list[float]]

    def ratios(self, name: str) -> list[float]:
        """Time of ``name`` divided by the baseline's, round by round."""
        baseline = next(iter(self.seconds.values()))
        return [mine / theirs for mine, theirs in zip(self.seconds[name], baseline, strict=True)]

    def show(self) -> None:
        """Print a table: median time, and the ratio's minimum, median and maximum."""
        table = Table(title=self.title, title_justify="left", title_style="bold")
        for column in ("", "median", "ratio min", "ratio median", "ratio max"):
            table.add_column(column, justify="left" if not column else "right")
        for position, (name, samples) in enumerate(self.seconds.items()):
            ratios = self.ratios(name)
            shown = [f"{value:.2f}" for value in (min(ratios), statistics.median(ratios), max(ratios))]
            table.add_row(name, readable(statistics.median(samples)), *(shown if position else ["1", "1", "1"]))
        console.print(table)


def readable(seconds: float) -> str:
    """A time in a readable unit."""
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1, 1e3, "ms")):
        if seconds < limit:
            return f"{seconds * factor:.1f} {unit}"
    return f"{seconds:.2f} s"


def contest(title: str, contestants: Mapping[str, Callable[[], object]], *, rounds: int, calls: int = 1) -> Contest:
    """Time ``calls`` calls of every contestant in each round, after one round to warm up."""
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    names = list(contestants)
    for number in range(rounds + 1):
        order = names if number % 2 else names[::-1]  # the second contestant benefits from warmer caches
        for name in order:
            run = contestants[name]
            gc.collect()
            started = time.perf_counter()
            for _ in range(calls):
                run()
            if number:
                seconds[name].append((time.perf_counter() - started) / calls)
    return Contest(title, seconds)

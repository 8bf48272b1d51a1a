"""``python -m bench [call] [imports] [generation] [fleet]``: all of them when none is named."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from bench import call, fleet, generation, imports
from bench.measure import console


class Result(Protocol):
    """What a bench found."""

    def show(self) -> None:
        """Print it."""
        ...


BENCHES: Mapping[str, Callable[[], Sequence[Result]]] = {
    "call": call.run,
    "imports": imports.run,
    "generation": generation.run,
    "fleet": fleet.run,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        console.print(f"No bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.")
        return 2
    for name in names or BENCHES:
        for result in BENCHES[name]():
            result.show()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Run benchmarks by name, or all of them: ``python -m bench [NAME]…``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from bench import call, fleet, generation, imports, ready, sandbox, storms
from bench.measure import Shown, console

BENCHES: dict[str, Callable[[], Sequence[Shown]]] = {
    "call": call.run,
    "ready": ready.run,
    "storms": storms.run,
    "fleet": fleet.run,
    "imports": imports.run,
    "generation": generation.run,
    "sandbox": sandbox.run,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        console.print(f"No bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.")
        return 2
    for name in names or BENCHES:
        for finished in BENCHES[name]():
            finished.show()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

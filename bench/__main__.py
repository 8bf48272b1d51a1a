"""``python -m bench [call] [imports] [generation]``: all of them when none is named."""

from __future__ import annotations

import sys

from bench import call, generation, imports
from bench.measure import Contest, console

BENCHES = {"call": call.run, "imports": imports.run, "generation": generation.run}


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        console.print(f"No bench is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.")
        return 2
    for name in names or BENCHES:
        contests: list[Contest] = BENCHES[name]()
        for finished in contests:
            finished.show()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

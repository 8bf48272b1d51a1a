"""Run the gates of ``make check``. Every gate runs, even after one has failed; the exit code is 1 if any failed.

``--root`` selects another tree, ``--only`` selects gates by name; the tests run each gate on a known-bad tree.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable


@dataclass(frozen=True)
class Gate:
    """One check: its name, the command, and what to do when it fails."""

    name: str
    command: tuple[str, ...]
    remedy: str


def source_folders(root: Path) -> list[str]:
    """Everything that is type-checked: what users install, the generator, the repository's own programs, examples."""
    programs = ("generator/src", "scripts", "bench", "examples")
    found = sorted(root.glob("packages/*/src")) + [root / name for name in programs]
    return [str(path.relative_to(root)) for path in found if any(path.rglob("*.py"))]


def gates(root: Path) -> list[Gate]:
    """All gates, cheapest first."""
    sources = source_folders(root)
    module = (PYTHON, "-m")
    return [
        Gate("format", (*module, "ruff", "format", "--check", "."), "make format"),
        Gate("lint", (*module, "ruff", "check", "."), "make format fixes most of it"),
        Gate("specs", (*module, "sdkgen", "lint"), "fix the spec at the line above"),
        Gate("drift", (*module, "sdkgen", "check"), "make generate, and commit what it wrote"),
        Gate("second-reading", (*module, "sdkgen", "second-reading"), "decide which parser is right at the line above"),
        Gate("mypy", (*module, "mypy", *sources), "fix the type at the line above"),
        Gate("pyright", (*module, "pyright", "--pythonpath", PYTHON, *sources), "fix the type at the line above"),
    ]


def run(gate: Gate, root: Path) -> bool:
    """Run one gate; its output is shown only when it fails."""
    bases = [*(folder for folder in source_folders(root) if folder != "bench"), "."]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(bases)}
    finished = subprocess.run(gate.command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    passed = finished.returncode == 0
    print(f"{'ok  ' if passed else 'FAIL'} {gate.name}", flush=True)
    if not passed:
        print((finished.stdout + finished.stderr).strip())
        print(f"     -> {gate.remedy}", flush=True)
    return passed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=ROOT)
    parser.add_argument("--only", action="append", metavar="GATE", help="may be repeated")
    arguments = parser.parse_args()
    available = gates(arguments.root)
    unknown = set(arguments.only or []) - {gate.name for gate in available}
    if unknown:
        parser.error(
            f"no gate is called {', '.join(sorted(unknown))}; there are {', '.join(g.name for g in available)}"
        )
    chosen = [gate for gate in available if not arguments.only or gate.name in arguments.only]
    failed = [gate.name for gate in chosen if not run(gate, arguments.root)]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

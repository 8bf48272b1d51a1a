"""Storms: many callers at once and no token. Token requests counted, and the slowest caller's wait over the latency.

The peers run in their own environment, created once from ``requirements/peers.txt``; without it only auth_core is
shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from bench.measure import console
from bench.storm_programs import CONTESTANTS

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "bench" / "storm_programs.py"
PEERS = ROOT / ".venvs" / "peers"
LATENCY_SECONDS = 0.05
STORM_SECONDS = 300
STORMS = (("threads", 32), ("threads", 1_000), ("tasks", 10_000), ("processes", 64), ("refused", 32))
OURS_ONLY = {"tasks", "processes"}
"""No peer serves one token to any event loop, or to several processes."""


@dataclass(frozen=True)
class Storms:
    """The results of all storms."""

    rows: list[tuple[str, str, dict[str, Any]]]

    def show(self) -> None:
        table = Table(title=f"Storms, provider latency {LATENCY_SECONDS * 1000:.0f} ms", title_justify="left")
        for column in ("storm", "who", "token requests", "served", "slowest wait / latency"):
            table.add_column(column, justify="left" if column in {"storm", "who"} else "right")
        last = ""
        for storm, who, result in self.rows:
            if "error" in result:
                table.add_row(storm if storm != last else "", who, "-", "-", result["error"])
            else:
                slowest = result["slowest"]
                ratio = "-" if slowest is None else f"{slowest / LATENCY_SECONDS:.1f}"
                shown = (str(result["requests"]), str(result["served"]), ratio)
                table.add_row(storm if storm != last else "", who, *shown)
            last = storm
        console.print(table)


def peers_python() -> Path | None:
    """The interpreter of the peers' environment; ``None`` when it cannot be created."""
    python, stamp = PEERS / "bin" / "python", PEERS / ".installed"
    requirements = ROOT / "requirements" / "peers.txt"
    if stamp.is_file() and stamp.read_text() == requirements.read_text():
        return python
    console.print("Installing the peers (once)")
    venv.create(PEERS, with_pip=True)
    command: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--requirement", requirements]
    if subprocess.run(command, check=False).returncode:
        return None
    stamp.write_text(requirements.read_text())
    return python


def storm(python: Path, name: str, kind: str, callers: int) -> dict[str, Any]:
    """Run one storm in a new process; returns its counts, or the error."""
    command: list[str | Path] = [python, PROGRAM, name, kind, str(callers), str(LATENCY_SECONDS)]
    try:
        finished = subprocess.run(command, capture_output=True, text=True, timeout=STORM_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"no end after {STORM_SECONDS} s"}
    if finished.returncode:
        return {"error": (finished.stderr.strip().splitlines() or ["failed"])[-1][:60]}
    return dict(json.loads(finished.stdout.splitlines()[-1]))


def run() -> list[Storms]:
    python = peers_python()
    rows: list[tuple[str, str, dict[str, Any]]] = []
    for kind, callers in STORMS:
        title = f"{callers:,} {kind}" if kind != "refused" else f"{callers} threads, wrong password"
        for name in CONTESTANTS:
            if name == "auth-core":
                rows.append((title, name, storm(Path(sys.executable), name, kind, callers)))
            elif python is not None and kind not in OURS_ONLY:
                rows.append((title, name, storm(python, name, kind, callers)))
    return [Storms(rows)]

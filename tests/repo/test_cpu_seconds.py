"""``make test`` says where its CPU time goes, whichever worker used it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.repository import ROOT

MODULE = """\
import subprocess
import sys


def test_idle():
    pass


def test_busy():
    subprocess.run([sys.executable, "-c", "sum(range(5_000_000))"], check=True)
"""


def test_the_costliest_tests_are_shown_with_the_processes_that_they_start(tmp_path: Path) -> None:
    (tmp_path / "area").mkdir()
    (tmp_path / "area" / "test_it.py").write_text(MODULE)
    command = [sys.executable, "-m", "pytest", "-p", "xdist", "-p", "support.cpu_seconds", "-n", "2"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "tests"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    finished = subprocess.run(
        [*command, "--cpu-seconds", "area"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    summary = finished.stdout.partition("CPU seconds, ")[2]
    names = [line.split()[1] for line in summary.splitlines() if "area" in line]
    assert names == ["area", "area/test_it.py::test_busy", "area/test_it.py::test_idle"]

"""Tests of one group run in one process: what they share is made once, and never at the same time as another."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

GROUPED = """\
import os
import pytest


@pytest.mark.xdist_group("one process")
@pytest.mark.parametrize("number", range(20))
def test_it(number):
    print("process", os.getpid())
"""


def test_a_group_stays_in_one_process(tmp_path: Path) -> None:
    """pytest-xdist 3.8 with pytest 9.2 spread them over all processes, in silence."""
    (tmp_path / "test_grouped.py").write_text(GROUPED)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "xdist",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        "-rP",
        "-p",
        "no:cacheprovider",
    ]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    finished = subprocess.run(
        [*command, tmp_path], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    processes = re.findall(r"^process (\d+)$", finished.stdout, re.MULTILINE)
    assert (len(processes), len(set(processes))) == (20, 1)

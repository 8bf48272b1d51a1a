"""docs/testing.md: its tests are run by pytest, and its tables hold what the code has."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

from auth_core_testing import Canary, TokenIssuer

PAGE = (Path(__file__).parents[2] / "docs" / "testing.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """The first cells of the table under a heading."""
    table = PAGE.partition(f"| {heading} | ")[2].partition("\n\n")[0]
    return re.findall(r"^\| (`.+?) \|", table, re.MULTILINE)


def test_its_tests_pass(tmp_path):
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "test_page.py").write_text("\n".join(blocks), encoding="utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        "-W",
        "error",
        "-q",
        str(tmp_path),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert finished.returncode == 0, finished.stdout
    assert f"{PAGE.count('def test_')} passed" in finished.stdout


def test_the_arguments_of_the_engine_are_there():
    named = re.findall(r"`(\w+)`", " ".join(rows("argument of `TokenIssuer`")))

    assert len(named) == 6
    assert set(named) <= set(inspect.signature(TokenIssuer).parameters)


def test_the_methods_of_the_canary_are_all_there():
    named = {re.match(r"`(\w+)", row)[1] for row in rows("call")}
    public = {name for name in vars(Canary) if not name.startswith("_")} - {"secret", "check", "leaks", "seen"}

    assert named == public

"""docs/testing-clients.md: its tests are run by pytest, and its table has every configuration of a fake."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from cinchy_client.testing import FakeCinchy

PAGE = (Path(__file__).parents[2] / "docs" / "testing-clients.md").read_text(encoding="utf-8")


def test_its_tests_pass(tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "test_page.py").write_text("\n".join(blocks), encoding="utf-8")
    plugins = ("-p", "no:cacheprovider", "-p", "no:asyncio")
    command = [sys.executable, "-m", "pytest", *plugins, "-W", "error", "-q", str(tmp_path)]
    finished = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert finished.returncode == 0, finished.stdout
    assert f"{PAGE.count('def test_')} passed" in finished.stdout


def test_its_table_has_every_configuration() -> None:
    queries = FakeCinchy().queries
    methods = (queries.run, queries.run_pages, queries.export_stream)
    there = {name for method in methods for name in dir(method) if not name.startswith("_")}
    table = PAGE.partition("| method of the client |")[2].partition("\n\n")[0]

    assert set(re.findall(r"`(\w+)\(", table)) == there - {"calls", "called", "call_count", "hints", "on"}

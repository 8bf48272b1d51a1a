"""Every Python block of every README runs against the sandbox, in order, as one program per file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from repository import CLIENTS, ROOT, VENDORS
from vendor_sandbox import Sandbox

PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
READMES = sorted([ROOT / "README.md", *ROOT.glob("packages/*/README.md"), *ROOT.glob("docs/*.md")])
WITH_CODE = [path for path in READMES if PYTHON_BLOCK.search(path.read_text())]


def name_of(path: Path) -> str:
    """How a test is called after a page."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    text = page.read_text()
    program = tmp_path / "program.py"
    # Blank lines in place of prose: a traceback names the line of the page.
    lines = ["" for _ in text.splitlines()]
    for block in PYTHON_BLOCK.finditer(text):
        first = text.count("\n", 0, block.start(1))
        for offset, line in enumerate(block.group(1).splitlines()):
            lines[first + offset] = line
    program.write_text("\n".join(lines) + "\n")
    vendors = [vendor for vendor in VENDORS if f"{vendor.replace('-', '_')}_client" in program.read_text()]
    with Sandbox(*vendors) as sandbox:
        environment = dict(os.environ)
        for vendor in vendors:
            environment |= sandbox[vendor].environment
        command = [sys.executable, "-W", "error", str(program)]
        finished = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr


def test_every_client_shows_code() -> None:
    assert {client.folder / "README.md" for client in CLIENTS} <= set(WITH_CODE)


@pytest.mark.parametrize("page", READMES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [link for link in LINK.findall(page.read_text()) if not (page.parent / link).exists()]
    assert missing == []

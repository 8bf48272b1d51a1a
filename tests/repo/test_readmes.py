"""What the pages show is so: Python blocks run against the sandbox, in order, as one program per file; commands are
commands; links lead to a file, and to a heading in it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import CLIENTS, ROOT, VENDORS
from vendor_sandbox import Sandbox

PYTHON_BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
SERVE = re.compile(r"^(?:\$ |\.venv/bin/)vendor-sandbox (serve .*?)(?:  +# .*)?$", re.MULTILINE)
TARGET = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]*)(?:#([^):]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
REFERENCES = sorted(ROOT.glob("packages/*/reference.md"))
READMES = sorted([ROOT / "README.md", *ROOT.glob("packages/*/README.md"), *ROOT.glob("docs/*.md"), *REFERENCES])
GENERATED = sorted(ROOT.glob("docs/generated/*/*.md"))
PAGES = [*READMES, *GENERATED, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "generator" / "README.md"]
WITH_CODE = [path for path in READMES if PYTHON_BLOCK.search(path.read_text())]


def before_operations(page: Path) -> str:
    """A page without the examples of operations in a reference, each of which has a test in ``tests/clients``."""
    text = page.read_text()
    return text.partition("\n## Operations\n")[0] if page in REFERENCES else text


def name_of(path: Path) -> str:
    """How a test is called after a page."""
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", WITH_CODE, ids=name_of)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    text = before_operations(page)
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


def anchors(page: Path) -> set[str]:
    """The names of a page's headings in links, as GitHub makes them."""
    words = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in HEADING.findall(page.read_text()))
    return {each.replace(" ", "-") for each in words}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    missing = [
        f"{link}#{anchor}"
        for link, anchor in LINK.findall(page.read_text())
        if not (page.parent / link).exists() or (anchor and anchor not in anchors(page.parent / link if link else page))
    ]
    assert missing == []


def test_no_page_lets_pip_look_for_our_packages_in_an_index() -> None:
    """Their names are free there. A wheel that is named by its path is no name."""
    ours = {path.parent.name for path in ROOT.glob("packages/*/pyproject.toml")}
    commands = [found for page in PAGES for found in re.findall(r"pip install [^`\n]*", page.read_text())]
    assert len(commands) > 8
    by_name = [one for one in commands if ours & {re.sub(r"[\"\[].*", "", word.lstrip('"')) for word in one.split()}]
    assert by_name
    assert [one for one in by_name if "--no-index --find-links dist --find-links dist/third-party" not in one] == []


def test_the_glossary_defines_the_words_that_are_ours_in_order() -> None:
    glossary = ROOT / "docs/glossary.md"
    words = re.findall(r"^## (.*)$", glossary.read_text(), re.MULTILINE)
    ours = ["Advisory window", "Generation", "Grant", "Journal", "Lease", "Lifecycle", "Loss", "Refusal budget"]
    assert words == sorted(words)
    assert set(ours) <= set(words)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_make_has_the_targets_that_are_named(page: Path) -> None:
    there = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(TARGET.findall(page.read_text())) <= there


@pytest.mark.parametrize("command", sorted({one for page in READMES for one in SERVE.findall(page.read_text())}))
def test_the_sandbox_starts_as_a_page_says(command: str) -> None:
    arguments = re.sub(r"--port \d+", "--port 0", command)  # another run of the tests may have the page's port
    program = [sys.executable, "-m", "vendor_sandbox", *shlex.split(arguments)]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.terminate()
        _, told = process.communicate(timeout=60)
    assert first.startswith("Serving on http://127.0.0.1:"), told


def test_there_are_commands_to_start() -> None:
    assert len({one for page in READMES for one in SERVE.findall(page.read_text())}) >= 6

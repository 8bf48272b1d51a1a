"""Documents in the manner of what is out there; none was written for us.

Each becomes a package that type checkers accept and whose every method can be called; what the client will not do of
the document is in its report, ``reports/NAME.txt``, and nothing else is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from generator.foreign.stranger import call, client_of, methods
from generator.surface.support import Package, serve, workspace
from sdkgen.jobs import Job
from sdkgen.pipeline import run
from sdkgen.problems import Severity

HERE = Path(__file__).parent
DOCUMENTS = sorted((HERE / "documents").iterdir())
documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@cache
def package_of(document: Path) -> Package:
    """Generated once for each test run; importable."""
    folder = workspace() / "corpus" / document.stem
    outcome = run(Job(document.stem, document, document.parent, document.parent, foreign=True, destination=folder))
    sys.path.append(str(folder / "src"))
    return Package(f"{document.stem.replace('-', '_')}_client", folder, outcome.problems)


@documents
def test_what_the_client_will_not_do_is_reported(document: Path) -> None:
    problems = package_of(document).problems
    assert {problem.severity for problem in problems} <= {Severity.LOSS}
    expected = (HERE / "reports" / f"{document.stem}.txt").read_text("utf-8").splitlines()
    assert [str(problem) for problem in problems] == expected


@documents
def test_every_method_can_be_called(document: Path) -> None:
    package = package_of(document)
    with serve() as server, client_of(package, server) as client:
        wrong = {name: reason for name, method in methods(client) if (reason := call(method, package, server))}
        assert wrong == {}
        assert server.requests


def test_type_checkers_accept_all_of_them(tmp_path: Path) -> None:
    sources = [str(package_of(document).folder / "src") for document in DOCUMENTS]
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), "--config-file=", *sources]
    run_ = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True, check=False)
    assert run_.returncode == 0, run_.stdout

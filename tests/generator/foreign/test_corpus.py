"""Documents in the manner of what is out there; none was written for us.

Each becomes a package that type checkers accept and whose every method can be called; what the client will not do of
the document is in its report, ``reports/NAME.txt``, and nothing else is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.foreign.stranger import call, client_of, methods
from sdkgen.problems import Severity
from support.http_server import serve
from support.packages import generate_foreign
from support.type_checkers import mypy, one_process

HERE = Path(__file__).parent
DOCUMENTS = sorted((HERE / "documents").iterdir())
AT_ONCE = ["collisions.yaml", "everything.yaml"]
"""The documents whose packages the ordinary run shows to a type checker."""
documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@documents
def test_what_the_client_will_not_do_is_reported(document: Path) -> None:
    problems = generate_foreign(document).problems
    assert {problem.severity for problem in problems} <= {Severity.LOSS}
    expected = (HERE / "reports" / f"{document.stem}.txt").read_text("utf-8").splitlines()
    assert [str(problem) for problem in problems] == expected


@documents
def test_every_method_can_be_called(document: Path) -> None:
    package = generate_foreign(document)
    with serve() as server, client_of(package, server) as client:
        wrong = {name: reason for name, method in methods(client) if (reason := call(method, package, server))}
        assert wrong == {}
        assert server.requests


@one_process
@pytest.mark.parametrize(
    "names", [AT_ONCE, pytest.param([path.name for path in DOCUMENTS], marks=pytest.mark.slow)], ids=["two", "all"]
)
def test_type_checkers_accept_them(names: list[str]) -> None:
    packages = [generate_foreign(HERE / "documents" / name) for name in names]
    assert mypy(*(package.name for package in packages), sources=[package.sources for package in packages]) == []

"""``coverage.yaml``: the smallest mistakes and what is said of each, and the page that is made of a right one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sdkgen.jobs import Job
from sdkgen.pipeline import run
from sdkgen.problems import sort_problems

GOOD = """\
operations:
  - {operation: POST /token, source: seed}
  - {operation: 'GET /widgets/{id}', source: 'https://acme.example/doc?a=1|2'}
  - {operation: POST /widgets/delete, source: observed, left_out: its page shows neither request nor response}
  - {name: Reset of a PIN, source: a copy of its page, left_out: no path is documented | anywhere}
"""
TOKEN = "  - {operation: POST /token, source: seed}\n"
WIDGET = "  - {operation: 'GET /widgets/{id}', source: 'https://acme.example/doc?a=1|2'}\n"

CASES: dict[str, tuple[tuple[str, str], list[str]]] = {
    "an operation that the spec does not have": (
        (TOKEN, TOKEN + "  - {operation: GET /gadgets, source: seed}\n"),
        [
            "coverage.yaml:3: the spec does not have `GET /gadgets`. "
            "Describe it in the spec, or give the reason in `left_out`. [coverage]"
        ],
    ),
    "a misspelt path": (
        ("'GET /widgets/{id}'", "'GET /widget/{id}'"),
        [
            "coverage.yaml:3: the spec does not have `GET /widget/{id}`. Did you mean `GET /widgets/{id}`? [coverage]",
            "openapi.yaml:37: specs/acme/coverage.yaml does not list `GET /widgets/{id}`. "
            "Add `- {operation: GET /widgets/{id}, source: …}` there. [coverage]",
        ],
    ),
    "an operation that is not listed": (
        (WIDGET, ""),
        [
            "openapi.yaml:37: specs/acme/coverage.yaml does not list `GET /widgets/{id}`. "
            "Add `- {operation: GET /widgets/{id}, source: …}` there. [coverage]"
        ],
    ),
    "an operation that is left out and described": (
        ("POST /token, source: seed", "POST /token, source: seed, left_out: nobody needs it"),
        [
            "coverage.yaml:2: `POST /token` is left out here, but the spec has it in specs/acme/openapi.yaml:17. "
            "Remove `left_out`. [coverage]"
        ],
    ),
    "an operation that is listed twice": (
        (WIDGET, WIDGET + TOKEN),
        ["coverage.yaml:4: `POST /token` is already listed in line 2. Keep one of them. [coverage]"],
    ),
    "a misspelt key": (
        ("source: seed", "sorce: seed"),
        [
            "coverage.yaml:2: `sorce` is not a key of an entry in coverage.yaml. Did you mean `source`? "
            "[coverage-entry]",
            "coverage.yaml:2: `source` is missing in an entry in coverage.yaml. "
            "The page that has it (https://…), or `seed`, `observed`, or a description. [coverage-entry]",
        ],
    ),
    "a path without a method": (
        ("POST /token", "/token"),
        ["coverage.yaml:2: `/token` is not a method and a path as in the spec: GET /customers/{id}. [coverage-entry]"],
    ),
    "neither an operation nor a name": (
        ("operation: POST /token, ", ""),
        ["coverage.yaml:2: one of `operation`, `name` is missing in an entry in coverage.yaml. [coverage-entry]"],
    ),
    "a name without a reason": (
        (", left_out: no path is documented | anywhere", ""),
        [
            "coverage.yaml:5: `left_out` is missing in an entry in coverage.yaml. "
            "State the reason: an operation without a path cannot be in the spec. [coverage-entry]"
        ],
    ),
    "no list": (
        (GOOD, "operation: []\n"),
        [
            "coverage.yaml:1: `operation` is not a key of coverage.yaml. Did you mean `operations`? [coverage-entry]",
            "coverage.yaml:1: `operations` is missing in coverage.yaml. "
            "One entry for each operation, in the order of the vendor's documentation. [coverage-entry]",
        ],
    ),
    "no YAML": (
        ("operations:\n", "operations: [\n"),
        ["coverage.yaml:2: "],
    ),
}


@pytest.fixture
def reported(repository: Any) -> Callable[..., list[str]]:
    """Everything that is said of ``acme`` with this file next to its spec."""

    def say(coverage: str | None, *changes: tuple[str, str], foreign: bool = False) -> list[str]:
        repository.spec(*changes)
        if coverage is not None:
            repository.write("acme/coverage.yaml", coverage)
        workspace = repository.workspace
        job = Job("acme", workspace.spec("acme"), workspace.specs, workspace.root, foreign=foreign)
        return [str(problem) for problem in sort_problems(run(job).problems)]

    return say


def test_a_file_that_agrees_with_the_spec_is_right(reported: Callable[..., list[str]]) -> None:
    assert reported(GOOD) == []


def test_a_vendor_may_be_without(reported: Callable[..., list[str]]) -> None:
    assert reported(None) == []


def test_beside_a_foreign_document_it_means_nothing(reported: Callable[..., list[str]]) -> None:
    assert reported("- what they like", foreign=True) == []


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_reported_with_its_line_and_its_remedy(case: str, reported: Callable[..., list[str]]) -> None:
    (old, new), expected = CASES[case]
    assert old in GOOD

    found = reported(GOOD.replace(old, new))
    if case == "no YAML":  # the words are the parser's
        assert len(found) == 1
        assert found[0].startswith(f"specs/acme/{expected[0]}")
    else:
        assert found == [f"specs/acme/{line}" for line in expected]


def test_operations_are_not_counted_in_a_document_without_openapi(reported: Callable[..., list[str]]) -> None:
    found = reported(GOOD, ("paths:\n", "pahts:\n"))
    assert found
    assert [line for line in found if "[coverage]" in line] == []


# --- the pages


@pytest.fixture
def pages(repository: Any) -> Callable[..., dict[str, str]]:
    """The pages of ``acme``, by their kind."""

    def make(coverage: str | None, *changes: tuple[str, str]) -> dict[str, str]:
        repository.spec(*changes)
        if coverage is not None:
            repository.write("acme/coverage.yaml", coverage)
        workspace = repository.workspace
        folder: Path = repository.root / "rendered"
        outcome = run(Job("acme", workspace.spec("acme"), workspace.specs, workspace.root, destination=folder))
        assert not outcome.failed, outcome.problems
        return dict(outcome.companions)

    return make


def test_the_coverage_page_lists_every_operation_with_method_or_reason(
    pages: Callable[..., dict[str, str]],
) -> None:
    assert (
        pages(GOOD)["coverage"]
        == """\
<!-- Generated by sdkgen from specs/acme/coverage.yaml. Do not edit; change that file. -->

# What acme-client covers

4 operations of the vendor's API are known: 2 have a method, 2 are left out.

## Covered

| operation | method | source |
|---|---|---|
| `POST /token` | `login.create_token` | the vendor's authentication page |
| `GET /widgets/{id}` | `widgets.get_widget` | <https://acme.example/doc?a=1%7C2> |

## Left out

| operation | reason | source |
|---|---|---|
| `POST /widgets/delete` | its page shows neither request nor response | observed in public client code |
| Reset of a PIN | no path is documented \\| anywhere | a copy of its page |
"""
    )


def test_the_losses_page_counts_every_keyword_of_the_spec_once(pages: Callable[..., dict[str, str]]) -> None:
    lines = pages(None)["losses"].splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| `")]
    counted = {(row[0].strip("| `"), row[1]): int(row[2].strip(" |")) for row in rows}

    assert lines[4] == (
        f"specs/acme/openapi.yaml and the files it refers to have {len(counted)} keywords in "
        f"{sum(counted.values())} places: 78 honoured, 7 checked, 1 documentation only, 0 not honoured."
    )
    assert len(rows) == len(counted)
    assert counted["operationId", "operation"] == 2
    assert counted["x-token-lifecycle", "security-scheme"] == 1
    assert counted["example", "media-type"] == 3
    assert lines[lines.index("## Not honoured") + 4] == "Nothing."


def test_an_accepted_loss_stands_on_the_page_with_its_reason(pages: Callable[..., dict[str, str]]) -> None:
    accepted = """\
x-accepted-losses:
  - {loss: unsupported-keyword, at: /components/schemas/Widget/properties/size/not, reason: The server never sends 4.}
components:
"""
    page = pages(None, ("size: {type: integer}", "size: {type: integer, not: {const: 4}}"), ("components:\n", accepted))

    assert "| `not` | schema | 1 | what it forbids is accepted |" in page["losses"]
    assert (
        "| `unsupported-keyword` | `/components/schemas/Widget/properties/size/not` | The server never sends 4. |"
        in page["losses"]
    )
    assert ", 1 not honoured." in page["losses"]


def test_a_vendor_without_coverage_has_no_page_of_it(pages: Callable[..., dict[str, str]]) -> None:
    assert set(pages(None)) == {"calls", "document", "losses"}

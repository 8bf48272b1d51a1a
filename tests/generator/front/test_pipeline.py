"""The order of the steps: what each adds to the outcome, and after which nothing more is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import pytest

import sdkgen.render
from sdkgen import pipeline
from sdkgen.jobs import Job, Outcome
from sdkgen.pipeline import FAULT
from sdkgen.problems import Severity

DEAD = ("schema: {$ref: '#/components/schemas/Widget'}", "schema: {$ref: '#/components/schemas/Gadget'}")
NO_SUMMARY = ("      summary: Get a widget\n", "")
NOT_OPENAPI = ('info: {title: Acme, version: "1"}', "info: {title: Acme}")
COVERAGE = "operations:\n  - {operation: POST /token, source: seed}\n"
WIDGET = "  - {operation: 'GET /widgets/{id}', source: seed}\n"

Run = Callable[..., Outcome]


@pytest.fixture
def run(repository: Any) -> Run:
    def run_(*changes: tuple[str, str], foreign: bool = False, render: bool = True) -> Outcome:
        repository.spec(*changes)
        workspace = repository.workspace
        destination = repository.root / "out" if render else None
        job = Job("acme", workspace.spec("acme"), workspace.specs, repository.root, foreign, destination)
        return pipeline.run(job)

    return run_


def rules(outcome: Outcome) -> list[tuple[str, Severity]]:
    return [(problem.rule, problem.severity) for problem in outcome.problems]


def broken(*_: object, **__: object) -> NoReturn:
    raise KeyError("of the generator")


def test_a_spec_that_cannot_be_read_ends_it(run: Run) -> None:
    outcome = run(("openapi: 3.1.0", "openapi: ["))
    assert outcome.failed
    assert (outcome.companions, outcome.read) == ({}, ())


def test_without_a_destination_the_spec_is_looked_at_only(run: Run, repository: Any) -> None:
    outcome = run(render=False)
    assert (rules(outcome), set(outcome.companions)) == ([], {"document"})
    assert not (repository.root / "out").exists()


def test_a_package_comes_with_its_pages(run: Run, repository: Any) -> None:
    assert set(run().companions) == {"calls", "document", "losses"}
    repository.write("acme/coverage.yaml", COVERAGE + WIDGET)
    outcome = run()
    assert set(outcome.companions) == {"calls", "coverage", "document", "losses"}
    assert {path.name for path in outcome.read} == {"openapi.yaml", "coverage.yaml", "release.yaml", "LICENSE"}
    assert (repository.root / "out/pyproject.toml").is_file()


def test_a_dead_reference_is_reported_without_what_follows_from_it(run: Run) -> None:
    assert rules(run(DEAD, NO_SUMMARY)) == [("", Severity.ERROR)]


def test_of_a_foreign_document_a_dead_reference_is_a_loss(run: Run) -> None:
    outcome = run(DEAD, foreign=True)
    assert ("", Severity.LOSS) in rules(outcome)
    assert not outcome.failed
    assert set(outcome.companions) == {"document"}


def test_a_wrong_spec_is_not_rendered(run: Run, repository: Any) -> None:
    assert rules(run(NO_SUMMARY)) == [("summary", Severity.ERROR)]
    assert not (repository.root / "out").exists()


def test_the_operations_of_what_is_not_openapi_are_not_counted(run: Run, repository: Any) -> None:
    repository.write("acme/coverage.yaml", COVERAGE)
    assert {rule for rule, _ in rules(run())} == {"coverage"}
    assert "coverage" not in {rule for rule, _ in rules(run(NOT_OPENAPI))}


def test_a_fault_of_a_rule_is_the_only_problem(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "lint", broken)
    outcome = run(NO_SUMMARY)
    assert rules(outcome) == [(FAULT, Severity.ERROR)]
    assert "KeyError: 'of the generator'" in outcome.problems[0].what


def test_a_fault_of_rendering_is_a_problem(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdkgen.render, "render_client", broken)
    assert rules(run()) == [(FAULT, Severity.ERROR)]


def test_a_crash_on_invalid_openapi_is_reported_with_what_is_invalid(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is overlooked in a foreign document as long as that goes well."""
    assert ("openapi", Severity.LOSS) in rules(run(NOT_OPENAPI, foreign=True))
    monkeypatch.setattr(sdkgen.render, "render_client", broken)
    outcome = run(NOT_OPENAPI, foreign=True)
    assert ("openapi", Severity.ERROR) in rules(outcome)
    assert (FAULT, Severity.ERROR) in rules(outcome)

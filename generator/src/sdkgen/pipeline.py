"""From a spec to a rendered package in a temporary folder: every step, every problem, one vendor."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from pathlib import Path

from attrs import evolve

from sdkgen.bundle import Bundle, bundle
from sdkgen.coverage import FILE, Coverage, coverage_problems, read_coverage
from sdkgen.inspect_output import inspect_output
from sdkgen.jobs import Job, Outcome
from sdkgen.lint import lint
from sdkgen.losses import settle
from sdkgen.pointers import child
from sdkgen.problems import Problem, ProblemsFound, Severity, sort_problems
from sdkgen.release import Release
from sdkgen.release_file import LICENCE, RELEASE_FILE, read_release
from sdkgen.workspace import DOCUMENT
from sdkgen.write import document_text

__all__ = ["run"]

FAULT = "generator-fault"
_NAMED_PLACE = re.compile(
    r"\b(?P<method>GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE) (?P<path>/\S*)|/components/\w+/[\w.-]+"
)


def run(job: Job) -> Outcome:
    """Bundle, lint and, if a destination is given and nothing is wrong, render. Raises nothing for a wrong spec."""
    try:
        whole = bundle(job.spec, vendor=job.vendor, base=job.base, root=job.root)
    except ProblemsFound as found:
        return Outcome(job.vendor, found.problems)
    problems = _as_losses(whole.problems) if job.foreign else list(whole.problems)
    release, wrong = _release(job)
    coverage = None
    if not any(problem.severity is Severity.ERROR for problem in problems):
        try:
            problems += lint(whole, foreign=job.foreign)
        except Exception as error:  # a document that nobody foresaw must not end in a traceback
            return Outcome(job.vendor, (_fault(whole, error),))
        coverage, contradictions = (None, []) if job.foreign else _coverage(whole, job)
        problems += contradictions if _is_openapi(problems) else []
    problems += wrong
    settled = _settled(whole, job, problems, complete=False)
    read = whole.files if job.foreign else (*whole.files, *_other_inputs(job))
    outcome = Outcome(job.vendor, settled, {DOCUMENT: document_text(whole.document)}, read)
    if outcome.failed or job.destination is None:
        return outcome
    rendered, methods = _render(whole, job.destination, release)
    if any(problem.rule == FAULT for problem in rendered) and not _is_openapi(problems):
        # What is not OpenAPI is overlooked as long as that goes well.
        return evolve(outcome, problems=tuple(_as_errors(problem) for problem in outcome.problems))
    problems += rendered
    outcome = evolve(outcome, problems=_settled(whole, job, problems, complete=True))
    return (
        outcome
        if job.foreign or outcome.failed
        else evolve(outcome, beside={**outcome.beside, **_pages(whole, coverage, methods)})
    )


def _release(job: Job) -> tuple[Release, list[Problem]]:
    """What the package is released as, and what is wrong with the file that says so."""
    if job.release is not None:
        return job.release, []
    try:
        return read_release(job.spec, job.root), []
    except ProblemsFound as found:
        return Release(), list(found.problems)


def _other_inputs(job: Job) -> tuple[Path, ...]:
    """What the package is made of beside the spec; each may be missing."""
    return job.spec.with_name(FILE), job.spec.with_name(RELEASE_FILE), job.root / LICENCE


def _is_openapi(problems: list[Problem]) -> bool:
    """Whether the document is what it should be, so that its operations can be counted."""
    return not any(problem.rule in ("openapi", "openapi-version") for problem in problems)


def _coverage(whole: Bundle, job: Job) -> tuple[Coverage | None, list[Problem]]:
    try:
        coverage = read_coverage(job.spec, job.root)
    except ProblemsFound as found:
        return None, list(found.problems)
    return coverage, [] if coverage is None else list(coverage_problems(coverage, whole))


def _render(whole: Bundle, destination: Path, release: Release) -> tuple[list[Problem], Mapping[str, str]]:
    """What is wrong, and the methods by their operation ids."""
    from sdkgen.render import render_client  # imports openapi-python-client: 300 ms which lint does not need

    try:
        rendered = render_client(whole, destination, release)
    except ProblemsFound as found:
        return list(found.problems), {}
    except Exception as error:
        return [_fault(whole, error)], {}
    problems = [_placed(whole, problem) for problem in rendered.problems]
    if any(problem.severity is Severity.ERROR for problem in problems):
        return problems, {}
    return [*problems, *inspect_output(whole, destination)], rendered.methods


def _pages(whole: Bundle, coverage: Coverage | None, methods: Mapping[str, str]) -> dict[str, str]:
    from sdkgen.render import coverage_page, losses_page

    pages = {"losses": losses_page(whole)}
    return pages if coverage is None else {"coverage": coverage_page(whole, coverage, methods), **pages}


def _fault(whole: Bundle, error: Exception) -> Problem:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}"
    what = f"the generator failed in {place}: {type(error).__name__}: {' '.join(str(error).split())[:160]}"
    return whole.problem("", what, "This is a fault of the generator; report it with the spec.", rule=FAULT)


def _placed(whole: Bundle, problem: Problem) -> Problem:
    """The problem at the operation or schema that its text speaks of, if it has no place of its own."""
    if problem.pointer:
        return problem
    for match in _NAMED_PLACE.finditer(problem.what):
        pointer = match[0]
        if match["method"]:
            pointer = child("/paths", match["path"], match["method"].lower())
        if pointer in whole.positions:
            file, line = whole.position(pointer)
            return evolve(problem, file=file, line=line, pointer=pointer)
    return problem


def _as_errors(problem: Problem) -> Problem:
    return evolve(problem, severity=Severity.ERROR) if problem.rule == "openapi" else problem


def _as_losses(problems: tuple[Problem, ...]) -> list[Problem]:
    return [evolve(problem, severity=Severity.LOSS) for problem in problems]


def _settled(whole: Bundle, job: Job, problems: list[Problem], *, complete: bool) -> tuple[Problem, ...]:
    if not job.foreign:
        problems = settle(whole, problems, complete=complete)
    return tuple(sort_problems(problems))

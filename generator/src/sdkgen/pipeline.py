"""Runs all steps for one vendor, from the spec to a package rendered into a temporary folder."""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping
from pathlib import Path

from attrs import evolve, field, frozen

from sdkgen.bundle import Bundle, bundle
from sdkgen.coverage import FILE, Coverage, coverage_problems, read_coverage
from sdkgen.inspect_output import inspect_output
from sdkgen.jobs import Job, Outcome
from sdkgen.lint import lint
from sdkgen.losses import settle
from sdkgen.pointers import child
from sdkgen.problems import Problem, ProblemsFound, Severity, sort_problems
from sdkgen.release import FOREIGN, Release
from sdkgen.release_file import LICENCE, RELEASE_FILE, read_release
from sdkgen.workspace import CALLS, DOCUMENT
from sdkgen.write import document_text

__all__ = ["run"]

FAULT = "generator-fault"
_NAMED_PLACE = re.compile(
    r"\b(?P<method>GET|PUT|POST|DELETE|OPTIONS|HEAD|PATCH|TRACE) (?P<path>/\S*)|/components/\w+/[\w.-]+"
)


@frozen
class _Checked:
    """The result of the checks before rendering."""

    problems: tuple[Problem, ...]
    coverage: Coverage | None = None
    release: Release = FOREIGN

    @property
    def is_openapi(self) -> bool:
        """Whether the document is valid OpenAPI, so that its operations can be compared with the coverage."""
        return not any(problem.rule in ("openapi", "openapi-version") for problem in self.problems)


@frozen
class _Rendered:
    """The result of rendering."""

    problems: tuple[Problem, ...]
    methods: Mapping[str, str] = field(factory=dict[str, str])
    """``resource.method`` by operation id."""
    calls: str = ""
    """The names of methods and arguments."""

    @property
    def is_fault(self) -> bool:
        return any(problem.rule == FAULT for problem in self.problems)


def run(job: Job) -> Outcome:
    """Bundle, lint and, if a destination is given and there are no errors, render. An invalid spec does not raise."""
    try:
        whole = bundle(job.spec, vendor=job.vendor, base=job.base, root=job.root)
        checked = _check(whole, job)
    except ProblemsFound as found:
        return Outcome(job.vendor, found.problems)
    linted = _outcome(whole, job, checked.problems, complete=False)
    if linted.failed or job.destination is None:
        return linted
    rendered = _render(whole, job.destination, job.release or checked.release)
    if rendered.is_fault and not checked.is_openapi:
        # Violations of OpenAPI are losses of a foreign document, unless the generator fails on it.
        wrong = tuple(_as_error(problem) for problem in linted.problems)
        return evolve(linted, problems=(*wrong, *rendered.problems))
    outcome = _outcome(whole, job, (*checked.problems, *rendered.problems), complete=True)
    if outcome.failed or job.foreign:
        return outcome
    pages = _pages(whole, checked.coverage, rendered.methods)
    return evolve(outcome, companions={**outcome.companions, CALLS: rendered.calls, **pages})


def _check(whole: Bundle, job: Job) -> _Checked:
    """Check references and rules, and companion files of our own specs. Raises ProblemsFound if the generator fails."""
    references = tuple(map(_as_loss, whole.problems)) if job.foreign else whole.problems
    if any(problem.severity is Severity.ERROR for problem in references):
        return _Checked(references)
    try:
        linted = _Checked((*references, *lint(whole, foreign=job.foreign)))
    except Exception as error:  # an unforeseen document must not end in a traceback
        raise ProblemsFound([_fault(whole, error)]) from error
    return linted if job.foreign else _with_release(_with_coverage(linted, whole, job), job)


def _with_coverage(checked: _Checked, whole: Bundle, job: Job) -> _Checked:
    try:
        coverage = read_coverage(job.spec, job.root)
        contradictions = tuple(coverage_problems(coverage, whole)) if coverage is not None else ()
    except ProblemsFound as found:
        coverage, contradictions = None, found.problems
    return _Checked((*checked.problems, *(contradictions if checked.is_openapi else ())), coverage)


def _with_release(checked: _Checked, job: Job) -> _Checked:
    try:
        return evolve(checked, release=read_release(job.spec, job.root))
    except ProblemsFound as found:
        return evolve(checked, problems=(*checked.problems, *found.problems))


def _beside(job: Job) -> tuple[Path, ...]:
    """The other files that a package is made from; each may be missing."""
    return job.spec.with_name(FILE), job.spec.with_name(RELEASE_FILE), job.root / LICENCE


def _outcome(whole: Bundle, job: Job, problems: tuple[Problem, ...], *, complete: bool) -> Outcome:
    """Return the outcome; only our own specs must accept their losses by name."""
    settled = problems if job.foreign else settle(whole, list(problems), complete=complete)
    return Outcome(
        vendor=job.vendor,
        problems=tuple(sort_problems(settled)),
        companions={DOCUMENT: document_text(whole.document)},
        read=whole.files if job.foreign else (*whole.files, *_beside(job)),
    )


def _render(whole: Bundle, destination: Path, release: Release) -> _Rendered:
    from sdkgen.render import render_client  # imports openapi-python-client: 300 ms that lint does not need

    try:
        rendered = render_client(whole, destination, release)
    except ProblemsFound as found:
        return _Rendered(found.problems)
    except Exception as error:
        return _Rendered((_fault(whole, error),))
    problems = tuple(_placed(whole, problem) for problem in rendered.problems)
    inspected = inspect_output(whole, destination)
    if inspected:  # more precise than ruff's error that such a file cannot be formatted
        problems = tuple(problem for problem in problems if problem.severity is not Severity.ERROR)
    return _Rendered((*problems, *inspected), rendered.methods, rendered.calls)


def _pages(whole: Bundle, coverage: Coverage | None, methods: Mapping[str, str]) -> dict[str, str]:
    from sdkgen.render import coverage_page, losses_page

    pages = {"losses": losses_page(whole)}
    return pages if coverage is None else {"coverage": coverage_page(whole, coverage, methods), **pages}


def _fault(whole: Bundle, error: Exception) -> Problem:
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}"
    what = f"the generator failed in {place}: {type(error).__name__}: {' '.join(str(error).split())[:160]}"
    return whole.problem("", what, "This is a bug in the generator; report it with the spec.", rule=FAULT)


def _placed(whole: Bundle, problem: Problem) -> Problem:
    """Locate a problem without a pointer at the operation or schema that its text mentions."""
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


def _as_error(problem: Problem) -> Problem:
    return evolve(problem, severity=Severity.ERROR) if problem.rule == "openapi" else problem


def _as_loss(problem: Problem) -> Problem:
    return evolve(problem, severity=Severity.LOSS)

"""From a spec to a rendered package in a temporary folder: every step, every problem, one vendor."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

from attrs import evolve

from sdkgen.bundle import Bundle, bundle
from sdkgen.inspect_output import inspect_output
from sdkgen.jobs import Job, Outcome
from sdkgen.lint import lint
from sdkgen.losses import settle
from sdkgen.pointers import child
from sdkgen.problems import Problem, ProblemsFound, Severity, sort_problems
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
    if not any(problem.severity is Severity.ERROR for problem in problems):
        try:
            problems += lint(whole, foreign=job.foreign)
        except Exception as error:  # a document that nobody foresaw must not end in a traceback
            return Outcome(job.vendor, (_fault(whole, error),))
    settled = _settled(whole, job, problems, complete=False)
    outcome = Outcome(job.vendor, settled, document_text(whole.document), whole.files)
    if outcome.failed or job.destination is None:
        return outcome
    rendered = _render(whole, job.destination)
    if any(problem.rule == FAULT for problem in rendered) and any(problem.rule == "openapi" for problem in problems):
        # What is not OpenAPI is overlooked as long as that goes well.
        return evolve(outcome, problems=tuple(_as_errors(problem) for problem in outcome.problems))
    problems += rendered
    return evolve(outcome, problems=_settled(whole, job, problems, complete=True))


def _render(whole: Bundle, destination: Path) -> list[Problem]:
    from sdkgen.render import render_client  # imports openapi-python-client: 300 ms which lint does not need

    try:
        problems = [_placed(whole, problem) for problem in render_client(whole, destination)]
    except ProblemsFound as found:
        return list(found.problems)
    except Exception as error:
        return [_fault(whole, error)]
    if any(problem.severity is Severity.ERROR for problem in problems):
        return problems
    return [*problems, *inspect_output(whole, destination)]


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

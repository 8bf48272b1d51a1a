"""Implementation of the commands; each returns the exit code."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from attrs import evolve

from sdkgen import fingerprint
from sdkgen.jobs import Job, Outcome
from sdkgen.placing import (
    own_folder,
    owned_by_record,
    owned_by_workspace,
    place,
    remove_companion,
    remove_vendor,
    vendors_without_spec,
    write_companion,
)
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.record import read_record
from sdkgen.release import Release
from sdkgen.report import Ticker, count, out, progress, report
from sdkgen.workspace import DOCUMENT, Workspace
from sdkgen.write import Drift, compare, is_regular

__all__ = ["check_vendors", "generate_foreign", "generate_vendors", "lint_vendors", "read_vendors_twice"]

_DIFFERS = "differs from the output for the spec"
PROCESSES = 2  # never forked: a fork of a process with threads, such as the progress bar's, may deadlock


def generate_vendors(workspace: Workspace, vendors: Sequence[str], *, force: bool = False, whole: bool = False) -> int:
    """Write the packages and their companion files; skips a vendor when nothing it depends on has changed.

    ``whole``: remove what was written for vendors that no longer have a spec, too.
    """
    stale = [vendor for vendor in vendors if force or not _is_current(workspace, vendor)]
    outcomes: list[Outcome] = []
    done = {vendor: "nothing to do" for vendor in vendors if vendor not in stale}
    with _rendered(workspace, stale, "generating") as results:
        for outcome, folder in results:
            if not outcome.failed:
                try:
                    done[outcome.vendor] = _put_in_place(workspace, outcome, folder)
                except ProblemsFound as found:
                    outcome = evolve(outcome, problems=(*outcome.problems, *found.problems))
            outcomes.append(outcome)
    for vendor in vendors_without_spec(workspace) if whole else []:
        removed, problems = remove_vendor(workspace, vendor)
        outcomes.append(Outcome(vendor, tuple(problems)))
        if removed:
            done[vendor] = f"no longer has a spec: {', '.join(removed)} removed"
    for vendor in sorted(done):
        out(f"{vendor}: {done[vendor]}")
    return _conclude(outcomes)


def check_vendors(workspace: Workspace, vendors: Sequence[str], *, whole: bool) -> int:
    """Compare the packages with the output for their specs. ``whole``: also report output of vendors without a spec."""
    outcomes: list[Outcome] = []
    drifted: list[str] = []
    with _rendered(workspace, vendors, "checking") as results:
        for outcome, folder in results:
            if not outcome.failed:
                drift = _drift_of(workspace, outcome, folder)
                outcome = evolve(outcome, problems=(*outcome.problems, *drift))
                drifted += [outcome.vendor] if _fix(outcome.vendor) in {one.next_step for one in drift} else []
            outcomes.append(outcome)
    problems = _orphans(workspace) if whole else []
    code = _conclude([*outcomes, Outcome("", tuple(problems))])
    if drifted:
        out(f"To fix it: sdkgen generate {' '.join(sorted(drifted))}")
    if code == 0:
        out(f"{count(len(vendors), 'package')} up to date with the specs")
    return code


def lint_vendors(workspace: Workspace, vendors: Sequence[str]) -> int:
    """Check the specs without rendering."""
    outcomes = [_run(_job(workspace, vendor, None)) for vendor in vendors]
    code = _conclude(outcomes)
    if code == 0:
        out(f"{count(len(vendors), 'spec')} without problems")
    return code


def read_vendors_twice(workspace: Workspace, vendors: Sequence[str]) -> int:
    """Compare how sdkgen and openapi-python-client's parser read the specs."""
    outcomes: list[Outcome] = []
    places = 0
    for vendor in vendors:
        outcome, read = _read_twice(_job(workspace, vendor, None))
        outcomes.append(outcome)
        places += read
    code = _conclude(outcomes)
    if code == 0:
        out(f"{count(len(vendors), 'spec')} read twice, {count(places, 'place')} compared")
    return code


def _read_twice(job: Job) -> tuple[Outcome, int]:
    """The differences between the two readings of a spec, and the number of places that were compared."""
    from sdkgen.bundle import bundle
    from sdkgen.second_reading import compare, read_known_differences

    try:
        known = read_known_differences(job.spec, job.root)
        whole = bundle(job.spec, vendor=job.vendor, base=job.base, root=job.root)
        if whole.problems:
            return Outcome(job.vendor, whole.problems), 0
        compared = compare(whole, known)
    except ProblemsFound as found:
        return Outcome(job.vendor, found.problems), 0
    return Outcome(job.vendor, compared.problems), compared.places


def generate_foreign(spec: Path, output: Path, vendor: str, release: Release) -> int:
    """Write a package for a third-party document; losses are reported and are not errors."""
    known = own_folder(output)
    with tempfile.TemporaryDirectory(prefix="sdkgen-") as temporary:
        folder = Path(temporary) / vendor
        base = spec.resolve().parent
        outcome = _run(Job(vendor, spec, base, base, foreign=True, release=release, destination=folder))
        if not outcome.failed:
            drift = place(folder, output, known.wrote, known, shown=str(output))
            fingerprint.record(base, output, folder, outcome.read, ())
            out(f"{output}: {_summary(drift)}")
    return _conclude([outcome])


def _run(job: Job) -> Outcome:
    from sdkgen.pipeline import run  # imported on demand, because it imports the validators

    return run(job)


def _job(workspace: Workspace, vendor: str, destination: Path | None) -> Job:
    return Job(vendor, workspace.spec(vendor), workspace.specs, workspace.root, destination=destination)


def _is_current(workspace: Workspace, vendor: str) -> bool:
    return fingerprint.is_current(workspace.root, workspace.package(vendor), workspace.companions(vendor).values())


def _put_in_place(workspace: Workspace, outcome: Outcome, folder: Path) -> str:
    """Write the package and its companion files; returns a summary. Raises ProblemsFound before anything is written."""
    package, companions = workspace.package(outcome.vendor), workspace.companions(outcome.vendor)
    known = read_record(package)
    owned = owned_by_workspace(workspace, outcome.vendor, (*companions.values(), package))
    drift = place(folder, package, owned, known, shown=_shown(workspace, package), overwrite=True)
    done = [_summary(drift)]
    for kind, path in companions.items():
        shown = f"{path.name} for the sandbox" if kind == DOCUMENT else _shown(workspace, path)
        if kind in outcome.companions:
            done += [shown] if write_companion(path, outcome.companions[kind]) else []
        else:
            done += [f"{shown} removed"] if remove_companion(workspace, path, known) else []
    fingerprint.record(workspace.root, package, folder, outcome.read, companions.values())
    return ", ".join(done)


@contextmanager
def _rendered(workspace: Workspace, vendors: Sequence[str], label: str) -> Generator[Iterator[tuple[Outcome, Path]]]:
    """Yield each vendor's outcome and rendered folder on completion; the folders are removed at the end."""
    with tempfile.TemporaryDirectory(prefix="sdkgen-") as temporary:
        jobs = [_job(workspace, vendor, Path(temporary) / vendor) for vendor in vendors]
        with progress(label, len(jobs)) as tick:
            yield ((outcome, Path(temporary) / outcome.vendor) for outcome in _run_all(jobs, tick))


def _run_all(jobs: Sequence[Job], tick: Ticker) -> Iterator[Outcome]:
    if len(jobs) < 2:
        for job in jobs:
            outcome = _run(job)
            tick(outcome.vendor)
            yield outcome
        return
    with ProcessPoolExecutor(min(PROCESSES, len(jobs)), mp_context=get_context("spawn")) as pool:
        for future in as_completed([pool.submit(_run, job) for job in jobs]):
            outcome = future.result()
            tick(outcome.vendor)
            yield outcome


def _drift_of(workspace: Workspace, outcome: Outcome, folder: Path) -> list[Problem]:
    package = workspace.package(outcome.vendor)
    drift, owned = compare(folder, package), owned_by_record(package)
    foreign = [
        name for name in drift.extra if not is_regular(path := package / name) or not owned(name, path.read_bytes())
    ]
    missing = drift.missing if package.is_dir() else ("",)  # the folder itself instead of each of its files
    problems = [
        Problem(file=_shown(workspace, package / name), what=what, next_step=_fix(outcome.vendor), rule="drift")
        for names, what in (
            (drift.changed, _DIFFERS),
            (missing, "is missing"),
            ([name for name in drift.extra if name not in foreign], "belongs to no spec"),
        )
        for name in names
    ]
    step = "Move it out of the package."
    problems += [
        Problem(file=_shown(workspace, package / name), what="was not written by sdkgen", next_step=step, rule="drift")
        for name in foreign
    ]
    for kind, path in workspace.companions(outcome.vendor).items():
        wanted = outcome.companions[kind].encode() if kind in outcome.companions else None
        there = path.read_bytes() if is_regular(path) else None
        if there != wanted:
            what = "is missing" if there is None else "belongs to no spec" if wanted is None else _DIFFERS
            file, step = _shown(workspace, path), _fix(outcome.vendor)
            problems.append(Problem(file=file, what=what, next_step=step, rule="drift"))
    return problems


def _orphans(workspace: Workspace) -> list[Problem]:
    """Problems for output of vendors that no longer have a spec."""
    vendors = vendors_without_spec(workspace)
    paths = [path for vendor in vendors for path in (workspace.package(vendor), *workspace.companions(vendor).values())]
    step = "Run `sdkgen generate`, which removes what it wrote, or add its spec."
    return [
        Problem(file=_shown(workspace, path), what="no longer has a spec", next_step=step, rule="drift")
        for path in paths
        if os.path.lexists(path)
    ]


def _fix(vendor: str) -> str:
    return f"Run `sdkgen generate {vendor}`."


def _shown(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.root).as_posix()


def _summary(drift: Drift) -> str:
    parts: list[tuple[Sequence[str], str]] = [
        (drift.missing, "new"),
        (drift.changed, "changed"),
        (drift.extra, "removed"),
    ]
    summary = [f"{count(len(names), 'file')} {word}" for names, word in parts if names]
    return ", ".join(summary) or "unchanged"


def _conclude(outcomes: Sequence[Outcome]) -> int:
    report(problem for outcome in outcomes for problem in outcome.problems)
    return 1 if any(outcome.failed for outcome in outcomes) else 0

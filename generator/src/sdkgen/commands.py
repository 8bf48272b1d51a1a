"""What the commands do; each returns the exit code."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

from attrs import evolve

from sdkgen import fingerprint
from sdkgen.jobs import Job, Outcome
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.release import Release
from sdkgen.report import Ticker, count, out, progress, report
from sdkgen.workspace import DOCUMENT, Workspace
from sdkgen.write import RECORD, Drift, compare, files_of, mirror, write_if_changed

__all__ = ["check_vendors", "generate_foreign", "generate_vendors", "lint_vendors", "read_vendors_twice"]

_DIFFERS = "differs from the output for the spec"
PROCESSES = 2  # started afresh: forking a process with threads (a progress bar has one) may block for ever


def generate_vendors(workspace: Workspace, vendors: Sequence[str], *, force: bool = False) -> int:
    """Write the packages and what stands next to them; skips a vendor when nothing it depends on has changed."""
    stale = [vendor for vendor in vendors if force or not _is_current(workspace, vendor)]
    outcomes: list[Outcome] = []
    done = {vendor: "nothing to do" for vendor in vendors if vendor not in stale}
    with _rendered(workspace, stale, "generating") as results:
        for outcome, folder in results:
            outcomes.append(outcome)
            if not outcome.failed:
                drift = mirror(folder, workspace.package(outcome.vendor))
                written = _write_companions(workspace, outcome)
                companions = workspace.companions(outcome.vendor).values()
                fingerprint.record(workspace.root, workspace.package(outcome.vendor), outcome.read, companions)
                done[outcome.vendor] = ", ".join([_summary(drift), *written])
    for vendor in sorted(done):
        out(f"{vendor}: {done[vendor]}")
    return _conclude(outcomes)


def check_vendors(workspace: Workspace, vendors: Sequence[str], *, whole: bool) -> int:
    """Compare the packages with what their specs give, both ways. ``whole``: look for what has no spec, too."""
    outcomes: list[Outcome] = []
    drifted: list[str] = []
    with _rendered(workspace, vendors, "checking") as results:
        for outcome, folder in results:
            if not outcome.failed:
                drift = _drift_of(workspace, outcome, folder)
                outcome = evolve(outcome, problems=(*outcome.problems, *drift))
                drifted += [outcome.vendor] if drift else []
            outcomes.append(outcome)
    problems = _orphans(workspace) if whole else []
    code = _conclude([*outcomes, Outcome("", tuple(problems))])
    if drifted:
        out(f"To fix it: sdkgen generate {' '.join(sorted(drifted))}")
    if code == 0:
        out(f"{count(len(vendors), 'package')} up to date with the specs")
    return code


def lint_vendors(workspace: Workspace, vendors: Sequence[str]) -> int:
    """Look at the specs only."""
    outcomes = [_run(_job(workspace, vendor, None)) for vendor in vendors]
    code = _conclude(outcomes)
    if code == 0:
        out(f"{count(len(vendors), 'spec')} without problems")
    return code


def read_vendors_twice(workspace: Workspace, vendors: Sequence[str]) -> int:
    """Compare what sdkgen reads in the specs with what openapi-python-client's parser reads in them."""
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
    """The differences between two readings of a spec, and how many places were compared."""
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
    """A package from somebody else's document; what it loses is reported and does not fail."""
    if output.exists() and not (output / RECORD).is_file() and (not output.is_dir() or any(files_of(output))):
        step = "Name a new or an empty folder: everything in it is replaced."
        raise ProblemsFound([Problem(file=str(output), what="the folder holds other files", next_step=step)])
    with tempfile.TemporaryDirectory(prefix="sdkgen-") as temporary:
        folder = Path(temporary) / vendor
        base = spec.resolve().parent
        outcome = _run(Job(vendor, spec, base, base, foreign=True, release=release, destination=folder))
        if not outcome.failed:
            drift = mirror(folder, output)
            fingerprint.record(base, output, outcome.read, ())
            out(f"{output}: {_summary(drift)}")
    return _conclude([outcome])


def _run(job: Job) -> Outcome:
    from sdkgen.pipeline import run  # only where there is something to do: it imports validators

    return run(job)


def _job(workspace: Workspace, vendor: str, destination: Path | None) -> Job:
    return Job(vendor, workspace.spec(vendor), workspace.specs, workspace.root, destination=destination)


def _is_current(workspace: Workspace, vendor: str) -> bool:
    return fingerprint.is_current(workspace.root, workspace.package(vendor), workspace.companions(vendor).values())


def _write_companions(workspace: Workspace, outcome: Outcome) -> list[str]:
    """Write what goes outside the package, remove what does not belong there any more; says what was done."""
    done: list[str] = []
    for kind, path in workspace.companions(outcome.vendor).items():
        shown = f"{path.name} for the sandbox" if kind == DOCUMENT else _shown(workspace, path)
        if kind in outcome.companions:
            done += [shown] if write_if_changed(path, outcome.companions[kind].encode()) else []
        elif path.exists():
            path.unlink()
            done.append(f"{shown} removed")
    return done


@contextmanager
def _rendered(workspace: Workspace, vendors: Sequence[str], label: str) -> Generator[Iterator[tuple[Outcome, Path]]]:
    """Each vendor's outcome and the folder it was rendered into, as they are done; the folders go afterwards."""
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
    drift = compare(folder, package)
    missing = drift.missing if package.is_dir() else ("",)  # the folder itself, and not each of its files
    problems = [
        Problem(file=_shown(workspace, package / name), what=what, next_step=_fix(outcome.vendor), rule="drift")
        for names, what in (
            (drift.changed, _DIFFERS),
            (missing, "is missing"),
            (drift.extra, "belongs to no spec"),
        )
        for name in names
    ]
    for kind, path in workspace.companions(outcome.vendor).items():
        wanted = outcome.companions[kind].encode() if kind in outcome.companions else None
        there = path.read_bytes() if path.is_file() else None
        if there != wanted:
            what = "is missing" if there is None else "belongs to no spec" if wanted is None else _DIFFERS
            file, step = _shown(workspace, path), _fix(outcome.vendor)
            problems.append(Problem(file=file, what=what, next_step=step, rule="drift"))
    return problems


def _orphans(workspace: Workspace) -> list[Problem]:
    """What was generated for a vendor that no longer has a spec."""
    vendors = workspace.vendors()
    wanted = {workspace.package(vendor) for vendor in vendors}
    wanted |= {path for vendor in vendors for path in workspace.companions(vendor).values()}
    orphans = [path for path in (*workspace.client_packages(), *workspace.all_companions()) if path not in wanted]
    return [
        Problem(
            file=_shown(workspace, path),
            what="no longer has a spec",
            next_step="Remove it, or add its spec.",
            rule="drift",
        )
        for path in orphans
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

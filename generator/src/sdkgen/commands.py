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
from sdkgen.report import Ticker, count, out, progress, report
from sdkgen.workspace import Workspace
from sdkgen.write import RECORD, Drift, compare, files_of, mirror, write_if_changed

__all__ = ["check_vendors", "generate_foreign", "generate_vendors", "lint_vendors"]

PROCESSES = 2  # started afresh: forking a process with threads (a progress bar has one) may block for ever


def generate_vendors(workspace: Workspace, vendors: Sequence[str], *, force: bool = False) -> int:
    """Write the packages and the sandbox's documents; skips a vendor when nothing it depends on has changed."""
    stale = [vendor for vendor in vendors if force or not _is_current(workspace, vendor)]
    outcomes: list[Outcome] = []
    done = {vendor: "nothing to do" for vendor in vendors if vendor not in stale}
    with _rendered(workspace, stale, "generating") as results:
        for outcome, folder in results:
            outcomes.append(outcome)
            if not outcome.failed:
                drift = mirror(folder, workspace.package(outcome.vendor))
                document = _document(workspace, outcome.vendor)
                written = document is not None and write_if_changed(document, outcome.document.encode())
                fingerprint.record(workspace.root, workspace.package(outcome.vendor), outcome.read, document)
                done[outcome.vendor] = _summary(drift) + (f", {outcome.vendor}.json for the sandbox" if written else "")
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
        out(f"To mend it: sdkgen generate {' '.join(sorted(drifted))}")
    if code == 0:
        out(f"{count(len(vendors), 'package')} as the specs say")
    return code


def lint_vendors(workspace: Workspace, vendors: Sequence[str]) -> int:
    """Look at the specs only."""
    outcomes = [_run(_job(workspace, vendor, None)) for vendor in vendors]
    code = _conclude(outcomes)
    if code == 0:
        out(f"{count(len(vendors), 'spec')} without a problem")
    return code


def generate_foreign(spec: Path, output: Path, vendor: str) -> int:
    """A package from somebody else's document; what it loses is reported and does not fail."""
    if output.exists() and not (output / RECORD).is_file() and (not output.is_dir() or any(files_of(output))):
        step = "Name a new or an empty folder: everything in it is replaced."
        raise ProblemsFound([Problem(file=str(output), what="the folder holds other files", next_step=step)])
    with tempfile.TemporaryDirectory(prefix="sdkgen-") as temporary:
        folder = Path(temporary) / vendor
        outcome = _run(
            Job(vendor, spec, spec.resolve().parent, spec.resolve().parent, foreign=True, destination=folder)
        )
        if not outcome.failed:
            drift = mirror(folder, output)
            fingerprint.record(spec.resolve().parent, output, outcome.read, None)
            out(f"{output}: {_summary(drift)}")
    return _conclude([outcome])


def _run(job: Job) -> Outcome:
    from sdkgen.pipeline import run  # only where there is something to do: it imports validators

    return run(job)


def _job(workspace: Workspace, vendor: str, destination: Path | None) -> Job:
    return Job(vendor, workspace.spec(vendor), workspace.specs, workspace.root, destination=destination)


def _is_current(workspace: Workspace, vendor: str) -> bool:
    return fingerprint.is_current(workspace.root, workspace.package(vendor), _document(workspace, vendor))


def _document(workspace: Workspace, vendor: str) -> Path | None:
    folder = workspace.sandbox_documents()
    return None if folder is None else folder / f"{vendor}.json"


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
        Problem(file=_shown(workspace, package / name), what=what, next_step=_mend(outcome.vendor), rule="drift")
        for names, what in (
            (drift.changed, "differs from what the spec gives"),
            (missing, "is missing"),
            (drift.extra, "comes from no spec"),
        )
        for name in names
    ]
    document = _document(workspace, outcome.vendor)
    if document is not None:
        there = document.is_file()
        if not there or document.read_bytes() != outcome.document.encode():
            what = "differs from the bundled spec" if there else "is missing"
            step = _mend(outcome.vendor)
            problems.append(Problem(file=_shown(workspace, document), what=what, next_step=step, rule="drift"))
    return problems


def _orphans(workspace: Workspace) -> list[Problem]:
    """Packages and sandbox documents whose vendor has no spec any more."""
    packages = {workspace.package(vendor) for vendor in workspace.vendors()}
    documents = {_document(workspace, vendor) for vendor in workspace.vendors()}
    folder = workspace.sandbox_documents()
    there = [] if folder is None else sorted(folder.glob("*.json"))
    orphans = [path for path in workspace.client_packages() if path not in packages]
    orphans += [path for path in there if path not in documents]
    return [
        Problem(
            file=_shown(workspace, path),
            what="has no spec any more",
            next_step="Remove it, or add its spec.",
            rule="drift",
        )
        for path in orphans
    ]


def _mend(vendor: str) -> str:
    return f"Run `sdkgen generate {vendor}`."


def _shown(workspace: Workspace, path: Path) -> str:
    return path.relative_to(workspace.root).as_posix()


def _summary(drift: Drift) -> str:
    parts: list[tuple[Sequence[str], str]] = [
        (drift.missing, "new"),
        (drift.changed, "changed"),
        (drift.extra, "removed"),
    ]
    told = [f"{count(len(names), 'file')} {word}" for names, word in parts if names]
    return ", ".join(told) or "unchanged"


def _conclude(outcomes: Sequence[Outcome]) -> int:
    report(problem for outcome in outcomes for problem in outcome.problems)
    return 1 if any(outcome.failed for outcome in outcomes) else 0

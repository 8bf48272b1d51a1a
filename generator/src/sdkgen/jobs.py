"""What the steps are asked to do for one vendor, and what came of it; both travel between processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from sdkgen.problems import Problem, Severity
from sdkgen.release import Release

__all__ = ["Job", "Outcome"]


@frozen
class Job:
    """What to generate, and where from."""

    vendor: str
    spec: Path
    base: Path
    """References are followed inside this folder only."""
    root: Path
    """File names are shown relative to this folder."""
    foreign: bool = False
    """Somebody else's document: no rules of ours, and what is lost is reported instead of refused."""
    destination: Path | None = None
    """Where to render; None: look at the spec only."""
    release: Release | None = None
    """What a foreign package is released as; None for one of ours: ``release.yaml`` next to the spec says it."""


@frozen
class Outcome:
    """What came of a job."""

    vendor: str
    problems: tuple[Problem, ...] = ()
    companions: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """What is written outside the package, by what it is (``Workspace.companions``)."""
    read: tuple[Path, ...] = ()

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

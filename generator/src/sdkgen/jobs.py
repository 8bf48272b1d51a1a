"""The job for one vendor and its outcome; both are passed between processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attrs import field, frozen

from sdkgen.problems import Problem, Severity
from sdkgen.release import Release

__all__ = ["Job", "Outcome"]


@frozen
class Job:
    """What to generate, and from which spec."""

    vendor: str
    spec: Path
    base: Path
    """References are followed inside this folder only."""
    root: Path
    """File names are shown relative to this folder."""
    foreign: bool = False
    """Whether it is a third-party document: the rules for our specs do not apply, and losses are not errors."""
    destination: Path | None = None
    """Where to render; None: only check the spec."""
    release: Release | None = None
    """The release of a foreign package; None for our own, which have a ``release.yaml`` next to the spec."""


@frozen
class Outcome:
    """The result of a job."""

    vendor: str
    problems: tuple[Problem, ...] = ()
    companions: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """The content of files outside the package, by kind (``Workspace.companions``)."""
    read: tuple[Path, ...] = ()

    @property
    def failed(self) -> bool:
        return any(problem.severity is Severity.ERROR for problem in self.problems)

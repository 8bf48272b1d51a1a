"""``coverage.yaml``: the vendor's documented operations, and the reason for each one that the spec omits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.companions import read_companion
from sdkgen.lint.json_schema import shown
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import Problem, did_you_mean
from sdkgen.source import Source
from sdkgen.structure import operations

__all__ = ["FILE", "Coverage", "Entry", "coverage_problems", "read_coverage"]

FILE = "coverage.yaml"


@frozen
class Entry:
    """One operation of the vendor's documentation."""

    pointer: str
    operation: str
    """Method and path as in the spec; empty where no path is documented."""
    name: str
    """A description, where no path is documented."""
    source: str
    left_out: str
    """Why the spec omits it; empty if the spec has it."""


@frozen
class Coverage:
    """The operations that a vendor documents."""

    file: Source
    entries: tuple[Entry, ...]

    def problem(self, pointer: str, what: str, next_step: str, rule: str) -> Problem:
        line = self.file.line(pointer)
        return Problem(file=self.file.name, line=line, pointer=pointer, what=what, next_step=next_step, rule=rule)


def read_coverage(spec: Path, root: Path) -> Coverage | None:
    """Read the file next to a spec; None if it does not exist. Raises ProblemsFound when it cannot be read."""
    file = read_companion(spec, FILE, root=root, rule="coverage-entry")
    return None if file is None else Coverage(file, tuple(_entries(file)))


def _entries(file: Source) -> Iterator[Entry]:
    for index, value in enumerate(as_list(file.document.get("operations"))):
        entry = as_object(value)
        words = (str(entry.get(key, "")) for key in ("operation", "name", "source", "left_out"))
        yield Entry(child("/operations", index), *words)


def coverage_problems(coverage: Coverage, whole: Bundle) -> Iterator[Problem]:
    """The contradictions between the file and the spec."""
    described = {f"{method.upper()} {path}": node.pointer for path, method, node in operations(whole.document)}
    seen: dict[str, Entry] = {}
    for entry in coverage.entries:
        place, name = child(entry.pointer, "operation"), entry.operation
        first = seen.setdefault(name, entry) if name else entry
        if first is not entry:
            what = f"{shown(name)} is already listed in line {coverage.file.line(first.pointer)}"
            yield coverage.problem(place, what, "Keep one of them.", "coverage")
        elif name in described and entry.left_out:
            file, line = whole.position(described[name])
            what = f"{shown(name)} is left out here, but the spec has it in {file}:{line}"
            yield coverage.problem(child(entry.pointer, "left_out"), what, "Remove `left_out`.", "coverage")
        elif name and name not in described and not entry.left_out:
            near = did_you_mean(name, described.keys() - {one.operation for one in coverage.entries})
            step = near if near.startswith("Did") else "Describe it in the spec, or give the reason in `left_out`."
            yield coverage.problem(place, f"the spec does not have {shown(name)}", step, "coverage")
    for name, pointer in described.items():
        if name not in seen:
            step = f"Add `- {{operation: {shown(name)[1:-1]}, source: …}}` there."
            yield whole.problem(pointer, f"{coverage.file.name} does not list {shown(name)}", step, rule="coverage")

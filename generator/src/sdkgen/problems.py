"""Problems of a document: location, description, and how to fix it.

Steps collect problems instead of stopping at the first, so that one run reports all of them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from enum import Enum

from attrs import field, frozen

__all__ = ["Problem", "ProblemsFound", "Severity", "did_you_mean", "sort_problems"]


class Severity(Enum):
    """How much a problem matters."""

    ERROR = "error"
    """The document is wrong; nothing is written."""
    LOSS = "loss"
    """The document is valid, but the generated client would not implement all of it."""


@frozen(kw_only=True)
class Problem:
    """One problem, and the location to edit to fix it."""

    file: str
    """The name in messages: relative to the repository where possible."""
    line: int | None = None
    """Counted from 1; ``None`` when the file as a whole is meant."""
    pointer: str = ""
    """JSON Pointer (RFC 6901) into the bundled document, or into the file if it could not be bundled."""
    what: str
    """What is wrong: one sentence without a full stop."""
    next_step: str = ""
    """One sentence: how to fix it."""
    rule: str = ""
    """Identifier of the lint rule or of the loss; empty for problems that cannot be accepted."""
    severity: Severity = field(default=Severity.ERROR)

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        what = self.what if self.what.endswith((".", "?")) else f"{self.what}."
        rule = f" [{self.rule}]" if self.rule else ""
        return f"{where}: {what}{' ' if self.next_step else ''}{self.next_step}{rule}"


class ProblemsFound(Exception):
    """A step cannot continue because of ``problems``."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def sort_problems(problems: Iterable[Problem]) -> list[Problem]:
    """Sort problems by location, and remove duplicates."""
    unique = {(p.file, p.line, p.what, p.rule): p for p in problems}  # an alias has one line and several pointers
    return sorted(unique.values(), key=lambda p: (p.file, p.line or 0, p.rule, p.what, p.pointer))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the most similar known word, or all known words if there are few; else empty."""
    candidates: Sequence[str] = sorted(set(known))
    folded = {candidate.casefold(): candidate for candidate in candidates}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    if near:
        return f"Did you mean `{folded[near[0]]}`?"
    if 0 < len(candidates) <= 12:
        return f"Known: {', '.join(f'`{candidate}`' for candidate in candidates)}."
    return ""

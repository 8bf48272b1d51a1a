"""Terminal output: problems in order of location, and progress."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from sdkgen.problems import Problem, Severity, sort_problems

__all__ = ["Ticker", "count", "out", "progress", "report"]


class Ticker(Protocol):
    """Called for each vendor that is done."""

    def __call__(self, text: str) -> None: ...


def out(text: str) -> None:
    """Print one line to standard output, without interpreting markup."""
    Console(highlight=False, soft_wrap=True).print(Text(text))


def count(number: int, noun: str) -> str:
    """``1 problem``, ``2 problems``, ``2 losses``."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def report(problems: Iterable[Problem]) -> None:
    """Print every problem on one line to standard error, then their number."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    ordered = sort_problems(problems)
    for problem in ordered:
        text = Text(_printable(str(problem)))
        if problem.severity is Severity.LOSS:
            text = Text("loss: ", style="yellow").append_text(text)
        console.print(text)
    counts = [
        count(sum(problem.severity is severity for problem in ordered), noun)
        for severity, noun in ((Severity.ERROR, "problem"), (Severity.LOSS, "loss"))
        if any(problem.severity is severity for problem in ordered)
    ]
    if counts:
        console.print(Text(", ".join(counts), style="bold"))


def _printable(text: str) -> str:
    """Remove control characters, which could come from a document."""
    return "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)


@contextmanager
def progress(label: str, total: int) -> Generator[Ticker]:
    """A bar on a terminal, plain lines elsewhere."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if not console.is_terminal:
        done = 0

        def line(text: str) -> None:
            nonlocal done
            done += 1
            console.print(Text(f"[{done}/{total}] {label} {text}"))

        yield line
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bar:
        task = bar.add_task(label, total=total)

        def advance(text: str) -> None:
            bar.update(task, advance=1, description=f"{label} {text}")

        yield advance

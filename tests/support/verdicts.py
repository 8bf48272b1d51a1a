"""One test for a rule about hundreds of items, which lists every item that breaks it."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

SHOWN = 20
"""Number of failures shown with their reasons; the others are listed by name."""


@contextmanager
def all_pass() -> Generator[Callable[[object], AbstractContextManager[None]]]:
    """Check many things, then fail with the name of each that did not pass and why::

        with all_pass() as check:
            for method in methods:
                with check(method):
                    assert method.call() == 7

    There must be one thing at least.
    """
    checked: list[str] = []
    failed: list[tuple[str, str]] = []

    @contextmanager
    def check(thing: object) -> Generator[None]:
        checked.append(str(thing))
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:
            failed.append((str(thing), _reason(error)))

    yield check
    assert checked, "there is nothing to check"
    if failed:
        lines = [f"  {name}\n    {reason}" for name, reason in failed[:SHOWN]]
        lines += [f"  {name}" for name, _ in failed[SHOWN:]]
        pytest.fail("\n".join([f"{len(failed)} of {len(checked)} fail:", *lines]), pytrace=False)


def _reason(error: BaseException) -> str:
    """The error, and the last line of a test that raised it."""
    steps = traceback.extract_tb(error.__traceback__)
    place = next((step for step in reversed(steps) if Path(step.filename).name.startswith("test_")), steps[-1])
    text = "\n".join([str(error).strip(), *getattr(error, "__notes__", ())]).replace("\n", "\n    ")
    return f"{Path(place.filename).name}:{place.lineno}: {type(error).__name__}: {text}"

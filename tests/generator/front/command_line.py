"""How a command of ``sdkgen`` is run in a test, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from sdkgen.write import files_of


@frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Sdkgen = Callable[..., Ended]


def moments(folder: Path) -> dict[str, int]:
    """When each generated file of a folder was written."""
    return {name: (folder / name).stat().st_mtime_ns for name in files_of(folder)}

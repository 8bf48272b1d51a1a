"""Mypy and pyright in strict mode. Mypy's cache of libraries is kept for the other tests of this process.

Tests that use them are in the group :data:`one_process`, so that one process does all of it.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

one_process = pytest.mark.xdist_group("type checkers")
STRICT = ("--strict", "--warn-unreachable", "--python-version", "3.11")
"""The same for all tests, since mypy's cache only serves the same options."""


def mypy(*subjects: Path | str, sources: Iterable[Path] = ()) -> list[str]:
    """The complaints about files (paths) and packages (names), which are also searched in ``sources``.

    Each is ``file:line: error: …`` or ``file:line: note: …``.
    """
    given = [
        part for subject in subjects for part in ([str(subject)] if isinstance(subject, Path) else ["-p", subject])
    ]
    options = [*STRICT, "--config-file=", "--no-error-summary", "--show-absolute-path", "--cache-dir", str(_kept())]
    environment = {**os.environ, "MYPYPATH": os.pathsep.join(map(str, sources))}
    command = [sys.executable, "-m", "mypy", *options, *given]
    run = subprocess.run(command, env=environment, cwd=_kept(), capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stdout + run.stderr
    assert bool(run.returncode) == bool(run.stdout), run.stderr
    return run.stdout.splitlines()


def pyright(
    folder: Path, include: Iterable[str], sources: Iterable[Path] = (), **settings: object
) -> list[dict[str, Any]]:
    """The errors in files below a folder; at least one file must be checked."""
    extra = [str(source) for source in sources]
    strict = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": extra}
    (folder / "pyrightconfig.json").write_text(json.dumps({"include": [*include], **strict, **settings}))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", "-p", str(folder)]
    report = json.loads(subprocess.run(command, capture_output=True, text=True, check=False).stdout)
    assert report["summary"]["filesAnalyzed"] > 0
    return [found for found in report["generalDiagnostics"] if found["severity"] == "error"]


@cache
def _kept() -> Path:
    folder = tempfile.TemporaryDirectory(prefix="mypy-")
    atexit.register(folder.cleanup)
    return Path(folder.name)

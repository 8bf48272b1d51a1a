"""Tests of the modules of a rendered package: compilation, undefined names, import."""

from __future__ import annotations

import json
import py_compile
import subprocess
import sys
import warnings
from collections.abc import Iterator
from importlib.util import cache_from_source
from pathlib import Path
from typing import TypeAlias

__all__ = ["Fault", "compile_fault", "import_faults", "undefined_names"]

Fault: TypeAlias = tuple[str, int, str]
"""File relative to the package's folder, line, description."""

_IMPORTER = Path(__file__).with_name("import_modules.py")


def compile_fault(path: Path, name: str) -> Iterator[Fault]:
    """Compile a module; the byte code stays next to it for :func:`import_faults`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)  # an invalid escape in a docstring: text that was not escaped
            warnings.simplefilter("error", DeprecationWarning)  # the same, before Python 3.12
            py_compile.compile(str(path), cache_from_source(str(path)), name, doraise=True)
    except py_compile.PyCompileError as found:
        error = found.exc_value
        yield name, getattr(error, "lineno", None) or 1, f"does not compile: {getattr(error, 'msg', error)}"
    except (SyntaxError, ValueError) as error:
        yield name, getattr(error, "lineno", None) or 1, f"does not compile: {getattr(error, 'msg', error)}"


def undefined_names(folder: Path) -> list[Fault]:
    """Findings of ruff's rules F: undefined, redefined and unused names."""
    options = ["--isolated", "--select", "F", "--target-version", "py311", "--output-format", "json", "--no-cache"]
    command = [sys.executable, "-m", "ruff", "check", *options, "--exit-zero", "."]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    top = folder.resolve()
    return [
        (
            Path(found["filename"]).relative_to(top).as_posix(),
            int(found["location"]["row"]),
            f"is wrong: {found['message']}",
        )
        for found in json.loads(run.stdout)
    ]


def import_faults(folder: Path) -> list[Fault]:
    """Import every module, and every name that a module exports, in one separate process."""
    found: list[Fault] = []
    for package in sorted(folder.glob("src/*/__init__.py")):
        sources, name = package.parent.parent.resolve(), package.parent.name
        command = [sys.executable, "-I", str(_IMPORTER), str(sources), name]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            said = (run.stderr.strip().splitlines() or [f"exit code {run.returncode}"])[-1]
            found.append((f"src/{name}/__init__.py", 1, f"ends the process that imports it: {said}"))
        else:
            found += [(f"src/{file}", line, what) for file, line, what in json.loads(run.stdout)]
    return found

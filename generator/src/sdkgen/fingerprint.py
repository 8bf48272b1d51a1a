"""Whether a run would have nothing to do: what was read and written last time, by checksum.

The record is a local shortcut for ``generate``. ``check`` never looks at it.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import auth_core.lifecycle

from sdkgen.folders import schemas_folder
from sdkgen.pointers import as_object
from sdkgen.write import RECORD, files_of

__all__ = ["is_current", "record"]

_TOOLS = ("openapi-python-client", "ruff", "jinja2", "ruamel.yaml", "auth-core")


def checksum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@cache
def generator_checksum() -> str:
    """Of everything that decides how files are made: this package's files, its tools, the schemas, Python."""
    parts = [f"{tool} {version(tool)}" for tool in _TOOLS] + [platform.python_version()]
    for folder in (Path(__file__).parent, schemas_folder(), Path(auth_core.lifecycle.__file__).parent):
        parts += [f"{name} {checksum((folder / name).read_bytes())}" for name in files_of(folder)]
    return checksum("\n".join(parts).encode())


def _checksums(folder: Path, names: Iterable[str]) -> dict[str, str | None]:
    """By name; None for a file that is not there."""
    paths = {name: folder / name for name in sorted(names)}
    return {name: checksum(path.read_bytes()) if path.exists() else None for name, path in paths.items()}


def _names(root: Path, paths: Iterable[Path]) -> list[str]:
    return [path.resolve().relative_to(root.resolve()).as_posix() for path in paths]


def record(root: Path, package: Path, read: Iterable[Path], companions: Iterable[Path]) -> None:
    """Note what was read for the package and what is in it now.

    Args:
        root: Paths are noted relative to it.
        package: The generated package; the record is kept in it.
        read: The files of the spec, also one that could be there and is not.
        companions: What is written for the vendor outside the package, or would be.
    """
    content = {
        "generator": generator_checksum(),
        "inputs": _checksums(root, _names(root, read)),
        "outputs": _checksums(package, files_of(package)),
        "companions": _checksums(root, _names(root, companions)),
    }
    (package / RECORD).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def is_current(root: Path, package: Path, companions: Iterable[Path]) -> bool:
    """Whether nothing that was read or written has changed since the record was made."""
    try:
        noted: dict[str, Any] = as_object(json.loads((package / RECORD).read_bytes()))
        inputs, outputs = as_object(noted.get("inputs")), as_object(noted.get("outputs"))
        return (
            bool(inputs)
            and noted.get("generator") == generator_checksum()
            and noted.get("companions") == _checksums(root, _names(root, companions))
            and inputs == _checksums(root, inputs)
            and outputs == _checksums(package, files_of(package))
        )
    except (OSError, ValueError):
        return False

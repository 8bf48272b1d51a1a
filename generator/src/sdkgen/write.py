"""Generated files into the tree: only what changed is written, what is stale goes, and drift is seen both ways."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from attrs import frozen

__all__ = ["RECORD", "Drift", "compare", "document_text", "files_of", "mirror", "write_if_changed"]

RECORD = ".sdkgen.json"
"""What the last run read and wrote; local, never committed, never compared."""

_IGNORED = ("__pycache__", "*.egg-info", "*.pyc", "dist", "build", ".*_cache", ".venv", RECORD)


@frozen
class Drift:
    """How a folder differs from what would be generated; paths relative to it, with forward slashes."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)


def document_text(document: dict[str, Any]) -> str:
    """A bundled document as the sandbox ships it: JSON in the order of the spec."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def files_of(folder: Path) -> Iterator[str]:
    """Every file that counts, sorted; links are files, never followed."""
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        base = Path(parent)
        links = [name for name in folders if (base / name).is_symlink()]
        folders[:] = [name for name in folders if not _ignored(name) and name not in links]
        found += [(base / name).relative_to(folder).as_posix() for name in files + links if not _ignored(name)]
    return iter(sorted(found))


def _ignored(name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in _IGNORED)


def compare(generated: Path, folder: Path) -> Drift:
    """How the folder differs from the generated tree: whole contents, both ways."""
    wanted, there = set(files_of(generated)), set(files_of(folder))
    return Drift(
        changed=tuple(sorted(name for name in wanted & there if not _same(generated / name, folder / name))),
        missing=tuple(sorted(wanted - there)),
        extra=tuple(sorted(there - wanted)),
    )


def _same(one: Path, other: Path) -> bool:
    return not other.is_symlink() and one.read_bytes() == other.read_bytes()


def mirror(generated: Path, folder: Path) -> Drift:
    """Make the folder equal to the generated tree; what is equal already is not touched. Returns what was done."""
    drift = compare(generated, folder)
    for name in drift.extra:
        (folder / name).unlink()
        _remove_empty((folder / name).parent, folder)
    for name in (*drift.missing, *drift.changed):
        _write(folder / name, (generated / name).read_bytes())
    return drift


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write the file unless it holds this content already; says whether it was written."""
    if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
        return False
    _write(path, content)
    return True


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: a reader never sees half a module."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".sdkgen-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove the folder, and those above it, if nothing that counts is left in it (byte code does not)."""
    while folder != top and all(_ignored(entry.name) for entry in folder.iterdir()):
        shutil.rmtree(folder)
        folder = folder.parent

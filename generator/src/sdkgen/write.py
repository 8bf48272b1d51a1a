"""Writes generated files into the tree: only changed files are written, only sdkgen's own are changed or removed."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any, TypeAlias

from attrs import frozen

__all__ = [
    "RECORD",
    "Drift",
    "Owned",
    "Plan",
    "carry_out",
    "compare",
    "document_text",
    "every_file",
    "files_of",
    "first_link",
    "is_regular",
    "plan",
    "remove",
    "write_if_changed",
]

RECORD = ".sdkgen.json"
"""The file that records what the last run read and wrote (:mod:`sdkgen.record`)."""

_BYTECODE = ("__pycache__", "*.pyc")
_IGNORED = (*_BYTECODE, "*.egg-info", "dist", "build", ".*_cache", ".venv", RECORD)

Owned: TypeAlias = Callable[[str, bytes], bool]
"""Whether a file with this name and content is sdkgen's own, which it may change or remove."""


@frozen
class Drift:
    """The differences between a folder and the generated tree; paths relative to it, with forward slashes."""

    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.extra)


@frozen
class Plan:
    """The changes to make, and the conflicts that prevent them."""

    drift: Drift
    """The changes; ``extra`` are the files to remove."""
    refused: tuple[tuple[str, str], ...] = ()
    """Conflicts: name and reason. If there are any, nothing is changed."""


def document_text(document: dict[str, Any]) -> str:
    """A bundled document as the sandbox ships it: JSON in the order of the spec."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def files_of(folder: Path) -> Iterator[str]:
    """Every file except the output of tools, sorted; links are files, never followed."""
    return iter(_walk(folder, _IGNORED))


def every_file(folder: Path) -> Iterator[str]:
    """Every file of a generated tree, sorted, also in folders of resources that are named like the output of a tool."""
    return iter(_walk(folder, _BYTECODE))


def _walk(folder: Path, ignored: Iterable[str]) -> list[str]:
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        base = Path(parent)
        links = [name for name in folders if (base / name).is_symlink()]
        folders[:] = [name for name in folders if not _matches(name, ignored) and name not in links]
        found += [(base / name).relative_to(folder).as_posix() for name in files + links if not _matches(name, ignored)]
    return sorted(found)


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name, pattern) for pattern in patterns)


def _kind(path: Path) -> str:
    """The kind of file at a path, links not followed; empty if it does not exist."""
    try:
        mode = path.lstat().st_mode
    except OSError:  # it does not exist, or its name is invalid
        return ""
    kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "folder", stat.S_IFLNK: "link"}
    return kinds.get(stat.S_IFMT(mode), "special file")


def is_regular(path: Path) -> bool:
    """Whether the path is a regular file: not a link, and nothing that could block reading."""
    return _kind(path) == "file"


def first_link(top: Path, path: Path) -> Path | None:
    """The first link between a folder (exclusive) and a path inside it (inclusive)."""
    below = [*reversed(path.relative_to(top).parents[:-1]), path.relative_to(top)]
    return next((top / part for part in below if _kind(top / part) == "link"), None)


def compare(generated: Path, folder: Path) -> Drift:
    """Compare the folder with the generated tree: changed, missing and extra files."""
    wanted = set(every_file(generated))
    there = set(files_of(folder)) | {name for name in wanted if _kind(folder / name) not in ("", "folder")}
    return Drift(
        changed=tuple(sorted(name for name in wanted & there if not _same(generated / name, folder / name))),
        missing=tuple(sorted(wanted - there)),
        extra=tuple(sorted(there - wanted)),
    )


def _same(one: Path, other: Path) -> bool:
    return is_regular(other) and one.read_bytes() == other.read_bytes()


def plan(generated: Path, folder: Path, owned: Owned, recorded: Iterable[str] = (), *, overwrite: bool = False) -> Plan:
    """Plan how to make the folder equal to the generated tree.

    Args:
        generated: The new tree.
        folder: The target; may be missing.
        owned: Decides about each regular file that is to be changed or removed.
        recorded: Names that an earlier run wrote, also outside the folders that are searched for files.
        overwrite: Change a file that has the name of a generated one even if it is not ``owned``.

    Files of others that do not conflict are left unchanged.
    """
    wanted = set(every_file(generated))
    candidates = {name for name in recorded if _is_inside(name) and first_link(folder, folder / name) is None}
    stale = {
        name
        for name in (candidates | set(files_of(folder))) - wanted
        if is_regular(folder / name) and owned(name, (folder / name).read_bytes())
    }
    edited = [name for name in sorted(candidates - wanted - stale) if is_regular(folder / name) and not overwrite]
    refused = [(name, "is no longer generated, and was changed since sdkgen wrote it") for name in edited]
    refused += [(RECORD, f"is a {kind}") for kind in [_kind(folder / RECORD)] if kind not in ("", "file")]
    missing: list[str] = []
    changed: list[str] = []
    for name in sorted(wanted):
        if (obstacle := _in_the_way(folder, name, stale)) is not None:
            refused.append(obstacle)
        elif not is_regular(path := folder / name):
            missing.append(name)
        elif (content := path.read_bytes()) != (generated / name).read_bytes():
            changed.append(name)
            if not (overwrite or owned(name, content)):
                known = name in candidates
                refused.append((name, "was changed since sdkgen wrote it" if known else "was not written by sdkgen"))
    return Plan(Drift(tuple(changed), tuple(missing), tuple(sorted(stale))), tuple(dict.fromkeys(refused)))


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return "\0" not in name and not path.is_absolute() and path.parts != () and ".." not in path.parts


def _in_the_way(folder: Path, name: str, stale: set[str]) -> tuple[str, str] | None:
    """The path that conflicts with a file of this name, and the reason."""
    parts = PurePosixPath(name).parents[:-1]
    for above in map(str, reversed(parts)):
        kind = _kind(folder / above)
        if kind not in ("", "folder") and above not in stale:
            return above, f"is a {kind} where a folder is needed"
    kind = _kind(folder / name)
    if kind == "folder" and all(f"{name}/{inner}" in stale for inner in _walk(folder / name, _BYTECODE)):
        return None
    return (name, f"is a {kind} where a file is to be written") if kind not in ("", "file") else None


def carry_out(decided: Plan, generated: Path, folder: Path) -> None:
    """Carry out a plan without conflicts."""
    drift = decided.drift
    for name in drift.extra:
        (folder / name).unlink()
        _remove_empty((folder / name).parent, folder)
    for name in (*drift.missing, *drift.changed):
        _write(folder / name, (generated / name).read_bytes())


def remove(folder: Path, owned: Owned) -> tuple[list[str], list[str]]:
    """Remove sdkgen's own files, and the folder if it is then empty. Returns the removed and the remaining names."""
    names = list(files_of(folder))
    gone = [name for name in names if is_regular(folder / name) and owned(name, (folder / name).read_bytes())]
    for name in gone:
        (folder / name).unlink()
        _remove_empty((folder / name).parent, folder)
    (folder / RECORD).unlink(missing_ok=True)
    _remove_empty(folder, folder.parent)
    return gone, [name for name in names if name not in gone]


def write_if_changed(path: Path, content: bytes) -> bool:
    """Write the file unless it has this content already; returns whether it was written."""
    if is_regular(path) and path.read_bytes() == content:
        return False
    _write(path, content)
    return True


def _write(path: Path, content: bytes) -> None:
    """Write a file atomically: a reader never sees half a module."""
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
    """Remove the folder, and its parents, if they contain nothing but byte code."""
    while folder != top and all(_matches(entry.name, _BYTECODE) for entry in folder.iterdir()):
        shutil.rmtree(folder)
        folder = folder.parent

"""Copies generated files into the tree. Conflicts with files of others are reported before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sdkgen import fingerprint
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.record import Record, checksum, is_marked, read_record
from sdkgen.workspace import Workspace
from sdkgen.write import Drift, Owned, carry_out, files_of, first_link, is_regular, plan, remove, write_if_changed

__all__ = [
    "own_folder",
    "owned_by_record",
    "owned_by_workspace",
    "place",
    "remove_companion",
    "remove_vendor",
    "vendors_without_spec",
    "write_companion",
]

_COPIED = frozenset({"LICENSE", "THIRD-PARTY-NOTICES.txt", "hatch_build.py", "py.typed"})
"""Names of files that sdkgen copies into our packages; they do not have the mark of generated files."""
_MOVE = "Move it away, or remove it, and run the command again."
_NEW_FOLDER = "Name a new or an empty folder, or one that sdkgen wrote."
_LINK = "is a link, and links are not followed"


def own_folder(output: Path) -> Record:
    """Return the record of the output folder of a foreign package.

    Raises:
        ProblemsFound: The folder exists, is not empty, and was not written by sdkgen.
    """
    if output.is_symlink():
        raise _refused(str(output), _LINK, "Name the folder that it leads to.")
    if not output.is_dir():
        if output.exists():
            raise _refused(str(output), "is not a folder", _NEW_FOLDER)
        return Record()
    known = read_record(output)
    there = list(files_of(output))
    if there and not any(
        is_regular(output / name) and known.wrote(name, (output / name).read_bytes()) for name in there
    ):
        raise _refused(str(output), f"holds {_listed(there)}, which sdkgen did not write", _NEW_FOLDER)
    return known


def owned_by_workspace(workspace: Workspace, vendor: str, paths: Iterable[Path]) -> Owned:
    """:func:`owned_by_record` for a vendor's package.

    Raises:
        ProblemsFound: The package was not written by sdkgen, or one of ``paths`` cannot be written to.
    """
    package = workspace.package(vendor)
    for path in paths:
        shown = path.relative_to(workspace.root).as_posix()
        if (link := first_link(workspace.root, path)) is not None:
            raise _refused(link.relative_to(workspace.root).as_posix(), _LINK, "Put a folder or a file in its place.")
        if path != package and path.exists() and not is_regular(path):
            raise _refused(shown, "is not a file", _MOVE)
    if not _is_ours(package) and (there := list(files_of(package))):
        shown = package.relative_to(workspace.root).as_posix()
        raise _refused(shown, f"holds {_listed(there)}, which sdkgen did not write", _MOVE)
    return owned_by_record(package)


def _is_ours(package: Path) -> bool:
    """Whether sdkgen wrote the package, here or in another clone."""
    if read_record(package).outputs:
        return True
    paths = (package / name for name in files_of(package))
    return any(is_regular(path) and is_marked(path.read_bytes()) for path in paths)


def owned_by_record(package: Path) -> Owned:
    """Return the test for sdkgen's own files in a package: those that are recorded, marked, or always copied."""
    known = read_record(package)

    def owned(name: str, content: bytes) -> bool:
        return known.wrote(name, content) or is_marked(content) or name.rpartition("/")[2] in _COPIED

    return owned


def place(generated: Path, folder: Path, owned: Owned, known: Record, *, shown: str, overwrite: bool = False) -> Drift:
    """Make the folder equal to the generated tree. Raises ProblemsFound, before any change, if there are conflicts.

    Args:
        generated: The new tree.
        folder: The target.
        owned: Which files may be changed or removed.
        known: The record of the folder.
        shown: The folder as named in messages.
        overwrite: Whether files of others may be overwritten if a generated file has the same name.
    """
    decided = plan(generated, folder, owned, {*known.outputs, *known.announced}, overwrite=overwrite)
    if decided.refused:
        raise ProblemsFound(
            Problem(file=f"{shown}/{name}", what=what, next_step=_MOVE) for name, what in decided.refused
        )
    if decided.drift:
        fingerprint.announce(folder, generated)
    carry_out(decided, generated, folder)
    return decided.drift


def write_companion(path: Path, text: str) -> bool:
    """Write a file outside the package; returns whether its content changed."""
    return write_if_changed(path, text.encode())


def remove_companion(workspace: Workspace, path: Path, known: Record, *, ours: bool = False) -> bool:
    """Remove a file outside the package if it is unchanged since sdkgen wrote it (``ours``: in any case)."""
    if not is_regular(path) or first_link(workspace.root, path) is not None:
        return False
    content = path.read_bytes()
    recorded = known.companions.get(path.relative_to(workspace.root).as_posix()) == checksum(content)
    if recorded or ours or is_marked(content):
        path.unlink()
        return True
    return False


def vendors_without_spec(workspace: Workspace) -> list[str]:
    """Vendors that have no spec, but generated files."""
    packages = [path.name.removesuffix("-client") for path in workspace.client_packages()]
    return sorted({*packages, *(path.stem for path in workspace.all_companions())} - set(workspace.vendors()))


def remove_vendor(workspace: Workspace, vendor: str) -> tuple[list[str], list[Problem]]:
    """Remove the generated files of a vendor without a spec; returns the removed names and problems for other files."""
    package = workspace.package(vendor)
    shown = package.relative_to(workspace.root).as_posix()
    known, removed = read_record(package), list[str]()
    problems: list[Problem] = []
    ours = first_link(workspace.root, package) is None and _is_ours(package)
    for path in workspace.companions(vendor).values():
        if remove_companion(workspace, path, known, ours=ours and path.suffix == ".json"):
            removed.append(path.relative_to(workspace.root).as_posix())
    if ours:
        gone, left = remove(package, owned_by_record(package))
        removed += [shown] if gone else []
        what = "was not written by sdkgen, and its vendor no longer has a spec"
        problems += [Problem(file=f"{shown}/{name}", what=what, next_step="Move it away.") for name in left]
    return removed, problems


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:3])
    return shown if len(names) < 4 else f"{shown} and {len(names) - 3} more"


def _refused(file: str, what: str, next_step: str) -> ProblemsFound:
    return ProblemsFound([Problem(file=file, what=what, next_step=next_step)])

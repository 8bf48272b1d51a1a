"""Putting what was generated into the tree: what is not sdkgen's own is refused by name, before anything is written."""

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
"""Names of files that sdkgen copies into packages of ours; they have no mark."""
_MOVE = "Move it away, or remove it, and run the command again."
_NEW_FOLDER = "Name a new or an empty folder, or one that sdkgen wrote."
_LINK = "is a link, and links are not followed"


def own_folder(output: Path) -> Record:
    """The record of the folder that a foreign package goes to.

    Raises:
        ProblemsFound: It is neither new nor empty nor one that sdkgen wrote.
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
    """:func:`owned_by_record` of a vendor's package.

    Raises:
        ProblemsFound: The package is somebody else's, or one of ``paths`` cannot be written to.
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
    """Which surplus files of a package are sdkgen's: those it recorded, marked, or always copies."""
    known = read_record(package)

    def owned(name: str, content: bytes) -> bool:
        return known.wrote(name, content) or is_marked(content) or name.rpartition("/")[2] in _COPIED

    return owned


def place(generated: Path, folder: Path, owned: Owned, known: Record, *, shown: str, overwrite: bool = False) -> Drift:
    """Make the folder hold the generated tree. Raises ProblemsFound, and has done nothing, if something is in the way.

    Args:
        generated: The new tree.
        folder: Where it goes.
        owned: Which files may be changed or removed.
        known: The record of the folder.
        shown: The folder as shown to a person.
        overwrite: Whether a file with the name of a generated one may be changed whatever it holds.
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
    """Write a file that stands outside the package; says whether it was another before."""
    return write_if_changed(path, text.encode())


def remove_companion(workspace: Workspace, path: Path, known: Record, *, ours: bool = False) -> bool:
    """Remove a file outside the package if it is as sdkgen wrote it (``ours``: or whatever it holds)."""
    if not is_regular(path) or first_link(workspace.root, path) is not None:
        return False
    content = path.read_bytes()
    recorded = known.companions.get(path.relative_to(workspace.root).as_posix()) == checksum(content)
    if recorded or ours or is_marked(content):
        path.unlink()
        return True
    return False


def vendors_without_spec(workspace: Workspace) -> list[str]:
    """Those of which something is left that sdkgen writes for a vendor."""
    packages = [path.name.removesuffix("-client") for path in workspace.client_packages()]
    return sorted({*packages, *(path.stem for path in workspace.all_companions())} - set(workspace.vendors()))


def remove_vendor(workspace: Workspace, vendor: str) -> tuple[list[str], list[Problem]]:
    """Remove what sdkgen wrote for a vendor that no longer has a spec: what was removed, and what is not sdkgen's."""
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

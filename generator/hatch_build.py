"""The version of a build, and its way into the wheel. This file is the same in every package that has it.

While the content of a package is what was released, a build has the version in ``_version.py``. Any other content gets
a label made from it (``0.1.0+h4f1c0b7a9d2e``, a local version of PEP 440): for pip another version, which it installs.
"""

from __future__ import annotations

import hashlib
import runpy
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
LABEL_LENGTH = 12


def build_version() -> str:
    """The version of a build of this package as it is now."""
    declared = runpy.run_path(str(version_file()))
    content = content_digest()
    released: str = declared["__version__"]
    return released if declared["RELEASED_CONTENT"] == content else f"{released}+h{content[:LABEL_LENGTH]}"


def version_file() -> Path:
    """The module that declares the released version and its content; no part of the content itself."""
    (found,) = ROOT.glob("src/*/_version.py")
    return found


def content_digest() -> str:
    """SHA-256, in hex, of the names and contents of all files that a wheel is made from."""
    digest = hashlib.sha256()
    for name, path in sorted(_inputs()):
        digest.update(f"{name}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


def _inputs() -> Iterator[tuple[str, Path]]:
    for name in ("LICENSE", "README.md", "THIRD-PARTY-NOTICES.txt", "hatch_build.py", "pyproject.toml", "reference.md"):
        if (ROOT / name).is_file():
            yield name, ROOT / name
    yield from ((name, path) for name, path in _below(ROOT / "src", "src") if path != version_file())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    for source, target in wheel.get("force-include", {}).items():
        yield from _below(ROOT / source, target)


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        leftover = path.suffix == ".pyc" or any(
            part.startswith(".") or part == "__pycache__" or part.endswith(".egg-info") for part in inside.parts
        )
        if path.is_file() and not leftover:
            yield f"{name}/{inside.as_posix()}", path


class VersionHook(BuildHookInterface[Any]):
    """Puts the version of the build in place of the released one into the ``_version.py`` of a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        module = version_file()
        self._folder = tempfile.TemporaryDirectory()
        written = Path(self._folder.name, module.name)
        full = build_version()
        written.write_text(f'"""The version of this build."""\n\n__version__ = "{full}"\n', encoding="utf-8")
        build_data["force_include"][str(written)] = module.relative_to(ROOT / "src").as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self._folder.cleanup()

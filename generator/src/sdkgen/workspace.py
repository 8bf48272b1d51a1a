"""The layout of the repository. The folders are the only list of vendors."""

from __future__ import annotations

import re
from pathlib import Path

from attrs import frozen

from sdkgen.problems import Problem, ProblemsFound, did_you_mean
from sdkgen.write import files_of

__all__ = ["CALLS", "DOCUMENT", "PAGES", "Workspace", "check_vendor_name", "vendor_name"]

DOCUMENT = "document"
"""The bundled spec, for the sandbox."""
CALLS = "calls"
"""The names of the client's methods and arguments, for the sandbox."""
PAGES = ("coverage", "losses")
"""Folders of ``docs/generated/`` with a page for each vendor."""

_VENDOR_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def check_vendor_name(name: str, file: str, *, option: str = "") -> None:
    """Raise ProblemsFound unless the name can be part of a distribution's name and of a path."""
    if not _VENDOR_NAME.fullmatch(name) or len(name) > 60:
        what = f"`{name[:80]}` is not a vendor name"
        step = f"{option}Use lowercase letters, digits and single hyphens, starting with a letter: `athena-crm`."
        raise ProblemsFound([Problem(file=file, what=what, next_step=step)])


def vendor_name(spec: Path, given: str | None) -> str:
    """The name of a document's vendor: the given one, else that of the file. Raises ProblemsFound if it is invalid."""
    name = given if given is not None else re.sub(r"[\s_.]+", "-", spec.stem.strip().lower())
    if given is not None:
        check_vendor_name(name, "--name")
    else:
        check_vendor_name(name, spec.name, option="Give one with `--name`. ")
    return name


@frozen
class Workspace:
    """A folder with ``specs/`` and ``packages/``."""

    root: Path

    @classmethod
    def find(cls, start: Path) -> Workspace:
        """The nearest parent folder that has ``specs/``. Raises ProblemsFound when there is none."""
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / "specs").is_dir():
                return cls(folder)
        step = "Run it inside the repository, or name the repository with --root."
        raise ProblemsFound(
            [Problem(file=start.as_posix(), what="there is no `specs` folder here or above", next_step=step)]
        )

    @classmethod
    def at(cls, root: Path) -> Workspace:
        """This folder. Raises ProblemsFound when it has no ``specs/``."""
        if not (root / "specs").is_dir():
            step = "Name the folder that holds specs/ and packages/."
            raise ProblemsFound(
                [Problem(file=root.as_posix(), what="there is no `specs` folder in it", next_step=step)]
            )
        return cls(root.resolve())

    @property
    def specs(self) -> Path:
        return self.root / "specs"

    @property
    def packages(self) -> Path:
        return self.root / "packages"

    def vendors(self) -> list[str]:
        """Every folder below ``specs/`` that holds an ``openapi.yaml``, by name."""
        return sorted(path.parent.name for path in self.specs.glob("*/openapi.yaml"))

    def select(self, names: list[str]) -> list[str]:
        """The named vendors, or all. Raises ProblemsFound for a name that has no spec."""
        known = self.vendors()
        if not known and not names:
            what = "there is no vendor: no folder holds an openapi.yaml"
            raise ProblemsFound([Problem(file="specs", what=what, next_step="Add specs/<vendor>/openapi.yaml.")])
        problems = [
            Problem(file="specs", what=f"there is no vendor `{name[:80]}`", next_step=did_you_mean(name, known))
            for name in names
            if name not in known
        ]
        if problems:
            raise ProblemsFound(problems)
        chosen = sorted(set(names)) or known
        for vendor in chosen:
            check_vendor_name(vendor, f"specs/{vendor}")
        return chosen

    def spec(self, vendor: str) -> Path:
        return self.specs / vendor / "openapi.yaml"

    def package(self, vendor: str) -> Path:
        return self.packages / f"{vendor}-client"

    def sandbox_documents(self) -> Path | None:
        """The sandbox's folder of bundled documents; None if there is no sandbox."""
        sandbox = self.packages / "vendor-sandbox"
        return sandbox / "src" / "vendor_sandbox" / "specs" if sandbox.is_dir() else None

    def companions(self, vendor: str) -> dict[str, Path]:
        """The paths of a vendor's files outside its package, by kind; kinds whose folder does not exist are omitted."""
        found: dict[str, Path] = {}
        documents, docs = self.sandbox_documents(), self.root / "docs"
        if documents is not None:
            found[DOCUMENT] = documents / f"{vendor}.json"
            found[CALLS] = documents.parent / "clients" / f"{vendor}.json"
        if docs.is_dir():
            found |= {page: docs / "generated" / page / f"{vendor}.md" for page in PAGES}
        return found

    def all_companions(self) -> list[Path]:
        """Every existing companion file, including those of vendors that no longer have a spec."""
        return sorted(path for pattern in self.companions("*").values() for path in pattern.parent.glob(pattern.name))

    def client_packages(self) -> list[Path]:
        """Every client folder with files, including those of vendors that no longer have a spec."""
        return sorted(path for path in self.packages.glob("*-client") if path.is_dir() and any(files_of(path)))

"""The golden examples: for each template a small document, and next to it the files that the template makes of it.

``golden/client/operation/pages.yaml`` is a document for ``client/operation.py.jinja``; the folder ``pages`` next to it
holds the files of its package that name this template in their first line (a page in its last), at their places in
the package.
``golden/emitted`` is the same for what is copied. Run as a program, this writes all of them anew.
"""

from __future__ import annotations

import difflib
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from attrs import frozen
from jinja2 import Environment, Template

from sdkgen.bundle import bundle
from sdkgen.release import FOREIGN, Release
from sdkgen.render import render_client
from sdkgen.render.environment import TEMPLATES

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "golden"
ACCEPT = "If that is what you want, accept it with `make goldens` and read the diff of tests/generator/golden."

INCLUDED = {"enum_body.jinja": ("int_enum.py.jinja", "str_enum.py.jinja")}
"""Templates that write no file of their own: those that include them."""
OURS = "of_this_repository"
"""A document of this name becomes a package as this repository has them; the others one that is somebody else's."""
RELEASE = Release("1.2.0", content="0123456789abcdef", licence="Terms.\n")
COPIED = "emitted"
COPY = Path("errors.py")
"""The copied module of which there is a golden: the one with a name that differs from client to client."""


@frozen
class Rendering:
    """One file, as its template gave it: before ruff."""

    template: str
    environment: Environment
    variables: Mapping[str, Any]
    text: str


@frozen
class Rendered:
    """The package of a document."""

    files: Mapping[str, str]
    """By their places; those of the import package without its folders."""
    renderings: tuple[Rendering, ...]


def templates() -> list[str]:
    """Every template that writes files."""
    found = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja")}
    return sorted(found - set(INCLUDED))


def folder_of(template: str) -> Path:
    """Where the goldens of a template are: its name up to the first dot."""
    return GOLDEN / template.partition(".")[0]


def inputs(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.yaml"))


@cache
def rendered(document: Path) -> Rendered:
    """The package of a golden's document, and what its templates were rendered with."""
    renderings: list[Rendering] = []
    render = Template.render

    def recorded(self: Template, **variables: Any) -> str:
        text = render(self, **variables)
        renderings.append(Rendering(str(self.name), self.environment, variables, text))
        return text

    whole = bundle(document, vendor="shop", root=ROOT)
    with tempfile.TemporaryDirectory() as name, mock.patch.object(Template, "render", recorded):
        folder = Path(name)
        found = render_client(whole, folder, RELEASE if document.stem == OURS else FOREIGN)
        problems = [*whole.problems, *found.problems]
        assert not problems, problems
        package = folder / "src" / "shop_client"
        files = {
            path.relative_to(package if path.is_relative_to(package) else folder).as_posix(): path.read_text("utf-8")
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
    return Rendered(files, tuple(renderings))


def files_of(document: Path) -> dict[Path, str]:
    """The files that a golden has: those that its template makes, and no others."""
    folder = document.parent
    if folder == GOLDEN / COPIED:
        named = {COPY.as_posix()}
    else:
        (template,) = (name for name in templates() if folder_of(name) == folder)
        named = {
            name
            for name, text in rendered(document).files.items()
            if any(f" with {template}. Do not edit; change the template." in line for line in _outermost(text))
        }
    return {document.with_suffix("") / name: rendered(document).files[name] for name in sorted(named)}


def _outermost(text: str) -> Sequence[str]:
    """The first line, in which a file names its template, and the last, in which a page does."""
    lines = text.splitlines()
    return [*lines[:1], *lines[-1:]]


def differences(document: Path) -> Iterator[str]:
    """A unified diff of each file that is not as its golden."""
    made = files_of(document)
    kept = {path for path in document.with_suffix("").rglob("*") if path.is_file()}
    for path in sorted(made.keys() | kept):
        before = path.read_text("utf-8") if path in kept else ""
        name = path.relative_to(ROOT).as_posix()
        yield from difflib.unified_diff(
            before.splitlines(keepends=True),
            made.get(path, "").splitlines(keepends=True),
            f"{name} (golden)" if path in kept else "(no golden)",
            f"{name} (rendered)" if path in made else "(not rendered)",
        )


def documents() -> list[Path]:
    """The documents of all goldens."""
    return [document for folder in (*map(folder_of, templates()), GOLDEN / COPIED) for document in inputs(folder)]


def accept() -> None:
    """Write every golden anew."""
    for document in documents():
        shutil.rmtree(document.with_suffix(""), ignore_errors=True)
        for path, text in files_of(document).items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")


if __name__ == "__main__":
    accept()

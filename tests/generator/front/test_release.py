"""Whose version and whose licence a generated package has: ours from our files, a foreign one's from its user."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from sdkgen.jobs import Job
from sdkgen.pipeline import run
from sdkgen.problems import ProblemsFound
from sdkgen.release import FOREIGN, VERSION, Release, foreign_release
from support.repository import SPECS

DIGEST = "0123456789abcdef" * 4
FOREIGN_DOCUMENT = '{"openapi": "3.1.0", "info": {"title": "Zoo", "version": "v7"}, "paths": {}}'

WRONG = {
    "version: 1.2\n": "specs/acme/release.yaml:1: ",
    'version: "next"\n': "specs/acme/release.yaml:1: ",
    'version: "1.2.0"\ncontent: abc\n': "specs/acme/release.yaml:2: ",
    'version: "1.2.0"\ncontents: x\n': "specs/acme/release.yaml:2: ",
    f"content: {DIGEST}\n": "specs/acme/release.yaml:1: ",
}


def generated(repository: Any, release: str | None) -> Path:
    """The package of the small spec, with this ``release.yaml``."""
    repository.spec()
    if release is not None:
        repository.write("acme/release.yaml", release)
    folder: Path = repository.root / "rendered"
    outcome = run(
        Job("acme", repository.workspace.spec("acme"), repository.workspace.specs, repository.root, destination=folder)
    )
    assert [str(problem) for problem in outcome.problems] == []
    return folder


def foreign(tmp_path: Path, release: Release = FOREIGN) -> Path:
    """The package of somebody else's document."""
    (tmp_path / "zoo.json").write_text(FOREIGN_DOCUMENT)
    (tmp_path / "LICENSE").write_text("Their own.\n")
    folder = tmp_path / "package"
    run(Job("zoo", tmp_path / "zoo.json", tmp_path, tmp_path, foreign=True, release=release, destination=folder))
    return folder


def project(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((folder / "pyproject.toml").read_text())
    return found


def declared(folder: Path) -> dict[str, Any]:
    """What ``_version.py`` declares."""
    values: dict[str, Any] = {}
    (path,) = folder.glob("src/*/_version.py")
    exec(path.read_text(), values)
    return {name: value for name, value in values.items() if name in ("__version__", "RELEASED_CONTENT")}


def test_a_vendor_without_a_file_has_the_first_version(repository: Any) -> None:
    assert declared(generated(repository, None)) == {"__version__": "0.1.0", "RELEASED_CONTENT": ""}


def test_version_and_content_come_from_the_file_beside_the_spec(repository: Any) -> None:
    folder = generated(repository, f'version: "1.2.0rc1"\ncontent: {DIGEST}\n')
    assert declared(folder) == {"__version__": "1.2.0rc1", "RELEASED_CONTENT": DIGEST}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_file_is_a_problem_with_its_place(repository: Any, text: str) -> None:
    repository.spec()
    repository.write("acme/release.yaml", text)
    outcome = run(Job("acme", repository.workspace.spec("acme"), repository.workspace.specs, repository.root))
    assert outcome.failed
    assert [problem.rule for problem in outcome.problems] == ["release"]
    assert str(outcome.problems[0]).startswith(WRONG[text])


def test_our_packages_carry_the_licence_of_the_repository(repository: Any) -> None:
    (repository.root / "LICENSE").write_text("Ours.\n")
    folder = generated(repository, None)
    assert (folder / "LICENSE").read_text() == "Ours.\n"
    assert project(folder)["project"]["license"] == "MIT"


def test_a_foreign_package_has_neither_our_licence_nor_our_hook(tmp_path: Path) -> None:
    folder = foreign(tmp_path)
    names = {path.name for path in folder.iterdir()}
    assert names == {"README.md", "THIRD-PARTY-NOTICES.txt", "pyproject.toml", "reference.md", "src"}
    found = project(folder)["project"]
    assert not {"license", "authors"} & set(found)
    assert found["license-files"] == ["THIRD-PARTY-NOTICES.txt"]
    texts = [path.read_text() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    assert "sdkgen authors" not in "".join(texts)


def test_a_foreign_package_has_the_version_that_its_user_says(tmp_path: Path) -> None:
    assert declared(foreign(tmp_path, foreign_release("2.0.1"))) == {"__version__": "2.0.1"}


@pytest.mark.parametrize("version", ["", "v1", "1", "1.2.0+local", "1.02", "1.0\n"])
def test_what_is_no_version_is_refused(version: str) -> None:
    with pytest.raises(ProblemsFound, match="is not a version"):
        foreign_release(version)


def test_the_published_schema_and_command_line_allow_the_same_versions() -> None:
    schema = json.loads((SPECS / "schemas/release.schema.json").read_text())
    assert schema["properties"]["version"]["pattern"] == VERSION.pattern

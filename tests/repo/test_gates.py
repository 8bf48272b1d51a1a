"""Each gate of ``make check`` is shown a good tree and a bad one, so that none can be green by accident."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.repository import ROOT, VENDORS

GOOD_MODULE = '"""A module."""\n\nanswer: int = 42\n'


def check(root: Path, gate: str) -> subprocess.CompletedProcess[str]:
    """Run one gate over a tree."""
    command = [sys.executable, str(ROOT / "scripts/check.py"), "--root", str(root), "--only", gate]
    return subprocess.run(command, capture_output=True, text=True, check=False)


GATES_OF_SPECS = {"specs", "drift", "second-reading"}


def good_tree(root: Path, gate: str) -> None:
    """A small repository: our configuration, one good module; one spec and its package for the gates that need them."""
    shutil.copy(ROOT / "pyproject.toml", root)
    (root / "scripts").mkdir()
    (root / "scripts/module.py").write_text(GOOD_MODULE)
    if gate in GATES_OF_SPECS:
        add_a_vendor(root)


def add_a_vendor(root: Path) -> None:
    """Cinchy: its spec and all that is made of it."""
    shutil.copy(ROOT / "LICENSE", root)
    shutil.copytree(ROOT / "specs/schemas", root / "specs/schemas")
    shutil.copytree(ROOT / "specs/cinchy", root / "specs/cinchy")
    ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
    shutil.copytree(ROOT / "packages/cinchy-client", root / "packages/cinchy-client", ignore=ignore)
    for folder in ("specs", "clients"):
        written = f"packages/vendor-sandbox/src/vendor_sandbox/{folder}"
        (root / written).mkdir(parents=True)
        shutil.copy(ROOT / written / "cinchy.json", root / written)
    for page in ROOT.glob("docs/generated/*/cinchy.md"):
        (root / page.relative_to(ROOT)).parent.mkdir(parents=True)
        shutil.copy(page, root / page.relative_to(ROOT))


def write_module(source: str) -> Callable[[Path], None]:
    """A change that makes ``scripts/module.py`` bad."""

    def change(root: Path) -> None:
        (root / "scripts/module.py").write_text(source)

    return change


def misspell_a_lifecycle_key(root: Path) -> None:
    spec = root / "specs/cinchy/openapi.yaml"
    spec.write_text(spec.read_text().replace("- expires_in:", "- expires_inn:"))


def list_an_operation_that_there_is_not(root: Path) -> None:
    (root / "specs/cinchy/coverage.yaml").write_text("operations: [{operation: GET /nothing, source: seed}]\n")


def use_a_keyword_that_is_lost(root: Path) -> None:
    spec = root / "specs/cinchy/services.yaml"
    spec.write_text(spec.read_text().replace("{type: boolean, default: false}", "{type: boolean, not: {const: true}}"))


def edit_a_generated_page(root: Path) -> None:
    path = root / "docs/generated/losses/cinchy.md"
    path.write_text(path.read_text().replace("honoured", "done"))


def edit_a_generated_file(root: Path) -> None:
    path = root / "packages/cinchy-client/src/cinchy_client/client.py"
    path.write_text(path.read_text() + "\n# a careful improvement, made in the wrong place\n")


def delete_a_generated_file(root: Path) -> None:
    (root / "packages/cinchy-client/src/cinchy_client/errors.py").unlink()


def add_a_file(root: Path) -> None:
    (root / "packages/cinchy-client/src/cinchy_client/extra.py").write_text(GOOD_MODULE)


def edit_the_bundled_document(root: Path) -> None:
    path = root / "packages/vendor-sandbox/src/vendor_sandbox/specs/cinchy.json"
    path.write_text(path.read_text().replace("js_api", "other_api"))


def describe_what_the_other_reader_does_not_read(root: Path) -> None:
    spec = root / "specs/cinchy/secrets.yaml"
    spec.write_text(spec.read_text().replace("required: [secretValue]", "oneOf: [{required: [secretValue]}]"))


def list_a_difference_that_there_is_not(root: Path) -> None:
    entry = "{reason: It reads a union., places: [model UserInfo]}"
    (root / "specs/cinchy/second-reading.yaml").write_text(f"differences: [{entry}]\n")


Spoiling = Callable[[Path], None]

BAD_TREES: dict[str, list[tuple[Spoiling, str]]] = {
    "format": [(write_module('"""A module."""\n\nanswer  =  42\n'), "module.py")],
    "lint": [(write_module('"""A module."""\n\nimport os\n'), "F401")],
    "mypy": [(write_module('"""A module."""\n\nanswer: int = "42"\n'), "Incompatible types")],
    "pyright": [(write_module('"""A module."""\n\nanswer: int = "42"\n'), "reportAssignmentType")],
    "specs": [
        (misspell_a_lifecycle_key, "Did you mean `expires_in`?"),
        (list_an_operation_that_there_is_not, "does not have `GET /nothing`"),
        (use_a_keyword_that_is_lost, "what it forbids is accepted"),
    ],
    "drift": [
        (edit_a_generated_page, "docs/generated/losses/cinchy.md"),
        (edit_a_generated_file, "client.py"),
        (delete_a_generated_file, "errors.py"),
        (add_a_file, "extra.py"),
        (edit_the_bundled_document, "cinchy.json"),
    ],
    "second-reading": [
        (describe_what_the_other_reader_does_not_read, "`model Secret` is read differently: a model by"),
        (list_a_difference_that_there_is_not, "both readers read the same there"),
    ],
}
"""What is spoilt for a gate, each with what its output then has. One run finds all of it."""


@pytest.mark.parametrize("gate", BAD_TREES)
def test_a_gate_passes_a_good_tree_and_fails_a_bad_one(tmp_path: Path, gate: str) -> None:
    good_tree(tmp_path, gate)
    finished = check(tmp_path, gate)
    assert finished.returncode == 0, finished.stdout

    for spoil, _ in BAD_TREES[gate]:
        spoil(tmp_path)
    finished = check(tmp_path, gate)
    assert finished.returncode == 1
    assert f"FAIL {gate}" in finished.stdout
    assert [expected for _, expected in BAD_TREES[gate] if expected not in finished.stdout] == []


def test_a_package_without_a_spec_is_drift(tmp_path: Path) -> None:
    good_tree(tmp_path, "drift")
    (tmp_path / "specs/cinchy").rename(tmp_path / "specs/renamed")
    finished = check(tmp_path, "drift")
    assert finished.returncode == 1
    assert "cinchy-client" in finished.stdout


@pytest.mark.slow
def test_drift_is_found_for_every_vendor(tmp_path: Path) -> None:
    """The list of vendors is the folders: a vendor that nobody listed is still checked."""
    for name in ("specs", "packages"):
        ignore = shutil.ignore_patterns("__pycache__", "*.egg-info")
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    spoilt = [f"packages/{vendor}-client/README.md" for vendor in VENDORS]
    for path in spoilt:
        (tmp_path / path).write_text("Mine.\n")
    finished = check(tmp_path, "drift")
    assert finished.returncode == 1
    assert [path for path in spoilt if path not in finished.stdout] == []


def test_the_real_tree_has_every_gate() -> None:
    """A gate that is added gets a bad tree here."""
    finished = subprocess.run(
        [sys.executable, str(ROOT / "scripts/check.py"), "--only", "none"], capture_output=True, text=True, check=False
    )
    assert finished.returncode == 2
    listed = finished.stderr.partition("there are ")[2].strip().split(", ")
    assert sorted(listed) == sorted(BAD_TREES)

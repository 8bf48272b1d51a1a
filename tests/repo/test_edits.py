"""An edit of a spec changes exactly what it means: these files, and no other byte of the tree."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

PACKAGE = "packages/cinchy-client/src/cinchy_client"
REFERENCE = "packages/cinchy-client/reference.md"
DOCUMENT = "packages/vendor-sandbox/src/vendor_sandbox/specs/cinchy.json"
CALLS = "packages/vendor-sandbox/src/vendor_sandbox/clients/cinchy.json"
HEALTH = {f"{PACKAGE}/resources/health.py", DOCUMENT}

EDITS = {
    "a comment": ("openapi.yaml", "x-client:", "# who made this\nx-client:", set[str]()),
    "a summary": (
        "services.yaml",
        "summary: State of the single sign-on service",
        "summary: How the single sign-on service is",
        {REFERENCE, f"{PACKAGE}/operations/health/get_sso_health.py", *HEALTH},
    ),
    "an enum value": (
        "cql.yaml",
        "enum: [NONQUERY, SCALAR]",
        "enum: [NONQUERY, SCALAR, DDL]",
        {f"{PACKAGE}/models/cql_statement_type.py", DOCUMENT},
    ),
    "a new query parameter": (
        "services.yaml",
        "          schema: {type: boolean, default: false}\n          example: true\n      responses: &healthResponses",
        "          schema: {type: boolean, default: false}\n          example: true\n"
        "        - {name: verbose, in: query, description: More words., schema: {type: boolean}}\n"
        "      responses: &healthResponses",
        {
            f"{PACKAGE}/operations/health/get_health.py",
            f"{PACKAGE}/operations/health/get_sso_health.py",
            CALLS,
            REFERENCE,
            *HEALTH,
        },
    ),
    "a deleted operation": (
        "openapi.yaml",
        "  /idp/healthcheck: {$ref: services.yaml#/paths/sso_health}\n",
        "",
        {REFERENCE, f"{PACKAGE}/operations/health/get_sso_health.py", f"{PACKAGE}/testing.py", CALLS, *HEALTH},
    ),
    "a token that is understood to live shorter": (
        "openapi.yaml",
        "- default: 3600",
        "- default: 1800",
        {f"{PACKAGE}/auth.py", DOCUMENT},
    ),
}


def generate(root: Path, **environment: str) -> None:
    """Run the generator, whatever it noted before."""
    command = [sys.executable, "-m", "sdkgen", "generate", "--force", "--root", str(root)]
    finished = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stdout + finished.stderr


def contents(root: Path) -> dict[str, bytes]:
    """Every generated file."""
    found = (path for path in root.glob("packages/**/*") if path.is_file() and "__pycache__" not in path.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in found if p.name != ".sdkgen.json"}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the Cinchy spec and what is made of it."""
    root = tmp_path_factory.mktemp("original")
    shutil.copytree(ROOT / "specs/schemas", root / "specs/schemas")
    without = shutil.ignore_patterns("coverage.yaml")  # it would want to follow an operation that an edit removes
    shutil.copytree(ROOT / "specs/cinchy", root / "specs/cinchy", ignore=without)
    (root / DOCUMENT).parent.parent.mkdir(parents=True)
    shutil.copy(ROOT / "LICENSE", root)
    generate(root)
    return root


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_changes_what_it_means_and_nothing_else(original: Path, tmp_path: Path, edit: str) -> None:
    name, old, new, expected = EDITS[edit]
    root = tmp_path / "edited"
    shutil.copytree(original, root)
    spec = root / "specs/cinchy" / name
    assert spec.read_text().count(old) == 1
    spec.write_text(spec.read_text().replace(old, new))
    before = contents(root)
    generate(root)
    after = contents(root)
    assert {file for file in before.keys() | after.keys() if before.get(file) != after.get(file)} == expected
    assert (f"{PACKAGE}/operations/health/get_sso_health.py" in after) == (edit != "a deleted operation")


@pytest.mark.parametrize("seed", ["4242", *(pytest.param(seed, marks=pytest.mark.slow) for seed in ("0", "1"))])
def test_hash_seeds_make_no_difference(original: Path, seed: str) -> None:
    before = contents(original)
    generate(original, PYTHONHASHSEED=seed)
    assert contents(original) == before


def test_what_is_committed_is_what_the_specs_give(original: Path) -> None:
    committed = {file: (ROOT / file).read_bytes() for file in contents(original)}
    assert contents(original) == committed

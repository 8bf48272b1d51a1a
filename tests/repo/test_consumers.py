"""Programs of users, kept as they were written for each release, are correct with the packages of today."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.repository import ROOT, VENDORS
from support.type_checkers import mypy, one_process, pyright

CONSUMERS = ROOT / "tests/consumers"
BROKEN = """
from athena_crm_client import AthenaCrm

print(AthenaCrm().subjects.get("C-1").name_of_another_release)
"""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All of them in one folder, under different names, and one that uses what is not there."""
    folder = tmp_path_factory.mktemp("consumers")
    for program in CONSUMERS.glob("*/*.py"):
        release = program.parent.name.replace(".", "_")
        (folder / f"{program.stem}_{release}.py").write_text(program.read_text("utf-8"), "utf-8")
    (folder / "broken.py").write_text(BROKEN, "utf-8")
    return folder


def test_each_release_has_a_program_of_every_vendor() -> None:
    releases = [folder for folder in CONSUMERS.iterdir() if folder.is_dir()]
    assert releases
    for folder in releases:
        assert {one.stem.replace("_", "-") for one in folder.glob("*.py")} >= set(VENDORS), folder.name


@one_process
def test_mypy_finds_no_breaking_change(programs: Path) -> None:
    found = mypy(*sorted(programs.glob("*.py")))
    assert [line for line in found if not line.startswith(str(programs / "broken.py"))] == []
    assert "name_of_another_release" in "".join(found)


@one_process
def test_pyright_finds_no_breaking_change(programs: Path) -> None:
    found = pyright(programs, ["*.py"])
    assert [one for one in found if not one["file"].endswith("broken.py")] == []
    assert "name_of_another_release" in found[0]["message"]

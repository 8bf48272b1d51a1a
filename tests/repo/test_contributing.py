"""CONTRIBUTING.md shows an example of every kind of test, and a kind for every folder of tests."""

from __future__ import annotations

import re

import pytest

from support.repository import ROOT

SECTION = re.compile(r"^## Which kind of test\n(.*?)^## ", re.MULTILINE | re.DOTALL)


def rows() -> list[list[str]]:
    """The cells of the table, without its head."""
    found = SECTION.search((ROOT / "CONTRIBUTING.md").read_text("utf-8"))
    assert found
    lines = [line for line in found[1].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[2:]]


EXAMPLES = [row[-1] for row in rows()]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_kind_of_test_has_an_example(row: list[str]) -> None:
    assert len(row) == 3
    assert re.fullmatch(r"`tests/[\w/]+/test_\w+\.py`", row[-1])
    assert (ROOT / row[-1].strip("`")).is_file()


def test_every_folder_of_tests_has_a_kind() -> None:
    folders = {path.relative_to(ROOT).parts[1] for path in ROOT.glob("tests/*/**/test_*.py")}
    assert folders == {example.split("/")[1] for example in EXAMPLES}


def test_no_example_stands_for_two_kinds() -> None:
    assert len(set(EXAMPLES)) == len(EXAMPLES)

"""Our five specs as people get them wrong: what is said of each, word for word.

``cases.yaml`` holds a change to one file and the messages that it must give. Lines are written as their text, so that
an edit elsewhere in a spec moves nothing here: ``specs/cinchy/openapi.yaml:«expired: {status: [401]}»: …``.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from sdkgen import source
from sdkgen.jobs import Job
from sdkgen.pipeline import run

HERE = Path(__file__).parent
SPECS = HERE.parents[2] / "specs"
CASES: list[dict[str, Any]] = YAML(typ="safe").load(HERE / "cases.yaml")
ENCODINGS = {
    "UTF-16": lambda text: text.encode("utf-16"),
    "Windows": lambda text: text.replace("host name", "host\N{EN DASH}name", 1).encode("cp1252"),
    "BOM and CRLF": lambda text: b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(),
    "two documents": lambda text: text.encode() + b"---\nopenapi: 3.1.0\n",
}
_PLACE = re.compile(r"(?P<before>(?P<file>specs/[\w./-]+\.yaml):|\bline )(?P<line>\d+)")


@pytest.fixture(scope="module", autouse=True)
def unchanged_files_are_parsed_once() -> Iterator[None]:
    """Parsing takes half the time of a case, which changes one file of many."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "compose_yaml", cache(source.compose_yaml))
        yield


def reported(vendor: str, root: Path, changed: str) -> list[str]:
    """What is said of a vendor's spec, lines as their text."""

    def text_of(match: re.Match[str]) -> str:
        lines = (root / (match["file"] or f"specs/{changed}")).read_bytes().decode("utf-8", "replace").splitlines()
        return f"{match['before']}«{lines[int(match['line']) - 1].strip()[:60]}»"

    outcome = run(Job(vendor, root / "specs" / vendor / "openapi.yaml", root / "specs", root))
    return [_PLACE.sub(text_of, str(problem)) for problem in outcome.problems]


def rules(case: dict[str, Any]) -> frozenset[str]:
    """The rules that a mistake breaks; of what no rule finds, the words without the names in them."""
    ends = [(reported, re.search(r"\[([\w-]+)\]$", reported)) for reported in case["reported"]]
    return frozenset(end[1] if end else re.sub(r".*»: |`[^`]*`|«[^»]*»", "", reported) for reported, end in ends)


def first_of_its_rules(case: dict[str, Any]) -> bool:
    return next(one for one in CASES if rules(one) == rules(case)) is case


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=() if first_of_its_rules(case) else pytest.mark.slow) for case in CASES],
    ids=lambda case: f"{case['file']}: {case['to']}"[:70],
)
def test_a_mistake_is_reported_with_its_place_and_its_remedy(case: dict[str, Any], tmp_path: Path) -> None:
    shutil.copytree(SPECS, tmp_path / "specs")
    path = tmp_path / "specs" / case["file"]
    text = path.read_text("utf-8")
    assert case["from"] in text
    path.write_text(text.replace(case["from"], case["to"], 1), "utf-8")

    assert reported(case["vendor"], tmp_path, case["file"]) == case["reported"]


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("UTF-16", ["byte 0xff is not UTF-8. Save the file as UTF-8."]),
        ("Windows", ["byte 0x96 is not UTF-8. Save the file as UTF-8."]),
        ("BOM and CRLF", []),
        ("two documents", ["a second YAML document starts here (`---`). Keep one document per file."]),
    ],
)
def test_a_file_in_another_encoding_is_read_or_told(encoding: str, expected: list[str], tmp_path: Path) -> None:
    shutil.copytree(SPECS, tmp_path / "specs")
    path = tmp_path / "specs/cinchy/openapi.yaml"
    path.write_bytes(ENCODINGS[encoding](path.read_text("utf-8").replace("its own host", "its own host name", 1)))

    found = reported("cinchy", tmp_path, "cinchy/openapi.yaml")
    assert [message.partition("»: ")[2] for message in found] == expected

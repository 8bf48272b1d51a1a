"""The bundled specs under a linter that others use too, with the rules of ``redocly.yaml``."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.repository import ROOT, VENDORS

DOCUMENTS = ROOT / "packages/vendor-sandbox/src/vendor_sandbox/specs"
RULES = (ROOT / "redocly.yaml").read_text("utf-8")
CANNOT_RUN = 3

pytestmark = [pytest.mark.xdist_group("public linter"), pytest.mark.timeout(300)]  # it may have to be installed


def lint(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run it. Where it cannot run the test is skipped, with the reason; in CI that is a failure."""
    command = [sys.executable, str(ROOT / "scripts/public_lint.py"), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode == CANNOT_RUN:
        reason = f"the public linter cannot run: {ended.stderr.strip()}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    return ended


def rules_broken(report: str) -> set[str]:
    """Names of the rules in a report, which is one JSON document for each spec."""

    def problems(text: str) -> Iterator[Any]:
        decoder = json.JSONDecoder()
        while text := text.lstrip():
            value, end = decoder.raw_decode(text)
            yield from value["problems"]
            text = text[end:]

    return {problem["ruleId"] for problem in problems(report)}


def test_every_bundled_spec_passes() -> None:
    ended = lint()

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [vendor for vendor in VENDORS if f"{vendor}.json: validated in" not in ended.stdout + ended.stderr] == []


def test_it_refuses_a_spec_that_is_wrong(tmp_path: Path) -> None:
    document = json.loads((DOCUMENTS / "cinchy.json").read_text("utf-8"))
    document["tags"] = []
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps(document))

    ended = lint("--format", "json", wrong)

    assert ended.returncode == 1
    assert rules_broken(ended.stdout) == {"operation-tag-defined"}


def test_every_disabled_rule_has_a_reason_and_would_be_broken(tmp_path: Path) -> None:
    off = re.findall(r"^  ([a-z0-9-]+): off(?:  # \S.*)$", RULES, re.M)
    assert len(off) == RULES.count(": off")
    everything = tmp_path / "redocly.yaml"
    everything.write_text("extends: [all]\n")
    documents = [DOCUMENTS / f"{vendor}.json" for vendor in VENDORS]

    assert rules_broken(lint("--format", "json", "--config", everything, *documents).stdout) == set(off)


def test_what_npm_installs_is_pinned_and_nothing_records_an_address() -> None:
    pinned = (ROOT / "requirements/node.txt").read_text("utf-8")
    assert re.fullmatch(r"(@?[a-z/-]+@\d+\.\d+\.\d+\n)+", pinned)
    assert [*ROOT.glob("*.json"), *ROOT.glob("requirements/*.json"), *ROOT.glob("scripts/*.json")] == []

"""docs/features.md claims nothing without a test that shows it."""

from __future__ import annotations

import ast
import re

from support.repository import ROOT
from support.verdicts import all_pass

ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split(" | ")]
    for line in (ROOT / "docs/features.md").read_text("utf-8").splitlines()
    if line.startswith("|")
]


def test_each_feature_is_there_and_shown_by_a_test() -> None:
    head, _, *features = ROWS
    assert head[:3] == ["feature", "here", "shown by"]
    assert len(features) >= 19
    with all_pass() as check:
        for name, here, shown, *others in features:
            with check(name):
                assert here.partition(":")[0] == "yes"
                assert len(others) == len(head) - 3
                for named in shown.split("<br>"):
                    test = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", named)
                    assert test, named
                    module = ast.parse((ROOT / test[1]).read_text("utf-8"))
                    assert test[2] in {getattr(statement, "name", None) for statement in module.body}, named

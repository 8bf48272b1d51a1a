"""The lists of modules in docs/architecture.md are those of the folders."""

from __future__ import annotations

import re

import pytest

from support.repository import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")
SDKGEN = ROOT / "generator/src/sdkgen"


@pytest.mark.parametrize("room", ["facts", "models"])
def test_every_module_of_a_room_is_reported_to_decide_something(room: str) -> None:
    section = TEXT.split(f"### {room}/\n")[1].split("\n#")[0]
    block = section.split("```")[1]
    named = [name for line in block.splitlines() for name in re.findall(r"\b\w+\.py\b", line.split("   ")[0])]
    assert sorted(named) == sorted(path.name for path in (SDKGEN / room).glob("[!_]*.py"))

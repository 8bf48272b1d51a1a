"""What runs before the tests do: the workflows of CI, and the set-up of the environment."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.repository import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import setup_environment

USES = re.compile(r"^\s*- uses: (.*)$", re.MULTILINE)


def test_workflows_use_actions_by_their_commit() -> None:
    """A tag can be moved; the comment says which release the commit is."""
    used = [action for path in (ROOT / ".github/workflows").iterdir() for action in USES.findall(path.read_text())]
    assert len(used) >= 4
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", action)] == []


def test_an_environment_is_set_up_once_and_updated_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def done(command: list[Any], **_: Any) -> subprocess.CompletedProcess[str]:
        (tmp_path / ".venv/bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / ".venv/bin/python").touch()
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(setup_environment, "ROOT", tmp_path)
    monkeypatch.setattr(setup_environment.subprocess, "run", done)
    for name in ("generator/pyproject.toml", "requirements/constraints.txt", "requirements/dev.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    printed: list[str] = []
    for vendor in ("acme", "acme", "new"):
        (tmp_path / f"packages/{vendor}-client").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"packages/{vendor}-client/pyproject.toml").touch()
        assert setup_environment.main([".venv"]) == 0
        printed.append(capsys.readouterr().out)
    assert [text.partition(" .venv")[0] for text in printed] == ["Setting up", "", "Updating"]

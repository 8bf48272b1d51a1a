"""The adapter is the one place that knows an HTTP library: it holds with the oldest httpx allowed, and with httpx2.

httpx2 continues httpx under another name. That the same tests pass when the module responses to ``httpx`` shows what a
move would cost: the import in one file.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT

OF_THE_ADAPTER = ("httpx_auth", "replay", "origins", "late_401_keeps_the_newer_token", "no_secret_leaks")
ALIAS = 'import sys\n\nimport httpx2\n\nsys.modules["httpx"] = httpx2\n'


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("requirement", "plugin", "version"),
    [("httpx==0.27.0", None, "0.27.0"), ("httpx==0.28.1", None, "0.28.1"), ("httpx2==2.16.2", ALIAS, "2.16.2")],
)
def test_the_adapter_holds(requirement: str, plugin: str | None, version: str, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tmp_path), requirement]
    subprocess.run(pip, check=True, capture_output=True)
    (tmp_path / "http_library.py").write_text(plugin or "")
    (tmp_path / "http_library_version.py").write_text(f"import httpx\n\nassert httpx.__version__ == {version!r}\n")
    tests = [f"tests/auth_core/test_{name}.py" for name in OF_THE_ADAPTER]
    plugins = ["-p", "http_library", "-p", "http_library_version", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-q", "-n0", *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-1000:]
    assert " passed" in finished.stdout

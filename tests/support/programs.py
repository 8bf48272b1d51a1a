"""Programs next to Python that tests run. A test of a missing one is skipped with the reason; in CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest

INSTALL = "python3 scripts/install_system_packages.py"


def program(name: str) -> str:
    """The path of a program. Skips the test that asks where there is none, or fails it under ``CI=true``."""
    path = shutil.which(name)
    if path is not None:
        return path
    reason = f"{name} is not installed; run: {INSTALL}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)

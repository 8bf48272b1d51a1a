"""Programs other than Python that tests run. A test is skipped with the reason if one is missing; in CI it fails."""

from __future__ import annotations

import os
import shutil

import pytest

INSTALL = "python3 scripts/install_system_packages.py"


def program(name: str) -> str:
    """The path of a program. If it is missing, skips the calling test, or fails it under ``CI=true``."""
    path = shutil.which(name)
    if path is not None:
        return path
    reason = f"{name} is not installed; run: {INSTALL}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)

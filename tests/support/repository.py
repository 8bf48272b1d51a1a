"""Paths in this repository, for the tests. The vendors are the folders of ``specs/``: no other list."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT / "specs"
VENDORS = sorted(path.parent.name for path in SPECS.glob("*/openapi.yaml"))


def slow_but(*ordinary: str) -> list[Any]:
    """Every vendor as a parameter; the ordinary run has these only, of a test that shows the same of each."""
    return [pytest.param(vendor, marks=() if vendor in ordinary else pytest.mark.slow) for vendor in VENDORS]


@dataclass(frozen=True)
class Client:
    """One generated client package."""

    vendor: str

    @property
    def folder(self) -> Path:
        """The distribution's folder."""
        return ROOT / "packages" / f"{self.vendor}-client"

    @property
    def import_name(self) -> str:
        """The name it is imported by."""
        return f"{self.vendor.replace('-', '_')}_client"

    @property
    def package(self) -> Path:
        """The folder of the import package."""
        return self.folder / "src" / self.import_name


CLIENTS = [Client(vendor) for vendor in VENDORS]

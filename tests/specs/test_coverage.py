"""Each vendor of this repository says which operations its API is known to have."""

from __future__ import annotations

import pytest

from sdkgen.coverage import FILE, read_coverage
from support.repository import ROOT, SPECS, VENDORS


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_vendor_has_its_coverage(vendor: str) -> None:
    """That the file agrees with the spec, and the page with the file, is for ``make check``."""
    assert (SPECS / vendor / FILE).is_file(), f"specs/{vendor}/{FILE} is missing; docs/spec-extensions.md has its form"
    coverage = read_coverage(SPECS / vendor / "openapi.yaml", ROOT)
    assert coverage is not None
    assert [entry for entry in coverage.entries if not entry.left_out]

"""Fixtures for testing code that talks to a vendor: ``cinchy_sandbox``, and one for every other vendor.

pytest loads this module wherever the package is installed. The rest of the package is imported only when a fixture is
used. Each test gets its own server, on a free port, with fresh state, so tests can run in parallel.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from vendor_sandbox.testing import VendorSandbox

SPECS = Path(__file__).parent / "specs"


def _fixture_for(vendor: str, name: str) -> Any:
    def sandbox_of_vendor() -> Generator[VendorSandbox]:
        from vendor_sandbox.testing import vendor_sandbox

        with vendor_sandbox(vendor) as running:
            yield running

    sandbox_of_vendor.__doc__ = f"""A server of `{vendor}` for this test alone, with a client wired to it."""
    return pytest.fixture(name=name)(sandbox_of_vendor)


for _file in sorted(SPECS.glob("*.json")):
    _name = f"{_file.stem.replace('-', '_')}_sandbox"
    globals()[_name] = _fixture_for(_file.stem, _name)

"""Fixtures of the sandbox's tests."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from vendor_sandbox import Sandbox, Vendor


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    """A plain HTTP client, none of the generated ones: no redirects, no settings from the environment, no TLS."""
    with httpx.Client(trust_env=False, timeout=30, verify=False) as plain:
        yield plain


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with the vendors of the test's parameter, or with all."""
    with Sandbox(*getattr(request, "param", ())) as running:
        yield running


@pytest.fixture
def cinchy() -> Iterator[Vendor]:
    """Cinchy, alone."""
    with Sandbox("cinchy") as running:
        yield running["cinchy"]

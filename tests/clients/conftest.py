"""A sandbox of one vendor whose clock is the client's clock, and the client's arguments for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from auth_core_testing import FakeClock

from clients.vendors import SUBJECTS, Subject
from support.repository import VENDORS
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.clock import SandboxClock

pytest.register_assert_rewrite("clients.calls")


@pytest.fixture(params=VENDORS)
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each vendor in turn. A vendor without an entry fails here: the suite covers them all."""
    return SUBJECTS[request.param]


@pytest.fixture
def clock() -> FakeClock:
    """The one clock of client and server."""
    return FakeClock()


@pytest.fixture
def sandbox(subject: Subject, clock: FakeClock) -> Iterator[Sandbox]:
    """The vendor, running."""
    with Sandbox(subject.vendor, clock=SandboxClock(clock.wall)) as running:
        yield running


@pytest.fixture(scope="session")
def vendors() -> Iterator[Sandbox]:
    """All vendors, running, for tests that want no more than tokens of them."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def vendor(sandbox: Sandbox, subject: Subject) -> Vendor:
    """The vendor inside the sandbox."""
    return sandbox[subject.vendor]


@pytest.fixture
def arguments(subject: Subject, vendor: Vendor, clock: FakeClock) -> dict[str, Any]:
    """Arguments of a client that can log in."""
    return {**vendor.servers, "credentials": subject.credentials(vendor), "clock": clock}

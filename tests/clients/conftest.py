"""A sandbox of one vendor whose clock is the client's clock, and the client's arguments for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from auth_core_testing import FakeClock

from clients.vendors import SUBJECTS, Subject
from clients.watched import Watched
from support.http_library import LIBRARY
from support.repository import VENDORS
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.clock import SandboxClock

pytest.register_assert_rewrite("clients.calls")


@pytest.fixture(autouse=True, scope="session")
def http_library() -> Iterator[None]:
    """The clients that are given no HTTP client use the library of the suite."""
    with pytest.MonkeyPatch.context() as patch:
        for subject in SUBJECTS.values() if LIBRARY != "httpx" else ():
            patch.setenv(f"{subject.environment}_HTTP", LIBRARY)
        yield


@pytest.fixture(params=VENDORS)
def subject(request: pytest.FixtureRequest) -> Subject:
    """Each vendor in turn, or those of a test. A vendor without an entry fails here: the suite covers them all."""
    return SUBJECTS[request.param]


@pytest.fixture
def clock() -> FakeClock:
    """The clock that client and server share."""
    return FakeClock()


@pytest.fixture
def sandbox(subject: Subject, clock: FakeClock) -> Iterator[Sandbox]:
    """A sandbox with the vendor."""
    with Sandbox(subject.vendor, clock=SandboxClock(clock.wall)) as running:
        yield running


@pytest.fixture(scope="session")
def vendors() -> Iterator[Sandbox]:
    """A sandbox with all vendors, for tests that only need tokens."""
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


@pytest.fixture
def watch(clock: FakeClock) -> Iterator[Callable[..., Watched]]:
    """``watch("cinchy", grant)``: the vendor, running, and a client whose secrets are watched."""
    running: list[Sandbox] = []

    def start(name: str, grant: str | None = None) -> Watched:
        sandbox = Sandbox(name, clock=SandboxClock(clock.wall))
        running.append(sandbox.__enter__())
        return Watched(sandbox, name, grant or SUBJECTS[name].first_grant.name, clock)

    yield start
    for sandbox in running:
        sandbox.__exit__(None, None, None)

"""A pytest fixture that fails a test in which a secret is exposed.

pytest loads this module wherever the package is installed. The rest of the package is imported only when a test
requests the fixture::

    def test_my_client(canary, tmp_path):
        client = MyClient(password=canary.secret("password"))
        client.call()
        canary.show(client)

Inspected automatically: every log record of every library at DEBUG, the arguments and environments of started
processes, the test's output, and all files below ``tmp_path`` that users other than their owner may read.
Call ``canary.show()`` to inspect reprs and exceptions.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from .canary import Canary

__all__ = ["canary"]

_CANARY = pytest.StashKey["tuple[Canary, Path]"]()


@pytest.fixture
def canary(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Canary]:
    """A :class:`~auth_core_testing.Canary`; the test fails if one of its secrets is exposed."""
    from .canary import Canary

    watcher = Canary()
    item: pytest.Item = cast(Any, request).node  # untyped in some releases of pytest
    item.stash[_CANARY] = watcher, tmp_path
    with watcher.watching():
        yield watcher


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Look for exposed secrets after the test function, before its fixtures are torn down."""
    report = yield
    kept = item.stash.get(_CANARY, None)
    if call.when != "call" or kept is None:
        return report
    watcher, folder = kept
    watcher.search_below(folder, private_is_fine=True)
    watcher.inspect_processes()
    for title, text in report.sections:
        watcher.record(title, text)
    leaks = watcher.leaks()
    if leaks:
        message: Any = "secrets were exposed:\n" + "\n".join(f"  {leak}" for leak in leaks)
        if report.passed:
            report.outcome, report.longrepr = "failed", message
        else:
            report.sections.append(("canary", message))
    return report

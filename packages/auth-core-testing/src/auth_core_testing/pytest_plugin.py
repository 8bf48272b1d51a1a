"""A pytest fixture that fails a test in which a secret shows up.

pytest loads this module wherever the package is installed, so it imports nothing of it until a test asks::

    def test_my_client(canary, tmp_path):
        client = MyClient(password=canary.secret("password"))
        client.call()
        canary.show(client)

Looked at without being asked: every log record of every library at DEBUG, the arguments and environments of processes
that are started, what the test prints, and all files below ``tmp_path`` that others than their owner may read.
``canary.show()`` looks at reprs and errors.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .canary import Canary

__all__ = ["canary"]

_CANARY = pytest.StashKey["tuple[Canary, Path]"]()


@pytest.fixture
def canary(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Canary]:
    """Hands out secrets; the test fails if one of them is shown."""
    from .canary import Canary

    watcher = Canary()
    request.node.stash[_CANARY] = watcher, tmp_path
    with watcher.watching():
        yield watcher


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """After the test itself, before its fixtures end: what was shown?"""
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
        told: Any = "secrets were shown:\n" + "\n".join(f"  {leak}" for leak in leaks)
        if report.passed:
            report.outcome, report.longrepr = "failed", told
        else:
            report.sections.append(("canary", told))
    return report

"""Where a run's CPU time goes, as ``--cpu-seconds`` shows it after the tests: by folder, and the costliest tests.

CPU time, of the processes that a test started and waited for too, differs less than wall time on a machine that does
other work. What several tests share counts for the first of them.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Generator
from time import process_time
from typing import Any

import pytest

COSTLIEST = 15
OPTION = "--cpu-seconds"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(OPTION, action="store_true", help="show the CPU seconds of folders and of the costliest tests")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption(OPTION):
        config.pluginmanager.register(CpuSeconds())


def used() -> float:
    """CPU seconds of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


class CpuSeconds:
    """Measures where tests run, which are the workers of pytest-xdist, and adds up where the results arrive."""

    def __init__(self) -> None:
        self._before = 0.0
        self._processes: list[float] = []
        self._by_folder: Counter[str] = Counter()
        self._by_test: Counter[str] = Counter()

    def pytest_runtest_logstart(self) -> None:
        self._before = used()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, Any, Any]:
        """A phase of a test has ended; the report carries what it cost to where it is shown."""
        report = yield
        now = used()
        report.cpu_seconds, self._before = now - self._before, now
        return report

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["cpu_seconds"] = used()
        elif session.config.pluginmanager.hasplugin("dsession"):  # its children are the workers
            self._processes.append(process_time())
        else:
            self._processes.append(used())

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker has ended: by itself, or in a crash, of which nothing is known."""
        output: dict[str, Any] = getattr(node, "workeroutput", {})
        self._processes.append(output.get("cpu_seconds", 0.0))

    def pytest_runtest_logreport(self, report: Any) -> None:
        file = report.nodeid.partition("::")[0]
        self._by_folder[file.rpartition("/")[0]] += report.cpu_seconds
        self._by_test[report.nodeid] += report.cpu_seconds

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        tests = sum(self._by_test.values())
        total = max(tests, sum(self._processes))  # workers that were interrupted told nothing
        terminalreporter.section(f"{total:.0f} CPU seconds, {total - tests:.0f} of them outside of tests")
        for table in (self._by_folder.most_common(), self._by_test.most_common(COSTLIEST)):
            for name, seconds in table:
                terminalreporter.write_line(f"{seconds:7.1f} {name}")

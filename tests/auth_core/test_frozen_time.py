"""Tests of applications move and stop time: they replace the functions of the module ``time``."""

from __future__ import annotations

import itertools
import time

import pytest
from auth_core.clock import SystemClock, Wait, now
from auth_core.store.lock_files import LockFiles
from auth_core.store.private_directory import PrivateDirectory


def test_the_system_clock_looks_time_up_at_each_call(monkeypatch):
    clock = SystemClock()
    monkeypatch.setattr(time, "time", lambda: 5.0)
    monkeypatch.setattr(time, "monotonic", lambda: 7.0)

    assert (now(clock).wall, now(clock).monotonic) == (5.0, 7.0)


@pytest.mark.parametrize("ticks", [itertools.repeat(0.0), itertools.count(step=0.5)], ids=["stopped", "moving"])
def test_a_wait_ends_by_the_clock_or_by_its_pauses(ticks, monkeypatch):
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: next(ticks))
    monkeypatch.setattr(time, "sleep", slept.append)
    wait = Wait(2.0)
    while not wait.is_over:
        wait.pause(0.75)

    assert 0 < sum(slept) <= 2.0
    assert len(slept) <= 3


def test_a_wait_for_a_lock_ends_while_time_stands_still(tmp_path, monkeypatch):
    locks = LockFiles(PrivateDirectory(str(tmp_path / "store")), SystemClock())
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    monkeypatch.setattr(time, "sleep", slept.append)
    with locks.held("one", wait_seconds=0), pytest.raises(TimeoutError), locks.held("one", wait_seconds=1):
        pass

    assert sum(slept) == pytest.approx(1.0)

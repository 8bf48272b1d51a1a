"""The harness starts callers together, tells what each got, and fails a test where one hangs."""

from __future__ import annotations

import asyncio
import os
import sys
import threading

import httpx
import pytest
from auth_core_testing import (
    IdentityProvider,
    ProcessError,
    Stuck,
    cancel_leader,
    fork,
    fork_during_renewal,
    many_processes,
    storm,
)

from support import process_targets as targets

SHORT = 0.5
"""Seconds after which something that hangs on purpose is given up."""


# --- storms ---------------------------------------------------------------------------------------------------------


def test_threads_and_tasks_of_several_loops_start_together():
    everybody = threading.Barrier(3 + 2)
    loops: set[int] = set()

    def call() -> str:
        everybody.wait(10)
        return "thread"

    async def async_call() -> str:
        loop = asyncio.get_running_loop()
        if id(loop) not in loops:
            loops.add(id(loop))
            await asyncio.to_thread(everybody.wait, 10)
        return "task"

    outcomes = storm(call, threads=3, async_call=async_call, tasks=4, loops=2)

    assert outcomes.values() == ["thread"] * 3 + ["task"] * 8
    assert len(loops) == 2
    assert [outcome.caller for outcome in outcomes[:4]] == ["thread 0", "thread 1", "thread 2", "loop 0 task 0"]


def test_errors_are_outcomes_too():
    def call() -> None:
        raise KeyError("x")

    async def async_call() -> int:
        return 1

    outcomes = storm(call, threads=2, async_call=async_call, tasks=1)
    assert outcomes.kinds() == {KeyError, int}
    assert len(outcomes.errors()) == 2
    with pytest.raises(KeyError):
        outcomes.values()


def test_meanwhile_is_called_when_everybody_is_about_to_call():
    gate = threading.Event()

    async def async_call() -> bool:
        return await asyncio.to_thread(gate.wait, 10)

    outcomes = storm(lambda: gate.wait(10), threads=2, async_call=async_call, tasks=2, meanwhile=gate.set)
    assert outcomes.values() == [True] * 4


def test_a_deadlock_is_reported_with_the_lines_of_both_waiters():
    never = threading.Event()

    def waits_for_nobody() -> None:
        never.wait(60)

    async def waits_for_nothing() -> None:
        await asyncio.Event().wait()

    with pytest.raises(Stuck) as stuck:
        storm(waits_for_nobody, threads=1, async_call=waits_for_nothing, tasks=1, limit_seconds=SHORT)
    never.set()

    assert "thread 0, loop 0, loop 0 task 0" in str(stuck.value)
    assert "never.wait(60)" in str(stuck.value)
    assert "await asyncio.Event().wait()" in str(stuck.value)


@pytest.mark.parametrize(
    "nobody", [{}, {"threads": 1}, {"call": print}, {"call": print, "threads": 1, "tasks": 1}, {"tasks": 1}]
)
def test_a_storm_of_nobody_is_a_mistake(nobody):
    with pytest.raises(ValueError, match=r"storm\(\) requires"):
        storm(**nobody)


# --- cancelling -----------------------------------------------------------------------------------------------------

LOGIN = {"grant_type": "client_credentials"}


async def test_the_leader_is_cancelled_while_its_request_is_under_way():
    provider = IdentityProvider()
    async with httpx.AsyncClient(transport=provider.transport(), base_url="https://provider.example") as client:
        outcomes = await cancel_leader(provider, lambda: client.post("/token", data=LOGIN), followers=2)

    assert outcomes[0].caller == "leader"
    assert isinstance(outcomes[0].error, asyncio.CancelledError)
    assert [outcome.value.status_code for outcome in outcomes[1:]] == [200, 200]


async def test_a_leader_that_asks_for_no_token_is_reported():
    async def call() -> int:
        return 1

    with pytest.raises(Stuck, match="no token request arrived"):
        await cancel_leader(IdentityProvider(), call)


async def test_a_leader_that_cannot_be_cancelled_is_reported():
    provider = IdentityProvider()
    async with httpx.AsyncClient(transport=provider.transport(), base_url="https://provider.example") as client:

        async def deaf() -> None:
            asked = asyncio.ensure_future(client.post("/token", data=LOGIN))
            while not asked.done():
                try:
                    await asyncio.shield(asked)
                except asyncio.CancelledError:
                    continue

        with pytest.raises(Stuck, match="leader"):
            await cancel_leader(provider, deaf, limit_seconds=SHORT)


# --- forks ----------------------------------------------------------------------------------------------------------


def login(url: str) -> int:
    with httpx.Client(base_url=url) as client:
        return client.post("/token", data=LOGIN).status_code


def test_parent_and_child_both_finish_after_forking_during_a_request():
    provider = IdentityProvider()
    with provider.serve() as url:
        parent, child = fork_during_renewal(provider, lambda: login(url), lambda: ("child", login(url), "x" * 100_000))

    assert (parent.value, child.value[:2]) == (200, ("child", 200))
    assert len(provider.issued) == 2


def test_a_child_can_be_asked_alone():
    parent = os.getpid()
    process, kind = fork(lambda: (os.getpid(), "child")).value

    assert kind == "child"
    assert process != parent == os.getpid()


def test_a_child_that_vanishes_is_reported():
    with pytest.raises(Stuck, match="the child process did not respond"):
        fork(lambda: os._exit(0))


def test_a_child_that_fails_says_so():
    provider = IdentityProvider()

    def fail() -> None:
        raise ValueError("no")

    with provider.serve() as url:
        parent, child = fork_during_renewal(provider, lambda: login(url), fail)

    assert parent.value == 200
    assert isinstance(child.error, ProcessError)
    assert (child.error.kind, str(child.error)) == ("ValueError", "ValueError: no")


def test_a_hanging_child_is_reported_with_its_line():
    provider = IdentityProvider()
    lock = threading.Lock()

    def holding_a_lock(url: str) -> int:
        with lock:
            return login(url)

    with provider.serve() as url, pytest.raises(Stuck, match="line") as stuck:
        fork_during_renewal(provider, lambda: holding_a_lock(url), lambda: holding_a_lock(url), limit_seconds=3)

    assert "holding_a_lock" in str(stuck.value)


# --- processes ------------------------------------------------------------------------------------------------------


def test_many_processes_call_together():
    meanwhile: list[str] = []
    outcomes = many_processes(targets.add, 2, 3, 4, meanwhile=lambda: meanwhile.append("here"))

    assert [total for _, total in outcomes.values()] == [7, 7]
    assert len({process for process, _ in outcomes.values()}) == 2
    assert meanwhile == ["here"]


def test_a_process_that_cannot_start_says_so(monkeypatch, capfd):
    targets.add.__module__, module = "nowhere_to_be_found", targets.add.__module__
    monkeypatch.setitem(sys.modules, "nowhere_to_be_found", targets)
    try:
        (outcome,) = many_processes(targets.add, 1, 1, 2)
    finally:
        targets.add.__module__ = module

    assert isinstance(outcome.error, ProcessError)
    assert "without a response" in str(outcome.error)


@pytest.mark.parametrize(("target", "kind"), [(targets.fail, "ValueError"), (targets.vanish, "EOFError")])
def test_a_process_that_fails_or_vanishes_says_so(target, kind):
    (outcome,) = many_processes(target, 1)
    assert isinstance(outcome.error, ProcessError)
    assert outcome.error.kind == kind


def test_a_process_that_hangs_is_reported_and_ended():
    with pytest.raises(Stuck, match="process 0"):
        many_processes(targets.hang, 1, limit_seconds=3)

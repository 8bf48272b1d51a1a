"""Run many callers at once, and cancel one of them. Everything has a time limit, so that a deadlock fails the test.

::

    outcomes = storm(client.things.list, threads=16)
    assert outcomes.values() == [...]

:class:`Stuck` lists the callers that did not return in time, with the line on which each is waiting.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, overload

from attrs import frozen

from .scripted import ScriptedProvider

__all__ = ["LIMIT_SECONDS", "Outcome", "Outcomes", "Stuck", "cancel_leader", "storm"]

LIMIT_SECONDS = 30.0
"""Time limit of one storm: much longer than any takes, so that a slow machine does not look like a deadlock."""


class Stuck(AssertionError):
    """Raised when a caller did not return in time."""


@frozen(kw_only=True)
class Outcome:
    """The outcome of one call: a value or an error."""

    caller: str
    """``thread 3``, ``loop 1 task 4``, ``process 2``, ``child``."""
    value: Any = None
    error: BaseException | None = None

    def result(self) -> Any:
        """Return the value, or raise the error."""
        if self.error is not None:
            raise self.error
        return self.value


class Outcomes(Sequence[Outcome]):
    """The outcomes of all callers, in a fixed order: threads first, then the tasks of each loop."""

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        self._outcomes = tuple(outcomes)

    def __len__(self) -> int:
        return len(self._outcomes)

    @overload
    def __getitem__(self, index: int) -> Outcome: ...
    @overload
    def __getitem__(self, index: slice) -> Outcomes: ...
    def __getitem__(self, index: int | slice) -> Outcome | Outcomes:
        return Outcomes(self._outcomes[index]) if isinstance(index, slice) else self._outcomes[index]

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self._outcomes)

    def __repr__(self) -> str:
        return f"Outcomes({list(self._outcomes)!r})"

    def values(self) -> list[Any]:
        """Return the values of all callers; raises the first error if a call failed."""
        return [outcome.result() for outcome in self._outcomes]

    def errors(self) -> list[BaseException]:
        """Return the errors of the calls that failed."""
        return [outcome.error for outcome in self._outcomes if outcome.error is not None]

    def kinds(self) -> set[type]:
        """Return the types of all values and errors: ``{Response}``, ``{LoginRefused}``."""
        return {type(outcome.value if outcome.error is None else outcome.error) for outcome in self._outcomes}


def storm(
    call: Callable[[], Any] | None = None,
    *,
    threads: int = 0,
    async_call: Callable[[], Awaitable[Any]] | None = None,
    tasks: int = 0,
    loops: int = 1,
    limit_seconds: float = LIMIT_SECONDS,
    meanwhile: Callable[[], object] | None = None,
) -> Outcomes:
    """Start all callers together and return their outcomes.

    Args:
        call: the call that each of ``threads`` threads makes.
        async_call: the call that each of ``tasks`` tasks makes, on each of ``loops`` event loops (one thread each).
        limit_seconds: the time limit for all calls together.
        meanwhile: called when all callers are about to call (to release a held provider or move a clock).

    Raises:
        Stuck: a caller did not return in time.
        ValueError: the arguments describe no callers, or no call.
    """
    if (call is None) != (threads == 0) or (async_call is None) != (tasks == 0) or not (threads or tasks):
        message = "storm() requires call= with threads=, or async_call= with tasks=, or both"
        raise ValueError(message)
    crowd = _Crowd(threads + (loops if tasks else 0), limit_seconds)
    for number in range(threads):
        assert call is not None
        crowd.add_thread(f"thread {number}", call)
    for number in range(loops if tasks else 0):
        assert async_call is not None
        crowd.add_loop(f"loop {number}", async_call, tasks)
    return crowd.run(meanwhile)


async def cancel_leader(
    provider: ScriptedProvider,
    async_call: Callable[[], Awaitable[Any]],
    *,
    followers: int = 4,
    limit_seconds: float = LIMIT_SECONDS,
) -> Outcomes:
    """Cancel the task that sent a token request while it is in flight; returns the outcomes of all tasks.

    The provider holds the request until the leader has ended. The leader's outcome comes first, a ``CancelledError``.

    Raises:
        Stuck: no token request arrived, the leader could not be cancelled, or a follower did not return.
    """
    _drain(provider)
    deadline = time.monotonic() + limit_seconds

    async def caught(caller: str) -> Outcome:
        try:
            return Outcome(caller=caller, value=await async_call())
        except BaseException as error:
            return Outcome(caller=caller, error=error)

    with provider.holding():
        tasks = [asyncio.ensure_future(caught("leader"))]
        await _until_asked(provider, tasks[0], deadline)
        tasks += [asyncio.ensure_future(caught(f"follower {number}")) for number in range(followers)]
        await asyncio.sleep(0)  # every follower has begun to wait
        tasks[0].cancel()
        await asyncio.wait(tasks[:1], timeout=max(0.0, deadline - time.monotonic()))
        if not tasks[0].done():
            _raise_stuck(limit_seconds, {}, {"leader": tasks[0]})
    await asyncio.wait(tasks, timeout=max(0.0, deadline - time.monotonic()))
    waiting = {f"caller {number}": task for number, task in enumerate(tasks) if not task.done()}
    if waiting:
        _raise_stuck(limit_seconds, {}, waiting)
    return Outcomes([task.result() for task in tasks])


async def _until_asked(provider: ScriptedProvider, leader: asyncio.Future[Outcome], deadline: float) -> None:
    while not provider.token_arrived.acquire(blocking=False):
        if leader.done() or time.monotonic() > deadline:
            message = f"no token request arrived; the leader got {leader.result() if leader.done() else 'nothing'}"
            raise Stuck(message)
        await asyncio.sleep(0.001)


def _drain(provider: ScriptedProvider) -> None:
    """Discard the token requests that arrived before."""
    while provider.token_arrived.acquire(blocking=False):
        pass


class _Crowd:
    """Threads that start together, each for one caller or for one event loop of callers."""

    def __init__(self, size: int, limit_seconds: float) -> None:
        self._barrier = threading.Barrier(size + 1)
        self._limit = limit_seconds
        self._threads: list[threading.Thread] = []
        self._callers: list[str] = []
        self._outcomes: dict[str, Outcome] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._calling = threading.Semaphore(0)

    def add_thread(self, caller: str, call: Callable[[], Any]) -> None:
        def run() -> None:
            self._start_together()
            self._calling.release()
            try:
                self._outcomes[caller] = Outcome(caller=caller, value=call())
            except BaseException as error:
                self._outcomes[caller] = Outcome(caller=caller, error=error)

        self._callers.append(caller)
        self._start(caller, run)

    def add_loop(self, name: str, call: Callable[[], Awaitable[Any]], tasks: int) -> None:
        callers = [f"{name} task {number}" for number in range(tasks)]

        async def one(caller: str) -> None:
            self._calling.release()
            try:
                self._outcomes[caller] = Outcome(caller=caller, value=await call())
            except BaseException as error:
                self._outcomes[caller] = Outcome(caller=caller, error=error)

        async def all_tasks() -> None:
            self._tasks |= {caller: asyncio.create_task(one(caller)) for caller in callers}
            await asyncio.gather(*(self._tasks[caller] for caller in callers))

        def run() -> None:
            self._start_together()
            try:
                asyncio.run(all_tasks())
            except BaseException as error:  # of the loop itself: record it for every task without an outcome
                for caller in callers:
                    self._outcomes.setdefault(caller, Outcome(caller=caller, error=error))

        self._callers += callers
        self._start(name, run)

    def run(self, meanwhile: Callable[[], object] | None) -> Outcomes:
        deadline = time.monotonic() + self._limit
        self._start_together()
        if meanwhile is not None:
            for _ in self._callers:
                self._calling.acquire(timeout=max(0.0, deadline - time.monotonic()))
            meanwhile()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        threads = {thread.name: thread for thread in self._threads if thread.is_alive()}
        if threads:
            tasks = {caller: task for caller, task in self._tasks.items() if not task.done()}
            _raise_stuck(self._limit, threads, tasks)
        return Outcomes([self._outcomes[caller] for caller in self._callers])

    def _start_together(self) -> None:
        try:
            self._barrier.wait(self._limit)
        except threading.BrokenBarrierError:
            message = f"not all callers could start within {self._limit:g} s"
            raise Stuck(message) from None

    def _start(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)  # a stuck thread must not keep the process alive
        self._threads.append(thread)
        thread.start()


def _raise_stuck(limit_seconds: float, threads: dict[str, threading.Thread], tasks: dict[str, Any]) -> None:
    """List the callers that are waiting, each with its line. No locals: they may contain secrets."""
    frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]  # documented, for this
    lines = [f"no outcome after {limit_seconds:g} s from {', '.join([*threads, *tasks])}"]
    for name, thread in threads.items():
        frame = frames.get(thread.ident or 0)
        if frame is not None:
            lines += [f"\n{name}:\n", *traceback.format_stack(frame)]
    for name, task in tasks.items():
        lines += [f"\n{name}:\n", *_waiting_on(task.get_coro())]
    raise Stuck("".join(lines))


def _waiting_on(coroutine: Any) -> Iterator[str]:
    """The lines on which a coroutine and the coroutines it awaits are suspended, outermost first."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            yield from traceback.format_stack(frame, limit=1)
        coroutine = getattr(coroutine, "cr_await", None)

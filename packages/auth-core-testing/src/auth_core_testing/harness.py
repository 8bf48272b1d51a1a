"""Many callers at once, callers that are cancelled, forks and processes: bounded, so that a deadlock fails a test.

::

    outcomes = storm(client.things.list, threads=16)
    assert outcomes.values() == [...]

Whoever does not come back in time is named in :class:`Stuck`, with the line on which each is waiting.
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
"""For a whole storm. Far more than any takes, so that a slow machine is not taken for a deadlock."""


class Stuck(AssertionError):
    """Somebody did not come back in time."""


@frozen(kw_only=True)
class Outcome:
    """What one caller got: a value or an error."""

    caller: str
    """``thread 3``, ``loop 1 task 4``, ``process 2``, ``child``."""
    value: Any = None
    error: BaseException | None = None

    def result(self) -> Any:
        """The value; raises the error."""
        if self.error is not None:
            raise self.error
        return self.value


class Outcomes(Sequence[Outcome]):
    """One outcome for each caller, in a fixed order: threads first, then the tasks of each loop."""

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
        """The values, if everybody got one; raises the first error."""
        return [outcome.result() for outcome in self._outcomes]

    def errors(self) -> list[BaseException]:
        """The errors of those who got one."""
        return [outcome.error for outcome in self._outcomes if outcome.error is not None]

    def kinds(self) -> set[type]:
        """The types of what everybody got: ``{Response}``, ``{LoginRefused}``."""
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
    """All callers start together; gives what each of them got.

    Args:
        call: what each of ``threads`` threads does.
        async_call: what each of ``tasks`` tasks does, on each of ``loops`` event loops (each on a thread of its own).
        limit_seconds: for all of it.
        meanwhile: called when everybody is about to call (let a held provider go, move a clock).

    Raises:
        Stuck: somebody did not come back in time.
        ValueError: nobody would call, or nothing would be called.
    """
    if (call is None) != (threads == 0) or (async_call is None) != (tasks == 0) or not (threads or tasks):
        message = "storm() wants call= with threads= and async_call= with tasks=, at least one of the two"
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
    """Cancels the task that caused a token request while this is under way; gives what the others got.

    The provider holds the request until the leader has ended. The leader's outcome comes first, a ``CancelledError``.

    Raises:
        Stuck: no token request came, the leader cannot be cancelled, or a follower does not come back.
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
            message = f"no token request came; the leader got {leader.result() if leader.done() else 'nothing'}"
            raise Stuck(message)
        await asyncio.sleep(0.001)


def _drain(provider: ScriptedProvider) -> None:
    """Forget the token requests that arrived before."""
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

        async def everybody() -> None:
            self._tasks |= {caller: asyncio.create_task(one(caller)) for caller in callers}
            await asyncio.gather(*(self._tasks[caller] for caller in callers))

        def run() -> None:
            self._start_together()
            try:
                asyncio.run(everybody())
            except BaseException as error:  # the loop itself: nobody on it is left without an outcome
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
            message = f"not everybody could start within {self._limit:g} s"
            raise Stuck(message) from None

    def _start(self, name: str, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, name=name, daemon=True)  # one that is stuck must not keep the process
        self._threads.append(thread)
        thread.start()


def _raise_stuck(limit_seconds: float, threads: dict[str, threading.Thread], tasks: dict[str, Any]) -> None:
    """Who is waiting, and on which line. No locals: they may hold secrets."""
    frames = sys._current_frames()  # pyright: ignore[reportPrivateUsage]  # documented, for this
    lines = [f"not back after {limit_seconds:g} s: {', '.join([*threads, *tasks])}"]
    for name, thread in threads.items():
        frame = frames.get(thread.ident or 0)
        if frame is not None:
            lines += [f"\n{name}:\n", *traceback.format_stack(frame)]
    for name, task in tasks.items():
        lines += [f"\n{name}:\n", *_waiting_on(task.get_coro())]
    raise Stuck("".join(lines))


def _waiting_on(coroutine: Any) -> Iterator[str]:
    """The lines on which a coroutine and those that it awaits are waiting, outermost first."""
    while coroutine is not None:
        frame = getattr(coroutine, "cr_frame", None)
        if frame is not None:
            yield from traceback.format_stack(frame, limit=1)
        coroutine = getattr(coroutine, "cr_await", None)

"""A page that is requested while the one before it is being used."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread, current_thread
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class OnThread(Generic[T]):
    """A call that runs on a thread of its own, which ends with it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._future = Future[T]()
        self._thread: Thread | None = Thread(target=copy_context().run, args=(self._run,), daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # no thread is to be had: the caller runs it
            self._thread = None

    def _run(self) -> None:
        try:
            self._future.set_result(self._work())
        except BaseException as error:
            self._future.set_exception(error)

    def result(self) -> T:
        """Return the result of the call, or raise its error."""
        return self._work() if self._thread is None else self._future.result()

    def close(self) -> None:
        """Wait for the end of the call; its result or error is dropped."""
        if self._thread is not None and self._thread is not current_thread():  # which collects garbage too
            self._thread.join()


class InTask(Generic[T]):
    """A coroutine that runs as a task."""

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._task = asyncio.create_task(work)

    async def result(self) -> T:
        """Return the result of the coroutine, or raise its error."""
        return await self._task

    async def close(self) -> None:
        """Cancel the coroutine and wait for its end; its result or error is dropped."""
        self._task.cancel()
        await asyncio.wait([self._task])
        if not self._task.cancelled():
            self._task.exception()  # so that asyncio does not report it

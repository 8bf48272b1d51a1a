"""Helpers for concurrent calls and expected failures, without a test framework."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

__all__ = ["Inside", "in_threads", "raises", "timed_out"]


class Inside:
    """Counts the threads that enter a block: in total, and the maximum at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = self.most = self.entered = 0

    def __enter__(self) -> None:
        with self._lock:
            self._now += 1
            self.entered += 1
            self.most = max(self.most, self._now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._now -= 1


def in_threads(work: Sequence[Callable[[], None]]) -> None:
    """Run all calls concurrently; raises the first error."""
    errors: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(act,)) for act in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def timed_out(take: Callable[[], AbstractContextManager[object]]) -> str:
    """The message of the ``TimeoutError``; raises ``AssertionError`` if the lease or turn is granted a second time."""
    try:
        with take():
            message = "expected a TimeoutError, but a lease or turn that is already held was granted again"
            raise AssertionError(message)
    except TimeoutError as error:
        return str(error)


def raises(kind: type[Exception], act: Callable[[], object]) -> bool:
    """Whether the call raises this exception."""
    try:
        act()
    except kind:
        return True
    return False

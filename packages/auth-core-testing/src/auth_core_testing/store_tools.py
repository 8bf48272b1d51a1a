"""Doing things at once, and failing in the expected way, without a test framework."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

__all__ = ["Inside", "in_threads", "raises", "timed_out"]


class Inside:
    """Counts who is in the block: all in all, and at most at once."""

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
    """Run all at once; the first error is raised."""
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
    """The text of the ``TimeoutError``; ``AssertionError`` when what somebody holds is given away again."""
    try:
        with take():
            message = "somebody else has it, and it was given away a second time"
            raise AssertionError(message)
    except TimeoutError as error:
        return str(error)


def raises(kind: type[Exception], act: Callable[[], object]) -> bool:
    """Whether it raises an error of that kind."""
    try:
        act()
    except kind:
        return True
    return False

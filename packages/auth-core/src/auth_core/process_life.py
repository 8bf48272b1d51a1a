"""Locks and in-flight renewals when a process forks or ends.

In a forked child, copied locks and renewals belong to threads that do not exist there. Objects that hold a lock or a
thread register here and are reset before any other code runs in the child. (Without ``fork`` nothing is registered.)
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
import time
import weakref
from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

EXIT_WAIT_SECONDS = 5.0
"""Longer than a healthy renewal takes, and short enough after Ctrl-C."""

_under_way: set[threading.Thread] = set()
"""Renewals whose token outlives the process, on daemon threads, so that a hung one does not block the exit."""
_workers: set[int] = set()
"""Ids of processes in which a :mod:`multiprocessing` finalizer is registered: this one and its parents."""


def start_thread(thread: threading.Thread) -> bool:
    """Start a thread; ``False`` if none can start: too many are running, or the interpreter is shutting down.

    At shutdown, Python 3.12 raises an error, and 3.11 waits for the thread forever (python/cpython#87950).
    """
    if sys.is_finalizing():
        return False
    try:
        thread.start()
    except RuntimeError:
        return False
    return True


class ForkAware(Protocol):
    """An object that must be reset in a forked child."""

    def after_fork_in_child(self) -> None:
        """Create new locks and drop the work of other threads. No I/O; no other thread runs yet."""
        ...


_registered: weakref.WeakSet[ForkAware] = weakref.WeakSet()


def reset_in_child(member: ForkAware) -> None:
    """Call ``member.after_fork_in_child()`` in every forked child, for as long as the member lives."""
    _registered.add(member)


def _reset_all() -> None:
    for member in list(_registered):
        member.after_fork_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reset_all)


@atexit.register
def _wait_for_renewals() -> None:
    """Wait for in-flight renewals: a rotated refresh token in a pending response would be lost."""
    deadline = time.monotonic() + EXIT_WAIT_SECONDS
    for thread in list(_under_way):
        thread.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def joined_at_exit() -> Generator[None]:
    """Delay the exit of the process, up to :data:`EXIT_WAIT_SECONDS`, until this thread leaves the block."""
    _ask_multiprocessing()
    thread = threading.current_thread()
    _under_way.add(thread)
    try:
        yield
    finally:
        _under_way.discard(thread)


def _ask_multiprocessing() -> None:
    """Register a finalizer: forked :mod:`multiprocessing` workers do not run :mod:`atexit` handlers."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None and os.getpid() not in _workers:
        _workers.add(os.getpid())
        util.Finalize(None, _wait_for_renewals, exitpriority=0)

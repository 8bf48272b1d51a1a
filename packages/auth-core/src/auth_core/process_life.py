"""The life of a process: what becomes of locks and of renewals under way when it is forked, or ends.

In a forked child the copies of both belong to threads it does not have: whoever holds a lock or a thread of its own
registers here and puts itself in order, before anything else runs there. (Without ``fork`` nothing is registered.)
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
"""Longer than a healthy renewal takes, and short enough for a person who has pressed Ctrl-C."""

_under_way: set[threading.Thread] = set()
"""Renewals whose token outlives the process. Their threads are daemons, so that a hung one does not hold up the end."""
_workers: set[int] = set()
"""Process numbers in which :mod:`multiprocessing` was asked to wait, too: this one's, and those of its parents."""


class ForkAware(Protocol):
    """Something that has to put itself in order in a forked child."""

    def after_fork_in_child(self) -> None:
        """Make new locks, forget what other threads were doing. No I/O; nobody else runs yet."""
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
    """A rotated refresh token whose response is on its way would be lost, and the next start would have to log in."""
    deadline = time.monotonic() + EXIT_WAIT_SECONDS
    for thread in list(_under_way):
        thread.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def joined_at_exit() -> Generator[None]:
    """The end of the process waits for this thread to leave the block, for a while."""
    _ask_multiprocessing()
    thread = threading.current_thread()
    _under_way.add(thread)
    try:
        yield
    finally:
        _under_way.discard(thread)


def _ask_multiprocessing() -> None:
    """Its forked workers end without what is registered with :mod:`atexit`, and run its own finalizers instead."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None and os.getpid() not in _workers:
        _workers.add(os.getpid())
        util.Finalize(None, _wait_for_renewals, exitpriority=0)

"""The end of the interpreter, while a renewal is under way whose token is kept."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager

__all__ = ["awaited_at_exit"]

EXIT_WAIT_SECONDS = 5.0
"""Longer than a healthy renewal takes, and short enough for a person who has pressed Ctrl-C."""

_under_way: set[threading.Thread] = set()
"""Renewals whose token outlives the process. Their threads are daemons, so that a hung one does not hold up the end."""


@atexit.register
def _wait_for_renewals() -> None:
    """A rotated refresh token whose answer is on its way would be lost, and the next start would have to log in."""
    deadline = time.monotonic() + EXIT_WAIT_SECONDS
    for thread in list(_under_way):
        thread.join(max(0.0, deadline - time.monotonic()))


@contextmanager
def awaited_at_exit() -> Generator[None]:
    """The end of the interpreter waits for this thread to leave the block, for a while."""
    thread = threading.current_thread()
    _under_way.add(thread)
    try:
        yield
    finally:
        _under_way.discard(thread)

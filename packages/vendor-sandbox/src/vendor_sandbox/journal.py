"""What happens in a sandbox, in one row of numbers: for whoever watches it. Tests look at ``Vendor.requests``."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Generator
from itertools import takewhile
from typing import Literal

from attrs import define, field, frozen

from vendor_sandbox.recording import RecordedRequest

__all__ = ["Entry", "FinishedRequest", "Journal", "Watch"]

KEPT = 5000
"""How many entries, and how many requests, are kept; the oldest go first."""

EntryType = Literal["request", "token", "fault", "clock"]


@frozen
class FinishedRequest:
    """A request whose answer was sent, or given up."""

    recorded: RecordedRequest
    seconds: float
    """From its arrival to the end of its answer."""


@frozen
class Entry:
    """One thing that happened. ``about`` is what it happened to, as it was then."""

    id: int
    type: EntryType
    vendor: str | None
    about: object = field(repr=False)


@define(eq=False)
class Watch:
    """Wakes somebody who waits on an event loop for the next entry."""

    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop, init=False)
    _event: asyncio.Event = field(factory=asyncio.Event, init=False)
    ended: bool = False
    """The sandbox stops: nothing more will happen."""

    def wake(self) -> None:
        """Called from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> bool:
        """Returns when something has happened since the last call, or after ``seconds``; whether something has."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Journal:
    """The last entries of a sandbox. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last_id = 0
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._requests: deque[Entry] = deque(maxlen=KEPT)
        self._watches: set[Watch] = set()

    @property
    def last_id(self) -> int:
        """The number of the last entry; 0 before the first."""
        with self._lock:
            return self._last_id

    def add(self, type_: EntryType, vendor: str | None, about: object) -> None:
        """Writes an entry, and wakes who watches."""
        with self._lock:
            self._last_id += 1
            entry = Entry(self._last_id, type_, vendor, about)
            self._entries.append(entry)
            if type_ == "request":
                self._requests.append(entry)
            watches = tuple(self._watches)
        for watch in watches:
            watch.wake()

    def entries(self, after: int) -> list[Entry]:
        """The entries after a number, the oldest first."""
        with self._lock:
            return _after(self._entries, after)

    def requests(self, after: int) -> list[Entry]:
        """The requests after a number, the oldest first. They are kept longer than other entries."""
        with self._lock:
            return _after(self._requests, after)

    def forget(self, vendor: str | None = None) -> None:
        """Forgets a vendor's entries, or all; the numbers go on."""
        with self._lock:
            for entries in (self._entries, self._requests):
                remaining = [entry for entry in entries if vendor is not None and entry.vendor != vendor]
                entries.clear()
                entries.extend(remaining)

    @contextlib.contextmanager
    def watch(self) -> Generator[Watch]:
        """Somebody who waits for entries, on the running event loop."""
        watch = Watch()
        with self._lock:
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._watches.discard(watch)

    def release(self) -> None:
        """Lets everybody go who watches."""
        with self._lock:
            watches = tuple(self._watches)
        for watch in watches:
            watch.ended = True
            watch.wake()


def _after(entries: deque[Entry], number: int) -> list[Entry]:
    return list(takewhile(lambda entry: entry.id > number, reversed(entries)))[::-1]

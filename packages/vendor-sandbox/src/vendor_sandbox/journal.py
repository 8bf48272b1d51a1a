"""The sandbox's journal of numbered events, for the control API. Tests read ``Vendor.requests`` instead."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Generator
from itertools import takewhile
from typing import Literal

from attrs import define, field, frozen

from vendor_sandbox.recording import RecordedRequest

__all__ = ["Entry", "EntryType", "FinishedRequest", "Journal", "Watch"]

KEPT = 5000
"""The number of entries, requests and notable entries that are kept; the oldest are dropped first."""

EntryType = Literal[
    "request", "token", "tokens_expired", "fault", "fault_removed", "settings", "clock", "reset", "missed"
]


@frozen
class FinishedRequest:
    """A request whose response was sent or abandoned."""

    recorded: RecordedRequest
    seconds: float
    """From its arrival to the end of its response."""


@frozen
class Entry:
    """One event. ``about`` is its subject, as it was at that time."""

    id: int
    type: EntryType
    at: float
    """Seconds since the Unix epoch, on the sandbox's clock."""
    vendor: str | None
    """``None``: the event concerns all vendors."""
    about: object = field(repr=False)


@define(eq=False)
class Watch:
    """Wakes a task that waits on an event loop for the next entry."""

    _loop: asyncio.AbstractEventLoop = field(factory=asyncio.get_running_loop, init=False)
    _event: asyncio.Event = field(factory=asyncio.Event, init=False)
    ended: bool = False
    """The sandbox is stopping: no more entries will follow."""

    def wake(self) -> None:
        """Wake the waiting task. Callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> bool:
        """Wait for an entry since the last call, for at most ``seconds``; return whether there was one."""
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        self._event.clear()
        return True


class Journal:
    """The latest entries of a sandbox. Thread-safe.

    Args:
        now: the sandbox's time.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._last_id = 0
        self._lost_id = 0
        self._entries: deque[Entry] = deque()
        self._requests: deque[Entry] = deque(maxlen=KEPT)
        self._notable: deque[Entry] = deque(maxlen=KEPT)
        self._watches: set[Watch] = set()

    @property
    def last_id(self) -> int:
        """The number of the last entry; 0 before the first."""
        with self._lock:
            return self._last_id

    def add(self, type_: EntryType, vendor: str | None, about: object, *, notable: bool = False) -> None:
        """Append an entry and wake all watchers.

        Args:
            type_: the type of the event.
            vendor: the vendor concerned; ``None``: all.
            about: the subject of the event, as it is now.
            notable: whether to keep the entry for longer than ordinary requests.
        """
        with self._lock:
            self._append(type_, vendor, about, notable)
            watches = tuple(self._watches)
        for watch in watches:
            watch.wake()

    def begin_anew(self, vendor: str | None) -> None:
        """Remove a vendor's entries, or all, and append an entry about that; numbering continues."""
        with self._lock:
            for entries in (self._entries, self._requests, self._notable):
                remaining = [entry for entry in entries if vendor is not None and entry.vendor != vendor]
                entries.clear()
                entries.extend(remaining)
            self._append("reset", vendor, {"vendor": vendor}, True)
            watches = tuple(self._watches)
        for watch in watches:
            watch.wake()

    def entries(self, after: int) -> list[Entry]:
        """The entries after a number, oldest first.

        If some of them are no longer kept, or the number is from an earlier sandbox, an entry ``missed`` replaces them.
        """
        with self._lock:
            if self._lost_id <= after <= self._last_id:
                return _after(self._entries, after)
            missed = Entry(self._lost_id, "missed", self._now(), None, {})
            return [missed, *self._entries]

    def requests(self, after: int) -> list[Entry]:
        """The requests after a number, oldest first. They are kept longer than other entries."""
        with self._lock:
            return _after(self._requests, after)

    def notable(self, after: int) -> list[Entry]:
        """The notable entries after a number, oldest first. They are kept longer than other entries."""
        with self._lock:
            return _after(self._notable, after)

    @contextlib.contextmanager
    def watch(self) -> Generator[Watch]:
        """A watcher that waits for entries on the running event loop."""
        watch = Watch()
        with self._lock:
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._lock:
                self._watches.discard(watch)

    def release(self) -> None:
        """End all watchers."""
        with self._lock:
            watches = tuple(self._watches)
        for watch in watches:
            watch.ended = True
            watch.wake()

    def _append(self, type_: EntryType, vendor: str | None, about: object, notable: bool) -> None:
        self._last_id += 1
        entry = Entry(self._last_id, type_, self._now(), vendor, about)
        if len(self._entries) == KEPT:
            self._lost_id = self._entries.popleft().id
        self._entries.append(entry)
        if type_ == "request":
            self._requests.append(entry)
        if notable:
            self._notable.append(entry)


def _after(entries: deque[Entry], number: int) -> list[Entry]:
    return list(takewhile(lambda entry: entry.id > number, reversed(entries)))[::-1]

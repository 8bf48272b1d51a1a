"""Tokens in the memory of this process."""

from __future__ import annotations

import os
import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Generator, Sequence
from contextlib import AbstractContextManager, contextmanager

from attrs import evolve

from ..errors import LeaseLost
from ..policy import Refusal
from ..process_life import reset_in_child
from ..token import Unpicklable
from .protocol import RefreshIntent, TokenRecord, refresh_token_digest

BOOK_CAPACITY = 1024
"""Maximum number of fingerprints kept; the oldest are dropped."""
REFUSALS_KEPT = 8
"""Maximum per fingerprint; more than any sensible budget."""


class RefusalBook:
    """Refused logins by fingerprint; bounded, and by default shared by all memory stores of the process.

    Sharing protects the account of a web application that creates a client per request from a lock-out.
    """

    def __init__(self) -> None:
        self.salt = secrets.token_bytes(16)
        self._refusals: OrderedDict[str, tuple[Refusal, ...]] = OrderedDict()
        self._under_way: Counter[str] = Counter()
        self._new_lock()
        reset_in_child(self)

    def _new_lock(self) -> None:
        self._lock = threading.Lock()
        self._ended = threading.Condition(self._lock)

    def after_fork_in_child(self) -> None:
        """Keep the refused logins; drop the logins in progress, which are the parent's."""
        self._new_lock()
        self._under_way.clear()

    @contextmanager
    def turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> Generator[None]:
        with self._ended:
            if not self._ended.wait_for(lambda: self._under_way[fingerprint] < at_most, wait_seconds):
                message = "other logins with the same credentials are in progress"
                raise TimeoutError(message)
            self._under_way[fingerprint] += 1
        try:
            yield
        finally:
            with self._ended:
                self._under_way[fingerprint] -= 1
                self._under_way += Counter()  # drops zero counts
                self._ended.notify_all()

    def get(self, fingerprint: str) -> Sequence[Refusal]:
        with self._lock:
            return self._refusals.get(fingerprint, ())

    def add(self, fingerprint: str, refusal: Refusal) -> None:
        with self._lock:
            self._refusals[fingerprint] = (*self._refusals.pop(fingerprint, ()), refusal)[-REFUSALS_KEPT:]
            if len(self._refusals) > BOOK_CAPACITY:
                self._refusals.popitem(last=False)

    def forget(self, fingerprint: str) -> None:
        with self._lock:
            self._refusals.pop(fingerprint, None)

    def clear(self) -> None:
        """Forget all refused logins. For tests, whose servers may reuse a port."""
        with self._lock:
            self._refusals.clear()


PROCESS_BOOK = RefusalBook()


class _Slot:
    """The record of one key and its current lease."""

    def __init__(self, record: TokenRecord) -> None:
        self.record = record
        self.lease: _Lease | None = None


class _Lease:
    def __init__(self, slot: _Slot) -> None:
        self._slot = slot

    def load(self) -> TokenRecord:
        return self._slot.record

    def save(self, record: TokenRecord) -> None:
        if self._slot.lease is not self:
            message = "the lease has ended"
            raise LeaseLost(message)
        self._slot.record = record


class MemoryStore(Unpicklable):
    """Keeps tokens in the memory of this process. Clients with the same store share their tokens.

    Args:
        refusals: where refused logins are recorded; default: one book for the whole process.
    """

    _not_pickled = "its tokens are in the memory of this process. Use a FileStore or RedisStore to share them"

    def __init__(self, *, refusals: RefusalBook = PROCESS_BOOK) -> None:
        self.book = refusals
        self._slots: dict[str, _Slot] = {}
        self._free = threading.Condition()
        reset_in_child(self)

    def __str__(self) -> str:
        return "memory of this process"

    def after_fork_in_child(self) -> None:
        """Keep the access tokens; mark refresh tokens as presented by the parent, in case they rotate."""
        self._free = threading.Condition()
        for slot in self._slots.values():
            slot.lease = None
            token = slot.record.token
            if token is not None and token.refresh_token is not None:
                digest = refresh_token_digest(self.salt, token.refresh_token)
                slot.record = evolve(slot.record, intent=RefreshIntent(digest, token.issued.wall, os.getppid()))

    @property
    def salt(self) -> bytes:
        return self.book.salt

    def read(self, key: str) -> TokenRecord:
        slot = self._slots.get(key)
        return TokenRecord() if slot is None else slot.record

    @contextmanager
    def lease(self, key: str, *, wait_seconds: float) -> Generator[_Lease]:
        # The mutex is held only while the slot is marked, never while the lease is in use.
        with self._free:
            if not self._free.wait_for(lambda: self._slot(key).lease is None, wait_seconds):
                message = "another renewal of the token is in progress"
                raise TimeoutError(message)
            slot = self._slot(key)
            slot.lease = lease = _Lease(slot)
        try:
            yield lease
        finally:
            with self._free:
                if slot.lease is lease:  # not in a child forked during the block
                    slot.lease = None
                self._free.notify_all()

    def forget(self, key: str) -> None:
        with self._free:
            # A new slot: a current lease still writes to the old one. The next generation is reserved for it.
            self._slots[key] = _Slot(TokenRecord(None, self._slot(key).record.generation + 1))
            self._free.notify_all()

    def _slot(self, key: str) -> _Slot:
        return self._slots.setdefault(key, _Slot(TokenRecord()))

    def login_turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> AbstractContextManager[None]:
        return self.book.turn(fingerprint, at_most=at_most, wait_seconds=wait_seconds)

    def refusals(self, fingerprint: str) -> Sequence[Refusal]:
        return self.book.get(fingerprint)

    def add_refusal(self, fingerprint: str, refusal: Refusal) -> None:
        self.book.add(fingerprint, refusal)

    def forget_refusals(self, fingerprint: str) -> None:
        self.book.forget(fingerprint)

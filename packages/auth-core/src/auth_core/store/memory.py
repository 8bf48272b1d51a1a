"""Tokens in this process's memory. Nothing survives the process."""

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
"""Fingerprints remembered at most: a program that tries more credentials than this is not saved by a memory."""
REFUSALS_KEPT = 8
"""Per fingerprint; more than any sensible budget."""


class RefusalBook:
    """Refused logins by fingerprint: bounded, and shared by all stores of the process unless configured otherwise.

    A web application that builds a client per request cannot lock its account: the clients share this memory.
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
        """What was refused stays remembered; the logins under way are the parent's."""
        self._new_lock()
        self._under_way.clear()

    @contextmanager
    def turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> Generator[None]:
        with self._ended:
            if not self._ended.wait_for(lambda: self._under_way[fingerprint] < at_most, wait_seconds):
                message = "other logins with the same credentials are under way"
                raise TimeoutError(message)
            self._under_way[fingerprint] += 1
        try:
            yield
        finally:
            with self._ended:
                self._under_way[fingerprint] -= 1
                self._under_way += Counter()  # drops what has come to nothing
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
        """Forget every refused login. For tests: the next test's server may have the port of this one's."""
        with self._lock:
            self._refusals.clear()


PROCESS_BOOK = RefusalBook()


class _Slot:
    """The record of one key, and who may change it."""

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
    """Keeps tokens for this process. Clients that are given the same store share their tokens.

    Args:
        refusals: where refused logins are recorded; default: one book for the whole process.
    """

    _not_pickled = "its tokens are of this process. Processes share a FileStore or RedisStore"

    def __init__(self, *, refusals: RefusalBook = PROCESS_BOOK) -> None:
        self.book = refusals
        self._slots: dict[str, _Slot] = {}
        self._free = threading.Condition()
        reset_in_child(self)

    def __str__(self) -> str:
        return "memory of this process"

    def after_fork_in_child(self) -> None:
        """The access tokens serve here too; a refresh token is the parent's to present, if it is one for one use."""
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
        # The slot is marked; the mutex is held for the marking only, never while the lease is in use.
        with self._free:
            if not self._free.wait_for(lambda: self._slot(key).lease is None, wait_seconds):
                message = "another renewal holds the token"
                raise TimeoutError(message)
            slot = self._slot(key)
            slot.lease = lease = _Lease(slot)
        try:
            yield lease
        finally:
            with self._free:
                if slot.lease is lease:  # not in a child that was forked meanwhile
                    slot.lease = None
                self._free.notify_all()

    def forget(self, key: str) -> None:
        with self._free:
            # A slot of its own: a lease under way ends in the old one. Its generation is left free for that.
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

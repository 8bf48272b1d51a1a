"""A token store made of two simple things: short texts with names, and lock files.

The renewal lock of a key is held for as long as the lease; the write lock of the whole store for as long as it takes to
read a text, look at it, and replace it. ``forget`` needs only the second, so it waits for no renewal: it raises the
generation, and a lease that finds a generation it has not written itself knows that its work is no longer wanted.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Protocol, Self, TypeVar

from ..clock import Clock, now
from ..credentials import fingerprint
from ..errors import LeaseLost, StoreUnavailable
from ..policy import Refusal
from .codec import decode_record, decode_refusals, encode_record, encode_refusals
from .lock_files import HeldLock, LockFiles
from .memory import REFUSALS_KEPT
from .protocol import TokenRecord

logger = logging.getLogger("auth_core")

WRITE_LOCK = "write.lock"
WRITE_WAIT_SECONDS = 10.0
"""Writing takes milliseconds; a slow disk may take a second, a writer that was stopped never ends."""
LOGIN_LOCKS = 64
"""Lock files for logins, whatever the credentials: they stay, and one-time codes make a new fingerprint each time."""
SALT = "salt"
SALT_BYTES = 16

T = TypeVar("T")


class Documents(Protocol):
    """Texts by name. Each is replaced as a whole or not at all; whoever changes one holds the write lock."""

    def read(self, name: str) -> bytes | None:
        """``None`` when there is none. Raises :class:`~auth_core.StoreUnavailable`, as all methods do."""
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Make or replace a document."""
        ...

    def remove(self, name: str) -> None:
        """Delete a document, if it is there."""
        ...

    def remove_unfinished(self) -> None:
        """Delete what writers that were killed left behind."""
        ...

    def shown(self, name: str) -> str:
        """Where a document is, for people."""
        ...


class DocumentStore:
    """Keeps records in documents, under names that are fingerprints. A copy is the same store.

    Args:
        documents: where texts are kept.
        locks: the lock files of all who share the documents.
        clock: the time, for what is read and written.
    """

    def __init__(self, documents: Documents, locks: LockFiles, clock: Clock) -> None:
        self._documents = documents
        self._locks = locks
        self._clock = clock
        self._salt: bytes | None = None
        self._tidied = False
        self._warned: set[str] = set()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    # --- what a store must do ---------------------------------------------------------------------------------------

    @property
    def salt(self) -> bytes:
        if self._salt is None:
            self._salt = self._read(SALT, _decode_salt) or self._make_salt()
        return self._salt

    def read(self, key: str) -> TokenRecord:
        return self._record(self._name("token", key))

    @contextmanager
    def lease(self, key: str, *, wait_seconds: float) -> Generator[_Lease]:
        name = self._name("token", key)
        with self._locks.held(f"{name}.lock", wait_seconds=wait_seconds) as lock:
            yield _Lease(partial(self._record, name), partial(self._save, name, lock))

    def forget(self, key: str) -> None:
        name = self._name("token", key)
        with self._writing():
            self._write_record(name, TokenRecord(None, self._current_record(name).generation + 1))

    def login_turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> AbstractContextManager[object]:
        """One at a time, whatever ``at_most`` allows: a lock file knows one holder."""
        number = int(self._name("login", fingerprint)[-8:], 16) % LOGIN_LOCKS
        return self._locks.held(f"login-{number:02d}.lock", wait_seconds=wait_seconds)

    def refusals(self, fingerprint: str) -> Sequence[Refusal]:
        return self._read(self._name("refusals", fingerprint), decode_refusals) or ()

    def add_refusal(self, fingerprint: str, refusal: Refusal) -> None:
        name = self._name("refusals", fingerprint)
        with self._writing():
            known = self._current(name, decode_refusals) or ()
            self._documents.replace(name, encode_refusals((*known, refusal)[-REFUSALS_KEPT:]).encode())

    def forget_refusals(self, fingerprint: str) -> None:
        if self.refusals(fingerprint):
            with self._writing():
                self._documents.remove(self._name("refusals", fingerprint))

    # --- documents --------------------------------------------------------------------------------------------------

    def _name(self, kind: str, key: str) -> str:
        return f"{kind}-{fingerprint(self.salt, 'document', kind, key)}"

    def _read(self, name: str, decode: Callable[[bytes], T]) -> T | None:
        """What a document says now, for who does not hold the write lock."""
        return self._current(name, decode)

    def _current(self, name: str, decode: Callable[[bytes], T]) -> T | None:
        """What a document states; one that cannot be understood is as good as none."""
        content = self._documents.read(name)
        if content is None:
            return None
        try:
            return decode(content)
        except ValueError as error:
            if name not in self._warned:
                self._warned.add(name)
                logger.warning("%s is not readable, so it counts as absent: %s", self._documents.shown(name), error)
            return None

    def _decode_record(self, content: bytes) -> TokenRecord:
        return decode_record(content, now(self._clock))

    def _record(self, name: str) -> TokenRecord:
        return self._read(name, self._decode_record) or TokenRecord()

    def _current_record(self, name: str) -> TokenRecord:
        return self._current(name, self._decode_record) or TokenRecord()

    def _save(self, name: str, lock: HeldLock, record: TokenRecord, known_generation: int) -> bool:
        """Whether it is kept; not if the token was forgotten since."""
        with self._writing():
            if lock.lost:
                message = "the lease has ended, or somebody deleted its lock file"
                raise LeaseLost(message)
            kept = self._current_record(name)
            if kept.generation <= known_generation:
                self._write_record(name, record)
                return True
            if kept.token is not None:  # on a file system whose locks are known on one host only
                message = f"another saved token {kept.token.generation} meanwhile, in spite of the lock"
                raise LeaseLost(message)
            return False

    def _write_record(self, name: str, record: TokenRecord) -> None:
        self._documents.replace(name, encode_record(record).encode())

    def _make_salt(self) -> bytes:
        with self._writing():
            salt = self._current(SALT, _decode_salt)
            if salt is None:
                salt = secrets.token_bytes(SALT_BYTES)
                self._documents.replace(SALT, salt.hex().encode())
            return salt

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Hold the write lock."""
        try:
            with self._locks.held(WRITE_LOCK, wait_seconds=WRITE_WAIT_SECONDS):
                if not self._tidied:
                    self._documents.remove_unfinished()
                    self._tidied = True
                yield
        except TimeoutError as error:
            message = f"nothing could be written for {WRITE_WAIT_SECONDS:g} s in {self}: {error}"
            raise StoreUnavailable(message) from None


class _Lease:
    """The right to renew, while its lock is held.

    Args:
        load: reads the record.
        save: writes a record, unless the one that is there has a later generation than this lease knows of; says
            whether it did.
    """

    def __init__(self, load: Callable[[], TokenRecord], save: Callable[[TokenRecord, int], bool]) -> None:
        self.load = load
        self._save = save
        self._generation = load().generation

    def save(self, record: TokenRecord) -> None:
        if self._save(record, self._generation):
            self._generation = record.generation


def _decode_salt(content: bytes) -> bytes:
    salt = bytes.fromhex(content.decode("ascii"))
    if len(salt) != SALT_BYTES:
        message = "it has another length"
        raise ValueError(message)
    return salt

"""A token store built on named documents and lock files.

The renewal lock of a key is held for the whole lease; the write lock of the store only while a document is read,
compared and replaced. ``forget`` needs only the write lock, so it does not wait for a renewal: it increments the
generation, and a lease that finds a generation it has not written itself discards its token.
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
"""Writing takes milliseconds, on a slow disk a second; a suspended writer may never finish."""
LOGIN_LOCKS = 64
"""Number of lock files for logins: they are never deleted, and each one-time code has a new fingerprint."""
SALT = "salt"
SALT_BYTES = 16

T = TypeVar("T")


class Documents(Protocol):
    """Named documents, replaced atomically. Callers hold the write lock while they change one."""

    def read(self, name: str) -> bytes | None:
        """The content, or ``None``. All methods raise :class:`~auth_core.StoreUnavailable`."""
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Create or replace a document."""
        ...

    def remove(self, name: str) -> None:
        """Delete a document if it exists."""
        ...

    def remove_unfinished(self) -> None:
        """Delete partial writes of killed processes."""
        ...

    def shown(self, name: str) -> str:
        """The location of a document, for messages."""
        ...


class DocumentStore:
    """Keeps records in documents named by fingerprints. A copy is the same store.

    Args:
        locks: the lock files of all processes that share the documents.
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

    # --- TokenStore -------------------------------------------------------------------------------------------------

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
        """One login at a time, regardless of ``at_most``: a lock file has one holder."""
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
        """Decode a document without holding the write lock."""
        return self._current(name, decode)

    def _current(self, name: str, decode: Callable[[bytes], T]) -> T | None:
        """Decode a document; an unreadable one counts as absent."""
        content = self._documents.read(name)
        if content is None:
            return None
        try:
            return decode(content)
        except ValueError as error:
            if name not in self._warned:
                self._warned.add(name)
                logger.warning("%s cannot be read and counts as absent: %s", self._documents.shown(name), error)
            return None

    def _decode_record(self, content: bytes) -> TokenRecord:
        return decode_record(content, now(self._clock))

    def _record(self, name: str) -> TokenRecord:
        return self._read(name, self._decode_record) or TokenRecord()

    def _current_record(self, name: str) -> TokenRecord:
        return self._current(name, self._decode_record) or TokenRecord()

    def _save(self, name: str, lock: HeldLock, record: TokenRecord, known_generation: int) -> bool:
        """Save the record; ``False`` if the token was forgotten since the lease was taken."""
        with self._writing():
            if lock.lost:
                message = "the lease has ended, or its lock file was deleted; the token was not saved"
                raise LeaseLost(message)
            kept = self._current_record(name)
            if kept.generation <= known_generation:
                self._write_record(name, record)
                return True
            if kept.token is not None:  # on a file system whose locks work on one host only
                message = f"another process saved token {kept.token.generation} despite the lock; use a local disk"
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
        try:
            with self._locks.held(WRITE_LOCK, wait_seconds=WRITE_WAIT_SECONDS):
                if not self._tidied:
                    self._documents.remove_unfinished()
                    self._tidied = True
                yield
        except TimeoutError as error:
            message = f"the write lock of {self} was not free within {WRITE_WAIT_SECONDS:g} s: {error}"
            raise StoreUnavailable(message) from None


class _Lease:
    """The right to renew, while its lock is held.

    Args:
        save: writes a record unless the stored one has a later generation than the one given; returns whether it did.
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
        message = "the salt has the wrong length"
        raise ValueError(message)
    return salt

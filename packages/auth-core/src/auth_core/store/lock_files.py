"""Exclusive lock files for threads, processes and, if the file system supports it, hosts.

Every holder locks its own descriptor, so that two threads of one process exclude each other as two processes do. The
operating system releases the lock when its holder dies. Files are never deleted: a process that waits for a deleted
file would exclude no other. If a file is deleted by other means, its holder detects the loss.
"""

from __future__ import annotations

import errno
import json
import os
import platform
import random
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

from ..clock import Clock, Wait
from ..errors import AuthError, ConfigurationError, StoreUnavailable
from ..events import utc
from ..process_life import reset_in_child
from .private_directory import PrivateDirectory

POLL_SECONDS = 0.05
"""Mean pause between attempts: cheap for a waiting process, and shorter than a renewal."""
HOLDER_AT = 1
"""Offset of the holder's description: on Windows no other process can read the locked byte, which is the first."""


class HeldLock:
    """An open lock file; held after a successful :meth:`acquire`."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._closed = False
        self._held = False

    @property
    def lost(self) -> bool:
        """Whether another process may hold it: the block has ended, the file was deleted, or this is a forked child."""
        return self._closed or not self._held or os.fstat(self._descriptor).st_nlink == 0

    def acquire(self, clock: Clock) -> bool:
        """Acquire the lock if it is free, and describe the holder in the file."""
        from filelock import lock_descriptor

        self._held = lock_descriptor(self._descriptor, blocking=False)
        if self.lost:
            return False
        holder = {"process": os.getpid(), "host": platform.node(), "since": clock.wall()}
        with suppress(OSError):  # a full disk; the lock is held anyway
            self._write(json.dumps(holder).encode())
        return True

    def close(self, *, unlock: bool = True) -> None:
        """Release the lock; never raises.

        Args:
            unlock: also releases the lock of processes that share the open file; ``False`` in a forked child, where
                that is the parent.
        """
        if self._closed:
            return
        from filelock import unlock_descriptor

        self._closed = True
        if self._held and unlock:
            with suppress(OSError):
                self._write(b"")
            with suppress(OSError):
                unlock_descriptor(self._descriptor)
        with suppress(OSError):
            os.close(self._descriptor)

    def _write(self, content: bytes) -> None:
        os.ftruncate(self._descriptor, 0)
        os.lseek(self._descriptor, HOLDER_AT, os.SEEK_SET)
        os.write(self._descriptor, content)


class LockFiles:
    """The locks in one directory, by file name.

    Args:
        clock: for the time in a holder's description; waiting always uses the machine's clock.
    """

    def __init__(self, directory: PrivateDirectory, clock: Clock) -> None:
        self._directory = directory
        self._clock = clock
        self._open: set[HeldLock] = set()
        reset_in_child(self)

    @contextmanager
    def held(self, name: str, *, wait_seconds: float) -> Generator[HeldLock]:
        """Wait for a lock and hold it for the block; releasing it never raises.

        Raises:
            TimeoutError: it was not free in time; the message names the holder if known.
            StoreUnavailable: the file cannot be opened or locked now.
            ConfigurationError: the file system has no locks.
            InsecureStore: others could read or change the directory.
        """
        wait = Wait(wait_seconds)
        while (lock := self._try(name)) is None:
            if wait.is_over:
                raise TimeoutError(self._holder(name))
            wait.pause(POLL_SECONDS * random.uniform(0.5, 1.5))  # jitter keeps waiters apart
        try:
            yield lock
        finally:
            self._close(lock)

    def after_fork_in_child(self) -> None:
        """Close the parent's locks without releasing them, so that none stays held when the parent dies."""
        for lock in self._open:
            lock.close(unlock=False)
        self._open.clear()

    def _try(self, name: str) -> HeldLock | None:
        try:
            lock = HeldLock(self._directory.open_file(name, os.O_RDWR | os.O_CREAT))
        except OSError as error:
            message = f"{self._directory.shown(name)} could not be opened: {error.strerror}"
            raise StoreUnavailable(message) from None
        self._open.add(lock)
        acquired = False
        try:
            acquired = lock.acquire(self._clock)
        except OSError as error:
            raise _no_lock(self._directory.path, error) from None
        finally:
            if not acquired:
                self._close(lock)
        return lock if acquired else None

    def _close(self, lock: HeldLock) -> None:
        lock.close()
        self._open.discard(lock)

    def _holder(self, name: str) -> str:
        with suppress(OSError, ValueError, KeyError, TypeError):
            with open(self._directory.open_file(name, os.O_RDONLY), "rb") as file:
                file.seek(HOLDER_AT)
                holder: Any = json.loads(file.read(1000))
            return f"process {holder['process']} on {holder['host']} holds it since {utc(float(holder['since']))} UTC"
        return "another process holds it, without a readable description"


def _no_lock(directory: str, error: OSError) -> AuthError:
    advice = "Put the store on a local disk, or use a RedisStore"
    message = f"files in {directory} cannot be locked: {error.strerror}. {advice}"
    for_ever = error.errno in {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EINVAL}
    return ConfigurationError(message) if for_ever else StoreUnavailable(message)

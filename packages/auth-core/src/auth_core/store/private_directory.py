"""A private directory of this user, with atomic writes.

Owner and mode are checked on the open descriptor, and names are looked up relative to the directory's descriptor, so
that neither can be swapped between check and use. Windows has neither: there the access rules of the user's profile
protect the files, and only their type is checked.
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from ..errors import ConfigurationError, InsecureStore, StoreUnavailable

POSIX = os.name == "posix"
DIRECTORY_MODE = 0o700
FILE_MODE = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO

# O_NONBLOCK: a FIFO in place of a file must be refused, not waited for.
SAFE = sum(getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY", "O_NOINHERIT"))

WINDOWS_PAUSES_SECONDS = (0.01, 0.02, 0.04, 0.08, 0.16, *5 * (0.2,))
"""Windows refuses to open or replace a file that a reader or virus scanner has open; retry for up to 1.3 s."""

UNFINISHED = ".new"
"""Suffix of a file that is being written; left behind if the writer is killed."""

T = TypeVar("T")


class PrivateDirectory:
    """Reads and replaces small files. Methods that change a file require the directory's write lock.

    Every method raises :class:`~auth_core.InsecureStore` if others could read or change the directory or file, and
    :class:`~auth_core.StoreUnavailable` for errors of the operating system.

    Args:
        path: absolute; created with mode 0700 on first use.
    """

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, name: str) -> bytes | None:
        """The content of a file; ``None`` if it does not exist."""
        with self._trouble(name, "read"):
            try:
                descriptor = self.open_file(name, os.O_RDONLY)
            except FileNotFoundError:
                return None
            with open(descriptor, "rb") as file:
                return file.read()

    def replace(self, name: str, content: bytes) -> None:
        """Write a file atomically, even if the process or the machine crashes."""
        unfinished = name + UNFINISHED
        with self._trouble(name, "written"), self._opened() as (directory, at):
            _unlink(self._at(unfinished), at)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | SAFE
            try:
                with open(os.open(self._at(unfinished), flags, FILE_MODE, **at), "wb") as file:
                    if POSIX:
                        os.fchmod(file.fileno(), FILE_MODE)  # a umask may have removed bits
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                _persistently(lambda: self._move(unfinished, name, directory))
            except BaseException:
                with suppress(OSError):
                    _unlink(self._at(unfinished), at)
                raise
            _sync(directory)

    def remove(self, name: str) -> None:
        """Delete a file if it exists."""
        with self._trouble(name, "deleted"), self._opened() as (directory, at):
            _persistently(lambda: _unlink(self._at(name), at))
            _sync(directory)

    def remove_unfinished(self) -> None:
        """Delete partial writes of killed processes."""
        with self._trouble("", "read"), self._opened() as (directory, at):
            for name in os.listdir(self.path if directory is None else directory):
                if name.endswith(UNFINISHED):
                    _unlink(self._at(name), at)

    def open_file(self, name: str, flags: int) -> int:
        """Open a file and check that it is private. ``OSError`` is passed on."""
        with self._opened() as (_, at):
            if not POSIX and os.path.islink(self._at(name)):
                raise InsecureStore(_is_a_link(self.shown(name)))
            try:
                descriptor = _persistently(lambda: os.open(self._at(name), flags | SAFE, FILE_MODE, **at))
            except OSError as error:
                if error.errno in {errno.ELOOP, errno.EMLINK}:  # from O_NOFOLLOW
                    raise InsecureStore(_is_a_link(self.shown(name))) from None
                raise
        try:
            mode = self._private_mode(os.fstat(descriptor), self.shown(name), FILE_MODE)
            if POSIX and flags & os.O_CREAT and mode != FILE_MODE:
                os.fchmod(descriptor, FILE_MODE)  # a umask removed bits when it was created
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def shown(self, name: str) -> str:
        """The full path, for messages."""
        return os.path.join(self.path, name) if name else self.path

    @contextmanager
    def _opened(self) -> Generator[tuple[int | None, Mapping[str, Any]]]:
        """Open the directory, creating it if missing; yields its descriptor and the ``dir_fd`` arguments."""
        if not POSIX:
            os.makedirs(self.path, exist_ok=True)
            if os.path.islink(self.path):
                raise InsecureStore(_is_a_link(self.path))
            yield None, {}
            return
        descriptor = self._open_directory()
        try:
            self._private_mode(os.fstat(descriptor), self.path, DIRECTORY_MODE)
            yield descriptor, {"dir_fd": descriptor}
        finally:
            os.close(descriptor)

    def _open_directory(self) -> int:
        flags = os.O_RDONLY | os.O_DIRECTORY | SAFE
        try:
            try:
                return os.open(self.path, flags)
            except FileNotFoundError:
                _make(Path(self.path))
                return os.open(self.path, flags)
        except OSError as error:
            if error.errno in {errno.ELOOP, errno.EMLINK, errno.ENOTDIR} and os.path.islink(self.path):
                raise InsecureStore(_is_a_link(self.path)) from None
            if error.errno == errno.ENOTDIR:
                message = f"{self.path} cannot be a token store: it, or one of its parents, is not a directory"
                raise ConfigurationError(message) from None
            raise

    def _at(self, name: str) -> str:
        return name if POSIX else self.shown(name)

    def _move(self, old: str, new: str, directory: int | None) -> None:
        os.replace(self._at(old), self._at(new), src_dir_fd=directory, dst_dir_fd=directory)

    @staticmethod
    def _private_mode(found: os.stat_result, path: str, mode: int) -> int:
        """The permission bits of an open file. Raises :class:`InsecureStore` if it is not private to this user."""
        kind = stat.S_ISDIR if mode == DIRECTORY_MODE else stat.S_ISREG
        quoted = shlex.quote(path)
        if not kind(found.st_mode):
            message = f"{path} is not a regular file; nothing was read from it. Remove it"
            raise InsecureStore(message)
        if not POSIX:
            return mode
        if found.st_uid != os.geteuid():
            fix = f"Use another one, or run: chown -R {os.geteuid()} {quoted}"
            if os.geteuid() == 0:  # chown would lock the owner out
                fix = f"Run this as user {found.st_uid}, or use another directory"
            message = (
                f"{path} belongs to user {found.st_uid}, but this process runs as user {os.geteuid()}; tokens must "
                f"be in a directory of this user. {fix}"
            )
            raise InsecureStore(message)
        if found.st_mode & OTHERS:
            message = (
                f"{path} has mode {stat.S_IMODE(found.st_mode):04o}, so that others can read or change tokens. "
                f"Run: chmod {mode:o} {quoted}"
            )
            raise InsecureStore(message)
        return stat.S_IMODE(found.st_mode)

    @contextmanager
    def _trouble(self, name: str, doing: str) -> Generator[None]:
        """Convert ``OSError`` to :class:`StoreUnavailable`, with the path but no content."""
        try:
            yield
        except OSError as error:
            message = f"{self.shown(name)} could not be {doing}: {error.strerror or type(error).__name__}"
            raise StoreUnavailable(message) from None


def _is_a_link(path: str) -> str:
    return f"{path} is a symbolic link, which others may have created; use its target instead, or remove it"


def _make(path: Path) -> None:
    """Create the directory and its parents with mode 0700, regardless of the umask."""
    if not path.parent.exists():
        _make(path.parent)
    with suppress(FileExistsError):
        path.mkdir(DIRECTORY_MODE)
        if stat.S_IMODE(path.lstat().st_mode) != DIRECTORY_MODE:
            path.chmod(DIRECTORY_MODE)


def _unlink(path: str, at: Mapping[str, Any]) -> None:
    with suppress(FileNotFoundError):
        os.unlink(path, **at)


def _sync(directory: int | None) -> None:
    """Make renames durable, where the file system supports it."""
    if directory is not None:
        try:
            os.fsync(directory)
        except OSError as error:
            if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
                raise


def _persistently(act: Callable[[], T]) -> T:
    for pause in () if POSIX else WINDOWS_PAUSES_SECONDS:
        try:
            return act()
        except PermissionError:
            time.sleep(pause)
    return act()

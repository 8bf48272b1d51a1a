"""Tokens in files, for the processes of one user on one machine."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import partial
from typing import Any

from ..clock import Clock, SystemClock
from ..errors import ConfigurationError
from .documents import DocumentStore
from .extras import require_extra
from .lock_files import LockFiles
from .private_directory import PrivateDirectory


class FileStore(DocumentStore):
    """Keeps tokens in files that only this user can read: they survive the process, and all processes share them.

    The directory has mode 0700 and the files 0600; what others could read or change is refused. Tokens are written
    whole or not at all, and a process may be killed at any time. Names of files are fingerprints.

    It pickles, as what it is: a path.

    Args:
        directory: where the files are, made when first needed; default: ``auth-core/tokens`` in the place where the
            system keeps the state of this user's programs. On a local disk: network file systems may know a lock on
            one host only.
        clock: the time; default: the machine's.

    Raises:
        ConfigurationError: ``filelock`` or ``platformdirs`` is not installed (``pip install "auth-core[file]"``), or
            the user has no home directory to put the default in.

    Using it raises :class:`~auth_core.InsecureStore` when others could read or change the tokens; the text has the
    command that fixes it.
    """

    def __init__(self, directory: str | os.PathLike[str] | None = None, *, clock: Clock | None = None) -> None:
        require_extra("file", "filelock", "platformdirs")
        self.directory = absolute_directory(directory, "tokens")
        """Absolute."""
        clock = clock or SystemClock()
        files = PrivateDirectory(self.directory)
        super().__init__(files, LockFiles(files, clock), clock)

    def __str__(self) -> str:
        return f"files in {self.directory}"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.directory, clock=self._clock), ()


def absolute_directory(given: str | os.PathLike[str] | None, default_name: str) -> str:
    """A directory for files of this user: the given one, else the default; ``ConfigurationError`` without a home."""
    from platformdirs import user_state_path

    if given is not None:
        return os.path.abspath(os.path.expanduser(given))
    with suppress(RuntimeError):
        default = user_state_path("auth-core", appauthor=False) / default_name
        if default.is_absolute():
            return str(default)
    message = "this user has no home directory to keep files in: name a directory"
    raise ConfigurationError(message)

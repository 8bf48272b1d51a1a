"""Tokens in files, shared by the processes of one user on one machine."""

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
    """Keeps tokens in files that only this user can read, shared by all processes of the user.

    The directory has mode 0700 and the files 0600; files that others could read or change are refused. Writes are
    atomic, even if the process is killed. File names are fingerprints. The store can be pickled: it is a path.

    Args:
        directory: created on first use; default: ``auth-core/tokens`` in the user's state directory. Use a local disk:
            locks on network file systems may work on one host only.

    Raises:
        ConfigurationError: ``filelock`` or ``platformdirs`` is not installed (``pip install "auth-core[file]"``), or
            the user has no home directory for the default.

    Using it raises :class:`~auth_core.InsecureStore` if others could read or change the tokens; the message has the
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
    """The given directory, else the default in the user's state directory; ``ConfigurationError`` without a home."""
    from platformdirs import user_state_path

    if given is not None:
        return os.path.abspath(os.path.expanduser(given))
    with suppress(RuntimeError):
        default = user_state_path("auth-core", appauthor=False) / default_name
        if default.is_absolute():
            return str(default)
    message = "this user has no home directory to keep files in; pass a directory"
    raise ConfigurationError(message)

"""Tokens in the keyring of the operating system."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar, cast

from ..clock import Clock, SystemClock
from ..errors import ConfigurationError
from .documents import DocumentStore
from .extras import require_extra
from .file import absolute_directory
from .keyring_documents import Keyring, KeyringDocuments
from .lock_files import LockFiles
from .private_directory import PrivateDirectory

logger = logging.getLogger("auth_core")

RECOMMENDED = 1
"""The keyring package selects backends with at least this priority by itself."""

T = TypeVar("T")


class KeyringStore(DocumentStore):
    """Keeps tokens in the keyring of the logged-in user: macOS Keychain, Windows Credential Manager, Secret Service
    (GNOME, KDE). All processes of the user share them.

    Renewals exclude each other by lock files, which hold no secret. Writes are atomic. The store can be pickled: it is
    a name and a path.

    Args:
        service: the name of the entries in the keyring; stores with the same name share their tokens.
        directory: of the lock files, on a local disk, created on first use; stores with the same service need the same
            one. Default: ``auth-core/keyring-locks`` in the user's state directory.

    Raises:
        ConfigurationError: this machine has no keyring, as in a container or over SSH; or ``keyring``, ``filelock`` or
            ``platformdirs`` is not installed (``pip install "auth-core[keyring]"``).

    Using it raises :class:`~auth_core.StoreUnavailable` while the keyring is locked.
    """

    def __init__(
        self,
        service: str = "auth-core",
        *,
        directory: str | os.PathLike[str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        require_extra("keyring", "filelock", "keyring", "platformdirs")
        self.service = service
        self._backend = _keyring()
        self.directory = absolute_directory(directory, "keyring-locks")
        """Of the lock files; absolute."""
        clock = clock or SystemClock()
        locks = LockFiles(PrivateDirectory(self.directory), clock)
        super().__init__(KeyringDocuments(self._backend, service), locks, clock)

    def __str__(self) -> str:
        return f"keyring ({self._backend.name}), entries of {self.service}"

    def __reduce__(self) -> tuple[Any, ...]:
        return partial(type(self), self.service, directory=self.directory, clock=self._clock), ()

    def _read(self, name: str, decode: Callable[[bytes], T]) -> T | None:
        # A document is several entries, and some keyrings are a file that is rewritten in place: reads are consistent
        # only under the lock.
        with self._writing():
            return self._current(name, decode)


def _keyring() -> Keyring:
    """The keyring of this machine. Raises :class:`ConfigurationError` if there is none."""
    import keyring
    from keyring.backends import chainer, fail, null

    backend = keyring.get_keyring()
    empty = isinstance(backend, chainer.ChainerBackend) and not backend.backends
    if empty or isinstance(backend, fail.Keyring | null.Keyring):
        message = (
            f"this machine has no keyring that can be used ({backend.name}); servers, containers and SSH sessions "
            f"often have none. Use a FileStore there, or configure a keyring (`python -m keyring diagnose`)"
        )
        raise ConfigurationError(message)
    found = cast("Keyring", backend)  # its metaclass hides the types of its members
    if found.priority < RECOMMENDED:
        logger.warning("%s is not a keyring of the operating system; it may store tokens in clear text", found.name)
    return found

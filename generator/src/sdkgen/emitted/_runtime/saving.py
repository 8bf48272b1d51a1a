"""Files that are written completely or not at all."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

from ..errors import UnwritableFile


class NewFile:
    """A file that is written next to its path and takes its place at the end; without :meth:`keep` it is removed.

    It has the path of the file that a link leads to. An existing file is replaced.

    Raises:
        UnwritableFile: The file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(os.path.realpath(path))
        if self._path.exists() and not self._path.is_file():  # a device or a pipe would be replaced by a file
            message = f"{self._path} is not a regular file"
            raise UnwritableFile(message)
        self._unfinished = self._path.with_name(f".{self._path.name[:100]}.{secrets.token_hex(4)}.part")
        try:
            self._file: IO[bytes] = self._unfinished.open("xb")
        except OSError as error:
            raise _unwritable(error, self._path) from None
        self._kept = False

    def write(self, chunk: bytes) -> None:
        """Append to the file."""
        try:
            self._file.write(chunk)
        except OSError as error:
            raise _unwritable(error, self._path) from None

    def keep(self) -> None:
        """Put the file in its place."""
        try:
            self._file.close()
            self._unfinished.replace(self._path)
        except OSError as error:
            raise _unwritable(error, self._path) from None
        self._kept = True

    def __enter__(self) -> NewFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):  # of a buffer that the full disk did not take
            self._file.close()
        if not self._kept:
            with suppress(OSError):
                self._unfinished.unlink()


def _unwritable(error: OSError, path: Path) -> UnwritableFile:
    return UnwritableFile(error.errno, error.strerror or str(error), str(path))

"""Readers of files to upload. Each reads the whole file, however often the request is sent."""

from __future__ import annotations

import io
import os
import stat
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .errors import UnreadableFile

Progress = Callable[[int, "int | None"], object]
"""Called with the bytes so far and with all bytes, ``None`` if they are unknown."""


class _Rereadable(ABC):
    """A file that can be read again: the size is that at the time of the request, which ``Content-Length`` announces.

    It has no ``fileno``, from which httpx would take the length at the time of sending.
    """

    def __init__(self, name: str, size: int, progress: Progress | None = None) -> None:
        self._name = name
        self._size = size
        self._position = 0
        self._progress = progress

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes.

        Raises:
            UnreadableFile: The file cannot be read, or became shorter.
        """
        left = max(0, self._size - self._position)
        requested = left if size < 0 else min(size, left)
        try:
            chunk = self._read_at(self._position, requested)
        except OSError as error:
            raise unreadable(error) from None
        if requested and not chunk:
            message = f"{self._name} became shorter after the request was made"
            raise UnreadableFile(message)
        self._position += len(chunk)
        if chunk and self._progress is not None:
            self._progress(self._position, self._size)
        return chunk

    @abstractmethod
    def _read_at(self, position: int, size: int) -> bytes: ...


class FileOnDisk(_Rereadable):
    """A file by its path. It is open only during each read, so that no handle stays open.

    Raises:
        UnreadableFile: The file cannot be opened, or is none: a folder, a pipe, a device.
    """

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        self._path = path
        try:
            mode = path.stat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # opening a pipe would wait for its other end
                message = f"{path} is not a regular file; open it and pass the open file"
                raise UnreadableFile(message)
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
        except OSError as error:
            raise unreadable(error) from None
        super().__init__(path.name, size, progress)

    def _read_at(self, position: int, size: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(position)
            return file.read(size)


class OpenFile(_Rereadable):
    """An open file with a position, which is read from its beginning, as httpx does, and left where it stood."""

    def __init__(self, file: IO[bytes], progress: Progress | None = None) -> None:
        self._file = file
        self._stood = file.tell()
        file.seek(0, os.SEEK_END)
        size = file.tell()
        file.seek(self._stood)
        super().__init__(f"the file {name_of(file) or 'to upload'}", size, progress)

    def _read_at(self, position: int, size: int) -> bytes:
        self._file.seek(position)
        try:
            return self._file.read(size)
        finally:
            self._file.seek(self._stood)


class OnceReadable:
    """An open file without a position, such as a pipe: it is sent once, and in chunks, as its length is unknown."""

    def __init__(self, file: IO[bytes], progress: Progress | None = None) -> None:
        self._file = file
        self._at_end = False
        self._progress = progress
        self._read = 0

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes; an end that was reached is an error, as another request would be sent empty."""
        if self._at_end:
            message = "the file to upload can be read only once, and has been sent"
            raise UnreadableFile(message)
        chunk = self._file.read(size)
        self._at_end = not chunk
        self._read += len(chunk)
        if chunk and self._progress is not None:
            self._progress(self._read, None)
        return chunk


Reader = FileOnDisk | OpenFile | OnceReadable


def reader_of(file: IO[bytes], progress: Progress | None = None) -> Reader:
    """Return the reader of an open file."""
    try:
        return OpenFile(file, progress) if file.seekable() else OnceReadable(file, progress)
    except (AttributeError, io.UnsupportedOperation):
        return OnceReadable(file, progress)


def name_of(file: object) -> str | None:
    """Return the name of an open file without its folder; ``None`` if it has none."""
    name = getattr(file, "name", None)
    return os.path.basename(os.fsdecode(name)) or None if isinstance(name, str | bytes) else None


def unreadable(error: OSError) -> UnreadableFile:
    """Convert the error of a file to one of this client."""
    if isinstance(error, UnreadableFile):
        return error
    return UnreadableFile(error.errno, error.strerror or str(error), error.filename)

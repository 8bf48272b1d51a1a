"""What models and operations share: the mark for a member that is not there, and files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final, Literal, TypeGuard

from attrs import define, field

from .errors import UnreadableFile

__all__ = ["UNSET", "File", "FileTypes", "RequestFiles", "Unset"]


class Unset(Enum):
    """The type of :data:`UNSET`. An enumeration, because type checkers narrow ``is UNSET`` of no other singleton."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""A member that is not in the JSON object, as ``None`` is one that is ``null``. It is false, and the same for ever."""

FileTypes = tuple[str | None, Any, str | None]
"""Name, content and media type of a part, as httpx takes them."""

RequestFiles = list[tuple[str, FileTypes]]
"""The parts of a multipart body: httpx chooses a boundary at random for each request."""


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


@define
class File:
    """A file to upload.

    Attributes:
        payload: The content: bytes, an open binary file, or the path of a file, which is opened when it is sent.
        file_name: The name the API is told; default: that of the file, if it has one.
        mime_type: The media type; default: what the name suggests.
    """

    payload: bytes | IO[bytes] | os.PathLike[str] = field(repr=False)
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """The part as httpx takes it."""
        if isinstance(self.payload, os.PathLike):
            path = Path(self.payload)
            return self.file_name or path.name, _FileOnDisk(path), self.mime_type
        name = self.file_name or getattr(self.payload, "name", None)
        return os.path.basename(name) if isinstance(name, str) else "upload", self.payload, self.mime_type


class _FileOnDisk:
    """Reads a file that is open only during each read, so that a request can be sent again and nothing stays open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._size = path.stat().st_size
        except OSError as error:
            raise _unreadable(error) from None
        self._position = 0

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        """The next bytes, of as many as there were when the request was made: its length is sent before them.

        Raises:
            UnreadableFile: The file cannot be read, or has become shorter.
        """
        left = max(0, self._size - self._position)
        wanted = left if size < 0 else min(size, left)
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                chunk = file.read(wanted)
        except OSError as error:
            raise _unreadable(error) from None
        if wanted and not chunk:
            message = f"{self._path.name} has become shorter than it was when the request was made"
            raise UnreadableFile(message)
        self._position += len(chunk)
        return chunk


def _unreadable(error: OSError) -> UnreadableFile:
    return UnreadableFile(error.errno, error.strerror, error.filename)


def multipart(members: Mapping[str, Any]) -> RequestFiles:
    """The parts of a multipart body: one per member or item of an array, objects as JSON; ``null`` is left out."""
    parts: RequestFiles = []
    for name, value in members.items():
        items = value if is_array(value) else [value]
        parts += [(name, _part(item)) for item in items if item is not None]
    return parts


def _part(value: Any) -> FileTypes:
    if isinstance(value, File):
        return value.to_tuple()
    if isinstance(value, bytes):
        return None, value, "application/octet-stream"
    if isinstance(value, dict | list):
        return None, json.dumps(value).encode(), "application/json"
    if isinstance(value, bool):
        return None, b"true" if value else b"false", "text/plain"
    return None, str(value).encode(), "text/plain"

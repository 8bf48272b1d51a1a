"""Types shared by models and operations: ``UNSET`` for a missing member, and files to upload."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final, Literal, TypeGuard

from attrs import define, field

from .errors import UnreadableFile

__all__ = ["FROM_SERVER", "UNSET", "File", "FileTypes", "NaiveDateTime", "RequestFiles", "Unset"]


class Unset(Enum):
    """The type of :data:`UNSET`. An enumeration, because type checkers narrow ``is UNSET`` only for its members."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Marks a member that is missing from the JSON object; ``None`` is one that is ``null``. A singleton; it is falsy."""


FROM_SERVER: Final[Any] = UNSET
"""``UNSET`` as the default of members that responses always have and requests need not: typed as in a response."""


class NaiveDateTime(datetime.datetime):
    """A date-time that the server sent without an offset: naive, and written as it came.

    Other naive date-times are refused where the API documents an offset: it would be missing by mistake.
    A library that accepts no subclass of ``datetime`` takes ``datetime.combine(moment.date(), moment.time())``.
    """

    __slots__ = ()


FileTypes = tuple[str | None, Any, str | None]
"""File name, content and media type of a part, in the form that httpx accepts."""

RequestFiles = list[tuple[str, FileTypes]]
"""The parts of a multipart body; httpx chooses a random boundary for each request."""


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


@define
class File:
    """A file to upload.

    Attributes:
        payload: The content: bytes, an open binary file, or the path of a file, which is opened when it is sent.
        file_name: The file name to send; default: the name of the file, if it has one.
        mime_type: The media type; default: guessed from the name.
    """

    payload: bytes | IO[bytes] | os.PathLike[str] = field(repr=False)
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Return the part in the form that httpx accepts."""
        if isinstance(self.payload, os.PathLike):
            path = Path(self.payload)
            return self.file_name or path.name, _FileOnDisk(path), self.mime_type
        name = self.file_name or getattr(self.payload, "name", None)
        return os.path.basename(name) if isinstance(name, str) else "upload", self.payload, self.mime_type


class _FileOnDisk:
    """A readable file that is open only during each read, so that a request can be resent and no handle stays open."""

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
        """Read the next bytes, up to the size at the time of the request, which ``Content-Length`` announces.

        Raises:
            UnreadableFile: The file cannot be read, or became shorter.
        """
        left = max(0, self._size - self._position)
        requested = left if size < 0 else min(size, left)
        try:
            with self._path.open("rb") as file:
                file.seek(self._position)
                chunk = file.read(requested)
        except OSError as error:
            raise _unreadable(error) from None
        if requested and not chunk:
            message = f"{self._path.name} became shorter after the request was made"
            raise UnreadableFile(message)
        self._position += len(chunk)
        return chunk


def _unreadable(error: OSError) -> UnreadableFile:
    return UnreadableFile(error.errno, error.strerror, error.filename)


def multipart(members: Mapping[str, Any]) -> RequestFiles:
    """Return the parts of a multipart body: one per member or array item, objects as JSON, ``null`` left out."""
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

"""Types shared by models and operations: ``UNSET`` for a missing member, and files to upload."""

from __future__ import annotations

import datetime
import io
import json
import mimetypes
import os
from collections.abc import Mapping
from contextlib import suppress
from inspect import iscoroutine
from pathlib import Path
from typing import IO, Any, Final, Literal, TypeGuard, cast, final

from attrs import Attribute, define, field

from ._readers import FileOnDisk, Progress, Reader, name_of, reader_of
from .errors import InvalidArgument, UnreadableFile, WrongArgumentType

__all__ = [
    "UNSET",
    "File",
    "FileContent",
    "FileInput",
    "FileTypes",
    "NaiveDateTime",
    "RequestFiles",
    "Unset",
]


@final
class Unset:
    """The type of :data:`UNSET`."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"  # copies and pickles are the same object


UNSET: Final[Any] = Unset()
"""Stands for a member that an object is not to have, where ``None`` is ``null``. A singleton; it is falsy.

It is the default of members of any type, so for type checkers it has none of its own.
"""


class NaiveDateTime(datetime.datetime):
    """A date-time that the server sent without an offset: naive, and written as it came.

    Other naive date-times are refused where the API documents an offset: it would be missing by mistake.
    A library that accepts no subclass of ``datetime`` takes ``datetime.combine(moment.date(), moment.time())``.
    """

    __slots__ = ()


FileTypes = tuple[str | None, Any, str | None] | tuple[str | None, Any, str | None, Mapping[str, str]]
"""File name, content, media type and headers of a part, in the form that httpx accepts."""

RequestFiles = list[tuple[str, FileTypes]]
"""The parts of a multipart body; httpx chooses a random boundary for each request."""

FileContent = bytes | bytearray | memoryview | str | os.PathLike[str] | IO[bytes]
"""The content of a file: bytes, its path, or a file opened in binary mode. A ``str`` is a path too."""


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


_LONGEST_PATH = 4096
_A_STR_IS_A_PATH = "a str is the path of a file, its content would be bytes: text.encode()"


def _check_content(_: object, __: object, payload: Any) -> None:
    if isinstance(payload, str):
        if not 0 < len(payload) <= _LONGEST_PATH or any(character in payload for character in "\0\n\r"):
            message = f"found a str that is no path; {_A_STR_IS_A_PATH}"
            raise WrongArgumentType(message)
    elif not isinstance(payload, bytes | bytearray | memoryview | os.PathLike):
        _check_open_file(payload)


def _check_open_file(file: Any) -> None:
    if isinstance(file, io.TextIOBase):
        message = f'expected a file opened in binary mode, found {type(file).__name__}; open it with the mode "rb"'
        raise WrongArgumentType(message)
    if getattr(file, "closed", False) is True:
        message = "the file is closed"
        raise InvalidArgument(message)
    nothing: Any = None
    with suppress(AttributeError, TypeError):
        nothing = file.read(0)
    if not isinstance(nothing, bytes | bytearray | memoryview):
        if iscoroutine(nothing):  # the file of an async library
            nothing.close()
        message = (
            "expected bytes, a path, a file opened in binary mode, a tuple such as (name, content), or a File,"
            f" found {type(file).__name__}"
        )
        raise WrongArgumentType(message)


def _check_line(_: object, attribute: Attribute[Any], value: object) -> None:
    lines: list[object] = [value]
    if isinstance(value, Mapping):
        lines = [line for pair in cast("Mapping[object, object]", value).items() for line in pair]
    for line in lines:
        if line is None and line is value:
            continue
        if not isinstance(line, str):
            message = f"expected a str as {attribute.name}, found {type(line).__name__}"
            raise WrongArgumentType(message)
        if any(character in line for character in "\0\n\r"):
            message = f"the {attribute.name} of a file must not have line breaks"
            raise InvalidArgument(message)


def _check_progress(_: object, __: object, progress: Any) -> None:
    if progress is not None and not callable(progress):
        message = f"`progress` must be a function of two numbers, not {type(progress).__name__}"
        raise WrongArgumentType(message)


@define
class File:
    """A file to upload.

    An open file is sent from its beginning, also when the request is repeated, and stands where it stood afterwards.
    One without a position, such as a pipe, is sent once.

    Attributes:
        payload: The content: bytes, the path of a file, which is opened when it is sent, or an open binary file.
        file_name: The file name to send; default: the name of the file, if it has one.
        mime_type: The media type; default: guessed from the name.
        headers: Other headers of the part.
        progress: Called while the file is sent, with the bytes so far and with all bytes (``None``: unknown, of a file
            without a position). It starts again if the request is repeated.

    Raises:
        WrongArgumentType: The content is none of these, such as a file opened in text mode.
    """

    payload: FileContent = field(repr=False, validator=_check_content)
    file_name: str | None = field(default=None, validator=_check_line)
    mime_type: str | None = field(default=None, validator=_check_line)
    headers: Mapping[str, str] | None = field(default=None, repr=False, validator=_check_line)
    progress: Progress | None = field(default=None, repr=False, eq=False, validator=_check_progress)

    @property
    def name(self) -> str:
        """The file name to send."""
        own = Path(self.payload).name if isinstance(self.payload, str | os.PathLike) else name_of(self.payload)
        return self.file_name or own or "upload"

    @property
    def media_type(self) -> str:
        """The media type to send."""
        return self.mime_type or mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    def content(self) -> bytes | Reader:
        """Return the bytes, or what reads them when the request is sent.

        Raises:
            UnreadableFile: The file cannot be read.
        """
        payload = self.payload
        if isinstance(payload, bytes | bytearray | memoryview):
            return bytes(payload) if self.progress is None else reader_of(io.BytesIO(payload), self.progress)
        if not isinstance(payload, str | os.PathLike):
            return reader_of(payload, self.progress)
        try:
            return FileOnDisk(Path(payload), self.progress)
        except UnreadableFile as error:
            if isinstance(payload, str) and error.errno is not None:
                reason = f"{error.strerror} ({_A_STR_IS_A_PATH})"
                raise UnreadableFile(error.errno, reason, error.filename) from None
            raise

    def to_tuple(self) -> FileTypes:
        """Return the part in the form that httpx accepts."""
        if self.headers:
            return self.name, self.content(), self.mime_type, dict(self.headers)
        return self.name, self.content(), self.mime_type


FileInput = (
    FileContent
    | File
    | tuple[str | None, FileContent]
    | tuple[str | None, FileContent, str | None]
    | tuple[str | None, FileContent, str | None, Mapping[str, str]]
)
"""What stands for a file: its content, a :class:`File`, or a tuple as in httpx: ``(name, content)``, and the media type
and headers if they are to be set."""


def as_file(value: FileInput) -> File:
    """Return the file to upload.

    Raises:
        WrongArgumentType: The value stands for no file.
    """
    if isinstance(value, File):
        return value
    if not isinstance(value, tuple):
        return File(value)
    parts: tuple[Any, ...] = value if 2 <= len(value) <= 4 else (None, value)
    name, content, *rest = parts
    if isinstance(content, str):
        message = "the content in a tuple must be bytes, a pathlib.Path or a file opened in binary mode, not str"
        raise WrongArgumentType(message)
    return File(content, name, *rest)


def multipart(members: Mapping[str, Any]) -> RequestFiles:
    """Return the parts of a multipart body: one per member or array item, objects as JSON, ``null`` left out."""
    parts: RequestFiles = []
    for name, value in members.items():
        items = value if is_array(value) else [value]
        parts += [(name, _part(name, item)) for item in items if item is not None]
    return parts


def _part(name: str, value: Any) -> FileTypes:
    if isinstance(value, File):
        return value.to_tuple()
    if isinstance(value, bytes):
        return None, value, "application/octet-stream"
    if isinstance(value, dict | list):
        return None, json.dumps(value).encode(), "application/json"
    if isinstance(value, bool):
        return None, b"true" if value else b"false", "text/plain"
    if isinstance(value, str | int | float):
        return None, str(value).encode(), "text/plain"
    message = f"`{name}`: a part cannot be made of {type(value).__name__}; wrap a file in File(...)"
    raise WrongArgumentType(message)

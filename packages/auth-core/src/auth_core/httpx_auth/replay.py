"""Whether the body of a request can be sent again, and how it is made ready for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import httpx

Rewind: TypeAlias = Callable[[], object]


def can_be_sent_again(request: httpx.Request) -> bool:
    """Whether the body is still there after it was sent once."""
    return rewinding(request) is not None


def rewinding(request: httpx.Request) -> Rewind | None:
    """How to make the body ready for being sent again; ``None``: it can be sent once only.

    httpx keeps what a body is made of to itself, so this looks at private names; where they are missing the body
    counts as one that can be sent once.
    """
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        return _nothing
    fields: Any = getattr(stream, "fields", None)
    if fields is not None:  # multipart: httpx itself winds each file back to its start, for the first time too
        return _nothing if all(_field_is_replayable(field) for field in fields) else None
    source: Any = getattr(stream, "_stream", None)
    if isinstance(source, (list, tuple)):
        return _nothing
    if isinstance(stream, httpx.SyncByteStream) and _is_seekable(source):
        offset = source.tell()
        return lambda: source.seek(offset)
    return None


def _nothing() -> None:
    return None


def _field_is_replayable(field: Any) -> bool:
    file = getattr(field, "file", None)
    return file is None or isinstance(file, (str, bytes)) or _is_seekable(file)


def _is_seekable(file: Any) -> bool:
    try:
        return bool(file.seekable()) and file.tell() >= 0
    except (AttributeError, OSError, ValueError, TypeError):
        return False

"""Whether and how the body of a request can be sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx

from .library import library_of


def can_be_sent_again(request: httpx.Request) -> bool:
    """Whether the request can be sent again after its body was sent once."""
    return rewinding(request) is not None


def rewinding(request: httpx.Request) -> Callable[[], object] | None:
    """A function that rewinds the body; ``None``: the request is not replayable.

    httpx has no public API for the source of a body, so this reads private attributes; without them the request counts
    as not replayable.
    """
    stream, library = request.stream, library_of(request)
    if isinstance(stream, library.ByteStream):
        return _nothing
    fields: Any = getattr(stream, "fields", None)
    if fields is not None:  # multipart: httpx itself rewinds each file, also before the first time
        files = [getattr(field, "file", None) for field in fields]
        return _nothing if all(isinstance(file, str | bytes | None) or _is_seekable(file) for file in files) else None
    source: Any = getattr(stream, "_stream", None)
    if isinstance(source, (list, tuple)):
        return _nothing
    if isinstance(stream, library.SyncByteStream) and _is_seekable(source):
        offset = source.tell()
        return lambda: source.seek(offset)
    return None


def _nothing() -> None:
    """Nothing to rewind."""


def _is_seekable(file: Any) -> bool:
    try:
        return bool(file.seekable()) and file.tell() >= 0
    except (AttributeError, OSError, ValueError, TypeError):
        return False

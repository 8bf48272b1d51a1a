"""Whether the body of a request can be sent again, and how it is made ready for that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx


def can_be_sent_again(request: httpx.Request) -> bool:
    """Whether the body is still there after it was sent once."""
    return rewinding(request) is not None


def rewinding(request: httpx.Request) -> Callable[[], object] | None:
    """How to make the body ready for being sent again; ``None``: it can be sent once only.

    httpx keeps what a body is made of to itself, so this looks at private names; where they are missing the body
    counts as one that can be sent once.
    """
    stream = request.stream
    if isinstance(stream, httpx.ByteStream):
        return _nothing
    fields: Any = getattr(stream, "fields", None)
    if fields is not None:  # multipart: httpx itself winds each file back to its start, for the first time too
        files = [getattr(field, "file", None) for field in fields]
        return _nothing if all(isinstance(file, str | bytes | None) or _is_seekable(file) for file in files) else None
    source: Any = getattr(stream, "_stream", None)
    if isinstance(source, (list, tuple)):
        return _nothing
    if isinstance(stream, httpx.SyncByteStream) and _is_seekable(source):
        offset = source.tell()
        return lambda: source.seek(offset)
    return None


def _nothing() -> None:
    """There is nothing to wind back."""


def _is_seekable(file: Any) -> bool:
    try:
        return bool(file.seekable()) and file.tell() >= 0
    except (AttributeError, OSError, ValueError, TypeError):
        return False

"""Request bodies as the HTTP library takes them; a file is read while it is sent."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import httpx
from auth_core.contract import library_of, with_bases

from .._readers import OnceReadable, Reader
from .request import RequestParts

if TYPE_CHECKING:

    class _Stream(httpx.SyncByteStream, httpx.AsyncByteStream): ...

else:
    _Stream = object

_CHUNK_BYTES = 65_536


class FileStream(_Stream):
    """Sends a file, the whole of it each time."""

    def __init__(self, file: Reader) -> None:
        self._stream = file  # as httpx's own streams call it: `can_be_sent_again` asks it whether it is seekable

    def __iter__(self) -> Iterator[bytes]:
        if not isinstance(self._stream, OnceReadable):
            self._stream.seek(0)
        while chunk := self._stream.read(_CHUNK_BYTES):
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


def new_request(
    method: str, url: httpx.URL | str, headers: httpx.Headers, parts: RequestParts | None, extensions: dict[str, Any]
) -> httpx.Request:
    """Build a request with the body of these parts, or without one; of the library that the headers are of."""
    library = library_of(headers)
    if parts is None:
        return library.Request(method, url, headers=headers, extensions=extensions)
    file = parts.file
    if file is None or isinstance(file, bytes):
        content = parts.content if file is None else file
        return library.Request(method, url, headers=headers, content=content, files=parts.files, extensions=extensions)
    headers = headers.copy()
    if isinstance(file, OnceReadable):
        headers["Transfer-Encoding"] = "chunked"
    else:
        headers["Content-Length"] = str(file.seek(0, os.SEEK_END))
    request = library.Request(method, url, headers=headers, extensions=extensions)
    request.stream = with_bases(FileStream, library.SyncByteStream, library.AsyncByteStream)(file)
    # as an argument, it would keep httpx from adding ``Host``
    return request

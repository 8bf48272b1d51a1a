"""Limits that no server can exceed: the duration of an exchange, and the size of a token response."""

from __future__ import annotations

import math
import time
import zlib

import httpx

from ..wire import TokenSendError

MAX_TOKEN_RESPONSE_BYTES = 1_048_576
"""A token response has a few kilobytes; larger responses are rejected. Counted before and after decompression."""
ENCODINGS = "gzip, deflate"
_KNOWN_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate"})
_GZIP_OR_ZLIB, _RAW_DEFLATE = 47, -15
"""Values of ``wbits`` for zlib. Some servers send ``deflate`` without the zlib header."""
_TOO_LATE = "the response was not complete within the time limit"


class Deadline:
    """A timeout that is always the time left: a socket converts it to a number before each read and write.

    A server that sends one byte at a time cannot extend it. A socket converts it with ``__index__``, to whole seconds,
    which are rounded up; ``exact.py`` converts it before.
    """

    def __init__(self, ends: float, *, at_most: float = math.inf) -> None:
        self._ends = ends
        self._at_most = at_most

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        """Zero or less: it has passed."""
        return self._ends - time.monotonic()

    def limited(self, seconds: float | None) -> Deadline:
        """The same deadline, with a limit for each single operation of a socket."""
        return self if seconds is None else Deadline(self._ends, at_most=seconds)

    def for_sockets(self) -> Deadline | float:
        """The deadline, or its limit for a single operation if that is due first and not in whole seconds."""
        seconds = float(self)
        return self if seconds < self._at_most or seconds.is_integer() else seconds

    def __float__(self) -> float:
        left = self.seconds_left
        if left <= 0:
            raise TimeoutError(_TOO_LATE)
        return float(min(left, self._at_most))

    def __index__(self) -> int:
        return math.ceil(float(self))


def read_bounded(response: httpx.Response, deadline: Deadline) -> bytes:
    """Read and decompress the body. Raises :class:`TokenSendError` beyond a limit."""
    if response.is_stream_consumed:  # the transport has read and decompressed it
        _check_size(response.content)
        return response.content
    raw = bytearray()
    for chunk in response.iter_raw():
        raw += chunk
        _check_size(raw)
        float(deadline)  # raises TimeoutError if no time is left
    content = bytes(raw)
    for encoding in reversed(response.headers.get("content-encoding", "").lower().split(",")):
        content = _decoded(content, encoding.strip())
    return content


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding in {"", "identity"} or not content:
        return content
    if encoding not in _KNOWN_ENCODINGS:
        message = f"the response is compressed in a way that was not requested ({ENCODINGS})"
        raise TokenSendError(message)
    for format_ in (_GZIP_OR_ZLIB, _RAW_DEFLATE):
        decompressor = zlib.decompressobj(format_)
        try:
            found = decompressor.decompress(content, MAX_TOKEN_RESPONSE_BYTES + 1)
        except zlib.error:
            continue
        _check_size(found)
        if decompressor.eof:
            return found
    message = "the response cannot be decompressed"
    raise TokenSendError(message)


def _check_size(content: bytes | bytearray) -> None:
    if len(content) > MAX_TOKEN_RESPONSE_BYTES:
        message = f"the response is larger than {MAX_TOKEN_RESPONSE_BYTES} bytes"
        raise TokenSendError(message)

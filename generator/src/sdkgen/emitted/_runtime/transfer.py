"""The state of one body that is read as it arrives: what was received, how it goes on, what a fault means. No I/O."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, Protocol, TypeVar

import httpx

from ..errors import DecodeError, StreamClosed, TransportError
from .items import ItemReader
from .lines import Lines
from .ranges import Resumption, resumed, resumption
from .response import ReceivedResponse

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_RESUMPTIONS = 2
"""How many times the rest of one body is requested."""


class TextParser(Protocol[T_co]):
    """What makes values of text that arrives in pieces."""

    def feed(self, text: str) -> Iterable[T_co]: ...

    def end(self) -> Iterable[T_co]: ...


class BodyReader(Generic[T]):
    """Makes values of the bytes of a body."""

    def __init__(self, parser: TextParser[T], encoding: str, locate: Callable[[DecodeError], None]) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._parser = parser
        self._locate = locate

    def feed(self, chunk: bytes) -> Iterator[T]:
        """Yield the values that these bytes complete."""
        return self._located(self._parser.feed(self._decoder.decode(chunk)))

    def end(self) -> Iterator[T]:
        """Yield the values that are complete because nothing follows."""
        yield from self._located(self._parser.feed(self._decoder.decode(b"", final=True)))
        yield from self._located(self._parser.end())

    def _located(self, values: Iterable[T]) -> Iterator[T]:
        try:
            yield from values
        except DecodeError as error:
            self._locate(error)
            raise


class WholeLines:
    """Yields lines without their ends."""

    def __init__(self) -> None:
        self._lines = Lines()

    def feed(self, text: str) -> Iterator[str]:
        return (line.rstrip("\r\n") for line in self._lines.feed(text))

    def end(self) -> Iterator[str]:
        return (line.rstrip("\r\n") for line in self._lines.end())


class Transfer:
    """One body, from its first byte to its last, also when it is resumed in between.

    Args:
        received: The response, whose body is not read yet.
        max_resumptions: How many times the rest may be requested after the connection broke.

    Attributes:
        response: The response that is being read.
        bytes_read: How many bytes of the body were received, after decompression.
        size: How many bytes the body has; ``None`` if the server did not say, or compresses it.
    """

    def __init__(self, received: ReceivedResponse, max_resumptions: int) -> None:
        self.received = received
        self.response = received.response
        self.bytes_read = 0
        self.closed = False
        self._begun = False
        self._left = max_resumptions
        request = self.response.request
        self.size = _size(request.method, self.response)
        self._resumption = resumption(request.method, request.headers, self.response.status_code, self.response.headers)

    def begin(self) -> None:
        """Begin to read the body.

        Raises:
            StreamClosed: It was read before, or was closed.
        """
        self._check_open()
        if self._begun:
            message = "the body was already read, or partly: it arrives only once"
            raise StreamClosed(message)
        self._begun = True

    def _check_open(self) -> None:
        if self.closed:
            message = "the response was closed; read it inside its `with` block"
            raise StreamClosed(message)

    def took(self, chunk: bytes) -> bytes:
        """Count a piece of the body."""
        self._check_open()
        self.bytes_read += len(chunk)
        return chunk

    def end(self) -> None:
        """Check that the body is whole.

        Raises:
            TransportError: It is shorter or longer than announced.
        """
        if self.size is not None and self.bytes_read != self.size:
            error = httpx.RemoteProtocolError("the body does not have the announced length")
            raise self._failure(error, "") from None

    def check_terminator(self, items: ItemReader[T]) -> None:
        """Check that the items ended with their terminator, if they have one.

        Raises:
            TransportError: They did not.
        """
        if items.lacks_terminator:
            error = httpx.RemoteProtocolError("the stream ended without its terminator")
            raise self._failure(error, "") from None

    @property
    def seconds_left(self) -> float | None:
        """Of the total timeout; ``None``: it does not limit the body."""
        return None if self.received.deadline is None else self.received.deadline.seconds_left

    def rest_after(self, error: Exception) -> dict[str, str]:
        """Return the headers with which to request the rest of the body.

        Raises:
            TransportError: It cannot be resumed.
        """
        if self.seconds_left is not None and self.seconds_left <= 0:
            raise self._failure(error, "the total timeout has passed") from error
        if isinstance(self._resumption, str):
            raise self._failure(error, f"not resumed: {self._resumption}") from error
        if self._left <= 0:
            raise self._failure(error, "not resumed again") from error
        self._left -= 1
        return self._resumption.headers(self.bytes_read)

    def not_resumed(self, error: Exception, resuming: Exception) -> TransportError:
        """Return the error for a body whose rest could not be requested."""
        return self._failure(error, f"the rest could not be requested: {resuming}")

    def go_on(self, error: Exception, received: ReceivedResponse) -> None:
        """Read on from the response to the request for the rest.

        Args:
            error: What broke the body off.
            received: The response.

        Raises:
            TransportError: It is not the rest of the same content.
        """
        self.response = received.response
        if isinstance(self._resumption, Resumption):
            fault = resumed(
                received.status_code,
                received.response.headers,
                offset=self.bytes_read,
                size=self.size,
                validator=self._resumption.validator,
            )
            if fault is not None:
                raise self._failure(error, f"not resumed: {fault}") from None

    def _failure(self, error: Exception, hint: str) -> TransportError:
        whole = f" of {self.size}" if self.size is not None else ""
        failure = self.received.failed_later(
            error, f"the body broke off after {self.bytes_read}{whole} bytes{f' ({hint})' if hint else ''}"
        )
        failure.bytes_read = self.bytes_read
        return failure

    def reader(self, parser: TextParser[T]) -> BodyReader[T]:
        """Return what makes values of the body, in the character set that the response declares or the format has."""
        encoding = parser.ENCODING if isinstance(parser, ItemReader) else self.response.encoding or "utf-8"
        return BodyReader(parser, encoding, self._locate)

    def _locate(self, error: DecodeError) -> None:
        found = error.excerpt
        self.received.locate(error, found)


def _size(method: str, response: httpx.Response) -> int | None:
    headers = response.headers
    length = headers.get("content-length", "")
    is_plain = headers.get("content-encoding", "identity").strip().lower() == "identity"
    has_body = method != "HEAD" and response.status_code not in (204, 304) and "transfer-encoding" not in headers
    return int(length) if has_body and is_plain and length.isascii() and length.isdigit() else None

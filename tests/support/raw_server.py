"""A loopback server that sends scripted bytes, valid HTTP or not, and counts requests and connections."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from enum import Enum, auto

from attrs import define, field, frozen


class Ending(Enum):
    """How the server ends a connection, in place of a piece."""

    CLOSED = auto()
    RESET = auto()
    """TCP RST."""


@frozen
class RawRequest:
    """A request as received, and its place on its connection."""

    line: str
    body: bytes
    connection: int
    """Index of the connection, from 0."""
    number: int
    """Index of the request on its connection, from 0."""
    headers: Mapping[str, str] = {}
    """With names in lower case."""


@define(eq=False)
class RawServer:
    """Sends what ``respond`` yields, piece by piece; ``None`` closes the connection instead."""

    respond: Callable[[RawRequest], Iterable[bytes | Ending] | None]
    url: str = ""
    requests: list[RawRequest] = field(factory=list[RawRequest])
    threads: list[threading.Thread] = field(factory=list[threading.Thread])

    def accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # the listener is closed at the end
            while True:
                connection, _ = listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection, len(self.threads)), daemon=True)
                self.threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket, index: int) -> None:
        with connection, connection.makefile("rb") as received, suppress(OSError):
            number = 0
            while (request := _request(received, index, number)) is not None:
                number += 1
                self.requests.append(request)
                pieces = self.respond(request)
                if pieces is None:
                    connection.shutdown(socket.SHUT_RDWR)
                    return
                for piece in pieces:
                    if isinstance(piece, Ending):
                        if piece is Ending.RESET:
                            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    connection.sendall(piece)

    def join(self) -> None:
        """Wait until the clients have closed their connections."""
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


def _request(received, connection: int, number: int) -> RawRequest | None:
    line, headers = received.readline().decode().strip(), {}
    while (header := received.readline().decode().strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    body = received.read(int(headers.get("content-length", 0)))
    return RawRequest(line, body, connection, number, headers) if line else None


@contextmanager
def serve_raw(respond: Callable[[RawRequest], Iterable[bytes | Ending] | None]) -> Generator[RawServer]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = RawServer(respond, url=f"http://127.0.0.1:{listener.getsockname()[1]}")
        acceptor = threading.Thread(target=server.accept, args=(listener,), daemon=True)
        acceptor.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes accept()


def response(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """A complete response, as JSON unless a header says otherwise."""
    fields = "\r\n".join(["Content-Type: application/json", f"Content-Length: {len(body)}", *headers])
    return f"HTTP/1.1 {status}\r\n{fields}\r\n\r\n".encode("latin-1") + body

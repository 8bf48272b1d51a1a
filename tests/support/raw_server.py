"""A loopback server that sends scripted bytes, valid HTTP or not, and counts requests and connections."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress

from attrs import define, field, frozen


@frozen
class RawRequest:
    """A request as received, and its place on its connection."""

    line: str
    body: bytes
    connection: int
    """Index of the connection, from 0."""
    number: int
    """Index of the request on its connection, from 0."""


@define(eq=False)
class RawServer:
    """Sends what ``respond`` yields, piece by piece; ``None`` closes the connection instead."""

    respond: Callable[[RawRequest], Iterable[bytes] | None]
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
                    connection.sendall(piece)

    def join(self) -> None:
        """Wait until the clients have closed their connections."""
        for thread in self.threads:
            thread.join(30)
            assert not thread.is_alive()


def _request(received, connection: int, number: int) -> RawRequest | None:
    line, length = received.readline().decode().strip(), 0
    while (header := received.readline().strip()) != b"":
        if header.lower().startswith(b"content-length:"):
            length = int(header.split(b":")[1])
    return RawRequest(line, received.read(length), connection, number) if line else None


@contextmanager
def serve_raw(respond: Callable[[RawRequest], Iterable[bytes] | None]) -> Generator[RawServer]:
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

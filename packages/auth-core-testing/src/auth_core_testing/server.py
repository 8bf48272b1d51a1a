"""A scripted provider on a real loopback socket."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .exchange import ProviderRequest, ProviderResponse, Responding

__all__ = ["serve"]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect early."""


@contextmanager
def serve(provider: Responding) -> Generator[str]:
    """Serve the provider and yield its URL, ``http://127.0.0.1:PORT``."""

    class Handler(_Handler):
        scripted_provider = provider

    server = _Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="identity provider", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        provider.release()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else the body waits for the acknowledgement of the head: 40 ms
    scripted_provider: Responding

    def _handle(self) -> None:
        request = ProviderRequest(
            method=self.command,
            target=self.path,
            headers={name.lower(): value for name, value in self.headers.items()},
            content=self._content(),
        )
        response = self.scripted_provider.handle(request)
        delivery = response.delivery
        if delivery.hang_seconds:
            self.scripted_provider.hang(delivery.hang_seconds)
        if delivery.reset or delivery.hang_seconds:
            self._reset()
            return
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        self._send_body(response)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _handle

    def _send_body(self, response: ProviderResponse) -> None:
        if response.delivery.pause_seconds:
            for byte in response.sent:
                threading.Event().wait(response.delivery.pause_seconds)
                self.wfile.write(bytes((byte,)))
        else:
            self.wfile.write(response.sent)
        if len(response.sent) < len(response.content):
            self.close_connection = True

    def _reset(self) -> None:
        # With a linger time of zero, close() sends RST, unless shutdown() has sent FIN before: close it here.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def _content(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        content = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: the provider records the requests."""

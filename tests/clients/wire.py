"""A server on loopback that keeps the bytes it is sent and answers with the bytes it is given, whole or cut off."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx


class Wire:
    """What came in, and what goes out."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[httpx.Request] = []
        self.status = 200
        self.media_type = "application/json"
        self.body = b""
        self.missing = 0
        """How many bytes more the answer promises than it has; the connection ends then."""


@contextmanager
def running_wire() -> Generator[Wire]:
    """A server for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = httpx.URL(f"http://127.0.0.1:{wire.port}").copy_with(raw_path=self.path.encode("latin-1"))
            wire.requests.append(httpx.Request(self.command, url, headers=self.headers.items(), content=content))
            self.send_response(wire.status)
            self.send_header("Content-Type", wire.media_type)
            self.send_header("Content-Length", str(len(wire.body) + wire.missing))
            self.end_headers()
            self.wfile.write(wire.body)
            self.close_connection = self.close_connection or wire.missing > 0

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    wire = Wire(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class ToWire(httpx.HTTPTransport):
    """Takes requests for any port of this machine to the server's."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(verify=False, trust_env=False)
        self._wire = wire

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._wire.port)
        return super().handle_request(request)


class ToWireAwaited(httpx.AsyncHTTPTransport):
    """The same, awaited."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(verify=False, trust_env=False)
        self._wire = wire

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._wire.port)
        return await super().handle_async_request(request)

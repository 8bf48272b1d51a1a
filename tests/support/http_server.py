"""The HTTP double: a loopback server that records requests and sends scripted responses, complete or truncated."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field, frozen

from support.http_library import httpx


@define
class Reply:
    """A response that the server sends."""

    status: int = 200
    body: object = {}
    headers: Mapping[str, str] = {}
    missing: int = 0
    """How many bytes ``Content-Length`` exceeds the content by; the server then closes the connection."""

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@frozen(slots=False)
class Recorded:
    """A request that the server received."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    """The headers as received, including repeated ones."""
    content: bytes

    @cached_property
    def headers(self) -> dict[str, str]:
        """With names in lower case."""
        return {name.lower(): value for name, value in self.fields}

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        return json.loads(self.content)


@define
class Server:
    """Responds with ``response``, a reply or a function of the request."""

    url: str
    response: Reply | Callable[[Recorded], Reply] = field(factory=Reply)
    requests: list[Recorded] = field(factory=list[Recorded])

    @property
    def port(self) -> int:
        port = urlsplit(self.url).port
        assert port is not None
        return port

    @property
    def last(self) -> Recorded:
        return self.requests[-1]


@contextmanager
def serve() -> Generator[Server]:
    """A server on loopback; each of its connections has a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

        def respond(self) -> None:
            if self.headers.get("transfer-encoding") == "chunked":
                content = b"".join(iter(self.read_chunk, b""))
            else:
                content = self.rfile.read(int(self.headers.get("content-length") or 0))
            recorded = Recorded(self.command, self.path, self.headers.items(), content)
            server.requests.append(recorded)
            reply = server.response(recorded) if callable(server.response) else server.response
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.content) + reply.missing))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.content)
            self.close_connection = self.close_connection or reply.missing > 0

        def read_chunk(self) -> bytes:
            chunk = self.rfile.read(int(self.rfile.readline(), 16))
            self.rfile.readline()
            return chunk

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_TRACE = respond

        def log_message(self, format: str, *args: object) -> None:
            pass

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    server = Server(f"http://127.0.0.1:{httpd.server_port}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


class ToServer(httpx.HTTPTransport):
    """Sends requests for any loopback port to the server's."""

    def __init__(self, server: Server) -> None:
        super().__init__(verify=False, trust_env=False)
        self._port = server.port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._port)
        return super().handle_request(request)


class ToServerAwaited(httpx.AsyncHTTPTransport):
    """The async version."""

    def __init__(self, server: Server) -> None:
        super().__init__(verify=False, trust_env=False)
        self._port = server.port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(port=self._port)
        return await super().handle_async_request(request)

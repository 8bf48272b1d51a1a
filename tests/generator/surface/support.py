"""Generates a package from an inline spec, and a server on loopback that says what a test wants."""

from __future__ import annotations

import atexit
import hashlib
import importlib
import json
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field, frozen

from sdkgen.bundle import bundle
from sdkgen.problems import Problem
from sdkgen.render import render_client

HEAD = """
openapi: 3.1.0
info: {title: Test, version: "1"}
x-client: {class: Shop, environment: SHOP}
servers: [{url: "https://{host}/api", variables: {host: {default: test.example}}}]
"""


@frozen
class Package:
    """A generated package."""

    name: str
    folder: Path
    """Of the distribution."""
    problems: tuple[Problem, ...]

    def __getattr__(self, name: str) -> Any:
        """A name, as a user imports it."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.name), name)

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.name}.{name}")

    def source(self, path: str) -> str:
        return (self.folder / "src" / self.name / path).read_text("utf-8")


def write_spec(text: str, folder: Path, vendor: str) -> Path:
    path = folder / vendor / "openapi.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return path


@cache
def workspace() -> Path:
    """Where all packages of a test run are."""
    folder = tempfile.TemporaryDirectory(prefix="surface-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


@cache
def generate(text: str, vendor: str = "") -> Package:
    """The package of a spec, without ``HEAD``; importable. Generated once per text and test run."""
    vendor = vendor or f"t{hashlib.sha256(text.encode()).hexdigest()[:10]}"
    root = Path(tempfile.mkdtemp(dir=workspace()))
    whole = bundle(write_spec(HEAD + text, root, vendor), root=root)
    assert not whole.problems
    folder = root / "package"
    folder.mkdir()
    problems = render_client(whole, folder).problems
    name = f"{vendor.replace('-', '_')}_client"
    sys.path.append(str(folder / "src"))
    return Package(name, folder, tuple(problems))


# --- a server --------------------------------------------------------------------------------------------------------


@define
class Reply:
    """What the server answers."""

    status: int = 200
    body: object = {}
    headers: Mapping[str, str] = {}

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


@frozen
class Recorded:
    """What the server was sent."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes

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
    """Answers with ``answer``, a reply or a function of the request."""

    url: str
    answer: Reply | Callable[[Recorded], Reply] = field(factory=Reply)
    requests: list[Recorded] = field(factory=list[Recorded])

    @property
    def last(self) -> Recorded:
        return self.requests[-1]


@contextmanager
def serve() -> Generator[Server]:
    """A server on loopback; each of its connections has a thread."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except ConnectionError:
                self.close_connection = True

        def respond(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorded = Recorded(self.command, self.path, headers, content)
            server.requests.append(recorded)
            reply = server.answer(recorded) if callable(server.answer) else server.answer
            self.send_response(reply.status)
            for name, value in {"content-type": "application/json", **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.content)

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


def client_of(package: Package, server: Server, **options: Any) -> Any:
    """A client for a server of this module, by default without credentials."""
    return package.Shop(**{"base_url": server.url, "credentials": (), **options})


def async_client_of(package: Package, server: Server, **options: Any) -> Any:
    """The same, awaited."""
    return package.AsyncShop(**{"base_url": server.url, "credentials": (), **options})

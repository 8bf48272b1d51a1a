"""Harbour, hand-written with the standard library alone: it shares no code with what is tested."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

SESSION_SECONDS = 60
BASIC = "Basic " + base64.b64encode(b"ship:s3cret").decode()
BERTHS = [{"name": "North 1", "depth": 12.5}, {"name": "South 2", "depth": 4}]


class Harbour(ThreadingHTTPServer):
    """One session at a time; a new key ends the one before it."""

    daemon_threads = True

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.now = now
        self.numbers = itertools.count(1)
        self.key = self.renewal = ""
        self.ends = datetime.fromtimestamp(0, UTC)
        self.log: list[str] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}/api"

    def time(self) -> datetime:
        """The harbour's clock."""
        return datetime.fromtimestamp(self.now(), UTC)

    def open(self) -> None:
        """Start a session."""
        number = next(self.numbers)
        self.key, self.renewal = f"key-{number}", f"renewal-{number}"
        self.ends = self.time() + timedelta(seconds=SESSION_SECONDS)


class Handler(BaseHTTPRequestHandler):
    """The harbour's five operations."""

    server: Harbour
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Keep the terminal quiet."""

    def answer(self, status: int, body: object = None, **headers: str) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def session(self) -> None:
        self.server.open()
        details = {"ends": self.server.ends.isoformat(), "renewal": self.server.renewal, "tenant": 4}
        self.answer(200, {"ok": True, "session": details}, X_Session_Key=self.server.key)

    def body(self) -> object:
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"null")

    def do_POST(self) -> None:
        self.server.log.append("open")
        body = self.body()
        known = self.path == "/api/identity/tenants/north%20sea/sessions" and body == {"purpose": ["read", "write"]}
        if known and self.headers["Authorization"] == BASIC:
            self.session()
        else:
            self.answer(200, {"ok": False, "fault": {"id": "bad-client", "text": f"no such client at {self.path}"}})

    def do_PUT(self) -> None:
        self.server.log.append("renew")
        if self.body() == {"number": 4} and self.headers["X-Renewal"] == self.server.renewal:
            self.session()
        else:
            self.answer(410)

    def do_GET(self) -> None:
        self.server.log.append("list")
        address = urlsplit(self.path)
        if self.headers["X-Harbour-Session"] != self.server.key or self.server.time() >= self.server.ends:
            self.answer(419)
        elif address.path != "/api/berths":
            self.answer(200, {"ok": False, "fault": {"id": "lost", "text": "no such place"}})
        else:
            least = float(parse_qs(address.query).get("min_depth", ["0"])[0])
            self.answer(200, {"ok": True, "berths": [berth for berth in BERTHS if float(str(berth["depth"])) >= least]})

    def do_DELETE(self) -> None:
        self.server.log.append("close")
        self.server.key = ""
        self.answer(204)


@contextmanager
def harbour(now: Callable[[], float]) -> Iterator[Harbour]:
    """A running harbour whose clock is ``now``."""
    server = Harbour(now)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

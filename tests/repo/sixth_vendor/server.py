"""Harbour, hand-written: it shares no code with what is tested."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from support.http_server import Recorded, Reply, serve

SESSION_SECONDS = 60
BASIC = "Basic " + base64.b64encode(b"ship:s3cret").decode()
BERTHS = [{"name": "North 1", "depth": 12.5}, {"name": "South 2", "depth": 4}]


class Harbour:
    """One session at a time; a new key ends the one before it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.url = ""
        self.numbers = itertools.count(1)
        self.key = self.renewal = ""
        self.ends = datetime.fromtimestamp(0, UTC)
        self.log: list[str] = []

    def response(self, request: Recorded) -> Reply:
        """The harbour's five operations."""
        operations = {"POST": self.open, "PUT": self.renew, "GET": self.list, "DELETE": self.close}
        operation = operations[request.method]
        self.log.append(operation.__name__)
        return operation(request)

    def open(self, request: Recorded) -> Reply:
        right = request.path == "/api/identity/tenants/north%20sea/sessions"
        if right and request.json == {"purpose": ["read", "write"]} and request.headers.get("authorization") == BASIC:
            return self.session()
        return fault("bad-client", f"no such client at {request.path}")

    def renew(self, request: Recorded) -> Reply:
        if request.json == {"number": 4} and request.headers.get("x-renewal") == self.renewal:
            return self.session()
        return Reply(410, b"")

    def list(self, request: Recorded) -> Reply:
        if request.headers.get("x-harbour-session") != self.key or self.time() >= self.ends:
            return Reply(419, b"")
        if request.path != "/api/berths":
            return fault("lost", "no such place")
        least = float(dict(request.query).get("min_depth", 0))
        return Reply(200, {"ok": True, "berths": [berth for berth in BERTHS if float(str(berth["depth"])) >= least]})

    def close(self, request: Recorded) -> Reply:
        self.key = ""
        return Reply(204, b"")

    def session(self) -> Reply:
        """Start one."""
        number = next(self.numbers)
        self.key, self.renewal = f"key-{number}", f"renewal-{number}"
        self.ends = self.time() + timedelta(seconds=SESSION_SECONDS)
        details = {"ends": self.ends.isoformat(), "renewal": self.renewal, "tenant": 4}
        return Reply(200, {"ok": True, "session": details}, {"X-Session-Key": self.key})

    def time(self) -> datetime:
        """The harbour's clock."""
        return datetime.fromtimestamp(self.now(), UTC)


def fault(number: str, text: str) -> Reply:
    return Reply(200, {"ok": False, "fault": {"id": number, "text": text}})


@contextmanager
def harbour(now: Callable[[], float]) -> Iterator[Harbour]:
    """A running harbour whose clock is ``now``."""
    with serve() as server:
        running = Harbour(now)
        server.response = running.response
        running.url = f"{server.url}/api"
        yield running

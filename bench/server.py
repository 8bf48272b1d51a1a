"""A loopback server that responds at once, in its own process, so that the measured time is the client's."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection

COLUMNS = [{"columnName": name, "type": "String"} for name in ("Name", "City", "Title")]
TABLE = json.dumps({"schema": COLUMNS, "data": [[f"Person {n}", "Oslo", "Engineer"] for n in range(20)]}).encode()
TOKEN = json.dumps({"access_token": "bench-token", "token_type": "Bearer", "expires_in": 3600}).encode()


def respond(body: bytes) -> bytes:
    """A complete HTTP/1.1 response."""
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


class FixedResponse(asyncio.Protocol):
    """Responds to a GET with the table and to a POST with a token; keeps connections open."""

    transport: asyncio.Transport
    received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end].lower()
            length = next((int(line[15:]) for line in head.split(b"\r\n") if line.startswith(b"content-length:")), 0)
            if len(self.received) < end + 4 + length:
                return
            self.received = self.received[end + 4 + length :]
            self.transport.write(respond(TOKEN if head.startswith(b"post") else TABLE))


def serve(ready: Connection) -> None:
    """Serve on a free loopback port, report the port, and run until the process ends."""

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(FixedResponse, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def fast_server() -> Generator[str]:
    """The URL of a running server."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()

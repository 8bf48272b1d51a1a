"""The HTTP server: uvicorn on a thread, with one ASGI application for all vendors of a sandbox."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Sequence
from typing import cast

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as StarletteRequest
from starlette.responses import RedirectResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from vendor_sandbox.control.application import PREFIX, front_page
from vendor_sandbox.control.errors import refusal
from vendor_sandbox.faults import Fault, HalfBody, HeldResponse, MalformedJson, ResetConnection, SlowDrip, SlowResponse
from vendor_sandbox.faults.kinds import DRIP_BYTES
from vendor_sandbox.json_values import read_json
from vendor_sandbox.messages import Request, Response, media_type_of
from vendor_sandbox.mounting import Destination, Mounts
from vendor_sandbox.vendor import Vendor

__all__ = ["Listener"]

STARTUP_SECONDS = 30.0
LISTENING_SECONDS = 1.0
"""Upper limit of the delay of a Ctrl-C that arrives just before a wait: Python handles signals between bytecodes."""
FRONT = ("/", PREFIX, f"{PREFIX}/", f"{PREFIX}/console")
"""Paths that redirect to the console."""


class Listener:
    """One listening socket on 127.0.0.1 with the server behind it.

    Args:
        vendors: the vendors to serve.
        control: the control API.
        port: the port; 0 for any free one.
        stopping: called when the server begins to stop.

    Raises:
        OSError: the port is in use or not allowed.
    """

    def __init__(
        self,
        vendors: Sequence[Vendor],
        control: ASGIApp,
        port: int = 0,
        *,
        stopping: Callable[[], object] = lambda: None,
    ) -> None:
        self._stopping = stopping
        # with an explicit protocol, asyncio sets TCP_NODELAY; otherwise each response waits 40 ms for an ACK
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(("127.0.0.1", port))
        except OSError:
            self._socket.close()
            raise
        self.origin = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._transports: dict[tuple[str, int], asyncio.Transport] = {}
        self._held: set[HeldResponse] = set()
        for vendor in vendors:
            vendor.listen(self.origin)
        config = uvicorn.Config(
            self._application(vendors, control),
            http=self._protocol(),
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,  # the vendor's clock stamps the responses
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        self._server = _Server(config)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"vendor-sandbox {self.origin}", daemon=True)

    def start(self) -> None:
        """Start serving; return when connections are accepted."""
        self._thread.start()
        if not self._server.ready.wait(STARTUP_SECONDS):
            raise RuntimeError(f"the server at {self.origin} did not start within {STARTUP_SECONDS:g} s")

    def stop(self) -> None:
        """Stop serving, release held and slow responses, and free the port."""
        self._server.stop()
        self._stopping()
        for held in tuple(self._held):
            held.release()
        if self._thread.ident is not None:
            self._thread.join()
        self._socket.close()

    def join(self) -> None:
        """Block until the server stops.

        Does not join the thread: when Ctrl-C interrupts a join, Python 3.11 marks the thread as ended (bpo-45274), and
        :meth:`stop` would no longer wait for it.
        """
        while not self._ended.wait(LISTENING_SECONDS):
            pass

    def _run(self) -> None:
        try:
            asyncio.run(self._server.serve(sockets=[self._socket]))
        finally:
            self._ended.set()

    def _protocol(self) -> type[asyncio.Protocol]:
        """uvicorn's HTTP/1.1 protocol that also records the transport of each peer (for resets)."""
        transports = self._transports

        class Protocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                super().connection_made(transport)
                if self.client is not None:
                    transports[self.client] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                if self.client is not None:
                    transports.pop(self.client, None)
                super().connection_lost(exc)

        return Protocol

    def _application(self, vendors: Sequence[Vendor], control: ASGIApp) -> Starlette:
        async def front(request: StarletteRequest) -> RedirectResponse:
            return front_page()

        paths = [PREFIX, *(prefix for vendor in vendors for prefix in vendor.prefixes.values())]
        application = Starlette(
            routes=[*(Route(path, front) for path in FRONT), Mount(PREFIX, app=control)],
            exception_handlers={HTTPException: refusal(paths)},
        )
        router = application.router
        router.redirect_slashes = False
        router.default = self._vendors_application(vendors, otherwise=router.not_found)
        return application

    def _vendors_application(self, vendors: Sequence[Vendor], otherwise: ASGIApp) -> ASGIApp:
        mounts = Mounts(vendors)

        async def application(scope: Scope, receive: Receive, send: Send) -> None:
            # the path as sent: a decoded segment may contain slashes and line ends
            destination = mounts.find(scope["method"], cast(bytes, scope["raw_path"]).decode("latin-1"))
            exchange = otherwise if destination is None else _Exchange(destination, self)
            await exchange(scope, receive, send)

        return application

    def reset(self, scope: Scope) -> None:
        """Reset the connection of a request (TCP RST)."""
        transport = self._transports.get(scope["client"])
        if transport is not None:
            peer = cast(socket.socket, transport.get_extra_info("socket"))
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()

    def close(self, scope: Scope) -> None:
        """Close the connection of a request cleanly, after sending all buffered data."""
        if (transport := self._transports.get(scope["client"])) is not None:
            transport.close()

    def is_connected(self, scope: Scope) -> bool:
        """Whether the peer of a request is still connected."""
        return scope["client"] in self._transports

    async def wait(self, seconds: float) -> None:
        """Wait, at most until the server stops."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._server.stopping.wait(), seconds)

    async def hold(self, fault: HeldResponse) -> None:
        """Hold a response until it is released or the server stops."""
        self._held.add(fault)
        await fault.hold()
        self._held.discard(fault)


class _Server(uvicorn.Server):
    """A uvicorn server that is notified to stop instead of polling ten times a second, and signals when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self.stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self.ready.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()

    def stop(self) -> None:
        """Request the stop. Callable from any thread, also before the start and after the end."""
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the server has already ended
                self._loop.call_soon_threadsafe(self.stopping.set)


class _Exchange:
    """The ASGI side of one request to a vendor."""

    def __init__(self, destination: Destination, listener: Listener) -> None:
        self._destination = destination
        self._vendor = destination.vendor
        self._listener = listener

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = f"{self._destination.prefix}{self._destination.path}"
        try:
            request = await self._read(scope, receive)
        except ClientDisconnect:
            return
        started = time.perf_counter()
        routed = self._vendor.route(request, self._destination.match)
        fault = routed.fault
        if isinstance(fault, ResetConnection) and not fault.processed and fault.after_bytes is None:
            recorded = self._vendor.record(path, routed, None)
            await self._leave(receive, lambda: self._listener.reset(scope))
            self._vendor.finish(recorded, time.perf_counter() - started)
            return
        response = self._vendor.respond(routed)
        recorded = self._vendor.record(path, routed, None if isinstance(fault, ResetConnection) else response)
        try:
            if isinstance(fault, SlowResponse):
                await self._listener.wait(fault.seconds)
            elif isinstance(fault, HeldResponse):
                await self._listener.hold(fault)
            await self._strike(response, fault, scope, receive, send)
        finally:
            self._vendor.finish(recorded, time.perf_counter() - started)

    async def _strike(
        self, response: Response, fault: Fault | None, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Send the response, or the part of it that the fault allows."""
        match fault:
            case ResetConnection(after_bytes=after_bytes):
                if after_bytes is not None:
                    await self._send(response, send, response.body[:after_bytes], complete=False)
                await self._leave(receive, lambda: self._listener.reset(scope))
            case HalfBody():
                await self._send(response, send, response.body[: len(response.body) // 2], complete=False)
                await self._leave(receive, lambda: self._listener.close(scope))
            case MalformedJson():
                body = _malformed(response.body)
                await self._send(Response(response.status, body, response.media_type, response.headers), send, body)
            case SlowDrip(seconds=seconds):
                await self._send(response, send, response.body[:DRIP_BYTES], complete=False)
                for start in range(DRIP_BYTES, len(response.body), DRIP_BYTES):
                    await self._listener.wait(seconds)
                    if not self._listener.is_connected(scope):
                        return
                    piece = response.body[start : start + DRIP_BYTES]
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                await send({"type": "http.response.body", "body": b"", "more_body": False})
            case _:
                await self._send(response, send, response.body)

    async def _read(self, scope: Scope, receive: Receive) -> Request:
        incoming = StarletteRequest(scope, receive)
        body = await incoming.body()
        parts: dict[str, list[str]] = {}
        if media_type_of(incoming.headers.get("content-type", "")) == "multipart/form-data":
            with contextlib.suppress(HTTPException):  # a body that is not multipart has no parts and is refused later
                async with incoming.form() as form:
                    for name, value in form.multi_items():
                        text = value.filename or "" if isinstance(value, UploadFile) else value
                        parts.setdefault(name, []).append(text)
        return Request(
            method=incoming.method,
            server_url=f"{self._listener.origin}{self._destination.prefix}",
            path=self._destination.path,
            query_string=cast(bytes, scope["query_string"]).decode("latin-1"),
            headers=tuple(
                (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]
            ),
            body=body,
            parts=parts,
        )

    async def _send(self, response: Response, send: Send, body: bytes, *, complete: bool = True) -> None:
        headers = [
            ("Date", self._vendor.clock.http_date()),
            ("Content-Length", str(len(response.body))),
            *response.headers,
        ]
        if response.media_type is not None:
            headers.append(("Content-Type", response.media_type))
        raw = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": response.status, "headers": raw})
        await send({"type": "http.response.body", "body": body, "more_body": not complete})

    async def _leave(self, receive: Receive, end: Callable[[], None]) -> None:
        end()
        while (await receive())["type"] != "http.disconnect":
            pass  # the server must detect the disconnect before this returns, or it would respond with 500


def _malformed(body: bytes) -> bytes:
    """The first half of a text, such that it is not JSON: half a number would be a number."""
    half = body[: len(body) // 2]
    try:
        read_json(half)
    except ValueError:
        return half or b"{"
    return b"{"

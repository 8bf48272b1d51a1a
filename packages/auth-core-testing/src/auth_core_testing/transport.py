"""A scripted provider as an httpx transport: no socket, but the same responses and the same faults."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import httpx

from .exchange import ProviderRequest, ProviderResponse, Responding

__all__ = ["ProviderTransport"]

NO_LIMIT = 3600.0


class ProviderTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A transport for ``httpx.Client`` and ``httpx.AsyncClient``; a held provider does not block the event loop.

    When the provider hangs, the request raises ``httpx.ReadTimeout`` if the client's read timeout is reached first,
    else ``httpx.ReadError``, as on a socket.
    """

    def __init__(self, provider: Responding) -> None:
        self._provider = provider

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._response(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return await asyncio.get_running_loop().run_in_executor(None, self._response, request)

    def _response(self, request: httpx.Request) -> httpx.Response:
        response = self._provider.handle(_received(request))
        delivery = response.delivery
        if delivery.hang_seconds:
            limit: float = request.extensions.get("timeout", {}).get("read") or NO_LIMIT
            released = self._provider.hang(min(limit, delivery.hang_seconds))
            if not released and limit < delivery.hang_seconds:
                message = "the provider did not respond within the read timeout"
                raise httpx.ReadTimeout(message, request=request)
        if delivery.reset or delivery.hang_seconds:
            message = "the provider reset the connection"
            raise httpx.ReadError(message, request=request)
        headers = {**response.headers, "Content-Length": str(len(response.content))}
        return httpx.Response(response.status, headers=headers, stream=_Body(response))


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body as it arrives: complete, byte by byte, or truncated."""

    def __init__(self, response: ProviderResponse) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        for piece in pieces(self._response):
            if self._response.delivery.pause_seconds:
                threading.Event().wait(self._response.delivery.pause_seconds)
            yield piece
        self._require_whole()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in pieces(self._response):
            if self._response.delivery.pause_seconds:
                await asyncio.sleep(self._response.delivery.pause_seconds)
            yield piece
        self._require_whole()

    def _require_whole(self) -> None:
        if len(self._response.sent) < len(self._response.content):
            message = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(message)


def pieces(response: ProviderResponse) -> Iterator[bytes]:
    """The chunks in which the body arrives."""
    if not response.delivery.pause_seconds:
        yield response.sent
        return
    for byte in response.sent:
        yield bytes((byte,))


def _received(request: httpx.Request) -> ProviderRequest:
    return ProviderRequest(
        method=request.method,
        target=request.url.raw_path.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        content=request.content,
    )

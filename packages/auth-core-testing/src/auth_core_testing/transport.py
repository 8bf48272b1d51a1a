"""A scripted provider as an httpx transport: no socket, same answers, same ways to break."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import httpx

from .exchange import Answering, ProviderAnswer, ProviderRequest

__all__ = ["ProviderTransport"]

NO_LIMIT = 3600.0


class ProviderTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For ``httpx.Client`` and ``httpx.AsyncClient``; a held provider does not block an event loop.

    A hanging provider ends in ``httpx.ReadTimeout`` when the client's limit for reading comes first, else in
    ``httpx.ReadError``, as on a socket.
    """

    def __init__(self, provider: Answering) -> None:
        self._provider = provider

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._answer(request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        return await asyncio.get_running_loop().run_in_executor(None, self._answer, request)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = self._provider.handle(_received(request))
        delivery = answer.delivery
        if delivery.hang_seconds:
            limit: float = request.extensions.get("timeout", {}).get("read") or NO_LIMIT
            released = self._provider.hang(min(limit, delivery.hang_seconds))
            if not released and limit < delivery.hang_seconds:
                message = "the provider hangs"
                raise httpx.ReadTimeout(message, request=request)
        if delivery.reset or delivery.hang_seconds:
            message = "the provider resets the connection"
            raise httpx.ReadError(message, request=request)
        headers = {**answer.headers, "Content-Length": str(len(answer.content))}
        return httpx.Response(answer.status, headers=headers, stream=_Body(answer))


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The body as it arrives: whole, byte by byte, or broken off."""

    def __init__(self, answer: ProviderAnswer) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        for piece in pieces(self._answer):
            if self._answer.delivery.pause_seconds:
                threading.Event().wait(self._answer.delivery.pause_seconds)
            yield piece
        self._require_whole()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in pieces(self._answer):
            if self._answer.delivery.pause_seconds:
                await asyncio.sleep(self._answer.delivery.pause_seconds)
            yield piece
        self._require_whole()

    def _require_whole(self) -> None:
        if len(self._answer.sent) < len(self._answer.content):
            message = "peer closed connection without sending complete message body"
            raise httpx.RemoteProtocolError(message)


def pieces(answer: ProviderAnswer) -> Iterator[bytes]:
    """The pieces in which the body arrives."""
    if not answer.delivery.pause_seconds:
        yield answer.sent
        return
    for byte in answer.sent:
        yield bytes((byte,))


def _received(request: httpx.Request) -> ProviderRequest:
    return ProviderRequest(
        method=request.method,
        target=request.url.raw_path.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        content=request.content,
    )

"""The identity provider as an httpx transport: no socket, same answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from .provider import ProviderAnswer, ProviderRequest

if TYPE_CHECKING:
    from .provider import IdentityProvider

__all__ = ["ProviderTransport"]


class ProviderTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """For ``httpx.Client`` and ``httpx.AsyncClient``; a held provider does not block an event loop."""

    def __init__(self, provider: IdentityProvider) -> None:
        self._provider = provider

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._response(request, self._answer(_received(request)))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        answer = await asyncio.get_running_loop().run_in_executor(None, self._answer, _received(request))
        return self._response(request, answer)

    def _answer(self, request: ProviderRequest) -> ProviderAnswer | ConnectionResetError:
        try:
            return self._provider.handle(request)
        except ConnectionResetError as error:
            return error

    @staticmethod
    def _response(request: httpx.Request, answer: ProviderAnswer | ConnectionResetError) -> httpx.Response:
        if isinstance(answer, ConnectionResetError):
            raise httpx.ReadError(str(answer), request=request)
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)


def _received(request: httpx.Request) -> ProviderRequest:
    return ProviderRequest(
        method=request.method,
        target=request.url.raw_path.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        content=request.content,
    )

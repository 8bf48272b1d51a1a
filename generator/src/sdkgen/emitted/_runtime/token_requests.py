"""The httpx client for token requests."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from auth_core.contract import HttpxTokenSender, TokenHttpRequest, TokenHttpResponse

from .http_clients import HttpClients


class LazyTokenSender:
    """Sends token requests; its httpx client is created for the first of them."""

    def __init__(self, make: Callable[[], httpx.Client], given: httpx.Client | None) -> None:
        self._given = given
        self._clients = HttpClients[None, httpx.Client](make)

    def __call__(self, request: TokenHttpRequest, /) -> TokenHttpResponse:
        if self._given is not None:
            return HttpxTokenSender(self._given)(request)
        client = self._clients.borrow(None)
        try:
            return HttpxTokenSender(client)(request)
        finally:
            _close(self._clients.release(None))

    def close(self) -> None:
        """Close the client once in-flight token requests have finished: their responses may contain new tokens."""
        _close(self._clients.close(None))


def _close(client: httpx.Client | None) -> None:
    if client is not None:
        client.close()

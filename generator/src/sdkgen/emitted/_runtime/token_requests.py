"""The HTTP client for token requests."""

from __future__ import annotations

from collections.abc import Callable

import httpx
from auth_core.contract import HttpxTokenSender, TokenHttpRequest, TokenHttpResponse, TokenSendError

from .http_clients import HttpClients


class LazyTokenSender:
    """Sends token requests; its HTTP client is created for the first of them.

    Args:
        make: Creates the HTTP client.
        given: The user's own HTTP client.
        through: Returns the part of an error message that names the proxy for a URL.
    """

    def __init__(
        self,
        make: Callable[[], httpx.Client],
        given: httpx.Client | None,
        through: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._given = given
        self._through = through
        self._clients = HttpClients[None, httpx.Client](make)

    def __call__(self, request: TokenHttpRequest, /) -> TokenHttpResponse:
        if self._given is not None:
            return HttpxTokenSender(self._given)(request)
        client = self._clients.borrow(None)
        try:
            return HttpxTokenSender(client)(request)
        except TokenSendError as error:
            message = f"{error}{self._through(request.url)}"
            raise TokenSendError(message, request_sent=error.request_sent) from None
        finally:
            _close(self._clients.release(None))

    def close(self) -> None:
        """Close the client once in-flight token requests have finished: their responses may contain new tokens."""
        _close(self._clients.close(None))


def _close(client: httpx.Client | None) -> None:
    if client is not None:
        client.close()

"""The sync and the async sender. The logic between two requests of a call is in ``exchange.py``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import httpx
from auth_core.contract import is_bad_redirect, masked_in_spans

from ..errors import ClientClosed
from .boundary import own_errors, wrong_arguments
from .connection import Connection
from .exchange import Exchange
from .http_clients import HttpClients, LoopClient
from .request import Operation, RequestParts
from .request_options import call_options
from .response import ReceivedResponse

T = TypeVar("T")


class Sender:
    """Sends requests and blocks until the responses arrive. Thread-safe."""

    def __init__(self, connection: Connection, client: httpx.Client | None) -> None:
        self.connection = connection
        self.given = client
        connection.check_route(client)
        self.clients = HttpClients[None, httpx.Client](connection.new_client)

    def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[ReceivedResponse], T],
        options: Mapping[str, Any],
    ) -> T:
        """Send one request and return its decoded response."""
        return self.exchange(operation, parts, options).read(parse)

    def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        """Send one request, follow redirects within its origin, and return the response if it is a success."""
        with own_errors:
            with wrong_arguments(operation):
                given = call_options(options)
            client = self._client()
            exchange = Exchange(self.connection, operation, parts, client.headers, given)
            while True:
                exchange.request.extensions["trace"] = exchange.attempt.trace
                try:
                    response = client.send(
                        masked_in_spans(exchange.request, client), auth=exchange.auth, follow_redirects=False
                    )
                except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
                    if exchange.repeats_after(error):
                        continue
                    raise exchange.failure(error) from (None if is_bad_redirect(error) else error)
                except RuntimeError as error:
                    if client.is_closed:
                        raise closed(error) from None
                    raise
                received = exchange.received(response)
                if received is not None:
                    return received

    def _client(self) -> httpx.Client:
        return self.clients.get(None) if self.given is None or self.clients.closed else self.given

    def close(self) -> None:
        """Close the httpx client if it was created here."""
        made = self.clients.close(None)
        if made is not None:
            made.close()
        self.connection.close()


class AsyncSender:
    """Sends requests and awaits the responses. Each event loop has its own connections."""

    def __init__(self, connection: Connection, client: httpx.AsyncClient | None) -> None:
        self.connection = connection
        self.given = client
        connection.check_route(client)
        self.clients = HttpClients[asyncio.AbstractEventLoop | None, LoopClient](
            lambda: LoopClient(connection.new_async_client()), is_over=lambda loop: loop is None or loop.is_closed()
        )

    async def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[ReceivedResponse], T],
        options: Mapping[str, Any],
    ) -> T:
        """Send one request and return its decoded response."""
        response = await self.exchange(operation, parts, options)
        return response.read(parse)

    async def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        """Send one request, follow redirects within its origin, and return the response if it is a success."""
        with own_errors:
            with wrong_arguments(operation):
                given = call_options(options)
            client = self._client()
            exchange = Exchange(self.connection, operation, parts, client.headers, given)
            while True:
                exchange.request.extensions["trace"] = exchange.attempt.trace_async
                try:
                    response = await client.send(
                        masked_in_spans(exchange.request, client), auth=exchange.auth, follow_redirects=False
                    )
                except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:
                    if exchange.repeats_after(error):
                        continue
                    raise exchange.failure(error) from (None if is_bad_redirect(error) else error)
                except RuntimeError as error:
                    if client.is_closed:
                        raise closed(error) from None
                    raise
                received = exchange.received(response)
                if received is not None:
                    return received

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()  # also for a client of the user: tokens are awaited with asyncio
        return self.clients.get(loop).http if self.given is None or self.clients.closed else self.given

    async def close(self) -> None:
        """Close the httpx client that was created here for this event loop; those of other loops end with them."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # of trio: no connection was opened in it
            loop = None
        made = self.clients.close(loop)
        if made is not None:
            await made.close()
        self.connection.close()


def closed(error: RuntimeError) -> ClientClosed:
    """Convert the ``RuntimeError`` of a closed httpx client."""
    return ClientClosed(f"the httpx client that sends the calls was closed: {error}")

"""The sync and the async sender. The logic between two requests of a call is in ``exchange.py``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar, cast

import httpx
from auth_core.contract import RefreshTimeout, is_bad_redirect

from ..errors import ClientClosed, TransportError
from .abandoned import Abandoned
from .beginning import read_beginning, read_beginning_async
from .boundary import own_errors, wrong_arguments
from .connection import Connection
from .exchange import Exchange
from .http_clients import HttpClients, LoopClient
from .http_library import AnyAsyncClient, AnyClient, transport_errors
from .item_streams import AsyncItemStream, ItemStream
from .items import ItemFormat
from .request import Operation, RequestParts
from .request_options import call_options, merged, resuming
from .response import ReceivedResponse
from .streams import AsyncStreamedCall, AsyncStreamedResponse, Headers, StreamedCall, StreamedResponse
from .transfer import MAX_RESUMPTIONS

T = TypeVar("T")


class Sender:
    """Sends requests and blocks until the responses arrive. Thread-safe."""

    def __init__(self, connection: Connection, client: AnyClient | None) -> None:
        self.connection = connection
        self.given = cast("httpx.Client | None", client)
        self.defaults: Mapping[str, Any] = {}
        self.is_shared = False
        connection.check_route(self.given)
        self.clients = HttpClients[None, httpx.Client](connection.new_client)
        self._abandoned = Abandoned()
        self.sleep: Callable[[float], None] = time.sleep

    def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[ReceivedResponse], T],
        options: Mapping[str, Any],
    ) -> T:
        """Send one request and return its decoded response."""
        return self.exchange(operation, parts, options).read(parse)

    def stream(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> StreamedCall:
        """Return a call that ``with`` sends, and whose response is read inside it."""

        def send(headers: Headers, seconds_left: float | None = None) -> ReceivedResponse:
            return self.exchange(operation, parts, resuming(options, headers, seconds_left))

        return StreamedCall(lambda: StreamedResponse(send({}), MAX_RESUMPTIONS, self._abandoned, send))

    def items(
        self, operation: Operation, parts: RequestParts, items: ItemFormat[T], options: Mapping[str, Any]
    ) -> ItemStream[T]:
        """Return the items of a response, which arrive one after the other."""
        return ItemStream(self.stream(operation, parts, options), items)

    def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        """Send one request, follow redirects within its origin, and return the response if it is a success."""
        with own_errors:
            self._abandoned.close()
            with wrong_arguments(operation):
                given = call_options(merged(self.defaults, options))
            client = self._client()
            exchange = Exchange(self.connection, operation, parts, client.headers, given)
            while True:
                request = exchange.next_request(client)
                with exchange.watch.sending(request):
                    try:
                        response = client.send(
                            request, auth=exchange.auth, follow_redirects=False, stream=exchange.streams
                        )
                        response = read_beginning(response, exchange.to_read(response))
                    except transport_errors() as error:
                        pause = exchange.pause_after(error)
                        if pause is None:
                            raise exchange.failure(error) from (None if is_bad_redirect(error) else error)
                    except RefreshTimeout:
                        if exchange.is_late:
                            raise exchange.too_late() from None
                        raise
                    except RuntimeError as error:
                        if client.is_closed:
                            raise closed(error) from None
                        raise
                    else:
                        received = exchange.received(response)
                        if isinstance(received, ReceivedResponse):
                            return received
                        pause = received
                if pause:
                    self.sleep(pause)

    def _client(self) -> httpx.Client:
        return self.clients.get(None) if self.given is None or self.clients.closed else self.given

    def close(self) -> None:
        """Close the HTTP client if it was created here, and not for another sender."""
        if self.is_shared:
            return
        made = self.clients.close(None)
        if made is not None:
            made.close()
        self.connection.close()


class AsyncSender:
    """Sends requests and awaits the responses. Each event loop has its own connections."""

    def __init__(self, connection: Connection, client: AnyAsyncClient | None) -> None:
        self.connection = connection
        self.given = cast("httpx.AsyncClient | None", client)
        self.defaults: Mapping[str, Any] = {}
        self.is_shared = False
        connection.check_route(self.given)
        self.clients = HttpClients[asyncio.AbstractEventLoop | None, LoopClient](
            lambda: LoopClient(connection.new_async_client()), is_over=lambda loop: loop is None or loop.is_closed()
        )
        self._abandoned = Abandoned()
        self.sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

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

    def stream(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> AsyncStreamedCall:
        """Return a call that ``async with`` sends, and whose response is read inside it."""

        async def send(headers: Headers, seconds_left: float | None = None) -> ReceivedResponse:
            return await self.exchange(operation, parts, resuming(options, headers, seconds_left))

        async def open_() -> AsyncStreamedResponse:
            return AsyncStreamedResponse(await send({}), MAX_RESUMPTIONS, self._abandoned, send)

        return AsyncStreamedCall(open_)

    def items(
        self, operation: Operation, parts: RequestParts, items: ItemFormat[T], options: Mapping[str, Any]
    ) -> AsyncItemStream[T]:
        """Return the items of a response, which arrive one after the other."""
        return AsyncItemStream(self.stream(operation, parts, options), items)

    async def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        """Send one request, follow redirects within its origin, and return the response if it is a success."""
        with own_errors:
            await self._abandoned.close_async()
            with wrong_arguments(operation):
                given = call_options(merged(self.defaults, options))
            client = self._client()
            exchange = Exchange(self.connection, operation, parts, client.headers, given)
            limit = asyncio.timeout(exchange.seconds_left)
            try:
                async with limit:
                    return await self._completed(exchange, client)
            except TimeoutError as error:
                if not limit.expired() or isinstance(error, TransportError):
                    raise
                raise exchange.too_late() from None

    async def _completed(self, exchange: Exchange, client: httpx.AsyncClient) -> ReceivedResponse:
        while True:
            request = exchange.next_async_request(client)
            async with exchange.watch.sending(request):
                try:
                    response = await client.send(
                        request, auth=exchange.auth, follow_redirects=False, stream=exchange.streams
                    )
                    response = await read_beginning_async(response, exchange.to_read(response))
                except transport_errors() as error:
                    pause = exchange.pause_after(error)
                    if pause is None:
                        raise exchange.failure(error) from (None if is_bad_redirect(error) else error)
                except RuntimeError as error:
                    if client.is_closed:
                        raise closed(error) from None
                    raise
                else:
                    received = exchange.received(response)
                    if isinstance(received, ReceivedResponse):
                        return received
                    pause = received
            if pause:
                await self.sleep(pause)

    def _client(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()  # also for a client of the user: tokens are awaited with asyncio
        return self.clients.get(loop).http if self.given is None or self.clients.closed else self.given

    async def close(self) -> None:
        """Close the HTTP client that was created here for this event loop; those of other loops end with them."""
        if self.is_shared:
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # of trio: no connection was opened in it
            loop = None
        made = self.clients.close(loop)
        if made is not None:
            await made.close()
        self.connection.close()


def closed(error: RuntimeError) -> ClientClosed:
    """Convert the ``RuntimeError`` of a closed HTTP client."""
    return ClientClosed(f"the HTTP client that sends the calls was closed: {error}")

"""Sending: one class that blocks, one that awaits; what they share is in ``connection.py`` and ``answer.py``."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from traceback import clear_frames
from typing import TypeVar

import httpx
from auth_core.fork import reset_in_child
from auth_core.wire import transport_failure

from ..errors import TransportError, TransportTimeoutError
from .answer import Answer
from .connection import Connection, origin
from .pages import Pages
from .request import Operation, RequestParts

T = TypeVar("T")

MAX_REDIRECTS = 10

_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


class Sender:
    """Sends requests and waits for the answers. Can be shared by threads."""

    def __init__(self, connection: Connection, client: httpx.Client | None) -> None:
        self.connection = connection
        self.given = client
        self._made: httpx.Client | None = None
        self._inherited: list[httpx.Client] = []
        self._closed = False
        self._lock = threading.Lock()
        reset_in_child(self)

    def after_fork_in_child(self) -> None:
        """The connections are the parent's: they are kept open, and not used here."""
        self._lock = threading.Lock()
        if self._made is not None:
            self._inherited.append(self._made)
            self._made = None

    def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> T:
        """Send one request and return what its answer holds."""
        return self.exchange(operation, parts, timeout, headers).read(parse)

    def pages(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        pages: Pages,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> Iterator[T]:
        """Send one request for each page of a list, when its turn comes, and return what the answers hold."""
        for answer in self.answers(operation, parts, pages, timeout, headers):
            yield answer.read(parse)

    def answers(
        self,
        operation: Operation,
        parts: RequestParts,
        pages: Pages,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> Iterator[Answer]:
        """The pages of a list as they came; empty ones only if the list is empty."""
        following: RequestParts | None = parts
        while following is not None:
            answer = self.exchange(operation, following, timeout, headers)
            if following is parts or pages.has_items(answer):
                yield answer
            following = answer.read(partial(pages.after, following))

    def exchange(
        self, operation: Operation, parts: RequestParts, timeout: float | None, headers: Mapping[str, str] | None
    ) -> Answer:
        """Send one request, follow redirects within its origin, and return the answer if it is a success."""
        client = self._client()
        plan = self.connection.plan(operation, client.headers)
        request = self.connection.request(plan, operation, parts, timeout, headers)
        redirects = 0
        while True:
            try:
                response = client.send(request, auth=plan.auth, follow_redirects=False)
            except httpx.RequestError as error:
                raise _transport_error(operation, request, error) from error
            answer = Answer(operation, response, self.connection.answers)
            if response.next_request is None or redirects == MAX_REDIRECTS:
                answer.raise_for_failure(with_token=plan.auth is not None)
                return answer
            request = self.connection.redirected(answer, parts, request, response.next_request.url)
            redirects += 1

    def _client(self) -> httpx.Client:
        if self.given is not None and not self._closed:
            return self.given
        with self._lock:
            if self._closed:
                raise _closed()
            if self._made is None:
                self._made = self.connection.new_client()
            return self._made

    def close(self) -> None:
        """Close what was made here, once."""
        with self._lock:
            self._closed = True
            made, self._made = self._made, None
        if made is not None:
            made.close()
        self.connection.close()


class AsyncSender:
    """Sends requests and awaits the answers. Each event loop has connections of its own."""

    def __init__(self, connection: Connection, client: httpx.AsyncClient | None) -> None:
        self.connection = connection
        self.given = client
        self._made: dict[asyncio.AbstractEventLoop, httpx.AsyncClient] = {}
        self._inherited: list[httpx.AsyncClient] = []
        self._closed = False
        self._lock = threading.Lock()
        reset_in_child(self)

    def after_fork_in_child(self) -> None:
        """The connections are the parent's: they are kept open, and not used here."""
        self._lock = threading.Lock()
        self._inherited += self._made.values()
        self._made = {}

    async def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> T:
        """Send one request and return what its answer holds."""
        answer = await self.exchange(operation, parts, timeout, headers)
        return answer.read(parse)

    async def pages(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        pages: Pages,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> AsyncIterator[T]:
        """Send one request for each page of a list, when its turn comes, and return what the answers hold."""
        async for answer in self.answers(operation, parts, pages, timeout, headers):
            yield answer.read(parse)

    async def answers(
        self,
        operation: Operation,
        parts: RequestParts,
        pages: Pages,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> AsyncIterator[Answer]:
        """The pages of a list as they came; empty ones only if the list is empty."""
        following: RequestParts | None = parts
        while following is not None:
            answer = await self.exchange(operation, following, timeout, headers)
            if following is parts or pages.has_items(answer):
                yield answer
            following = answer.read(partial(pages.after, following))

    async def exchange(
        self, operation: Operation, parts: RequestParts, timeout: float | None, headers: Mapping[str, str] | None
    ) -> Answer:
        """Send one request, follow redirects within its origin, and return the answer if it is a success."""
        client = self._client()
        plan = self.connection.plan(operation, client.headers)
        request = self.connection.request(plan, operation, parts, timeout, headers)
        redirects = 0
        while True:
            try:
                response = await client.send(request, auth=plan.auth, follow_redirects=False)
            except httpx.RequestError as error:
                raise _transport_error(operation, request, error) from error
            answer = Answer(operation, response, self.connection.answers)
            if response.next_request is None or redirects == MAX_REDIRECTS:
                answer.raise_for_failure(with_token=plan.auth is not None)
                return answer
            request = self.connection.redirected(answer, parts, request, response.next_request.url)
            redirects += 1

    def _client(self) -> httpx.AsyncClient:
        if self.given is not None and not self._closed:
            return self.given
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._closed:
                raise _closed()
            client = self._made.get(loop)
            if client is None:
                self._made = {other: made for other, made in self._made.items() if not other.is_closed()}
                client = self._made[loop] = self.connection.new_async_client()
            return client

    async def close(self) -> None:
        """Close what was made here for this event loop, once; what another loop left open ends with that loop."""
        with self._lock:
            self._closed = True
            client = self._made.pop(asyncio.get_running_loop(), None)
        if client is not None:
            await client.aclose()
        self.connection.close()


def _transport_error(operation: Operation, request: httpx.Request, error: httpx.RequestError) -> TransportError:
    # The error goes along as the cause. What was sent may hold a token: in its request, and in frames of its traceback.
    part: BaseException | None = error
    while part is not None:
        clear_frames(part.__traceback__)
        part = part.__cause__ or part.__context__
    error.request = httpx.Request(operation.method, f"https://host{operation.path}")
    kind = TransportTimeoutError if isinstance(error, httpx.TimeoutException) else TransportError
    return kind(
        f"no answer from {origin(request.url)}: {transport_failure(error)}",
        request_sent=not isinstance(error, _NOT_SENT),
        operation_id=operation.operation_id,
        method=operation.method,
        path_template=operation.path,
    )


def _closed() -> RuntimeError:
    return RuntimeError("this client was closed; make a new one")

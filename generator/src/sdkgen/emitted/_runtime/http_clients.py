"""Creation, sharing and closing of the HTTP clients that a client creates for itself."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import suppress
from typing import Generic, TypeVar

import httpx
from auth_core.contract import reset_in_child

from ..errors import ClientClosed

K = TypeVar("K", bound=Hashable)
C = TypeVar("C")


class HttpClients(Generic[K, C]):
    """One HTTP client per key, created on first use. Threads share them, forked children do not.

    Closing is left to the caller, since async clients are closed with ``await``: :meth:`release` and :meth:`close`
    return the client to close.

    Args:
        make: Creates a client.
        is_over: Whether a key, such as an event loop, can no longer be used; its client is dropped.
    """

    def __init__(self, make: Callable[[], C], *, is_over: Callable[[K], bool] = lambda _: False) -> None:
        self.make = make
        self.closed = False
        self._is_over = is_over
        self._made: dict[K, C] = {}
        self._inherited: list[C] = []
        self._borrowed = 0
        self._lock = threading.Lock()
        reset_in_child(self)

    def after_fork_in_child(self) -> None:
        """Keep the parent's connections open, but do not use them."""
        self._lock = threading.Lock()
        self._borrowed = 0
        self._inherited += self._made.values()
        self._made = {}

    def get(self, key: K) -> C:
        """Return the client of a key.

        Raises:
            ClientClosed: :meth:`close` was called.
        """
        with self._lock:
            if self.closed:
                message = "this client was closed; create a new one"
                raise ClientClosed(message)
            return self._ready(key)

    def borrow(self, key: K) -> C:
        """Return the client of a key, even after :meth:`close`; it stays open until :meth:`release`."""
        with self._lock:
            client = self._ready(key)
            self._borrowed += 1
            return client

    def release(self, key: K) -> C | None:
        """Release a borrowed client; return it if it is now to be closed."""
        with self._lock:
            self._borrowed -= 1
            return self._ended(key)

    def close(self, key: K) -> C | None:
        """Make :meth:`get` raise. Return the client to close; a borrowed one stays open until it is released."""
        with self._lock:
            self.closed = True
            return self._ended(key)

    def _ready(self, key: K) -> C:
        if key not in self._made:
            self._made = {other: client for other, client in self._made.items() if not self._is_over(other)}
            self._made[key] = self.make()
        return self._made[key]

    def _ended(self, key: K) -> C | None:
        return self._made.pop(key, None) if self.closed and not self._borrowed else None


class LoopClient:
    """The HTTP client of the running event loop. Its connections are closed when the loop ends, or by :meth:`close`.

    A loop closes the asynchronous generators that were started in it (PEP 525), as :func:`asyncio.run` does at its end.
    """

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.http = client
        self._closing = _closing(client)
        with suppress(StopIteration):  # it runs to its ``yield``, without waiting for anything
            self._closing.__anext__().send(None)

    async def close(self) -> None:
        await self._closing.aclose()


async def _closing(client: httpx.AsyncClient) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        await client.aclose()

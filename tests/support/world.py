"""A test world: one provider, one client of it, and a clock that the test advances."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Any

import httpx
from auth_core import Authenticator, Credentials, MemoryStore, RefreshPolicy, TokenLifecycle, TokenSource, TokenStore
from auth_core.httpx_auth import HttpxAuth, HttpxTokenSender
from auth_core.store import RefusalBook
from auth_core.wire import TokenSender
from auth_core_testing import FakeClock, IdentityProvider, LifecycleProvider

TLS = ssl.create_default_context()
"""Shared by all clients, because creating one takes longer than most tests."""


class World:
    """A provider and a client of it; over a real socket with ``sockets=True``, else over a transport.

    Args:
        stack: ends everything that is started here.
        provider: on whichever clock.
        lifecycle: of the tokens; the provider's own where it has one.
        credentials: of the client.
        clock: of the client's machine.
        store: default: one that no other client uses, and whose refused logins are its own.
        use_async: each call is awaited, on an event loop of its own.
        options: of the :class:`Authenticator`.
    """

    def __init__(
        self,
        stack: ExitStack,
        provider: IdentityProvider | LifecycleProvider,
        lifecycle: TokenLifecycle,
        credentials: Credentials | Sequence[Credentials],
        *,
        clock: FakeClock,
        policy: RefreshPolicy | None = None,
        store: TokenStore | None = None,
        sockets: bool = True,
        use_async: bool = False,
        **options: Any,
    ) -> None:
        self.stack = stack
        self.provider: Any = provider
        self.issuer = provider.issuer
        self.lifecycle = lifecycle
        self.clock = clock
        self.policy = policy or RefreshPolicy()
        self.sockets = sockets
        self.use_async = use_async
        self.options = options
        self.url = stack.enter_context(provider.serve()) if sockets else "https://provider.example"
        self.store: Any = store or MemoryStore(refusals=RefusalBook())
        self.credentials = [credentials] if isinstance(credentials, Credentials) else list(credentials)
        self.client = stack.enter_context(self.new_client())
        self.authenticator = self.new_authenticator(store=self.store)

    def new_client(self) -> httpx.Client:
        return httpx.Client(verify=TLS) if self.sockets else httpx.Client(transport=self.provider.transport())

    def new_async_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(verify=TLS) if self.sockets else httpx.AsyncClient(transport=self.provider.transport())

    def new_sender(self) -> TokenSender:
        """A sender of token requests."""
        return HttpxTokenSender(self.stack.enter_context(self.new_client()))

    @property
    def servers(self) -> Mapping[str, str]:
        if isinstance(self.provider, LifecycleProvider):
            return self.provider.servers(self.url)
        return {"base_url": self.url}

    def new_authenticator(
        self, *, credentials: Credentials | None = None, store: TokenStore | None = None, **options: Any
    ) -> Authenticator:
        """An authenticator of another client, by default with the same credentials and its own store."""
        return Authenticator(
            {self.lifecycle.scheme: self.lifecycle},
            self.credentials if credentials is None else [credentials],
            self.servers,
            send=self.new_sender(),
            clock=self.clock,
            store=store or MemoryStore(refusals=self.store.book),
            **{"policy": self.policy, **self.options, **options},
        )

    @property
    def source(self) -> TokenSource:
        return self.authenticator.source(self.lifecycle.scheme)

    def auth(self, operation_id: str = "readThing", *, json_response: bool = True) -> HttpxAuth:
        sources = self.authenticator.sources_for(((self.lifecycle.scheme,),), operation_id)
        return HttpxAuth(sources, operation_id=operation_id, json_response=json_response)

    def call(self, method: str = "GET") -> int:
        """Call the API and return the response's status."""
        return self.send(method, "/things").status_code

    def get(self, path: str = "/things", *, operation_id: str = "readThing") -> httpx.Response:
        return self.send("GET", path, operation_id=operation_id)

    def send(self, method: str, path: str, *, operation_id: str = "writeThing", **request: Any) -> httpx.Response:
        arguments = {"method": method, "url": self.url + path, "auth": self.auth(operation_id), **request}
        if not self.use_async:
            return self.client.request(**arguments)
        if isinstance(request.get("content"), Iterator):
            arguments["content"] = _async_chunks(request["content"])

        async def run() -> httpx.Response:
            async with self.new_async_client() as client:
                return await client.request(**arguments)

        return asyncio.run(run())

    def wait_for_renewal(self) -> None:
        """Wait until no renewal is under way."""
        renewal = self.source._renewals.current
        if renewal is not None:
            renewal.outcome.result(30)

    def ended(self) -> None:
        """Wait until every renewal's thread has ended, so that its exceptions are reported in this test."""
        for thread in threading.enumerate():
            if thread.name.startswith("auth_core "):
                thread.join(30)

    def logins(self) -> int:
        return self.provider.grants().count("password")

    def refreshes(self) -> int:
        return self.provider.grants().count("refresh_token")


async def _async_chunks(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk

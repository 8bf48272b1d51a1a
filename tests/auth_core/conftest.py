"""A small world: one provider, one client of it, time that moves when told."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from auth_core import Authenticator, Credentials, MemoryStore, RefreshPolicy, TokenLifecycle, TokenSource, TokenStore
from auth_core.httpx_auth import HttpxAuth, HttpxTokenSender
from auth_core.store import RefusalBook
from auth_core_testing import FakeClock, IdentityProvider, PasswordCredentials, TokenIssuer, oauth_lifecycle

PASSWORD = "correct horse"


class World:
    """A provider and a client of it, on one clock; over a real socket with ``sockets=True``, else over a transport.

    With ``awaited=True`` each call is awaited, on an event loop of its own.
    """

    def __init__(
        self,
        stack: ExitStack,
        *,
        lifetime: float = 3600.0,
        credentials: Credentials | Sequence[Credentials] | None = None,
        lifecycle: TokenLifecycle | None = None,
        policy: RefreshPolicy | None = None,
        sockets: bool = False,
        awaited: bool = False,
        provider: IdentityProvider | None = None,
        store: TokenStore | None = None,
        clock: FakeClock | None = None,
        **options: Any,
    ) -> None:
        self.clock = clock or FakeClock()
        self.provider = provider or IdentityProvider(
            issuer=TokenIssuer(clock=self.clock, lifetime=lifetime, **options), users={"alice": PASSWORD}
        )
        self.issuer = self.provider.issuer
        self.lifecycle = lifecycle or oauth_lifecycle()
        self.policy = policy or RefreshPolicy()
        self.sockets = sockets
        self.awaited = awaited
        self.stack = stack
        self.url = stack.enter_context(self.provider.serve()) if sockets else "https://provider.example"
        self.store = store or MemoryStore(refusals=RefusalBook())
        if credentials is None:
            credentials = PasswordCredentials(username="alice", password=PASSWORD)
        self.credentials = [credentials] if isinstance(credentials, Credentials) else list(credentials)
        self.client = stack.enter_context(self.new_client())
        self.authenticator = self.new_authenticator(store=self.store)

    def new_client(self) -> httpx.Client:
        return httpx.Client() if self.sockets else httpx.Client(transport=self.provider.transport())

    def new_async_client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient() if self.sockets else httpx.AsyncClient(transport=self.provider.transport())

    def new_authenticator(
        self, *, credentials: Credentials | None = None, store: TokenStore | None = None, **options: Any
    ) -> Authenticator:
        token_client = self.stack.enter_context(self.new_client())
        return Authenticator(
            {"oauth": self.lifecycle},
            self.credentials if credentials is None else [credentials],
            {"base_url": self.url},
            send=HttpxTokenSender(token_client),
            policy=self.policy,
            clock=self.clock,
            store=store or MemoryStore(refusals=self.store.book),
            **options,
        )

    @property
    def source(self) -> TokenSource:
        return self.authenticator.source("oauth")

    def auth(self, operation_id: str = "readThing", *, json_answer: bool = True) -> HttpxAuth:
        sources = self.authenticator.sources_for((("oauth",),), operation_id)
        return HttpxAuth(sources, operation_id=operation_id, json_answer=json_answer)

    def get(self, path: str = "/things", *, operation_id: str = "readThing") -> httpx.Response:
        return self.send("GET", path, operation_id=operation_id)

    def send(self, method: str, path: str, *, operation_id: str = "writeThing", **request: Any) -> httpx.Response:
        arguments = {"method": method, "url": self.url + path, "auth": self.auth(operation_id), **request}
        if not self.awaited:
            return self.client.request(**arguments)
        if isinstance(request.get("content"), Iterator):
            arguments["content"] = _awaited(request["content"])

        async def run() -> httpx.Response:
            async with self.new_async_client() as client:
                return await client.request(**arguments)

        return asyncio.run(run())

    def landed(self) -> None:
        """Wait until no renewal is under way."""
        renewal = self.source._renewals.current
        if renewal is not None:
            renewal.outcome.result(30)

    def ended(self) -> None:
        """Wait until no renewal's thread is left: what it raises is told at its end, and this test shall hear it."""
        for thread in threading.enumerate():
            if thread.name.startswith("auth_core "):
                thread.join(30)

    def logins(self) -> int:
        return self.provider.grants().count("password")

    def refreshes(self) -> int:
        return self.provider.grants().count("refresh_token")


async def _awaited(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    with ExitStack() as stack:
        yield lambda **options: World(stack, **options)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()

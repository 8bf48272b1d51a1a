"""One grant, of one vendor: a provider that speaks its lifecycle on a real socket, and a client of it."""

from __future__ import annotations

import importlib
import itertools
import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import httpx
from attrs import frozen
from auth_core import Credentials, MemoryStore, RefreshPolicy, TokenLifecycle
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.lifecycle import Grant
from auth_core.store import RefusalBook
from auth_core.wire import TokenSender
from auth_core_testing import REFRESH, FakeClock, LifecycleProvider, Outcomes, storm

from support.repository import CLIENTS
from support.world import World

THREADS, TASKS, LOOPS = 4, 3, 2
CROWDS: dict[str, dict[str, int]] = {
    "threads": {"threads": THREADS},
    "tasks": {"tasks": TASKS, "loops": LOOPS},
    "both": {"threads": THREADS, "tasks": TASKS, "loops": LOOPS},
}
"""Who calls."""


@frozen
class GrantCase:
    """One grant of one security scheme of one vendor, as the generated package has it."""

    vendor: str
    lifecycle: TokenLifecycle
    grant: Grant
    credentials: type[Credentials]

    def __str__(self) -> str:
        return f"{self.vendor}-{self.grant.name}"

    @property
    def static(self) -> bool:
        """The credential is the token: there is nothing to ask for."""
        return self.grant.static is not None

    @property
    def refreshes(self) -> bool:
        return self.lifecycle.refresh is not None and not self.static

    @property
    def knows_expiry(self) -> bool:
        """The vendor documents a response that means "expired", and another token can be had."""
        return bool(self.lifecycle.expired) and not self.static

    @property
    def single_use(self) -> bool:
        return any(item.single_use for item in self.grant.credentials)

    @property
    def login(self) -> list[str]:
        """The token requests of one login."""
        return [self.grant.name] * len(self.grant.requests)

    @property
    def renewal(self) -> list[str]:
        """The token requests that bring another token when there was one before; none where nothing can."""
        if self.refreshes:
            return [REFRESH]
        return [] if self.single_use else self.login


def grant_cases() -> list[GrantCase]:
    """Every grant of every vendor under ``specs/``."""
    found: list[GrantCase] = []
    for client in CLIENTS:
        auth = importlib.import_module(f"{client.import_name}.auth")
        kinds = {(kind.scheme, kind.grant): kind for kind in auth.CREDENTIALS}
        found += [
            GrantCase(client.vendor, lifecycle, grant, kinds[lifecycle.scheme, grant.name])
            for lifecycle in auth.LIFECYCLES.values()
            for grant in lifecycle.grants
        ]
    return found


class Cell(World):
    """One situation: the provider, and a crowd with a client. Time is that of the provider and of the machine."""

    def __init__(self, stack: ExitStack, way: GrantCase, crowd: str) -> None:
        self.way = way
        self.crowd = CROWDS[crowd]
        self._clients: dict[int, httpx.Client] = {}
        self.server_clock = FakeClock()
        provider = LifecycleProvider(way.lifecycle, clock=self.server_clock)
        right = provider.credentials_for(way.grant.name, way.credentials)
        super().__init__(stack, provider, way.lifecycle, right, clock=FakeClock())
        methods = [method for placement in way.lifecycle.placements for method in placement.methods] or ["GET"]
        self._methods = itertools.cycle(methods)

    def log_in_with(self, credentials: Credentials, policy: RefreshPolicy | None = None) -> None:
        """A client with these credentials, which records nothing."""
        self.authenticator = self.new_authenticator(
            credentials=credentials, policy=policy, store=MemoryStore(refusals=RefusalBook())
        )

    def right_credentials(self) -> Credentials:
        return self.provider.credentials_for(self.way.grant.name, self.way.credentials)

    def wrong_credentials(self) -> Credentials:
        wrong = {item.name: "wrong" for item in self.way.grant.credentials if item.secret}
        return self.provider.credentials_for(self.way.grant.name, self.way.credentials, **wrong)

    # --- time -------------------------------------------------------------------------------------------------------

    def advance(self, seconds: float) -> None:
        """Time passes, here and there."""
        self.clock.advance(seconds)
        self.server_clock.advance(seconds)

    def end_of_life(self) -> None:
        """The token's life has passed."""
        self.advance(self.issuer.lifetime + 1)

    # --- calls ------------------------------------------------------------------------------------------------------

    def call(self) -> int:
        """The status of the API's response."""
        method, auth = next(self._methods), self.auth()
        return self._client().request(method, f"{self.url}/things", auth=auth).status_code

    async def call_async(self) -> int:
        method, auth = next(self._methods), self.auth()
        async with self.new_async_client() as client:
            return (await client.request(method, f"{self.url}/things", auth=auth)).status_code

    def everybody(self, meanwhile: Callable[[], object] | None = None) -> Outcomes:
        """The crowd calls, all together."""
        who: dict[str, Any] = dict(self.crowd)
        if "threads" in who:
            who["call"] = self.call
        if "tasks" in who:
            who["async_call"] = self.call_async
        return storm(**who, meanwhile=meanwhile)

    @property
    def callers(self) -> int:
        return self.crowd.get("threads", 0) + self.crowd.get("tasks", 0) * self.crowd.get("loops", 0)

    def asked(self) -> list[str]:
        """The token requests since the last time somebody looked."""
        asked = self.provider.grants()
        self.provider.token_requests.clear()
        while self.provider.token_arrived.acquire(blocking=False):
            pass
        return asked

    @property
    def expired_status(self) -> int:
        return self.provider.expired_response().status

    def new_sender(self) -> TokenSender:
        return lambda request: HttpxTokenSender(self._client())(request)

    def _client(self) -> httpx.Client:
        """One for each process: connections are not shared with a child."""
        if os.getpid() not in self._clients:
            self._clients[os.getpid()] = self.stack.enter_context(self.new_client())
        return self._clients[os.getpid()]

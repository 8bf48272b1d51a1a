"""Fixtures of the auth_core tests: an OAuth 2.0 provider with one user, and a client of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import pytest
from auth_core import Credentials, RefreshPolicy, TokenLifecycle, TokenStore
from auth_core_testing import FakeClock, IdentityProvider, PasswordCredentials, TokenIssuer, oauth_lifecycle

from support.world import World

PASSWORD = "correct horse"


def oauth_world(
    stack: ExitStack,
    *,
    lifetime: float = 3600.0,
    credentials: Credentials | Sequence[Credentials] | None = None,
    lifecycle: TokenLifecycle | None = None,
    policy: RefreshPolicy | None = None,
    sockets: bool = False,
    use_async: bool = False,
    provider: IdentityProvider | None = None,
    store: TokenStore | None = None,
    clock: FakeClock | None = None,
    **options: Any,
) -> World:
    """A provider and a client that share one clock; ``options`` are passed to the token issuer."""
    clock = clock or FakeClock()
    if provider is None:
        issuer = TokenIssuer(clock=clock, lifetime=lifetime, **options)
        provider = IdentityProvider(issuer=issuer, users={"alice": PASSWORD})
    return World(
        stack,
        provider,
        lifecycle or oauth_lifecycle(),
        PasswordCredentials(username="alice", password=PASSWORD) if credentials is None else credentials,
        clock=clock,
        policy=policy,
        store=store,
        sockets=sockets,
        use_async=use_async,
    )


@pytest.fixture
def make_world() -> Iterator[Callable[..., World]]:
    with ExitStack() as stack:
        yield lambda **options: oauth_world(stack, **options)


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world()

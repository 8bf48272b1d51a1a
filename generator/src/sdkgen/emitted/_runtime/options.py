"""The options of a client, shared by the sync and the async constructor."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Literal

import httpx
from attrs import field, frozen
from auth_core.contract import (
    Clock,
    Credentials,
    EventListener,
    RefreshPolicy,
    ResponseCondition,
    Secret,
    TokenStore,
)

from .request import text

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds: 30 to read, to write and to wait for a free connection, 5 to connect."""


def _concealed_proxy(proxy: str | None) -> Secret | None:
    return Secret(proxy) if isinstance(proxy, str) else proxy


def _concealed_headers(headers: Mapping[str, object] | None) -> Mapping[str, Secret] | None:
    if headers is None:
        return None
    return {name: Secret(text(value)) for name, value in headers.items() if value is not None}


@frozen(kw_only=True, repr=False)
class Options:
    """The arguments of a constructor, except the user's own httpx clients."""

    base_urls: Mapping[str, str | None]
    """URLs by argument name: ``base_url``, ``sso_url``."""
    credentials: Credentials | Sequence[Credentials] | None = None
    timeout: float | httpx.Timeout = DEFAULT_TIMEOUT
    headers: Mapping[str, Secret] | None = field(default=None, converter=_concealed_headers)
    verify: ssl.SSLContext | bool = True
    proxy: Secret | None = field(default=None, converter=_concealed_proxy)
    allow_http: bool = False
    refresh_policy: RefreshPolicy | None = None
    token_store: TokenStore | None = None
    expired: Sequence[ResponseCondition] | None = None
    token_member_names: Mapping[str, str] | None = None
    token_encoding: Literal["json", "form"] | None = None
    on_token_event: EventListener | None = None
    clock: Clock | None = None

    @property
    def proxy_url(self) -> str | None:
        """The proxy in clear text."""
        return self.proxy.reveal() if self.proxy else None

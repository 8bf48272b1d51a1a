"""The options of a client, shared by the sync and the async constructor."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Literal

import httpx
from attrs import frozen
from auth_core.contract import Clock, Credentials, EventListener, RefreshPolicy, ResponseCondition, TokenStore

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds: 30 to read, to write and to wait for a free connection, 5 to connect."""


@frozen(kw_only=True, repr=False)  # headers and proxy may contain secrets
class Options:
    """The arguments of a constructor, except the user's own httpx clients."""

    base_urls: Mapping[str, str | None]
    """URLs by argument name: ``base_url``, ``sso_url``."""
    credentials: Credentials | Sequence[Credentials] | None = None
    timeout: float | httpx.Timeout = DEFAULT_TIMEOUT
    headers: Mapping[str, str] | None = None
    verify: ssl.SSLContext | bool = True
    proxy: str | None = None
    allow_http: bool = False
    refresh_policy: RefreshPolicy | None = None
    token_store: TokenStore | None = None
    expired: Sequence[ResponseCondition] | None = None
    token_member_names: Mapping[str, str] | None = None
    token_encoding: Literal["json", "form"] | None = None
    on_token_event: EventListener | None = None
    clock: Clock | None = None

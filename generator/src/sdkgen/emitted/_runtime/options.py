"""The options of a client, shared by the sync and the async constructor."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from typing import Literal, cast

import httpx
from attrs import field, frozen
from auth_core.contract import (
    Clock,
    Credentials,
    EventListener,
    HttpLibraryName,
    RefreshPolicy,
    ResponseCondition,
    Secret,
    TokenStore,
)

from .http_library import AnyTimeout
from .kinds import OfAnotherType, kind_of
from .observers import Observer
from .request import text
from .retries import MAX_RETRIES, MAX_RETRY_AFTER

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds: 30 to read, to write and to wait for a free connection, 5 to connect."""
DEFAULT_TOTAL_TIMEOUT = 600.0
"""Seconds for a whole call."""


def _concealed(value: object) -> Secret | None:
    if value is None or isinstance(value, Secret):
        return value
    if isinstance(value, str | int | float):
        return Secret(text(value))
    return cast("Secret", OfAnotherType(kind_of(value)))


def _concealed_proxy(proxy: object) -> Secret | None:
    return _concealed(proxy if isinstance(proxy, str | Secret | None) else OfAnotherType(kind_of(proxy)))


def _concealed_headers(headers: object) -> Mapping[str, Secret] | None:
    if headers is None:
        return None
    if not isinstance(headers, Mapping):
        return cast("Mapping[str, Secret]", OfAnotherType(kind_of(headers)))
    values = ((name, _concealed(value)) for name, value in cast("Mapping[str, object]", headers).items())
    return {name: value for name, value in values if value is not None}


def _concealed_credentials(given: object) -> Credentials | Sequence[Credentials] | None:
    if isinstance(given, Sequence) and not isinstance(given, str | bytes):
        return [_unless_of_another_type(one) for one in cast("Sequence[object]", given)]
    return None if given is None else _unless_of_another_type(given)


def _unless_of_another_type(one: object) -> Credentials:
    hides_itself = isinstance(one, Credentials | type | OfAnotherType)
    return cast("Credentials", one if hides_itself else OfAnotherType(kind_of(one)))


@frozen(kw_only=True, repr=False)
class Options:
    """The arguments of a constructor, except the user's own httpx clients. ``check_options`` checks their types."""

    base_urls: Mapping[str, str | None]
    """URLs by argument name: ``base_url``, ``sso_url``."""
    credentials: Credentials | Sequence[Credentials] | None = field(default=None, converter=_concealed_credentials)
    timeout: float | AnyTimeout = DEFAULT_TIMEOUT
    total_timeout: float | None = DEFAULT_TOTAL_TIMEOUT
    max_retries: int = MAX_RETRIES
    max_retry_after: float = MAX_RETRY_AFTER
    headers: Mapping[str, Secret] | None = field(default=None, converter=_concealed_headers)
    http_library: HttpLibraryName | None = None
    verify: ssl.SSLContext | bool = True
    proxy: Secret | None = field(default=None, converter=_concealed_proxy)
    allow_http: bool = False
    refresh_policy: RefreshPolicy | None = None
    token_store: TokenStore | None = None
    expired: Sequence[ResponseCondition] | None = None
    token_member_names: Mapping[str, str] | None = None
    token_encoding: Literal["json", "form"] | None = None
    on_token_event: EventListener | None = None
    hooks: Observer | Sequence[Observer] | None = None
    clock: Clock | None = None

    @property
    def observers(self) -> tuple[Observer, ...]:
        """The hooks, one or several."""
        if self.hooks is None:
            return ()
        return tuple(self.hooks) if isinstance(self.hooks, Sequence) else (self.hooks,)

    @property
    def proxy_url(self) -> str | None:
        """The proxy in clear text."""
        return self.proxy.reveal() if self.proxy else None

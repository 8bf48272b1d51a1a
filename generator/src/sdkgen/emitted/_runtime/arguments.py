"""Wrong arguments of a constructor: refused when the client is made, in words, and without repeating a secret."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import httpx
from auth_core.contract import Credentials

from ..errors import ConfigurationError, InvalidCredentials
from .options import Options


def listed(classes: Sequence[type[Credentials]], given: Credentials | Sequence[Credentials]) -> Sequence[Credentials]:
    """One credentials object or several, as a list.

    Raises:
        InvalidCredentials: Something else was given.
    """
    several: Sequence[object] = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    found: list[Credentials] = []
    for one in several:
        if not isinstance(one, Credentials):
            what = f"the class {one.__name__} itself" if isinstance(one, type) else type(one).__name__
            known = ", ".join(kind.__name__ for kind in classes) or "none: this API has no credentials"
            message = f"`credentials` takes credentials objects ({known}), one or a list of them, not {what}"
            raise InvalidCredentials(message)
        found.append(one)
    return found


def check_http_clients(
    client: str,
    kind: type[httpx.Client] | type[httpx.AsyncClient],
    http_client: object,
    token_http_client: object,
    options: Options,
) -> None:
    """Whether the httpx clients of a user's own can do what is wanted of them.

    Args:
        client: The class whose arguments these are.
        kind: What `http_client` has to be.
        http_client: Sends the calls.
        token_http_client: Sends the token requests.
        options: The other arguments.

    Raises:
        ConfigurationError: They cannot, or an option would have no effect.
    """
    for name, given, wanted in (
        ("http_client", http_client, kind),
        ("token_http_client", token_http_client, httpx.Client),
    ):
        if given is not None and not isinstance(given, wanted):
            message = f"`{name}` of {client} must be an httpx.{wanted.__name__}, not {type(given).__name__}"
            raise ConfigurationError(message)
    _check_verify(options.verify)
    if http_client is None:
        _check_proxy(options.proxy)
        return
    if options.proxy is not None or options.verify is not True:
        message = (
            "`verify` and `proxy` have no effect next to an `http_client`:"
            f" give them to the httpx.{kind.__name__} instead"
        )
        raise ConfigurationError(message)
    if kind is httpx.AsyncClient and token_http_client is None and _requires_tokens(options.credentials):
        message = (
            f"{client} with an `http_client` of your own needs a `token_http_client` too: tokens are requested on a"
            " thread, which an httpx.AsyncClient cannot serve. Give an httpx.Client with the same TLS and proxy"
            " options."
        )
        raise ConfigurationError(message)


def _requires_tokens(credentials: Credentials | Sequence[Credentials] | None) -> bool:
    return credentials is None or isinstance(credentials, Credentials) or len(credentials) > 0


def _check_proxy(proxy: str | None) -> None:
    if proxy is None:
        return
    try:
        httpx.Proxy(proxy)
    except (ValueError, httpx.InvalidURL):  # whose texts may repeat a password
        message = "`proxy` must be a URL such as http://proxy.example:3128, with http, https, socks5 or socks5h"
        raise ConfigurationError(message) from None


def _check_verify(verify: object) -> None:
    if not isinstance(verify, bool | ssl.SSLContext):
        message = (
            f"`verify` must be a bool or an ssl.SSLContext, not {type(verify).__name__}; for certificates of your own:"
            " ssl.create_default_context(cafile=...)"
        )
        raise ConfigurationError(message)

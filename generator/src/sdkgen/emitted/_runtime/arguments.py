"""Validation of constructor arguments, with messages that do not repeat secrets."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import httpx
from auth_core.contract import Credentials, RefreshPolicy, ResponseCondition, Secret, http_classes

from ..errors import ConfigurationError, InvalidCredentials
from .hooks import Hooks
from .kinds import kind_of
from .options import Options
from .proxies import WITHOUT_SOCKS, lacks_socks
from .request_options import check_headers


def listed(classes: Sequence[type[Credentials]], given: Credentials | Sequence[Credentials]) -> Sequence[Credentials]:
    """Return one or several credentials objects as a list.

    Raises:
        InvalidCredentials: The argument has another type.
    """
    several: Sequence[object] = [given] if isinstance(given, str) or not isinstance(given, Sequence) else given
    found: list[Credentials] = []
    for one in several:
        if not isinstance(one, Credentials):
            what = f"the class {one.__name__} itself" if isinstance(one, type) else kind_of(one)
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
    """Check the types of the user's own HTTP clients and the options that depend on them.

    Args:
        client: The class whose arguments these are.
        kind: The required type of `http_client`.
        http_client: Sends the calls.
        token_http_client: Sends the token requests.
        options: The other arguments.

    Raises:
        ConfigurationError: A client has the wrong type, or an option would have no effect.
    """
    for name, given, expected in (
        ("http_client", http_client, kind),
        ("token_http_client", token_http_client, httpx.Client),
    ):
        if given is not None and not isinstance(given, http_classes(expected.__name__)):
            message = (
                f"`{name}` of {client} must be an httpx.{expected.__name__} (or that of httpx2), not {kind_of(given)}"
            )
            raise ConfigurationError(message)
    check_options(options)
    if kind is httpx.Client:
        _check_sync_hooks(options)
    _check_verify(options.verify)
    if http_client is None:
        _check_proxy(options.proxy)
        return
    if options.proxy is not None or options.verify is not True or options.http_library is not None:
        message = (
            "`verify`, `proxy` and `http_library` have no effect together with `http_client`:"
            f" pass the first two to the httpx.{kind.__name__} instead"
        )
        raise ConfigurationError(message)
    if kind is httpx.AsyncClient and token_http_client is None and _requires_tokens(options.credentials):
        message = (
            f"{client} with an `http_client` also requires a `token_http_client`: tokens are requested on a worker"
            " thread, which cannot use an httpx.AsyncClient. Pass an httpx.Client with the same TLS and proxy options."
        )
        raise ConfigurationError(message)


def check_options(options: Options) -> None:
    """Check the types of the options, and that objects have the methods which are called later.

    Raises:
        ConfigurationError: An option has another type.
        WrongArgumentType: The headers have another type.
    """
    _require("allow_http", options.allow_http, _is(bool), "True or False")
    _require("proxy", options.proxy, _is(Secret, type(None)), "a str")
    _require("refresh_policy", options.refresh_policy, _is(RefreshPolicy, type(None)), "an auth_core.RefreshPolicy")
    _require("token_store", options.token_store, _has(*_STORE), "a token store such as auth_core.FileStore()")
    _require("clock", options.clock, _has("wall", "monotonic"), "a clock with the methods wall() and monotonic()")
    _require("on_token_event", options.on_token_event, _has("__call__"), "a function of one argument")
    _require("expired", options.expired, _are_conditions, "a list of auth_core.ResponseCondition")
    _require("token_member_names", options.token_member_names, _are_names, 'a dict such as {"username": "email"}')
    _require("hooks", options.hooks, _are_observers, f"{Hooks.__name__}(...), or a list of them")
    check_headers("headers", options.headers, Secret)


_OBSERVER = ("started", "finished", "retrying")
_STORE = ("read", "lease", "forget", "login_turn", "refusals", "add_refusal", "forget_refusals")


def _require(name: str, given: object, fits: Callable[[object], bool], expected: str) -> None:
    if not fits(given):
        message = f"`{name}` must be {expected}, not {kind_of(given)}"
        raise ConfigurationError(message)


def _is(*kinds: type) -> Callable[[object], bool]:
    return lambda given: isinstance(given, kinds)


def _has(*methods: str) -> Callable[[object], bool]:
    def has(given: object) -> bool:
        there = all(callable(getattr(given, method, None)) for method in methods)
        return given is None or (there and not isinstance(given, type))

    return has


def _are_observers(given: object) -> bool:
    several = cast("list[object]", given) if isinstance(given, list | tuple) else [given]
    return given is None or all(one is not None and _has(*_OBSERVER)(one) for one in several)


def _check_sync_hooks(options: Options) -> None:
    for one in options.observers:
        if isinstance(one, Hooks) and one.async_functions:
            message = f"`{one.async_functions[0]}` of `hooks` is async: the sync client cannot await it"
            raise ConfigurationError(message)


def _are_conditions(given: object) -> bool:
    if not isinstance(given, list | tuple):
        return given is None
    return all(isinstance(one, ResponseCondition) for one in cast("list[object]", given))


def _are_names(given: object) -> bool:
    if not isinstance(given, Mapping):
        return given is None
    return all(isinstance(text, str) for pair in cast("Mapping[object, object]", given).items() for text in pair)


def _requires_tokens(credentials: Credentials | Sequence[Credentials] | None) -> bool:
    return not isinstance(credentials, Sequence) or len(credentials) > 0


def _check_proxy(proxy: Secret | None) -> None:
    if proxy is None:
        return
    try:
        found = httpx.Proxy(proxy.reveal())
    except (ValueError, httpx.InvalidURL):  # their messages may contain a password
        found = None
    if found is None:
        message = "`proxy` must be a URL such as http://proxy.example:3128, with http, https, socks5 or socks5h"
        raise ConfigurationError(message)
    if lacks_socks(found):
        message = f"`proxy` {WITHOUT_SOCKS}"
        raise ConfigurationError(message)


def _check_verify(verify: object) -> None:
    if not isinstance(verify, bool | ssl.SSLContext):
        message = (
            f"`verify` must be a bool or an ssl.SSLContext, not {type(verify).__name__}; for your own certificates use"
            " ssl.create_default_context(cafile=...)"
        )
        raise ConfigurationError(message)

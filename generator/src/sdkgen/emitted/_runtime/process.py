"""Pickling of clients, for use in another process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import attrs
import httpx

from .derived import HasSender, derived
from .options import Options

Client = TypeVar("Client", bound=HasSender)

_MAY_HOLD_SECRETS = ("credentials", "headers", "proxy", "clock", "on_token_event", "hooks")


def rebuilt(
    kind: type[Client],
    options: Options,
    given: httpx.Client | httpx.AsyncClient | None,
    defaults: Mapping[str, Any],
) -> Callable[[], Client]:
    """Return a function that recreates the client where it is unpickled, with the same options and that environment.

    Args:
        kind: The client's class.
        options: The options of the client.
        given: The user's own HTTP client, if there is one.
        defaults: The options of its calls (``with_options``).

    Raises:
        TypeError: An option may contain a secret, or belongs to this process.
    """
    values = attrs.asdict(options, recurse=False)
    in_the_way = [name for name in _MAY_HOLD_SECRETS if values.pop(name) is not None]
    if not isinstance(values["verify"], bool):
        in_the_way.append("verify")
    if given is not None:
        in_the_way.append("http_client")
    in_the_way += [name for name in defaults if name.startswith("extra_")]
    if in_the_way:
        message = (
            f"{kind.__name__} with {', '.join(in_the_way)} cannot be pickled: these options belong to this process or"
            " may contain secrets. Create the client in the process that uses it, or give its credentials by"
            " environment variables, which the other process reads itself"
        )
        raise TypeError(message)
    urls = {name: url for name, url in values.pop("base_urls").items() if url is not None}
    usual = {field.name: field.default for field in attrs.fields(Options)}
    made = partial(kind, **urls, **{name: value for name, value in values.items() if value != usual[name]})
    return partial(_with_options, made, dict(defaults)) if defaults else made


def _with_options(make: Callable[[], Client], defaults: Mapping[str, Any]) -> Client:
    return derived(make(), defaults)

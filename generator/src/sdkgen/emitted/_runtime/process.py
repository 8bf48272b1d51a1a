"""A client in another process: what of it can travel there in a pickle."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import attrs
import httpx

from .options import Options

Client = TypeVar("Client")

_MAY_HOLD_SECRETS = ("credentials", "headers", "proxy", "clock", "on_token_event")


def rebuilt(
    kind: type[Client], options: Options, given: httpx.Client | httpx.AsyncClient | None
) -> Callable[[], Client]:
    """How a copy of a client is made in the process that reads the pickle: with the same options, from its environment.

    Args:
        kind: The client's class.
        options: What it was made with.
        given: The httpx client of a user's own, if there is one.

    Raises:
        TypeError: It was given something that may hold a secret, or that belongs to this process.
    """
    values = attrs.asdict(options, recurse=False)
    in_the_way = [name for name in _MAY_HOLD_SECRETS if values.pop(name) is not None]
    if not isinstance(values["verify"], bool):
        in_the_way.append("verify")
    if given is not None:
        in_the_way.append("http_client")
    if in_the_way:
        message = (
            f"{kind.__name__} with {', '.join(in_the_way)} is not pickled: what it holds belongs to this process, or"
            " would be written down. Make the client in the process that uses it, or give its"
            " credentials by environment variables, which the other process reads anew"
        )
        raise TypeError(message)
    urls = {name: url for name, url in values.pop("base_urls").items() if url is not None}
    defaults = {field.name: field.default for field in attrs.fields(Options)}
    return partial(kind, **urls, **{name: value for name, value in values.items() if value != defaults[name]})

"""``with_options``: a client with other defaults, which shares the connections and tokens of the first."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Protocol, TypeVar

from .boundary import WrongArguments
from .request_options import call_options, merged
from .send import AsyncSender, Sender


class HasSender(Protocol):
    """A client."""

    _sender: Any
    _resources: dict[Any, Any]


C = TypeVar("C", bound=HasSender)
S = TypeVar("S", Sender, AsyncSender)


def derived(client: C, options: Mapping[str, Any]) -> C:
    """Return a client of the same class with other defaults. Neither it nor its end changes the first.

    Raises:
        WrongArgumentType: There is no option of a name, or it has another type.
        InvalidArgument: An option has a value that cannot be sent.
    """
    kind = type(client)
    with WrongArguments(f"{kind.__name__}.with_options"):
        call_options(options)
    made = object.__new__(kind)
    for name, value in vars(client).items():
        setattr(made, name, value)
    made._resources = {}  # pyright: ignore[reportPrivateUsage]
    made._sender = _with_defaults(client._sender, options)  # pyright: ignore[reportPrivateUsage]
    return made


def _with_defaults(sender: S, options: Mapping[str, Any]) -> S:
    made = copy(sender)
    made.defaults = merged(sender.defaults, options)
    made.is_shared = True
    return made

"""The resources of a client: made on first use, and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

R = TypeVar("R")
S_co = TypeVar("S_co", covariant=True)


class HasResources(Protocol[S_co]):
    """A client."""

    @property
    def _sender(self) -> S_co: ...

    _resources: dict[Any, Any]


def resource(client: HasResources[S_co], kind: Callable[[S_co], R]) -> R:
    """Return the client's resource of a class.

    The properties of a client call this. ``cached_property`` would keep the resource too, but its own attributes then
    appear among the methods where an editor completes ``client.queries``.
    """
    try:
        found: R = client._resources[kind]  # pyright: ignore[reportPrivateUsage]
    except KeyError:
        found = client._resources.setdefault(kind, kind(client._sender))  # pyright: ignore[reportPrivateUsage]
    return found

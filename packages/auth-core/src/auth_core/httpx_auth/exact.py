"""Connections that end exactly at a :class:`Deadline`, and not at the next whole second.

A socket takes fractions of a second only as a ``float``, which cannot change between two reads. httpx has no public
option for the network backend of its connections, so this sets a private attribute; without it, deadlines are rounded.
"""

from __future__ import annotations

from typing import Any

import httpx

from .bounded import Deadline


def with_exact_deadlines(client: httpx.Client) -> httpx.Client:
    """Make the connections of a new client convert each :class:`Deadline` themselves. Returns the client."""
    transports: list[Any] = [getattr(client, "_transport", None), *getattr(client, "_mounts", {}).values()]
    for transport in transports:
        pool: Any = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if backend is not None:
            pool._network_backend = _Backend(backend)
    return client


def is_exact(transport: object) -> bool:
    """Whether :func:`with_exact_deadlines` was called for the client of a transport."""
    return isinstance(getattr(getattr(transport, "_pool", None), "_network_backend", None), _Backend)


class _Delegate:
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class _Backend(_Delegate):
    """Opens connections for httpcore."""

    def connect_tcp(self, *args: Any, timeout: Any = None, **options: Any) -> _Stream:
        return _Stream(self._inner.connect_tcp(*args, timeout=_of_step(timeout), **options))

    def connect_unix_socket(self, *args: Any, timeout: Any = None, **options: Any) -> _Stream:
        return _Stream(self._inner.connect_unix_socket(*args, timeout=_of_step(timeout), **options))


class _Stream(_Delegate):
    """One connection."""

    def read(self, max_bytes: int, timeout: Any = None) -> bytes:
        found: bytes = self._inner.read(max_bytes, _of_one(timeout))
        return found

    def write(self, buffer: bytes, timeout: Any = None) -> None:
        self._inner.write(buffer, _of_step(timeout))

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: Any = None) -> _Stream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _of_one(timeout)))


def _of_one(timeout: Any) -> Any:
    """The timeout of one operation. A deadline that has passed stays: its conversion by the socket fails."""
    return float(timeout) if isinstance(timeout, Deadline) and timeout.seconds_left > 0 else timeout


def _of_step(timeout: Any) -> Any:
    """The timeout of several operations in a row, such as for the addresses of a host or the parts of a buffer."""
    seconds = _of_one(timeout)
    return seconds if seconds is timeout or seconds < 1 else timeout.for_sockets()

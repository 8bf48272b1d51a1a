"""httpx and httpx2: two packages with the same API, whose classes do not mix.

Annotations name the classes of httpx; at run time, an object is of the library of the client that it belongs to.
"""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any, Literal, Protocol, TypeVar, cast

import httpx

T = TypeVar("T")

HttpLibraryName = Literal["httpx", "httpx2"]
_NAMES = ("httpx", "httpx2")


class HttpLibrary(Protocol):
    """The module ``httpx`` or ``httpx2``: what of it is used."""

    __name__: str
    __version__: str
    AsyncBaseTransport: type[httpx.AsyncBaseTransport]
    AsyncByteStream: type[httpx.AsyncByteStream]
    AsyncClient: type[httpx.AsyncClient]
    AsyncHTTPTransport: type[httpx.AsyncHTTPTransport]
    Auth: type[httpx.Auth]
    BaseTransport: type[httpx.BaseTransport]
    ByteStream: type[httpx.ByteStream]
    Client: type[httpx.Client]
    Headers: type[httpx.Headers]
    HTTPTransport: type[httpx.HTTPTransport]
    Proxy: type[httpx.Proxy]
    ReadTimeout: type[httpx.ReadTimeout]
    Request: type[httpx.Request]
    Response: type[httpx.Response]
    SyncByteStream: type[httpx.SyncByteStream]
    Timeout: type[httpx.Timeout]
    URL: type[httpx.URL]
    create_ssl_context: Callable[..., ssl.SSLContext]


def http_library(name: str) -> HttpLibrary:
    """Load the library of a name. Raises ``ImportError`` if it is not installed."""
    return cast("HttpLibrary", import_module(name))


def library_of(thing: object) -> HttpLibrary:
    """The library of an object or class, or of the class that it derives from. Raises ``TypeError`` for others."""
    kind = cast("type[object]", thing) if isinstance(thing, type) else type(thing)
    for base in kind.__mro__:
        name = base.__module__.partition(".")[0]
        if name in _NAMES:
            return cast("HttpLibrary", sys.modules[name])
    message = f"{kind.__module__}.{kind.__qualname__} is a class of neither httpx nor httpx2"
    raise TypeError(message)


def http_classes(*names: str) -> tuple[type[Any], ...]:
    """The classes of these names, such as ``Client``, of each library that is loaded; none is loaded for it."""
    loaded = [sys.modules[name] for name in _NAMES if name in sys.modules]
    return tuple(getattr(library, name) for library in loaded for name in names)


def http_errors(*names: str) -> tuple[type[Exception], ...]:
    """The classes of errors of these names, such as ``ReadError``, of each library that is loaded."""
    return http_classes(*names)


def with_bases(kind: type[T], *bases: type) -> type[T]:
    """The subclass of a class that also derives from classes of a library, which accepts only its own."""
    of_any_type: Any = kind
    return cast("type[T]", _combined(of_any_type, bases))


@cache
def _combined(kind: type, bases: tuple[type, ...]) -> type:
    return type(kind.__name__, (kind, *bases), {"__module__": kind.__module__, "__doc__": kind.__doc__})

"""The HTTP library of a client: httpx, or httpx2 by choice. Whatever depends on which of them it is comes from here.

Their classes do not mix: a client sends requests of its own library, whose errors are the causes of ours. Annotations
in the runtime name the classes of httpx, which have the same shape.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import httpx
from auth_core.contract import HttpLibrary, http_errors, http_library, library_of

from ..errors import ConfigurationError
from .kinds import kind_of

if TYPE_CHECKING:
    import httpx2

    AnyClient = httpx.Client | httpx2.Client
    AnyAsyncClient = httpx.AsyncClient | httpx2.AsyncClient
    AnyTimeout = httpx.Timeout | httpx2.Timeout
else:  # httpx2 is loaded only by choice, so annotations that are evaluated at run time do not name it
    AnyClient, AnyAsyncClient, AnyTimeout = httpx.Client, httpx.AsyncClient, httpx.Timeout

NAMES = ("httpx", "httpx2")


def chosen_library(given: object, *, environment: str, distribution: str) -> HttpLibrary:
    """Load the library that the argument or the environment names; httpx if neither does, whatever is installed.

    Args:
        given: The argument `http_library`.
        environment: The prefix of the variable's name.
        distribution: The package whose extra installs httpx2.

    Raises:
        ConfigurationError: There is no such library, or it is not installed.
    """
    variable = f"{environment}_HTTP"
    named = os.environ.get(variable) or "httpx" if given is None else given
    which = f"`http_library` (or {variable})"
    if named not in NAMES:
        shown = repr(named) if isinstance(named, str) else kind_of(named)
        message = f'{which} must be "httpx" or "httpx2", not {shown}'
        raise ConfigurationError(message)
    try:
        return http_library(str(named))
    except ImportError:
        message = f'{which} is "{named}", which is not installed: pip install "{distribution}[{named}]"'
        raise ConfigurationError(message) from None


def library_in_use(
    client: AnyClient | AnyAsyncClient | None, given: object, *, environment: str, distribution: str
) -> HttpLibrary:
    """Return the library of the user's own client, or else the chosen one, as :func:`chosen_library` does."""
    if client is not None:
        return library_of(client)
    return chosen_library(given, environment=environment, distribution=distribution)


def transport_errors() -> tuple[type[Exception], ...]:
    """Return the classes of errors that mean a missing response, of each library that is loaded."""
    return *http_errors("RequestError", "InvalidURL"), UnicodeError


def timeout_of_httpx(timeout: Any) -> httpx.Timeout:
    """Convert a timeout of either library."""
    return timeout if isinstance(timeout, httpx.Timeout) else httpx.Timeout(**timeout.as_dict())


def headers_of_httpx(headers: Any) -> httpx.Headers:
    """Convert headers of either library, for attributes that are annotated with those of httpx."""
    return headers if isinstance(headers, httpx.Headers) else httpx.Headers(headers.raw, encoding=headers.encoding)

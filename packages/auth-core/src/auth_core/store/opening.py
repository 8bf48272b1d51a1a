"""Open a store by name, for the command line and configuration files."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, cast

from ..errors import ConfigurationError
from .memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .protocol import TokenStore


def open_store(name: str) -> TokenStore:
    """Open a store by name.

    Args:
        name: ``memory``, ``file`` or ``file:/a/directory``, ``keyring``, or the URL of a Redis server
            (``redis://``, ``rediss://``, ``unix://``).

    Raises:
        ConfigurationError: the name is unknown, or a required package is not installed.
        InsecureStore: others could read its tokens.
    """
    kind, _, rest = name.partition(":")
    match kind:
        case "memory" if not rest:
            return MemoryStore()
        case "file":
            return _store("file", "FileStore")(rest or None)
        case "keyring" if not rest:
            return _store("keyring", "KeyringStore")()
        case "redis" | "rediss" | "unix" if rest.startswith("//"):
            return _store("redis", "RedisStore")(name)
        case _:
            shown = kind if rest else name  # the rest may hold a password
            message = (
                f"unknown token store {shown!r}; use memory, file, file:/a/directory, keyring or redis://host:port/0"
            )
            raise ConfigurationError(message)


def store_from_environment(prefix: str, environ: Mapping[str, str] | None = None) -> TokenStore | None:
    """Open the store that ``{prefix}_TOKEN_STORE`` names; ``None`` if the variable is not set, or empty.

    Raises:
        ConfigurationError: as :func:`open_store`; the message names the variable.
        InsecureStore: others could read its tokens.
    """
    variable = f"{prefix}_TOKEN_STORE"
    name = (os.environ if environ is None else environ).get(variable)
    if not name:
        return None
    try:
        return open_store(name)
    except ConfigurationError as error:
        if type(error) is not ConfigurationError:  # one that states the directory and what to do
            raise
        message = f"{variable}: {error}"
    raise ConfigurationError(message)


def _store(module: str, name: str) -> Callable[..., TokenStore]:
    """Import the class on demand: its dependencies may not be installed."""
    return cast("Callable[..., TokenStore]", getattr(import_module(f".{module}", __package__), name))

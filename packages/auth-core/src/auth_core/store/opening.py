"""A store by its name: what the command line and configuration files say."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from ..errors import ConfigurationError
from .memory import MemoryStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from .protocol import TokenStore


def open_store(name: str) -> TokenStore:
    """The store of that name.

    Args:
        name: ``memory``, ``file`` or ``file:/a/directory``, ``keyring``, or the URL of a Redis server
            (``redis://``, ``rediss://``, ``unix://``).

    Raises:
        ConfigurationError: there is none of that name, or what it needs is not installed.
        InsecureStore: others could read what is kept there.
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
            shown = kind if rest else name  # what follows may hold a password
            message = (
                f"there is no token store {shown!r}; there are memory, file, file:/a/directory, keyring, "
                f"redis://host:port/0"
            )
            raise ConfigurationError(message)


def _store(module: str, name: str) -> Callable[..., TokenStore]:
    """The class, imported when it is wanted: what it needs may not be installed."""
    return cast("Callable[..., TokenStore]", getattr(import_module(f".{module}", __package__), name))

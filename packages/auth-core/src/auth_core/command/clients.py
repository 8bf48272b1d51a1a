"""Discovery of installed clients by their entry points."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Protocol, cast

from ..authenticator import Authenticator
from ..credentials import Credentials
from ..errors import ConfigurationError
from ..lifecycle import TokenLifecycle
from ..store import TokenStore
from ..wire import TokenSender

GROUP = "auth_core.clients"


class TokenConnection(Protocol):
    """The token-related part of a client."""

    @property
    def urls(self) -> Mapping[str, str]:
        """Server URL by constructor argument."""
        ...

    @property
    def authenticator(self) -> Authenticator: ...

    @property
    def token_sender(self) -> TokenSender: ...

    def close(self) -> None:
        """Close the connections to the token server."""
        ...


class ClientDescription(Protocol):
    """What the command line requires of a client; the entry point of a generated client is such an object."""

    @property
    def distribution(self) -> str:
        """``cinchy-client``."""
        ...

    @property
    def version(self) -> str: ...

    @property
    def environment(self) -> str:
        """Prefix of the environment variables: ``CINCHY``."""
        ...

    @property
    def lifecycles(self) -> Mapping[str, TokenLifecycle]: ...

    @property
    def credentials(self) -> Sequence[type[Credentials]]: ...

    def token_connection(
        self, urls: Mapping[str, str], credentials: Sequence[Credentials], token_store: TokenStore, *, allow_http: bool
    ) -> TokenConnection:
        """Connect to the servers of a client. Raises :class:`~auth_core.ConfigurationError` if a URL is missing."""
        ...


def installed_client(name: str | None) -> ClientDescription:
    """The client of that name; without a name, the only one installed.

    Raises:
        ConfigurationError: there is no such client, or there are several and ``name`` is ``None``.
    """
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    if not found:
        message = "no API client is installed here; install one (cinchy-client) and run its own command (cinchy-token)"
        raise ConfigurationError(message)
    if name is None and len(found) == 1:
        name = next(iter(found))
    if name is None or name not in found:
        close = difflib.get_close_matches(name or "", found, 1)
        hint = f"did you mean {close[0]}?" if close else f"installed: {', '.join(sorted(found))}"
        message = (
            f"no client is called {name!r}; {hint}" if name else f"several clients, select one with --client; {hint}"
        )
        raise ConfigurationError(message)
    return cast("ClientDescription", found[name].load())

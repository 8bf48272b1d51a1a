"""Run scripts on one Redis, and describe its failures.

redis-py's exceptions do not leave this module: their frames hold the password and tokens. A failure is returned as a
value and raised from a frame that holds neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast

import redis
from attrs import frozen
from redis.backoff import ExponentialWithJitterBackoff
from redis.credentials import UsernamePasswordCredentialProvider
from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    BusyLoadingError,
    MaxConnectionsError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
)
from redis.retry import Retry

from ..errors import ConfigurationError, StoreUnavailable
from ..token import Secret

SOCKET_TIMEOUT_SECONDS = 3.0
"""For connecting and for one response: a script takes microseconds, and a caller may be waiting."""
RECONNECTS = 3
"""Attempts after a broken or refused connection; not after a timeout."""
RECONNECT_FIRST_SECONDS = 0.1
RECONNECT_CAP_SECONDS = 1.0
"""Exponential, with jitter: long enough for a small server to restart."""

URL_HELP = (
    "the URL must be redis://…, rediss://… (TLS) or unix://…, with user name and password percent-encoded: "
    "rediss://user:password@host:6379/0"
)
ACL = "+@connection +@scripting +@string +@hash +@sortedset +del +pexpire +pexpireat +pttl +time"
"""Permissions that a Redis user needs, for keys with the store's prefix."""
TROUBLES: Sequence[tuple[type[Exception] | tuple[type[Exception], ...], str]] = (
    (
        (AuthenticationError, AuthorizationError),
        "refuses the user name or password; check the URL or client passed to RedisStore",
    ),
    (NoPermissionError, f"does not allow this user what a store does; its ACL needs the prefix ~auth-core:* and {ACL}"),
    (BusyLoadingError, "is loading its data after a start; it will respond when that is done"),
    (AskError, "is one node of a cluster; give RedisStore a redis.RedisCluster client"),
    (ReadOnlyError, "is a replica, which cannot be written; give RedisStore the address of the primary"),
    (OutOfMemoryError, "has no memory left; raise its maxmemory"),
    (MaxConnectionsError, "was not contacted: all connections of the client's pool are in use; raise max_connections"),
    (redis.TimeoutError, "does not respond; check the network, and whether it is busy"),
    (redis.ConnectionError, "cannot be reached; check that it runs, its address, and the network"),
)
"""The first match is used; specific classes come before general ones."""
UNTRUSTED = (
    "has a certificate that this machine does not trust, or that is for another name; if it is from a private "
    "authority, add ?ssl_ca_certs=/path/to/it.pem to the URL"
)
CODES = {
    "OOM": OutOfMemoryError,
    "READONLY": ReadOnlyError,
    "LOADING": BusyLoadingError,
    "NOPERM": NoPermissionError,
    "ACL": NoPermissionError,
    "NOAUTH": AuthenticationError,
    "WRONGPASS": AuthenticationError,
}
"""Error codes that redis-py has no class for, or that are inside the response to a script (Redis 6)."""


class Script(Protocol):
    """The result of redis-py's ``register_script``: runs by digest, and reloads the script if the server lost it."""

    def __call__(self, keys: Sequence[str], args: Sequence[str]) -> Any: ...


@frozen
class RedisReply:
    """The result of a script."""

    seconds: float
    """The server's time, since the Unix epoch."""
    values: Sequence[Any]
    """Strings or lists of strings; bytes if the client does not decode responses."""


class RedisServer:
    """The connections to one Redis, or Redis Cluster.

    Args:
        given: a URL, or a client; see :class:`~auth_core.RedisStore`.

    Raises:
        ConfigurationError: it is neither. No connection is opened yet.
    """

    def __init__(self, given: Secret | object) -> None:
        self._url = given if isinstance(given, Secret) else None
        self._client: Any = given
        if self._url is None and not isinstance(given, (redis.Redis, redis.RedisCluster)):
            message = (
                f"RedisStore requires the URL of a Redis, or a redis.Redis or redis.RedisCluster client, not a "
                f"{type(given).__module__}.{type(given).__name__} (nor one of redis.asyncio: renewals run on threads)"
            )
            raise ConfigurationError(message)
        self._scripts: dict[str, Script] = {}
        if not self._connections():
            message = f"RedisStore cannot use the URL it was given: {URL_HELP}"
            raise ConfigurationError(message)
        self.address = _address(self._client)

    def _connections(self) -> bool:
        """Create a connection pool without connecting; ``False`` if the URL is invalid."""
        if self._url is None:
            return True
        try:
            # Not Redis.from_url: that client closes its pool on deletion, which waits for a lock that a fork may have
            # left locked.
            pool = redis.ConnectionPool.from_url(  # pyright: ignore[reportUnknownMemberType]
                self._url.reveal(),
                protocol=2,
                socket_timeout=SOCKET_TIMEOUT_SECONDS,
                socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
                retry=Retry(
                    ExponentialWithJitterBackoff(base=RECONNECT_FIRST_SECONDS, cap=RECONNECT_CAP_SECONDS),
                    RECONNECTS,
                    (redis.ConnectionError,),
                ),
            )
            cast("Callable[..., object]", pool.connection_class)(**pool.connection_kwargs)  # raises for unknown options
            _hide_password(pool.connection_kwargs)
        except (ValueError, TypeError, redis.RedisError):  # their messages may hold parts of the URL
            return False
        self._client = redis.Redis(connection_pool=pool)
        self._scripts = {}
        return True

    def after_fork_in_child(self) -> None:
        """Replace the parent's connections. (A client passed by the user handles forks itself.)"""
        self._connections()

    def close(self) -> None:
        """Close the connections that were opened here."""
        if self._url is not None:
            self._client.connection_pool.disconnect()

    def run(self, script: str, keys: Sequence[str], arguments: Sequence[str | Secret] = ()) -> RedisReply:
        """Run a script. Raises :class:`~auth_core.StoreUnavailable` without secrets in message or frames."""
        response = self._attempt(script, keys, arguments)
        if isinstance(response, str):
            raise StoreUnavailable(response)
        return response

    def _attempt(self, script: str, keys: Sequence[str], arguments: Sequence[str | Secret]) -> RedisReply | str:
        """The response, or a description of the failure."""
        values = [part.reveal() if isinstance(part, Secret) else part for part in arguments]
        try:
            if script not in self._scripts:
                self._scripts[script] = self._client.register_script(script)
            seconds, microseconds, *results = self._scripts[script](keys=keys, args=values)
            return RedisReply(int(seconds) + int(microseconds) / 1e6, results)
        except ReadOnlyError as error:
            self._check_again()
            return self._in_words(error)
        except Exception as error:  # redis-py does not raise only RedisErrors
            return self._in_words(error)

    def _check_again(self) -> None:
        """Disconnect, so that after a failover the name is resolved again, to the new primary."""
        pool: Any = getattr(self._client, "connection_pool", None)
        if pool is not None:
            pool.disconnect(inuse_connections=False)

    def _in_words(self, error: Exception) -> str:
        """Describe the failure and the remedy, without the exception's text, which may quote secrets."""
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            return f"{self.address} {UNTRUSTED}"
        kind: type[Exception] = type(error)
        codes = re.findall(r"\b[A-Z]{3,}\b", str(error)) if isinstance(error, redis.ResponseError) else []
        for code in codes:
            kind = CODES.get(code, kind)
        for troubles, text in TROUBLES:
            if issubclass(kind, troubles):
                return f"{self.address} {text}"
        return f"{self.address} failed: {codes[0] if codes else kind.__name__}; see the log of the server"


def _hide_password(options: dict[str, Any]) -> None:
    """Move the password out of the pool's repr: not every redis-py masks it."""
    username, password = options.pop("username", None), options.pop("password", None)
    if username is not None or password is not None:
        options["credential_provider"] = UsernamePasswordCredentialProvider(username, password)


def _address(client: Any) -> str:
    """The address of the server, for messages, without user name and password."""
    if isinstance(client, redis.RedisCluster):
        cluster: Any = client
        nodes = ", ".join(f"{node.host}:{node.port}" for node in cluster.get_nodes()[:1])
        return f"Redis Cluster at {nodes or 'unknown nodes'}"
    pool: Any = client.connection_pool
    service: str | None = getattr(pool, "service_name", None)
    if service is not None:
        return f"Redis service {service} (Sentinel)"
    options: dict[str, Any] = pool.connection_kwargs
    if "path" in options:
        return f"Redis at {options['path']}"
    return f"Redis at {options.get('host', 'localhost')}:{options.get('port', 6379)}"

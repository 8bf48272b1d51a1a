"""Resolution of server URLs: from the argument, the environment, or the spec, in this order."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

import httpx
from attrs import frozen
from auth_core.contract import require_secure

from ..errors import ConfigurationError

_ENDS_HOST = frozenset("/?#@\\")


@frozen
class ServerVariable:
    """A variable in the default URL of a server."""

    argument: str
    """The argument of the client's constructor."""
    variable: str
    """The environment variable that is read when the argument is not given."""
    default: str
    allowed: tuple[str, ...] = ()
    """The possible values; empty: any."""

    def value(self, given: object) -> str:
        """Return the value.

        Raises:
            ConfigurationError: It is not one of the possible values.
        """
        value = given or os.environ.get(self.variable) or self.default
        if not isinstance(value, str):
            message = f"`{self.argument}` (or {self.variable}) must be a str, not {type(value).__name__}"
            raise ConfigurationError(message)
        value = value.strip()
        if self.allowed and value not in self.allowed:
            values = ", ".join(f"`{one}`" for one in self.allowed)
            message = f"`{self.argument}` (or {self.variable}) must be one of {values}"
            raise ConfigurationError(message)
        return value


@frozen
class Server:
    """One server of the API."""

    argument: str
    """The argument of the client's constructor."""
    variable: str
    """The environment variable that is read when the argument is not given."""
    default: str | None = None
    """A URL, or a template over the other arguments or variables (``{base_url}SSO``); ``None``: it must be given."""
    variables: tuple[ServerVariable, ...] = ()

    def __str__(self) -> str:
        """Return both names, for messages."""
        return f"`{self.argument}` (or {self.variable})"


def resolve_servers(
    servers: Sequence[Server],
    given: Mapping[str, str | None],
    *,
    allow_http: bool,
) -> dict[str, str]:
    """Return the URL of every server, without a trailing slash.

    Raises:
        ConfigurationError: A URL is missing or invalid.
        InsecureServer: A URL would send tokens in clear text over a network.
    """
    urls: dict[str, str] = {}
    missing: list[Server] = []
    for server in servers:
        url: object = given.get(server.argument)
        url = os.environ.get(server.variable) if url is None or url == "" else url
        if url is not None and url != "":
            urls[server.argument] = _checked(server, url, allow_http)
        elif server.default is None:
            missing.append(server)
    if missing:
        names = " and ".join(map(str, missing))
        message = f"the API's URL is missing: give {names}"
        raise ConfigurationError(message)
    derived = [server for server in servers if server.argument not in urls]
    used = {one.argument: one.value(given.get(one.argument)) for server in derived for one in server.variables}
    for server in servers:
        for variable in server.variables:
            if given.get(variable.argument) and variable.argument not in used:
                message = f"`{variable.argument}` has no effect, since {server} is given; give one of them"
                raise ConfigurationError(message)
        if server in derived and server.default is not None:
            _check_host(server.default, server.variables, used)
            urls[server.argument] = _checked(server, server.default.format_map({**urls, **used}), allow_http)
    return urls


def _check_host(template: str, variables: Sequence[ServerVariable], values: Mapping[str, str]) -> None:
    """A value in the place of the host cannot end it: ``acme.evil.example/`` would send the token there."""
    host = template.partition("://")[2].partition("/")[0]
    for one in variables:
        if f"{{{one.argument}}}" in host and not _ENDS_HOST.isdisjoint(values[one.argument]):
            message = f"`{one.argument}` (or {one.variable}) is a part of the host: it must not contain / ? # @ or \\"
            raise ConfigurationError(message)


def _checked(server: Server, text: object, allow_http: bool) -> str:
    if not isinstance(text, str):
        message = f"{server} must be a str, not {type(text).__name__}"
        raise ConfigurationError(message)
    try:
        url = httpx.URL(text.strip())
        url.host.encode("idna")  # the form that DNS lookups use
    except (httpx.InvalidURL, UnicodeError) as error:
        reason = str(error).partition(": '")[0]  # httpx quotes a part of the text, which may be one of a password
        message = f"{server} is not a valid URL: {reason}"
        raise ConfigurationError(message) from None
    if url.scheme not in {"http", "https"} or not url.host or not 0 < (url.port or 443) < 65536:
        message = f"{server} must be an http(s) URL with a host, such as https://api.example"
        raise ConfigurationError(message)
    if url.userinfo or url.query or url.fragment:
        message = f"{server} must not have a user name, query or fragment; pass credentials as `credentials`"
        raise ConfigurationError(message)
    require_secure(str(server), str(url), allow_http=allow_http)
    return str(url).rstrip("/")

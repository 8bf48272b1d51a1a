"""Servers: which constructor argument and variable each becomes, and what it is when it is unspecified."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from attrs import frozen

from sdkgen.code import Code, identifier, one_line
from sdkgen.facts.names import parameter_placeholders
from sdkgen.pointers import as_list, as_object

__all__ = ["BASE_URL", "ServerFact", "operation_server", "server_argument", "server_facts"]

BASE_URL = Code("base_url")


@frozen
class ServerFact:
    """One server of the API."""

    argument: Code
    """``sso_url``."""
    variable: Code
    """``CINCHY_SSO_URL``."""
    default: str | None
    """A URL, or a template over the other arguments (``{base_url}SSO``); ``None``: the user must say."""
    description: str
    example: str
    """A URL for the documentation."""

    @property
    def required(self) -> bool:
        return self.default is None


def server_argument(server: Mapping[str, Any], root: Sequence[Any] = ()) -> Code:
    """The constructor argument of a Server Object.

    One without ``x-name`` that is none of the document's own servers is called after its host.
    """
    name = server.get("x-name")
    if isinstance(name, str) and name.strip():
        return Code(f"{identifier(name, fallback='server').strip('_')}_url")
    url = str(server.get("url", ""))
    host = re.match(r"https?://([^/:]+)", url)
    if host is None or not root or any(as_object(known).get("url") == url for known in root):
        return BASE_URL
    return Code(f"{identifier(host[1].partition('.')[0], fallback='server').strip('_')}_url")


def operation_server(document: Mapping[str, Any], path: str, method: str) -> Code:
    """The constructor argument of an operation's server: its own, its path's, or the document's unnamed one."""
    root = as_list(document.get("servers"))
    item = as_object(as_object(document.get("paths")).get(path))
    servers = as_list(as_object(item.get(method)).get("servers")) or as_list(item.get("servers"))
    servers = servers or [server for server in root if "x-name" not in as_object(server)] or root
    return server_argument(as_object(servers[0]) if servers else {}, root)


def server_facts(document: Mapping[str, Any], environment: str) -> tuple[ServerFact, ...]:
    """All servers that an operation uses, and ``base_url``, which comes first; each name once."""
    root = as_list(document.get("servers"))
    declared = root[:1] or [{}]
    for item in as_object(document.get("paths")).values():
        for holder in (item, *as_object(item).values()):
            declared += as_list(as_object(holder).get("servers"))[:1]
    found: dict[Code, dict[str, Any]] = {}
    for server in map(as_object, [*declared, *root[1:]]):
        argument = server_argument(server, root)
        if argument not in found or ("x-default" in server and "x-default" not in found[argument]):
            found[argument] = server
    found.setdefault(BASE_URL, {})
    arguments = sorted(found, key=lambda argument: argument != BASE_URL)
    return tuple(_fact(argument, found[argument], environment) for argument in arguments)


def _fact(argument: Code, server: Mapping[str, Any], environment: str) -> ServerFact:
    url = str(server.get("url", "")).rstrip("/")
    default = server.get("x-default")
    if not isinstance(default, str):
        absolute = re.match(r"https?://[^/]", url) is not None
        default = url if absolute and not parameter_placeholders(url) else None
    return ServerFact(
        argument=argument,
        variable=Code(f"{environment}_{argument.upper()}"),
        default=default,
        description=one_line(str(server.get("description", ""))),
        example=re.sub(r"\{[^{}]*\}", "example", url) if re.match(r"https?://", url) else "https://api.example",
    )

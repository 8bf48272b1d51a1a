"""Servers: the constructor argument, environment variable and default of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import define, field, frozen

from sdkgen.code import Code, identifier, one_line, unique
from sdkgen.facts.names import parameter_placeholders
from sdkgen.pointers import as_list, as_object, child

__all__ = ["BASE_URL", "ServerFact", "VariableFact", "operation_server", "server_argument", "server_facts"]

BASE_URL = Code("base_url")

Report: TypeAlias = Callable[[str, str, str], None]


@frozen
class VariableFact:
    """A variable in the URL of a server."""

    argument: Code
    """``region``."""
    variable: Code
    """``ACME_REGION``."""
    default: str
    allowed: tuple[str, ...]
    """The permitted values; empty: any."""
    description: str


@frozen
class ServerFact:
    """One server of the API."""

    argument: Code
    """``sso_url``."""
    variable: Code
    """``CINCHY_SSO_URL``."""
    default: str | None
    """A URL, or a template over other arguments (``{base_url}SSO``, ``https://{region}.acme.example``); ``None``: the
    argument is required."""
    description: str
    example: str
    """A URL for the documentation."""
    variables: tuple[VariableFact, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is None


def server_argument(server: Mapping[str, Any], root: Sequence[Any] = ()) -> Code:
    """The constructor argument of a Server Object.

    A server without ``x-name`` that is not among the root's servers is named after its host.
    """
    name = server.get("x-name")
    if isinstance(name, str) and name.strip():
        return Code(f"{identifier(name, fallback='server').strip('_')}_url")
    url = str(server.get("url", ""))
    host = re.match(r"[^/]*://([^/:]+)", url)
    if host is None or not root or any(as_object(known).get("url") == url for known in root):
        return BASE_URL
    label = next((label for label in host[1].split(".") if "{" not in label), "server")
    return Code(f"{identifier(label, fallback='server').strip('_')}_url")


def operation_server(document: Mapping[str, Any], path: str, method: str) -> Code:
    """The constructor argument of an operation's server: its own, its path's, or the document's unnamed one."""
    root = as_list(document.get("servers"))
    item = as_object(as_object(document.get("paths")).get(path))
    servers = as_list(as_object(item.get(method)).get("servers")) or as_list(item.get("servers"))
    servers = servers or [server for server in root if "x-name" not in as_object(server)] or root
    return server_argument(as_object(servers[0]) if servers else {}, root)


def server_facts(
    document: Mapping[str, Any], environment: str, taken: Collection[str] = (), report: Report | None = None
) -> tuple[ServerFact, ...]:
    """All servers that an operation uses, and ``base_url``, which comes first; each name once.

    Args:
        document: The document.
        environment: The prefix of environment variables.
        taken: The client's other arguments.
        report: Records variables that do not become arguments.
    """
    root = as_list(document.get("servers"))
    declared = [(child("/servers", index), server) for index, server in enumerate(root)]
    first, rest = declared[:1] or [("", {})], declared[1:]
    for path, item in as_object(document.get("paths")).items():
        pointer = child("/paths", path)
        for key, holder in [("", item), *as_object(item).items()]:
            place = child(pointer, key, "servers", 0) if key else child(pointer, "servers", 0)
            first += [(place, server) for server in as_list(as_object(holder).get("servers"))[:1]]
    found: dict[Code, tuple[str, dict[str, Any]]] = {}
    for pointer, value in [*first, *rest]:
        server = as_object(value)
        argument = server_argument(server, root)
        if argument not in found or ("x-default" in server and "x-default" not in found[argument][1]):
            found[argument] = pointer, server
    found.setdefault(BASE_URL, ("", {}))
    arguments = sorted(found, key=lambda argument: argument != BASE_URL)
    variables = _Variables(environment, {*taken, *arguments})
    facts: list[ServerFact] = []
    for argument in arguments:
        pointer, server = found[argument]
        facts.append(_fact(argument, server, environment, variables))
        if report is not None and parameter_placeholders(str(server.get("url", ""))) and facts[-1].required:
            _report(report, child(pointer, "url"), server, argument)
    return tuple(facts)


def _report(report: Report, pointer: str, server: Mapping[str, Any], argument: Code) -> None:
    if "x-required" not in server:
        what = "the server's variables are no arguments: without them, or with their defaults, the URL is not absolute"
        report(pointer, what, f"The user gives the whole URL as `{argument}`.")


@define
class _Variables:
    """Gives every variable of every server a unique name; identical variables of two servers share one."""

    environment: str
    taken: set[str]
    known: dict[Code, tuple[str, VariableFact]] = field(factory=dict[Code, "tuple[str, VariableFact]"])

    def fact(self, name: str, declared: Mapping[str, Any], server: Code) -> VariableFact:
        allowed = tuple(str(value) for value in as_list(declared.get("enum")))
        default, description = str(declared["default"]), one_line(str(declared.get("description", "")))
        for wire_name, one in self.known.values():
            if (wire_name, one.default, one.allowed) == (name, default, allowed):
                return one
        of_server = f"of_{server.removesuffix('_url')}"
        own = identifier(name, fallback="variable")
        if own.strip("_") in self.taken:
            own = Code(f"{own.strip('_')}_{of_server}")
        own = unique(own, [*self.taken, *self.known], of_server)
        variable = Code(f"{self.environment}_{own.strip('_').upper()}")
        fact = VariableFact(own, variable, default, allowed, description)
        self.known[own] = name, fact
        return fact


def _fact(argument: Code, server: Mapping[str, Any], environment: str, variables: _Variables) -> ServerFact:
    url = str(server.get("url", "")).rstrip("/")
    default = server.get("x-default")
    used: dict[str, VariableFact] = {}
    if not isinstance(default, str):
        values = _defaults(url, server)
        absolute = values is not None and re.match(r"https?://[^/{}]", _filled(url, values)) is not None
        usable = absolute and server.get("x-required") is not True
        if usable and values:
            declared = as_object(server.get("variables"))
            used = {name: variables.fact(name, as_object(declared[name]), argument) for name in values}
        default = _filled(url, {name: f"{{{one.argument}}}" for name, one in used.items()}) if usable else None
    return ServerFact(
        argument=argument,
        variable=Code(f"{environment}_{argument.upper()}"),
        default=default,
        description=one_line(str(server.get("description", ""))),
        example=re.sub(r"\{[^{}]*\}", "example", url) if re.match(r"https?://", url) else "https://api.example",
        variables=tuple(used.values()),
    )


def _defaults(url: str, server: Mapping[str, Any]) -> dict[str, str] | None:
    """The default of every variable in the URL; ``None`` if a variable has no default."""
    declared = as_object(server.get("variables"))
    found: dict[str, str] = {}
    for name in parameter_placeholders(url):
        default = as_object(declared.get(name)).get("default")
        if not isinstance(default, str | int | float):
            return None
        found[name] = str(default)
    return found


def _filled(url: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{([^{}]*)\}", lambda match: values[match[1]], url)

"""Rules for servers: which exist, how they are named, how their URLs depend on each other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import did_you_mean
from sdkgen.structure import operations

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SAME_HOST = re.compile(r"\{[^{}]*\}(/[^{}]*)?")


@frozen
class _Server:
    pointer: str
    value: dict[str, Any]
    at_root: bool

    @property
    def name(self) -> str:
        return str(self.value.get("x-name", ""))

    @property
    def argument(self) -> str:
        return f"{self.name}_url" if self.name else "base_url"


def _servers(whole: Bundle) -> Iterator[_Server]:
    for index, server in enumerate(as_list(whole.document.get("servers"))):
        yield _Server(child("/servers", index), as_object(server), True)
    holders = [
        (child("/paths", path), as_object(item)) for path, item in as_object(whole.document.get("paths")).items()
    ]
    holders += [(node.pointer, node.value) for _, _, node in operations(whole.document)]
    for pointer, holder in holders:
        for index, server in enumerate(as_list(holder.get("servers"))):
            yield _Server(child(pointer, "servers", index), as_object(server), False)


def server_arguments(whole: Bundle) -> set[str]:
    """The constructor arguments that hold the URLs of servers."""
    return {"base_url", *(server.argument for server in _servers(whole))}


@rule("server-name")
def server_name(whole: Bundle) -> Iterator[Finding]:
    """The root's servers include one without a name (``base_url``); every other has one, and one meaning."""
    servers = list(_servers(whole))
    unnamed = [server for server in servers if server.at_root and not server.name]
    if not unnamed:
        yield "/servers", "there is no server without a name", "The API's own server is unnamed: it becomes `base_url`."
    for server in unnamed[1:]:
        yield server.pointer, "a second server has no name", "Name it (`x-name: sso`), or remove it."
    known: dict[str, _Server] = {}
    for server in servers:
        if not server.at_root and not server.name:
            step = "Write `x-name: sso`, so that it becomes the argument `sso_url`."
            yield server.pointer, "a server of a path or an operation has no name", step
            continue
        first = known.setdefault(server.argument, server)
        if first.value != server.value and server not in unnamed:
            file, line = whole.position(first.pointer)
            what = f"the server {shown(server.name)} differs from the one of the same name in {file}:{line}"
            yield server.pointer, what, "Use an anchor (`&sso`) and an alias (`*sso`)."


@rule("one-server")
def one_server(whole: Bundle) -> Iterator[Finding]:
    """A path or an operation lives on one server."""
    seen: set[str] = set()
    for server in _servers(whole):
        holder = server.pointer.rpartition("/")[0]
        if not server.at_root and holder in seen:
            yield server.pointer, "a path or an operation has a second server", "Keep the one that is called."
        seen.add(holder)


@rule("server-url")
def server_url(whole: Bundle) -> Iterator[Finding]:
    """A server's URL is absolute, without query; its variables are declared, used, and have an allowed default."""
    for server in _servers(whole):
        url, pointer = str(server.value.get("url", "")), child(server.pointer, "url")
        variables = as_object(server.value.get("variables"))
        if not re.match(r"https?://[^/?#]+", url):
            yield pointer, f"the URL {shown(url)} is not absolute", "Write `https://…`, with `{host}` if users differ."
        elif "?" in url or "#" in url:
            yield pointer, f"the URL {shown(url)} has a query or a fragment", "Leave it out."
        for name in dict.fromkeys(_PLACEHOLDER.findall(url)):
            if name not in variables:
                yield (
                    pointer,
                    f"the variable `{name}` is not declared",
                    did_you_mean(name, variables) or "Add it to `variables`.",
                )
        for name, variable in variables.items():
            place, allowed = child(server.pointer, "variables", name), as_list(as_object(variable).get("enum"))
            if allowed and as_object(variable).get("default") not in allowed:
                step = did_you_mean(str(as_object(variable).get("default")), map(str, allowed))
                yield child(place, "default"), f"the default of the variable `{name}` is not in its `enum`", step
            if f"{{{name}}}" not in url:
                yield place, f"the variable `{name}` is not in the URL", "Remove it."


@rule("server-default")
def server_default(whole: Bundle) -> Iterator[Finding]:
    """``x-default`` refers to other servers by their arguments, without cycles."""
    servers = {server.argument: server for server in _servers(whole)}
    for argument, server in servers.items():
        if "x-default" not in server.value:
            continue
        pointer = child(server.pointer, "x-default")
        for name in _PLACEHOLDER.findall(_template(server)):
            if name not in servers:
                yield pointer, f"`{name}` is not a server of this spec", did_you_mean(name, servers)
        if argument in _reached(servers, argument):
            yield pointer, f"`{argument}` depends on itself", "Give one of the servers its own URL."


@rule("server-host", any_document=True)
def server_host(whole: Bundle) -> Iterator[Finding]:
    """``x-default`` keeps the host of the server that it refers to, so that tokens go only to the user's hosts."""
    for server in _servers(whole):
        template = _template(server)
        if template and not _SAME_HOST.fullmatch(template):
            step = "Write `{base_url}`, or continue with a slash: `{base_url}/sso`."
            yield child(server.pointer, "x-default"), f"{shown(template)} may lead to another host", step


def _template(server: _Server) -> str:
    template = server.value.get("x-default")
    return template if isinstance(template, str) else ""


def _reached(servers: dict[str, _Server], start: str) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        server = servers.get(waiting.pop())
        for name in _PLACEHOLDER.findall(_template(server)) if server else ():
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached

"""The modules of a package besides its resources: credentials, client, ``__init__``."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sdkgen.code import Code, joined, literal
from sdkgen.facts.error_bodies import error_bodies
from sdkgen.facts.names import ERRORS
from sdkgen.facts.package import PackageFacts
from sdkgen.facts.servers import ServerFact, VariableFact
from sdkgen.facts.values import source_of, types_in
from sdkgen.render import docstrings
from sdkgen.render.source import import_lines

__all__ = ["auth_variables", "client_variables", "error_bodies_variables", "package_variables"]


def auth_variables(facts: PackageFacts) -> dict[str, Any]:
    """The variables of ``auth.py.jinja``: values that are used more than once become constants."""
    classes = [credentials for scheme in facts.schemes for credentials in scheme.credentials]
    responses = facts.responses
    shared: list[dict[str, Code]] = []
    replaced: list[tuple[Code, Code]] = []

    def name(constant: str, value: object, least: int = 2) -> None:
        source = source_of(value)
        uses = sum(source_of(scheme.lifecycle).count(source) for scheme in facts.schemes)
        if uses >= least and len(source) > 40:
            shared.append({"name": Code(constant), "source": source})
            replaced.append((source, Code(constant)))

    name("RESPONSES", responses)
    tokens = Counter(
        source_of(request.response)
        for scheme in facts.schemes
        for grant in scheme.lifecycle.grants
        for request in grant.requests
    )
    for number, (source, uses) in enumerate(tokens.most_common()):
        if uses > 1 and len(source) > 40:
            constant = Code("TOKEN_RESPONSE" if number == 0 else f"TOKEN_RESPONSE_{number + 1}")
            shared.append({"name": constant, "source": source})
            replaced.append((source, constant))
    sources: dict[str, Code] = {}
    for scheme in facts.schemes:
        source = source_of(scheme.lifecycle)
        for before, after in replaced:
            source = Code(source.replace(before, after))
        sources[scheme.scheme] = source
    types = sorted({"TokenLifecycle"}.union(*(types_in(scheme.lifecycle) for scheme in facts.schemes)))
    return {
        "facts": facts,
        "names": facts.names,
        "credentials_classes": classes,
        "docstring": docstrings.credentials_docstring,
        "shared": shared,
        "lifecycle_sources": sources,
        "lifecycle_types": Code(", ".join(types)),
    }


def client_variables(facts: PackageFacts) -> dict[str, Any]:
    """The variables of ``client.py.jinja``."""
    names = facts.names

    def flavour(is_async: bool) -> dict[str, Any]:
        return {
            "name": names.async_client if is_async else names.client,
            "is_async": is_async,
            "http_client": Code("httpx.AsyncClient" if is_async else "httpx.Client"),
            "any_client": Code("AnyAsyncClient" if is_async else "AnyClient"),
            "sender": Code("AsyncSender" if is_async else "Sender"),
            "define": Code("async def" if is_async else "def"),
            "wait": Code("await " if is_async else ""),
            "enter": Code("__aenter__" if is_async else "__enter__"),
            "exit": Code("__aexit__" if is_async else "__exit__"),
            "suffix": Code("_async" if is_async else ""),
            "docstring": docstrings.client_docstring(
                facts.summary,
                facts.servers,
                facts.server_variables,
                names.environment,
                names.base_error,
                is_async=is_async,
            ),
        }

    servers = joined(" ", [Code(f"{_server(server)},") for server in facts.servers])
    security = Counter(one.security for resource in facts.resources for one in resource.operations if one.security)
    types = types_in(facts.responses) - {"ResponseCondition"}
    return {
        "facts": facts,
        "names": names,
        "servers": Code(f"({servers})"),
        "variables": facts.server_variables,
        "usual_security": tuple(filter(None, security.most_common(1)[0][0])) if security else (),
        "responses_types": Code(", ".join(sorted(types))),
        "flavours": [flavour(False), flavour(True)],
    }


def _server(server: ServerFact) -> Code:
    parts = [literal(server.argument), literal(server.variable)]
    parts += [Code(f"default={literal(server.default)}")] if server.default is not None else []
    variables = joined(" ", [Code(f"{_variable(one)},") for one in server.variables])
    parts += [Code(f"variables=({variables})")] if server.variables else []
    return Code(f"Server({joined(', ', parts)})")


def _variable(fact: VariableFact) -> Code:
    parts = [literal(fact.argument), literal(fact.variable), Code(f"default={literal(fact.default)}")]
    allowed = joined(", ", map(literal, fact.allowed))
    parts += [Code(f"allowed=({allowed}{',' if len(fact.allowed) == 1 else ''})")] if fact.allowed else []
    return Code(f"ServerVariable({joined(', ', parts)})")


def error_bodies_variables(facts: PackageFacts) -> dict[str, Any]:
    """The variables of ``error_bodies.py.jinja``."""
    aliases = list(error_bodies(operation.errors for operation in facts.operations))
    imports = {("typing", "TypeAlias")}.union(*(alias.imports for alias in aliases))
    return {"aliases": aliases, "imports": import_lines(imports, ".")}


def package_variables(facts: PackageFacts) -> dict[str, Any]:
    """The variables of ``package_init.py.jinja``."""
    names = facts.names
    modules: dict[str, str] = {
        names.client: ".client",
        names.async_client: ".client",
        names.base_error: ".errors",
        **dict.fromkeys(ERRORS, ".errors"),
        "RequestOptions": "._runtime.request_options",
        "Hooks": "._runtime.hooks",
        "Observer": "._runtime.observers",
        "OpenTelemetryHooks": "._runtime.tracing",
        "RequestContext": "._runtime.observers",
        **dict.fromkeys(("AsyncPage", "AsyncPaginator", "Page"), "._runtime.paging"),
        "Response": "._runtime.raw",
        "AsyncItemStream": "._runtime.item_streams",
        "AsyncStreamedResponse": "._runtime.streams",
        "ItemStream": "._runtime.item_streams",
        "ServerSentEvent": "._runtime.event_stream",
        "StreamedResponse": "._runtime.streams",
        "UNSET": ".types",
        "Unset": ".types",
        "DEFAULT_TIMEOUT": "._runtime.options",
        "__version__": "._version",
        **{credentials.name: ".auth" for scheme in facts.schemes for credentials in scheme.credentials},
    }
    exports = [{"name": Code(name), "module": Code(module)} for name, module in sorted(modules.items())]
    return {
        "names": names,
        "exports": exports,
        "exported": [export["name"] for export in exports],
        "docstring": docstrings.package_docstring(facts.summary),
    }

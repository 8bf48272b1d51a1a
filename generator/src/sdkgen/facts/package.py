"""The facts of one generated package."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, fields, frozen
from auth_core import contract
from auth_core.lifecycle import ResponseDetails

from sdkgen.bundle import Bundle
from sdkgen.code import Code, class_name, identifier, one_line, unique
from sdkgen.emitted._runtime.options import Options
from sdkgen.facts.lifecycle import response_details
from sdkgen.facts.names import ClientNames, client_names, imported_classes
from sdkgen.facts.operation_reader import OperationReader, Report
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.schemes import SchemeFact, scheme_facts
from sdkgen.facts.servers import ServerFact, VariableFact, server_facts
from sdkgen.models.class_names import TEMPLATE_NAMES
from sdkgen.models.prepare import Prepared
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import Problem, Severity
from sdkgen.structure import operations

__all__ = ["PackageFacts", "ResourceFact", "package_facts"]

_CLIENT_MEMBERS = frozenset(
    {"close", "explain_tokens", "forget_failures", "forget_tokens", "logout", "request", "with_options"}
    | {"derived", "overload"}
)
"""Attributes of every client, and names that its class body uses; a resource of that name gets an underscore."""

_NAMES_IN_CONSTRUCTOR = frozenset({"self", "httpx", "ssl", "options", "connection", "rebuilt", "check_http_clients"})
"""Names that the constructor of a client uses."""


@frozen
class ResourceFact:
    """The operations of one tag."""

    attribute: Code
    """``client.queries``, and the name of its module."""
    name: Code
    """``Queries``."""
    async_name: Code
    tag: str
    description: str
    operations: tuple[OperationFact, ...]


@frozen
class PackageFacts:
    """One generated package."""

    names: ClientNames
    spec: str
    """The document as named in messages and generated files: ``specs/cinchy/openapi.yaml``."""
    summary: str
    servers: tuple[ServerFact, ...]
    schemes: tuple[SchemeFact, ...]
    responses: ResponseDetails
    resources: tuple[ResourceFact, ...]

    @property
    def operations(self) -> Iterator[OperationFact]:
        for resource in self.resources:
            yield from resource.operations

    @property
    def server_variables(self) -> tuple[VariableFact, ...]:
        """The variables of all servers, each once."""
        return tuple(dict.fromkeys(variable for server in self.servers for variable in server.variables))

    @property
    def methods(self) -> dict[str, str]:
        """``resource.method`` by operation id."""
        return {
            operation.operation_id: f"{resource.attribute}.{operation.method_name}"
            for resource in self.resources
            for operation in resource.operations
        }


def package_facts(bundle: Bundle, prepared: Prepared) -> tuple[PackageFacts, list[Problem]]:
    """Return the facts of a package, and the losses: features of the document that the client will not support."""
    problems: list[Problem] = []

    def report(pointer: str, what: str, next_step: str) -> None:
        problems.append(bundle.problem(pointer, what, next_step, rule="client", severity=Severity.LOSS))

    document = bundle.document
    names = client_names(bundle.vendor, document)
    info = as_object(document.get("info"))
    schemes = scheme_facts(bundle.vendor, document, names.environment)
    served = frozenset(scheme.scheme for scheme in schemes)
    reader = OperationReader(prepared.document, prepared.types, served, report)
    facts = PackageFacts(
        names=names,
        spec=bundle.name,
        summary=one_line(str(info.get("summary") or names.title)),
        servers=server_facts(document, names.environment, _taken(names, schemes), report),
        schemes=schemes,
        responses=response_details(document),
        resources=_resources(prepared, reader, names),
    )
    return facts, problems


def _taken(names: ClientNames, schemes: Iterable[SchemeFact]) -> set[str]:
    """Names that no server variable can have: options of a client, and its other environment variables."""
    options = {one.name for one in fields(Options)} | {"http_client", "token_http_client"}
    credentials = [one for scheme in schemes for group in scheme.credentials for one in group.declared]
    variables = {one.environment.removeprefix(f"{names.environment}_").lower() for one in credentials}
    return options | variables | {"grant", "http", "log"} | _NAMES_IN_CONSTRUCTOR


def _resources(prepared: Prepared, reader: OperationReader, names: ClientNames) -> tuple[ResourceFact, ...]:
    taken = {str(name.name) for name in prepared.types.names.values()}
    taken |= {
        names.client,
        names.async_client,
        names.base_error,
        *imported_classes(prepared.document),
        *TEMPLATE_NAMES,
        *dir(contract),
    }
    descriptions = _tags(prepared.document)
    found: list[ResourceFact] = []
    for tag, facts in _operations_by_tag(prepared.document, reader, descriptions).items():
        attribute = unique(
            identifier(tag, fallback="resource", reserved=_CLIENT_MEMBERS), [resource.attribute for resource in found]
        )
        name = _resource_class(attribute, taken)
        taken |= _classes_of(name)
        found.append(
            ResourceFact(
                attribute=attribute,
                name=name,
                async_name=Code(f"Async{name}"),
                tag=tag,
                description=descriptions.get(tag, ""),
                operations=_methods(facts, reader.report),
            )
        )
    return tuple(found)


def _resource_class(attribute: Code, taken: Collection[str]) -> Code:
    """A unique name for a resource's class, such that the names derived from it are unique too."""
    wanted = class_name(attribute, fallback="Resource")
    name, number = wanted, 1
    while not _classes_of(name).isdisjoint(taken):
        name = Code(f"{wanted}Resource" if number == 1 else f"{wanted}Resource{number}")
        number += 1
    return name


def _classes_of(name: Code) -> frozenset[str]:
    """The classes of a resource's module."""
    return frozenset(f"{prefix}{name}{suffix}" for prefix in ("", "Async") for suffix in ("", "WithRawResponse"))


def _tags(document: Mapping[str, Any]) -> dict[str, str]:
    """The declared tags with their descriptions."""
    declared = map(as_object, as_list(document.get("tags")))
    return {str(tag.get("name")): one_line(str(tag.get("description", ""))) for tag in declared}


def _operations_by_tag(
    document: Mapping[str, Any], reader: OperationReader, declared: Iterable[str]
) -> dict[str, list[OperationFact]]:
    """The operations by their first tag: declared tags in declaration order, then the others."""
    modules: list[Code] = []
    by_tag: dict[str, list[OperationFact]] = {tag: [] for tag in declared}
    for path, method, node in operations(document):
        name = str(node.value.get("operationId") or f"{method}_{path}")
        modules.append(unique(identifier(name, fallback="operation"), modules))
        tags = as_list(node.value.get("tags"))
        fact = reader.fact(path, method, modules[-1])
        if fact is not None:
            by_tag.setdefault(str(tags[0]) if tags else "default", []).append(fact)
    return {tag: facts for tag, facts in by_tag.items() if facts}


def _methods(facts: list[OperationFact], report: Report) -> tuple[OperationFact, ...]:
    """The operations of a resource; if two methods have the same name, the second is named after its operation."""
    taken: list[Code] = []
    found: list[OperationFact] = []
    for fact in facts:
        name = fact.method_name if fact.method_name not in taken else unique(fact.module, taken)
        if name != fact.method_name:
            what = f"another operation of this tag has the method name `{fact.method_name}`; this one is `{name}`"
            report(child("/paths", fact.path, fact.method.lower()), what, "Give it an `x-method` of its own.")
        taken.append(name)
        found.append(evolve(fact, method_name=name))
    return tuple(_with_stream(_with_pages(fact, taken), taken) for fact in found)


def _with_pages(fact: OperationFact, taken: list[Code]) -> OperationFact:
    """The operation with a unique name for the method that goes through its pages, if it has two."""
    if fact.pages is None or fact.pages.method_name is None:
        return fact
    name = unique(Code(f"{fact.method_name}_pages"), taken)
    taken.append(name)
    return evolve(fact, pages=evolve(fact.pages, method_name=name))


def _with_stream(fact: OperationFact, taken: list[Code]) -> OperationFact:
    """The operation with a unique name for the method that reads its response as it arrives."""
    if fact.stream is None:
        return fact
    if fact.stream.is_only:
        return evolve(fact, stream=evolve(fact.stream, method_name=fact.method_name))
    name = unique(Code(f"{fact.method_name}_stream"), taken)
    taken.append(name)
    return evolve(fact, stream=evolve(fact.stream, method_name=name))

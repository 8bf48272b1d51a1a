"""Reads Operation Objects into facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import Code, method_name, one_line, sentence
from sdkgen.facts.bodies import BodyFact, body_fact
from sdkgen.facts.notes import deprecation, page_notes, repetition_notes
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.pages import pages_fact
from sdkgen.facts.parameters import ParameterFact, parameter_fact, path_expression, python_names
from sdkgen.facts.repetition import repetition_fact, with_made_key
from sdkgen.facts.responses import accepted, error_facts, response_facts, success_description
from sdkgen.facts.results import result_path
from sdkgen.facts.servers import operation_server
from sdkgen.facts.streams import stream_fact
from sdkgen.facts.styles import bare, nested, unsupported
from sdkgen.models.fields import FieldFacts, fields_of
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ModelType, SchemaType
from sdkgen.pointers import as_list, as_object, child
from sdkgen.references import follow

__all__ = ["OperationReader", "Report"]

Report = Callable[[str, str, str], None]
"""Records a loss, which is a feature that the client will not support: pointer, what is lost, how to fix it."""

_END_OF_SENTENCE = re.compile(r"((?<!e\.g)(?<!i\.e)[.!?](?=\s+[^a-z\s]|\s*\Z)|\n\s*\n|\Z)")

_METHOD_NAMES = frozenset({"with_raw_response", "self", "deprecated"})
_LOCATIONS = ("path", "query", "header", "cookie")
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
"""Headers whose definition as a parameter is ignored, as OpenAPI requires."""


@frozen
class OperationReader:
    """Reads the operations of one document."""

    document: Mapping[str, Any]
    """The prepared document."""
    types: SchemaTypes
    """The types of its schemas."""
    schemes: frozenset[str]
    """The security schemes that the client supports."""
    report: Report

    def fact(self, path: str, method: str, module: Code) -> OperationFact | None:
        """Return the facts of one operation; ``None`` if the client cannot write a correct request.

        Args:
            path: The path template.
            method: The HTTP method in lower case.
            module: The name of the operation's module.
        """
        pointer = child("/paths", path, method)
        item = as_object(as_object(self.document.get("paths")).get(path))
        operation = as_object(item.get(method))
        operation_id = str(operation.get("operationId") or f"{method}_{path}")
        parameters = self._parameters(item, operation, path, pointer)
        if parameters is None:
            return None
        body = self._body(operation, parameters, pointer)
        responses = self._responses(operation)
        arguments = [*parameters, *((body.members or ()) if body is not None else ())]
        summary, description = _documentation(operation)
        name = method_name(str(operation.get("x-method") or operation_id), reserved=_METHOD_NAMES)
        successes = tuple(response_facts(responses, self.types, result_path(self.document, operation)))
        return OperationFact(
            operation_id=one_line(operation_id),
            module=module,
            method_name=name,
            method=Code(method.upper()),
            path=path,
            order=tuple(str(name) for name in as_list(operation.get("x-positional"))),
            path_expression=path_expression(path, parameters),
            server=operation_server(self.document, path, method),
            security=self._security(operation, pointer),
            parameters=parameters,
            body=body,
            responses=successes,
            errors=tuple(error_facts(responses, self.types)),
            returns=success_description(responses),
            accept=accepted(responses),
            summary=summary,
            description=description,
            source=_source(as_object(operation.get("x-source"))),
            deprecation=deprecation(operation),
            page_notes=page_notes(operation, arguments),
            repetition_notes=repetition_notes(operation, method.upper(), arguments),
            repetition=repetition_fact(self.document, operation, method.upper(), parameters, body, self.types),
            pages=pages_fact(operation, name, body, successes, self.types),
            stream=None if method == "head" else stream_fact(responses, self.types, name),
        )

    def _parameters(
        self, item: Mapping[str, Any], operation: Mapping[str, Any], path: str, pointer: str
    ) -> tuple[ParameterFact, ...] | None:
        """The path parameters in path order, then the others; ``None`` if a required one is not supported."""
        found: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for parameter in sorted(self._declared(item, operation), key=lambda parameter: _place(parameter, path)):
            content = as_object(parameter.get("content"))
            schema = as_object(as_object(next(iter(content.values()), parameter)).get("schema"))
            kind = self.types.of(schema)
            why = unsupported(parameter, kind, self._fields(kind))
            if why is None:
                found.append((parameter, schema))
                self._report_nested(parameter, kind, pointer)
            elif parameter.get("required") is True or parameter["in"] == "path":
                what = f"the required parameter `{parameter['name']}` needs {why}"
                self.report(pointer, what, "The operation has no method.")
                return None
            else:
                self.report(pointer, f"the optional parameter `{parameter['name']}` needs {why}", "It is left out.")
        names = python_names((str(parameter["name"]), str(parameter["in"])) for parameter, _ in found)
        return tuple(
            self._parameter(parameter, schema, name, operation)
            for (parameter, schema), name in zip(found, names, strict=True)
        )

    def _parameter(
        self, parameter: dict[str, Any], schema: dict[str, Any], name: Code, operation: Mapping[str, Any]
    ) -> ParameterFact:
        resolved = {**self.types.resolved(schema), **schema}
        return with_made_key(
            parameter_fact(parameter, resolved, self.types.of(schema), name), parameter, resolved, operation
        )

    def _fields(self, kind: SchemaType) -> list[FieldFacts]:
        """The members of a model; empty for other types."""
        model = bare(kind)
        return list(fields_of(self.types, self.types.schema_of(model))) if isinstance(model, ModelType) else []

    def _report_nested(self, parameter: Mapping[str, Any], kind: SchemaType, pointer: str) -> None:
        for field in nested(kind, self._fields(kind), parameter):
            what = f"the member `{field.name}` of the parameter `{parameter['name']}` has no form in its style"
            self.report(pointer, what, "A call with it raises InvalidArgument.")

    def _declared(self, item: Mapping[str, Any], operation: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The effective Parameter Objects; the operation's own override those of the path item."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for value in [*as_list(operation.get("parameters")), *as_list(item.get("parameters"))]:
            parameter = follow(self.document, value)
            name, location = parameter.get("name"), parameter.get("in")
            if not isinstance(name, str) or location not in _LOCATIONS:
                continue
            if location != "header" or name.lower() not in _NOT_PARAMETERS:
                found.setdefault((location, name), parameter)
        return list(found.values())

    def _body(
        self, operation: Mapping[str, Any], parameters: tuple[ParameterFact, ...], pointer: str
    ) -> BodyFact | None:
        body = body_fact(follow(self.document, operation.get("requestBody")), parameters, self.types)
        if body is not None and body.not_offered:
            others = ", ".join(f"`{name}`" for name in body.not_offered)
            what = f"the body is offered as `{body.content_type}` only, not as {others}"
            self.report(child(pointer, "requestBody"), what, "")
        return body

    def _responses(self, operation: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
        """The documented responses by status."""
        return {
            str(status): follow(self.document, response)
            for status, response in as_object(operation.get("responses")).items()
            if not str(status).startswith("x-")
        }

    def _security(self, operation: Mapping[str, Any], pointer: str) -> tuple[tuple[str, ...], ...]:
        """The security alternatives that the client supports."""
        declared = operation.get("security", self.document.get("security"))
        alternatives = [tuple(as_object(alternative)) for alternative in as_list(declared)]
        served = tuple(alternative for alternative in alternatives if self.schemes.issuperset(alternative))
        if alternatives and not served:
            names = ", ".join(sorted({f"`{name}`" for alternative in alternatives for name in alternative}))
            self.report(
                pointer, f"no client can authenticate by {names}", "The operation is called without credentials."
            )
        return served


def _place(parameter: Mapping[str, Any], path: str) -> tuple[int, int]:
    order = _LOCATIONS.index(parameter["in"])
    return order, path.find(f"{{{parameter['name']}}}") if order == 0 else 0


def _documentation(operation: Mapping[str, Any]) -> tuple[str, str]:
    """Summary and description; without a summary, the first sentence of the description replaces it."""
    summary, description = one_line(str(operation.get("summary") or "")), str(operation.get("description") or "")
    if summary:
        return summary, description
    first, end, rest = _END_OF_SENTENCE.split(description.strip(), maxsplit=1)
    return one_line(f"{first}{end}").lstrip("# "), rest.lstrip()


def _source(source: Mapping[str, Any]) -> str:
    match source.get("kind"):
        case "seed":
            return "the vendor's authentication page."
        case "doc":
            return one_line(str(source.get("url", "the vendor's documentation.")))
        case "observed":
            return "observed in public client code."
        case "inferred":
            return sentence(one_line(f"inferred. {source.get('reason', '')}".strip()))
        case _:
            return ""

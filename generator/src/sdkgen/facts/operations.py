"""Operations: one method, one request builder and one response parser each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import Code, joined, method_name, one_line, sentence
from sdkgen.facts.answers import AnswerFact, ErrorFact, accepted, answer_facts, error_facts, success_description
from sdkgen.facts.bodies import BodyFact, body_fact
from sdkgen.facts.notes import Deprecation, deprecation, page_notes, repetition_notes
from sdkgen.facts.pages import PagesFact, pages_fact
from sdkgen.facts.parameters import ParameterFact, parameter_fact, path_expression, python_names, unsupported
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import Imports
from sdkgen.pointers import as_list, as_object, child
from sdkgen.references import follow

__all__ = ["OperationFact", "Report", "operation_fact"]

Report = Callable[[str, str, str], None]
"""Takes note of what the client will not do: pointer, what, and how to mend it."""

_METHOD_NAMES = frozenset({"with_raw_response", "self", "deprecated"})


@frozen
class OperationFact:
    """One operation."""

    operation_id: str
    module: Code
    method_name: Code
    method: Code
    """``GET``."""
    path: str
    path_expression: Code
    server: Code
    security: tuple[tuple[str, ...], ...]
    parameters: tuple[ParameterFact, ...]
    body: BodyFact | None
    answers: tuple[AnswerFact, ...]
    errors: tuple[ErrorFact, ...]
    returns: str
    """What the document says of a success."""
    accept: str
    summary: str
    description: str
    source: str
    """Who says so, as a sentence, or a URL without a full stop that would be taken for a part of it."""
    deprecation: Deprecation | None
    page_notes: str
    repetition_notes: str
    pages: PagesFact | None

    @property
    def json_answer(self) -> bool:
        return any(answer.is_json for answer in self.answers)

    @property
    def positional(self) -> list[ParameterFact]:
        """The parameters of the path, in its order."""
        return [parameter for parameter in self._given if parameter.location == "path"]

    @property
    def keyword_only(self) -> list[ParameterFact]:
        """Required ones first, then what the body holds before the parameters."""
        rest = [parameter for parameter in self._given if parameter.location != "path"]
        return sorted(rest, key=lambda parameter: not parameter.required or parameter.default is not None)

    @property
    def _given(self) -> list[ParameterFact]:
        members = (self.body.members or ()) if self.body is not None else ()
        return [parameter for parameter in (*members, *self.parameters) if parameter.constant is None]

    @property
    def body_argument(self) -> BodyFact | None:
        """The body, if it is one argument."""
        return self.body if self.body is not None and self.body.members is None else None

    def located(self, location: str) -> list[ParameterFact]:
        return [parameter for parameter in self.parameters if parameter.location == location]

    @property
    def result(self) -> Code:
        """What a call returns."""
        parts = dict.fromkeys(answer.annotation for answer in self.answers)
        if "Any" in parts:
            return Code("Any")
        return joined(" | ", sorted(parts, key=lambda part: part == "None")) if parts else Code("None")

    @property
    def signature_imports(self) -> Imports:
        """What the signature needs."""
        nothing: Imports = frozenset()
        found = nothing.union(*(parameter.imports for parameter in self._given))
        if self.body_argument is not None:
            found |= self.body_argument.imports
        if self.result == "Any":
            return found | {("typing", "Any")}
        return found.union(*(answer.imports for answer in self.answers))


def operation_fact(
    document: Mapping[str, Any],
    path: str,
    method: str,
    *,
    types: SchemaTypes,
    module: Code,
    server: Code,
    schemes: Iterable[str],
    report: Report,
) -> OperationFact:
    """Decide everything about one operation.

    Args:
        document: The prepared document.
        path: The path template.
        method: The HTTP method in lower case.
        types: The types of the document's schemas.
        module: Name of its module.
        server: Constructor argument of its server.
        schemes: Names of the security schemes that the client serves.
        report: Takes note of what cannot be done.
    """
    pointer = child("/paths", path, method)
    item = as_object(as_object(document.get("paths")).get(path))
    operation = as_object(item.get(method))
    operation_id = str(operation.get("operationId") or f"{method}_{path}")
    parameters = _parameters(document, item, operation, pointer, types, report)
    body = body_fact(follow(document, operation.get("requestBody")), parameters, types)
    if body is not None and body.not_offered:
        others = ", ".join(f"`{name}`" for name in body.not_offered)
        report(child(pointer, "requestBody"), f"the body is offered as `{body.content_type}` only, not as {others}", "")
    answers = {
        str(status): follow(document, answer)
        for status, answer in as_object(operation.get("responses")).items()
        if not str(status).startswith("x-")
    }
    arguments = [*parameters, *((body.members or ()) if body is not None else ())]
    name = method_name(str(operation.get("x-method") or operation_id), reserved=_METHOD_NAMES)
    return OperationFact(
        operation_id=one_line(operation_id),
        module=module,
        method_name=name,
        method=Code(method.upper()),
        path=path,
        path_expression=path_expression(path, parameters),
        server=server,
        security=_security(document, operation, frozenset(schemes), pointer, report),
        parameters=parameters,
        body=body,
        answers=tuple(answer_facts(answers, types)),
        errors=tuple(error_facts(answers, types)),
        returns=success_description(answers),
        accept=accepted(answers),
        summary=one_line(str(operation.get("summary", ""))),
        description=str(operation.get("description", "")),
        source=_source(as_object(operation.get("x-source"))),
        deprecation=deprecation(operation),
        page_notes=page_notes(operation, arguments),
        repetition_notes=repetition_notes(operation, method.upper(), arguments),
        pages=pages_fact(operation, name, body),
    )


def _parameters(
    document: Mapping[str, Any],
    item: Mapping[str, Any],
    operation: Mapping[str, Any],
    pointer: str,
    types: SchemaTypes,
    report: Report,
) -> tuple[ParameterFact, ...]:
    """The parameters: those of the path in its order, then the others; the operation's own before the path item's."""
    declared: dict[tuple[str, str], dict[str, Any]] = {}
    for value in [*as_list(operation.get("parameters")), *as_list(item.get("parameters"))]:
        parameter = follow(document, value)
        if isinstance(parameter.get("name"), str) and parameter.get("in") in {"path", "query", "header", "cookie"}:
            declared.setdefault((parameter["in"], parameter["name"]), parameter)
    path = pointer.rpartition("/")[0]
    found: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for parameter in sorted(declared.values(), key=lambda parameter: _place(parameter, path)):
        if parameter["in"] == "header" and parameter["name"].lower() in {"accept", "content-type", "authorization"}:
            continue  # OpenAPI: such a definition is ignored
        content = as_object(parameter.get("content"))
        schema = as_object(as_object(next(iter(content.values()), parameter)).get("schema"))
        why = unsupported(parameter, types.of(schema))
        if why is None:
            found.append((parameter, schema))
        elif parameter.get("required") is True or parameter["in"] == "path":
            report(pointer, f"the parameter `{parameter['name']}` needs {why}", "Requests are sent without it.")
        else:
            report(pointer, f"the optional parameter `{parameter['name']}` needs {why}", "It is left out.")
    names = python_names((str(parameter["name"]), str(parameter["in"])) for parameter, _ in found)
    return tuple(
        parameter_fact(parameter, {**types.resolved(schema), **schema}, types.of(schema), name)
        for (parameter, schema), name in zip(found, names, strict=True)
    )


def _place(parameter: Mapping[str, Any], path: str) -> tuple[int, int]:
    order = ("path", "query", "header", "cookie").index(parameter["in"])
    return order, path.find(f"{{{parameter['name']}}}") if order == 0 else 0


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


def _security(
    document: Mapping[str, Any],
    operation: Mapping[str, Any],
    schemes: frozenset[str],
    pointer: str,
    report: Report,
) -> tuple[tuple[str, ...], ...]:
    declared = operation.get("security", document.get("security"))
    alternatives = [tuple(as_object(alternative)) for alternative in as_list(declared)]
    served = tuple(alternative for alternative in alternatives if schemes.issuperset(alternative))
    if alternatives and not served:
        names = ", ".join(sorted({f"`{name}`" for alternative in alternatives for name in alternative}))
        report(pointer, f"no client can authenticate by {names}", "The operation is called without credentials.")
    return served

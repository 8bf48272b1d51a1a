"""The reference of a package: options, credentials, errors, and each operation. The tests run its code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sdkgen.code import Code, joined, literal, sentence
from sdkgen.facts.credentials import CredentialsFact
from sdkgen.facts.examples import example_arguments, example_call
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts, ResourceFact
from sdkgen.facts.parameters import LIST_ARGUMENTS
from sdkgen.facts.schemes import SchemeFact
from sdkgen.facts.servers import VariableFact
from sdkgen.models.schema_types import ModelType
from sdkgen.render.docstrings import constructor_options
from sdkgen.render.example_calls import Kind, example_lines
from sdkgen.render.layout import signature_lines
from sdkgen.render.readme import example_source, markdown, needed_credentials, paged_example
from sdkgen.render.source import signatures

__all__ = ["reference_variables"]

_WIDTH = 100
"""Columns of examples and signatures."""
_OPTIONS = Code("**request_options")


def reference_variables(facts: PackageFacts, document: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of ``reference.md.jinja``."""
    call = example_call(facts, document)
    credentials = needed_credentials(facts, call.operation) if call is not None else []
    arguments = [example_arguments(operation) for operation in facts.operations]
    return {
        "facts": facts,
        "names": facts.names,
        "call": example_source(facts, call) if call is not None else None,
        "is_list": call is not None and call.is_list,
        "raw_call": example_source(facts, call, raw=True) if call is not None else None,
        "credentials": _credentials_source(credentials),
        "credentials_names": joined(", ", (one.name for one in credentials)),
        "scheme_docs": facts.schemes,
        "credential_notes": [
            note for scheme in facts.schemes for one in scheme.credentials if (note := _note(scheme, one))
        ],
        "expired_example": _expired_example(facts),
        "paged": paged_example(facts),
        "download": _streamed(facts, items=False),
        "items": _streamed(facts, items=True),
        "options": [
            (Code(name), text.replace("``", "`"))
            for name, text in constructor_options(facts.names.environment, is_async=False)
        ],
        "variable_text": _variable_text,
        "imports": [Code(name) for name in sorted(frozenset[str]().union(*(one.imports for one in arguments)))],
        "resources": [_resource(facts, resource) for resource in facts.resources],
    }


def _variable_text(fact: VariableFact) -> str:
    allowed = f"one of {', '.join(f'`{value}`' for value in fact.allowed)}" if fact.allowed else ""
    return "; ".join(filter(None, [fact.description.rstrip(".") or "part of the URL", allowed]))


def _credentials_source(credentials: list[CredentialsFact]) -> Code:
    """The argument ``credentials``, with values from the environment."""
    several = len(credentials) > 1
    margin = " " * (8 if several else 4)
    calls = [
        Code(
            f"{one.name}(\n"
            + "".join(
                f"{margin}    {credential.name}=os.environ[{literal(credential.environment)}],\n"
                for credential in one.credentials
                if credential.required
            )
            + f"{margin})"
        )
        for one in credentials
    ]
    return Code(f"[\n{''.join(f'{margin}{call},' + chr(10) for call in calls)}    ]") if several else joined("", calls)


def _note(scheme: SchemeFact, credentials: CredentialsFact) -> Code:
    """Notes on a credentials class: its description, and the effect of credentials that are valid for one login."""
    text = credentials.description
    once = [f"`{credential.name}`" for credential in credentials.declared if credential.single_use]
    if once:
        lasts = "until its refresh token ends" if scheme.lifecycle.refresh else "for the life of one token"
        text = (
            f"{text} {' and '.join(once)} serves one login: given as text it lasts {lasts}, and then calls raise "
            "`LoginRequired`. Pass a callable that returns a new one."
        )
    return markdown(f"`{credentials.name}`: {text.strip()}") if text else Code("")


def _expired_example(facts: PackageFacts) -> Code | None:
    """An example of configuring ``expired`` responses, if the spec has none for a token that can be renewed."""
    if not any(scheme.token_requests and not scheme.lifecycle.expired for scheme in facts.schemes):
        return None
    pointer = next((pointer for condition in facts.responses.failed for pointer in condition.body), None)
    if pointer is None:
        return Code("ResponseCondition(status=(401,))")
    return Code(f'ResponseCondition(body={{{literal(pointer)}: ValueCondition(any_of=("CODE",))}})')


def _streamed(facts: PackageFacts, *, items: bool) -> tuple[ResourceFact, OperationFact] | None:
    """An operation that is read as it arrives, a file or items, preferably one that is not deprecated."""
    found = [pair for pair in _all(facts) if pair[1].stream is not None and (pair[1].stream.items is not None) is items]
    return min(found, key=lambda pair: pair[1].deprecation is not None, default=None)


def _all(facts: PackageFacts) -> list[tuple[ResourceFact, OperationFact]]:
    return [(resource, operation) for resource in facts.resources for operation in resource.operations]


def _resource(facts: PackageFacts, resource: ResourceFact) -> dict[str, Any]:
    return {
        "name": Code(f"{facts.names.variable}.{resource.attribute}"),
        "description": _line(resource.description),
        "operations": [_operation(facts, resource, operation) for operation in resource.operations],
    }


def _operation(facts: PackageFacts, resource: ResourceFact, operation: OperationFact) -> dict[str, Any]:
    deprecation = operation.deprecation
    called = Code(f"{facts.names.variable}.{resource.attribute}")
    methods = [
        {
            "signatures": [
                signature_lines(Code(f"{resource.attribute}.{name}"), [*parameters, _OPTIONS], result, _WIDTH)
                for parameters in signatures(operation, LIST_ARGUMENTS if kind == "list" else ())
            ],
            "example": example_lines(called, name, operation, kind, width=_WIDTH),
        }
        for name, kind, result in _methods(operation)
    ]
    return {
        "name": Code(f"{resource.attribute}.{_first_name(operation)}"),
        "http": _line(f"`{operation.method} {operation.path}`"),
        "summary": _line(sentence(operation.summary or operation.operation_id)),
        "deprecation": _line(deprecation.text(facts.methods)) if deprecation is not None else Code(""),
        "description": _line(operation.description),
        "methods": methods,
        "returns": _line(_returns(operation)),
        "body": _body(operation),
        "errors": [
            _line(f"`{error.error}` ({_status(error.status)}): {error.description}".rstrip(": "))
            for error in operation.errors
        ],
        "sent_again": Code(operation.repetition.sent_again),
        "repetition": _line(operation.repetition_notes),
        "pages": _line(operation.page_notes),
        "source": _line(operation.source),
    }


def _first_name(operation: OperationFact) -> Code:
    """The name of the first method of an operation."""
    return next(name for name, _, _ in _methods(operation))


def _methods(operation: OperationFact) -> Iterator[tuple[Code, Kind, Code]]:
    """The methods of an operation: name, kind and result."""
    pages, stream = operation.pages, operation.stream
    page = Code(f"Page[{pages.item}, {operation.result}]") if pages is not None else Code("")
    if pages is not None and pages.method_name is None:
        yield operation.method_name, "list", page
    elif not operation.only_streams:
        yield operation.method_name, "call", operation.result
    if pages is not None and pages.method_name is not None:
        yield pages.method_name, "list", page
    if stream is not None and stream.items is not None:
        yield stream.method_name, "items", Code(f"ItemStream[{stream.items.annotation}]")
    elif stream is not None:
        yield stream.method_name, "stream", Code("StreamedCall")


def _returns(operation: OperationFact) -> str:
    if operation.only_streams:
        return f"items as they arrive. {operation.returns}".rstrip()
    if operation.result == "None":
        return f"nothing. {operation.returns}".rstrip()
    return f"`{operation.result}`. {operation.returns}".rstrip()


def _body(operation: OperationFact) -> Code:
    """The class of the body, with the one of its dict."""
    kind = operation.body.kind if operation.body is not None and operation.body.members != () else None
    if kind is None:
        return Code("")
    if isinstance(kind, ModelType):
        return _line(f"`{kind.annotation}` or `{kind.model.dict_name}`")
    return _line(f"`{kind.accepted()}`")


def _status(status: str) -> str:
    return "any other failure" if status == "default" else status


def _line(text: str) -> Code:
    """A line of Markdown that is not in a table."""
    return markdown(text, in_table=False)

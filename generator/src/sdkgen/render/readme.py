"""The README of a package. The tests run its code against the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.code import Code, joined, literal, one_line
from sdkgen.facts.credentials import CredentialsFact
from sdkgen.facts.examples import ExampleCall, example_arguments, example_call
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts, ResourceFact
from sdkgen.facts.schemes import SchemeFact
from sdkgen.facts.servers import VariableFact
from sdkgen.render.testing import testing_variables

__all__ = ["markdown", "readme_variables"]

_SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|", "\\": "\\\\", "[": "\\[", "]": "\\]"})


def markdown(text: str) -> Code:
    """The text in one line of Markdown; nothing in it is a tag, a link or the end of a table cell."""
    plain = one_line(text)
    parts = plain.split("`")
    if len(parts) % 2 == 0:  # an unpaired backtick
        return Code(plain.replace("`", "'").translate(_SPECIAL))
    pieces = [part.replace("|", "\\|") if number % 2 else part.translate(_SPECIAL) for number, part in enumerate(parts)]
    return Code("`".join(pieces))


def readme_variables(facts: PackageFacts, document: Mapping[str, Any]) -> dict[str, Any]:
    """The variables of ``README.md.jinja``."""
    call = example_call(facts, document)
    credentials = _credentials(facts, call.operation) if call is not None else []
    return {
        "facts": facts,
        "names": facts.names,
        "call": _call(facts, call) if call is not None else None,
        "is_table": call is not None and call.is_table,
        "is_list": call is not None and call.is_list,
        "raw_call": _call(facts, call, raw=True) if call is not None else None,
        "credentials": _credentials_source(credentials),
        "credentials_names": joined(", ", (one.name for one in credentials)),
        "scheme_docs": facts.schemes,
        "credential_notes": [
            note for scheme in facts.schemes for one in scheme.credentials if (note := _note(scheme, one))
        ],
        "expired_example": _expired_example(facts),
        "paged": _paged(facts),
        "download": _streamed(facts, items=False),
        "items": _streamed(facts, items=True),
        "variable_text": _variable_text,
        "fake": testing_variables(facts)["example"],
        "operations": [_row(facts, resource, operation) for resource, operation in _all(facts)],
    }


def _variable_text(fact: VariableFact) -> str:
    allowed = f"one of {', '.join(f'`{value}`' for value in fact.allowed)}" if fact.allowed else ""
    return "; ".join(filter(None, [fact.description.rstrip(".") or "part of the URL", allowed]))


def _credentials(facts: PackageFacts, operation: OperationFact) -> list[CredentialsFact]:
    """The credentials for the operation: the first grant of each scheme in the first alternative that has one."""
    by_scheme = {scheme.scheme: scheme.credentials[:1] for scheme in facts.schemes}
    alternative = next(filter(None, operation.security), ())
    return [one for scheme in alternative for one in by_scheme.get(scheme, ())]


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


def _all(facts: PackageFacts) -> list[tuple[ResourceFact, OperationFact]]:
    return [(resource, operation) for resource in facts.resources for operation in resource.operations]


def _paged(facts: PackageFacts) -> dict[str, Any] | None:
    """The example of a paged operation: a list rather than a table, and one that is not deprecated."""
    found = [
        (operation.pages.method_name or operation.method_name, resource, operation, arguments)
        for resource, operation in _all(facts)
        if operation.pages is not None and (arguments := example_arguments(operation)) is not None
    ]
    if not found:
        return None
    method, resource, operation, arguments = min(
        found, key=lambda one: (one[2].deprecation is not None, one[0] != one[2].method_name)
    )
    variable = Code(f"{facts.names.variable}.{resource.attribute}.{method}")
    return {
        "is_table": method != operation.method_name,
        "method": Code(f"{resource.attribute}.{operation.method_name}"),
        "pages_method": Code(f"{resource.attribute}.{method}"),
        "variable": variable,
        "call": Code(f"{variable}({arguments})"),
    }


def _streamed(facts: PackageFacts, *, items: bool) -> tuple[ResourceFact, OperationFact] | None:
    """An operation that is read as it arrives, a file or items, preferably one that is not deprecated."""
    found = [pair for pair in _all(facts) if pair[1].stream is not None and (pair[1].stream.items is not None) is items]
    return min(found, key=lambda pair: pair[1].deprecation is not None, default=None)


def _call(facts: PackageFacts, call: ExampleCall, *, raw: bool = False) -> Code:
    middle = ".with_raw_response" if raw else ""
    resource, method = call.resource.attribute, call.operation.method_name
    return Code(f"{facts.names.variable}.{resource}{middle}.{method}({call.arguments})")


def _row(facts: PackageFacts, resource: ResourceFact, operation: OperationFact) -> dict[str, Code]:
    arguments = [parameter.python for parameter in operation.by_position]
    body = operation.body_argument
    if body is not None and body.required:
        arguments.append(Code("body"))
    required = [parameter for parameter in operation.by_name if parameter.required and parameter.default is None]
    arguments += [Code(f"{parameter.python}=…") for parameter in required]
    if len(required) < len(operation.by_name):
        arguments.append(Code("…"))
    second = operation.pages.method_name if operation.pages is not None else None
    pages = f"; all pages: `{second}`" if second else "; paginated" if operation.pages is not None else ""
    deprecated = " (deprecated)" if operation.deprecation is not None else ""
    return {
        "call": Code(f"{resource.attribute}.{operation.method_name}({joined(', ', arguments)})"),
        "http": markdown(f"`{operation.method} {operation.path}`"),
        "summary": markdown(f"{operation.summary or operation.operation_id}{pages}{deprecated}"),
        "sent_again": Code(operation.repetition.sent_again),
    }

"""The README of a package. The tests run its code against the sandbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.code import Code, one_line
from sdkgen.facts.credentials import CredentialsFact
from sdkgen.facts.examples import ExampleCall, example_arguments, example_call
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts, ResourceFact
from sdkgen.render.testing import testing_variables

__all__ = ["example_source", "markdown", "needed_credentials", "paged_example", "readme_variables"]

_SPECIAL = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "\\|", "\\": "\\\\", "[": "\\[", "]": "\\]"})


def markdown(text: str, *, in_table: bool = True) -> Code:
    """The text in one line of Markdown; nothing in it is a tag, a link or the end of a table cell.

    Args:
        text: The text, whose backticks mark code.
        in_table: Whether a ``|`` in code would end a cell.
    """
    plain = one_line(text)
    parts = plain.split("`")
    if len(parts) % 2 == 0:  # an unpaired backtick
        return Code(plain.replace("`", "'").translate(_SPECIAL))
    bar = "\\|" if in_table else "|"
    pieces = [part.replace("|", bar) if number % 2 else part.translate(_SPECIAL) for number, part in enumerate(parts)]
    return Code("`".join(pieces))


def readme_variables(facts: PackageFacts, document: Mapping[str, Any], *, ours: bool) -> dict[str, Any]:
    """The variables of ``README.md.jinja``.

    Args:
        facts: The package.
        document: The prepared document.
        ours: Whether the package is part of this repository, whose pages it can name.
    """
    call = example_call(facts, document)
    return {
        "facts": facts,
        "names": facts.names,
        "ours": ours,
        "call": example_source(facts, call) if call is not None else None,
        "is_table": call is not None and call.is_table,
        "is_list": call is not None and call.is_list,
        "fake": testing_variables(facts)["example"],
        "variables": _variables(facts, call.operation if call is not None else None),
        "paged": paged_example(facts),
        "resources": [Code(resource.attribute) for resource in facts.resources],
    }


def _variables(facts: PackageFacts, operation: OperationFact | None) -> list[Code]:
    """The environment variables that the first call needs: servers and credentials."""
    found = [server.variable for server in facts.servers if server.required]
    credentials = needed_credentials(facts, operation) if operation is not None else []
    found += [one.environment for group in credentials for one in group.credentials if one.required]
    return [Code(name) for name in dict.fromkeys(found)]


def needed_credentials(facts: PackageFacts, operation: OperationFact) -> list[CredentialsFact]:
    """The credentials for the operation: the first grant of each scheme in the first alternative that has one."""
    by_scheme = {scheme.scheme: scheme.credentials[:1] for scheme in facts.schemes}
    alternative = next(filter(None, operation.security), ())
    return [one for scheme in alternative for one in by_scheme.get(scheme, ())]


def _all(facts: PackageFacts) -> list[tuple[ResourceFact, OperationFact]]:
    return [(resource, operation) for resource in facts.resources for operation in resource.operations]


def paged_example(facts: PackageFacts) -> dict[str, Any] | None:
    """The example of a paged operation: not deprecated, a list rather than a table, with arguments rather than without.

    Without arguments, some APIs refuse a call that selects nothing.
    """
    found = [
        (operation.pages.method_name or operation.method_name, resource, operation, arguments.source)
        for resource, operation in _all(facts)
        if operation.pages is not None and (arguments := example_arguments(operation)).is_plain
    ]
    if not found:
        return None
    method, resource, operation, given = min(
        found, key=lambda one: (one[2].deprecation is not None, one[0] != one[2].method_name, not one[3])
    )
    variable = Code(f"{facts.names.variable}.{resource.attribute}.{method}")
    return {
        "is_deprecated": operation.deprecation is not None,
        "is_table": method != operation.method_name,
        "method": Code(f"{resource.attribute}.{operation.method_name}"),
        "pages_method": Code(f"{resource.attribute}.{method}"),
        "variable": variable,
        "call": Code(f"{variable}({given})"),
    }


def example_source(facts: PackageFacts, call: ExampleCall, *, raw: bool = False) -> Code:
    """The source of the call, or of the one that returns the raw response."""
    middle = ".with_raw_response" if raw else ""
    resource, method = call.resource.attribute, call.operation.method_name
    return Code(f"{facts.names.variable}.{resource}{middle}.{method}({call.arguments})")

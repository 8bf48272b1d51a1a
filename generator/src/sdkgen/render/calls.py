"""How the client names what a request carries, as JSON, for the console of the sandbox, which imports no client."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sdkgen.facts.examples import example_call
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts
from sdkgen.facts.parameters import ADDITIONAL_MEMBERS, OPTIONS, ParameterFact

__all__ = ["client_calls"]


def client_calls(facts: PackageFacts, document: Mapping[str, Any]) -> str:
    """The names of a package, and of each operation the method and its arguments.

    Args:
        facts: The package.
        document: The prepared document.
    """
    names, methods = facts.names, facts.methods
    call = example_call(facts, document)
    example = None
    if call is not None:
        example = {"operation": call.operation.operation_id, "arguments": call.arguments}
    found = {
        "package": names.package,
        "client": names.client,
        "variable": names.variable,
        "environment": names.environment,
        "command": f"{names.entry}-token",
        "example": example,
        "options": sorted(OPTIONS),
        "operations": {
            operation.operation_id: {
                "method": methods[operation.operation_id],
                "body": operation.body.content_type if operation.body is not None else None,
                "arguments": list(_arguments(operation)),
                "constants": [
                    {"in": one.location, "wire": one.name, "value": one.constant}
                    for one in operation.parameters
                    if one.constant is not None
                ],
            }
            for operation in facts.operations
        },
    }
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def _arguments(operation: OperationFact) -> Iterator[dict[str, Any]]:
    """The arguments in the order of the signature. ``wire`` is empty for a whole body and for additional members."""
    for parameter in operation.by_position:
        yield _argument(parameter, positional=True)
    body = operation.body_argument
    if body is not None:
        annotation = body.kind.accepted()
        yield {"name": "body", "in": "body", "wire": "", "type": annotation, "required": body.required, "whole": True}
    for parameter in operation.by_name:
        if parameter.name or parameter.field == ADDITIONAL_MEMBERS:
            yield _argument(parameter)


def _argument(parameter: ParameterFact, *, positional: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": parameter.python,
        "in": parameter.location,
        "wire": parameter.name,
        "type": parameter.kind.accepted(),
        "required": parameter.required and parameter.default is None,
    }
    if positional:
        found["positional"] = True
    if parameter.is_json or parameter.style not in ("form", "simple"):
        found["style"] = "json" if parameter.is_json else parameter.style
    return found

"""The rule for what ``x-token-lifecycle`` reads from the responses of its operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import cast

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.lifecycles import Request, lifecycles
from sdkgen.lint.places import reach, response_schemas
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, as_object, child, split
from sdkgen.problems import did_you_mean
from sdkgen.structure import operations

_BODY = "$response.body#"


@rule("token-response", any_document=True)
def token_response(whole: Bundle) -> Iterator[Finding]:
    """Expressions for a response body have a target in the schema of a success of one of the operations."""
    known = {str(node.value.get("operationId")): node.pointer for _, _, node in operations(whole.document)}
    for lifecycle in lifecycles(whole):
        requests = [request for request in lifecycle.requests() if request.role != "logout"]
        responses = {request.pointer: _responses(whole, known, request) for request in requests}
        places = [(child(lifecycle.pointer, "token"), lifecycle.value.get("token"), list(chain(*responses.values())))]
        places += [(child(one.pointer, "token"), one.value.get("token"), responses[one.pointer]) for one in requests]
        for place, declared, schemas in places:
            for pointer, expression in _expressions(declared, place):
                path = split(expression.removeprefix(_BODY))
                reached = [reach(whole.document, schema, path) for schema in schemas]
                if reached and not any(one.schemas or one.undescribed for one in reached):
                    siblings = {name for one in reached for name in one.siblings}
                    step = did_you_mean(expression.rpartition("/")[2], siblings)
                    yield pointer, f"no response contains {shown(expression)}", step


def _responses(whole: Bundle, known: Mapping[str, str], request: Request) -> list[str]:
    operation = known.get(str(request.value.get("operationId")))
    return [] if operation is None else response_schemas(whole.document, operation)


def _expressions(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    """Every expression for a place in a body, and where it is written."""
    if isinstance(value, str) and value.startswith(f"{_BODY}/"):
        yield pointer, value
    elif isinstance(value, dict):
        for key, member in as_object(cast(object, value)).items():
            yield from _expressions(member, child(pointer, key))
    elif isinstance(value, list):
        for index, item in enumerate(as_list(cast(object, value))):
            yield from _expressions(item, child(pointer, index))

"""Rules for what ``x-token-lifecycle`` reads from the responses of its operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import cast

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.lifecycles import Request, lifecycles, values
from sdkgen.lint.places import reach, response_headers, response_schemas
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, as_object, child, split
from sdkgen.problems import did_you_mean
from sdkgen.structure import operations

_BODY = "$response.body#"
_HEADER = "$response.header."


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


@rule("token-header", any_document=True)
def token_header(whole: Bundle) -> Iterator[Finding]:
    """Expressions for a response header name one that a success declares, if it declares any; never ``Set-Cookie``."""
    known = {str(node.value.get("operationId")): node.pointer for _, _, node in operations(whole.document)}
    for lifecycle in lifecycles(whole):
        requests = [request for request in lifecycle.requests() if request.role != "logout"]
        declared = [
            response_headers(whole.document, known.get(str(one.value.get("operationId")), "")) for one in requests
        ]
        places = [(child(lifecycle.pointer, "token"), lifecycle.value.get("token"), set[str]().union(*declared))]
        places += [
            (child(one.pointer, "token"), one.value.get("token"), names)
            for one, names in zip(requests, declared, strict=True)
        ]
        for place, token, names in places:
            for pointer, expression in _expressions(token, place, _HEADER):
                name = expression.removeprefix(_HEADER)
                if name.lower() == "set-cookie":
                    what = f"{shown(expression)} is a cookie with its attributes, not a token"
                    yield pointer, what, "Read the token from the body or from another header."
                elif names and name.lower() not in {one.lower() for one in names}:
                    yield pointer, f"no response has the header {shown(name)}", did_you_mean(name, names)


@rule("unused-extra", any_document=True)
def unused_extra(whole: Bundle) -> Iterator[Finding]:
    """A secret extra of the token is sent by a request: a secret that nothing uses is not stored."""
    for lifecycle in lifecycles(whole):
        requests = list(lifecycle.requests())
        sent = {value.content for one in requests for value in values(one) if value.kind == "token"}
        places = [(lifecycle.pointer, lifecycle.value), *((one.pointer, one.value) for one in requests)]
        for pointer, holder in places:
            for name, extra in as_object(as_object(holder.get("token")).get("extras")).items():
                declared = as_object(extra)
                if declared and name not in sent and declared.get("secret") is not False:
                    what = f"no request sends the secret extra {shown(name)}"
                    step = (
                        "Remove it, send it as `{token: …}`, or write `secret: false`. Models mask `format: password`."
                    )
                    yield child(pointer, "token", "extras", name), what, step


def _responses(whole: Bundle, known: Mapping[str, str], request: Request) -> list[str]:
    operation = known.get(str(request.value.get("operationId")))
    return [] if operation is None else response_schemas(whole.document, operation)


def _expressions(value: object, pointer: str, start: str = f"{_BODY}/") -> Iterator[tuple[str, str]]:
    """Every expression with this prefix, by default for a value in a body, and its pointer in the document."""
    if isinstance(value, str) and value.startswith(start):
        yield pointer, value
    elif isinstance(value, dict):
        for key, member in as_object(cast(object, value)).items():
            yield from _expressions(member, child(pointer, key), start)
    elif isinstance(value, list):
        for index, item in enumerate(as_list(cast(object, value))):
            yield from _expressions(item, child(pointer, index), start)

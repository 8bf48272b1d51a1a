"""The rule for what ``x-token-lifecycle`` reads from the answers of its operations."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any, cast

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.lifecycles import lifecycles
from sdkgen.lint.registry import Finding, rule
from sdkgen.media_types import media_kind
from sdkgen.pointers import as_list, as_object, child, split
from sdkgen.problems import did_you_mean
from sdkgen.references import follow
from sdkgen.structure import operations

_BODY = "$response.body#"


@rule("token-answer", any_document=True)
def token_answer(whole: Bundle) -> Iterator[Finding]:
    """What a lifecycle reads from the body of an answer, the schema of a success of one of its operations has."""
    known = {str(node.value.get("operationId")): node.pointer for _, _, node in operations(whole.document)}
    for lifecycle in lifecycles(whole):
        requests = [request for request in lifecycle.requests() if request.role != "logout"]
        answers = {
            request.pointer: _answers(whole, known.get(str(request.value.get("operationId")))) for request in requests
        }
        places = [(child(lifecycle.pointer, "token"), lifecycle.value.get("token"), list(chain(*answers.values())))]
        places += [(child(one.pointer, "token"), one.value.get("token"), answers[one.pointer]) for one in requests]
        for place, declared, schemas in places:
            for pointer, expression in _expressions(declared, place):
                missed = [_missed(whole, schema, split(expression.removeprefix(_BODY))) for schema in schemas]
                if missed and None not in missed:
                    siblings = {name for names in missed for name in names or ()}
                    step = did_you_mean(expression.rpartition("/")[2], siblings)
                    yield pointer, f"no answer has the place {shown(expression)}", step


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


def _answers(whole: Bundle, operation: str | None) -> list[str]:
    """Where the schemas of an operation's successes are; one that is no JSON has none."""
    if operation is None:
        return []
    responses = as_object(as_object(follow(whole.document, operation)[1]).get("responses"))
    found: list[str] = []
    for status in responses:
        if status.startswith("2") or status == "default":
            place, response = follow(whole.document, child(operation, "responses", status))
            media_types = [name for name in as_object(as_object(response).get("content")) if media_kind(name) == "json"]
            found += [child(place, "content", name, "schema") for name in media_types]
    return found


def _missed(whole: Bundle, schema: str, path: list[str]) -> set[str] | None:
    """The names that stand where the path leads to nothing; None if there may be something."""
    place, value = follow(whole.document, schema)
    node: dict[str, Any] = as_object(value)
    parts = [
        child(place, key, index)
        for key in ("allOf", "oneOf", "anyOf")
        for index, _ in enumerate(as_list(node.get(key)))
    ]
    if not path or not ({"properties", "items"} & node.keys() or parts):
        return None
    name, rest = path[0], path[1:]
    properties = as_object(node.get("properties"))
    if name in properties:
        return _missed(whole, child(place, "properties", name), rest)
    if "items" in node and name.isdigit():
        return _missed(whole, child(place, "items"), rest)
    if node.get("additionalProperties") is True or isinstance(node.get("additionalProperties"), dict):
        return None
    inside = [_missed(whole, part, path) for part in parts]
    if None in inside:
        return None
    return set(properties).union(*(names or set() for names in inside))

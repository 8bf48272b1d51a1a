"""Responses of an operation: the successful statuses, their content, and the exceptions for failures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from sdkgen.code import Code, joined, literal, one_line, sentence
from sdkgen.facts.results import result_schema
from sdkgen.media_types import MediaKind, items_kind, media_kind
from sdkgen.models.binary_texts import content_kind
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ANY, Imports, SchemaType
from sdkgen.pointers import as_object

__all__ = [
    "ErrorFact",
    "ResponseFact",
    "accepted",
    "error_facts",
    "response_facts",
    "success_description",
    "successes",
]

_ERRORS: Mapping[str, str] = {
    "400": "BadRequestError",
    "401": "AuthenticationError",
    "403": "PermissionDeniedError",
    "404": "NotFoundError",
    "409": "ConflictError",
    "422": "UnprocessableEntityError",
    "429": "RateLimitError",
}


@frozen
class ResponseFact:
    """A documented success with one kind of content."""

    status: str
    """``200`` or ``2XX``."""
    condition: Code
    annotation: Code
    result: Code
    imports: Imports
    """Imports for the annotation."""
    decode_imports: Imports
    """Imports for ``result``."""
    is_json: bool
    untyped: bool = False
    """Whether ``result`` is ``Any`` to a type checker although ``annotation`` says more."""
    kind: SchemaType | None = None
    """The type of a JSON response."""


@frozen
class ErrorFact:
    """A documented failure."""

    status: str
    """``404``, ``5XX`` or ``default``."""
    error: Code
    """The exception's class."""
    decoder: Code | None
    """The function that decodes ``error.error`` from JSON."""
    imports: Imports
    annotation: Code
    """The type of ``error.error``."""
    annotation_imports: Imports
    description: str


def successes(responses: Mapping[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The documented successes; without any, ``default``, or else every 2xx response with any content."""
    found = {status: response for status, response in responses.items() if status.startswith("2")}
    if not found:
        found = {"2XX": responses.get("default", {})}
    return dict(sorted(found.items(), key=lambda item: item[0].upper().endswith("XX")))


def accepted(responses: Mapping[str, dict[str, Any]]) -> str:
    """The value of the ``Accept`` header."""
    names: dict[str, None] = {}
    for response in successes(responses).values():
        names.update(dict.fromkeys(one_line(name) for name in _read_whole(response)))
    return ", ".join(names) or "*/*"


def success_description(responses: Mapping[str, dict[str, Any]]) -> str:
    """The descriptions of the successful responses."""
    texts = (one_line(str(response.get("description", ""))) for response in successes(responses).values())
    return " ".join(dict.fromkeys(sentence(text) for text in texts if text))


def response_facts(
    responses: Mapping[str, dict[str, Any]], types: SchemaTypes, result: Sequence[str] = ()
) -> Iterator[ResponseFact]:
    """The successes, in the order in which a response is compared with them.

    Args:
        responses: The documented responses by status.
        types: The types of the document.
        result: The names that lead to the result in a response that has it.
    """
    for status, response in successes(responses).items():
        condition = _condition(status)
        content = _read_whole(response)
        if not content:
            yield ResponseFact(status, condition, Code("None"), Code("None"), frozenset(), frozenset(), is_json=False)
            continue
        of: dict[str, MediaKind] = {name: content_kind(name, content) for name in content}
        names = sorted(content, key=lambda name: of[name] != "json")
        # The first kind is tried last, because it also serves responses with an undocumented media type.
        kinds: dict[MediaKind, list[str]] = {}
        for name in names:
            kinds.setdefault(of[name], []).append(name)
        for kind, members in reversed(kinds.items()):
            only = condition
            if kind != of[names[0]]:
                wanted = joined(", ", [literal(name.partition(";")[0].strip().lower()) for name in members])
                only = Code(f"{condition} and response.media_type in {{{wanted}}}")
            yield _response(status, only, kind, as_object(as_object(content[members[0]]).get("schema")), types, result)


def _read_whole(response: Mapping[str, Any]) -> dict[str, Any]:
    """The media types of a response without streams of items, if it has others; those have a method of their own."""
    content = as_object(response.get("content"))
    return {name: media for name, media in content.items() if items_kind(name) is None} or content


def _condition(status: str) -> Code:
    if status.upper().endswith("XX"):
        return Code("200 <= response.status_code <= 299")
    return Code(f"response.status_code == {int(status)}")


def _response(
    status: str,
    condition: Code,
    kind: MediaKind,
    schema: Mapping[str, Any],
    types: SchemaTypes,
    path: Sequence[str],
) -> ResponseFact:
    if kind == "json":
        wrapped = result_schema(types, schema, path) if path else None
        if wrapped is not None:
            return _wrapped(status, condition, types.of(wrapped), path)
        found: SchemaType = types.of(schema) if schema else ANY
        value = Code("response.json()")
        result = Code("response.any_json()") if found == ANY else found.decode(value)
        decode_imports: Imports = frozenset() if found == ANY else found.decode_imports
        return ResponseFact(
            status,
            condition,
            found.annotation,
            result,
            found.annotation_imports,
            decode_imports,
            is_json=True,
            untyped=found.decodes_untyped,
            kind=found,
        )
    if kind == "text":
        return ResponseFact(
            status, condition, Code("str"), Code("response.text()"), frozenset(), frozenset(), is_json=False
        )
    return ResponseFact(
        status, condition, Code("bytes"), Code("response.content()"), frozenset(), frozenset(), is_json=False
    )


def _wrapped(status: str, condition: Code, found: SchemaType, path: Sequence[str]) -> ResponseFact:
    """A success whose result is a member of the JSON object."""
    return ResponseFact(
        status,
        condition,
        found.annotation,
        Code(f"response.member({joined(', ', [found.decoder, *map(literal, path)])})"),
        found.annotation_imports,
        found.decode_imports,
        is_json=True,
        untyped=found.decodes_untyped,
    )


def error_facts(responses: Mapping[str, dict[str, Any]], types: SchemaTypes) -> Iterator[ErrorFact]:
    """The documented failures."""
    expected = successes(responses)
    for status, response in responses.items():
        if status in expected or (status == "default" and "2XX" in expected and "2XX" not in responses):
            continue
        if status != "default" and not (len(status) == 3 and status[0] in "1345"):
            continue
        content = as_object(response.get("content"))
        read = [as_object(as_object(content[name]).get("schema")) for name in content if media_kind(name) == "json"]
        schema = read[0] if read else {}
        kind = types.of(schema) if schema else ANY
        yield ErrorFact(
            status=status if status == "default" else status.upper(),
            error=_error_class(status),
            decoder=None if kind == ANY else kind.decoder,
            imports=frozenset() if kind == ANY else kind.decode_imports,
            annotation=kind.annotation,
            annotation_imports=kind.annotation_imports,
            description=one_line(str(response.get("description", ""))),
        )


def _error_class(status: str) -> Code:
    if status.startswith("5"):
        return Code("ServerError")
    if status.startswith("3"):
        return Code("RedirectError")
    return Code(_ERRORS.get(status, "ApiError"))

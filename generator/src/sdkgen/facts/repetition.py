"""Which requests may be sent again: by their method, ``x-safe`` and ``x-idempotency``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import evolve, frozen

from sdkgen.code import sentence
from sdkgen.facts.bodies import BodyFact
from sdkgen.facts.pages import idempotency_key
from sdkgen.facts.parameters import ParameterFact
from sdkgen.models.reader import SchemaTypes
from sdkgen.pointers import as_list, as_object
from sdkgen.references import follow

__all__ = ["RepetitionFact", "repetition_fact", "with_made_key"]

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110, section 9.2.1
_UUID_CHARACTERS = 36
_MADE = "Default: a new UUID for each call, which is sent again with its retries."


@frozen
class RepetitionFact:
    """When the requests of one operation may be sent again."""

    safe: bool | None
    """Whether the operation only reads (``x-safe``); ``None``: its HTTP method decides."""
    key: str | None
    """The runtime expression of the idempotency key, by which the server recognises a repeated request."""
    makes_key: bool
    """Whether a call without a key gets one."""
    by_method: bool
    """Whether the HTTP method is safe."""

    @property
    def sent_again(self) -> str:
        """When a failed request is sent again, for the reference."""
        if (self.by_method if self.safe is None else self.safe) or self.makes_key:
            return "always"
        return "with a key" if self.key is not None else "if not sent"


def repetition_fact(
    document: Mapping[str, Any],
    operation: Mapping[str, Any],
    method: str,
    parameters: tuple[ParameterFact, ...],
    body: BodyFact | None,
    types: SchemaTypes,
) -> RepetitionFact:
    """When the requests of an operation may be sent again.

    Args:
        document: The prepared document.
        operation: The Operation Object.
        method: The HTTP method in upper case.
        parameters: The parameters, after :func:`with_made_key`.
        body: The body.
        types: The types of the document.
    """
    safe = operation.get("x-safe")
    key = idempotency_key(operation, body)
    in_body = key is not None and body is not None and _fits_in_body(key, document, operation, body, types)
    return RepetitionFact(
        safe=safe if isinstance(safe, bool) else None,
        key=key,
        makes_key=in_body or any(parameter.is_made for parameter in parameters),
        by_method=method in SAFE_METHODS,
    )


def with_made_key(
    fact: ParameterFact, parameter: Mapping[str, Any], schema: Mapping[str, Any], operation: Mapping[str, Any]
) -> ParameterFact:
    """The facts of a parameter: an idempotency key that can be a UUID may be omitted."""
    key = str(as_object(operation.get("x-idempotency")).get("key"))
    place = f"$request.{parameter['in']}.{parameter['name']}"
    same = key.lower() == place.lower() if parameter["in"] == "header" else key == place
    if not same or parameter["in"] not in ("header", "query") or fact.is_json or not _takes_uuid(schema):
        return fact
    return evolve(fact, required=False, is_made=True, description=f"{sentence(fact.description)} {_MADE}".lstrip())


def _fits_in_body(
    key: str, document: Mapping[str, Any], operation: Mapping[str, Any], body: BodyFact, types: SchemaTypes
) -> bool:
    """Whether the key is an optional member of the body that can be a UUID."""
    source, _, name = key.partition("#/")
    if source != "$request.body":
        return False
    content = as_object(follow(document, operation.get("requestBody")).get("content"))
    whole = types.resolved(as_object(as_object(content.get(body.content_type)).get("schema")))
    member = as_object(as_object(whole.get("properties")).get(name))
    return bool(member) and name not in as_list(whole.get("required")) and _takes_uuid(types.resolved(member))


def _takes_uuid(schema: Mapping[str, Any]) -> bool:
    kinds = schema.get("type")
    is_text = kinds == "string" or (isinstance(kinds, list) and "string" in kinds)
    limit = schema.get("maxLength", _UUID_CHARACTERS)
    return (
        is_text
        and schema.get("format", "uuid") == "uuid"
        and not any(keyword in schema for keyword in ("enum", "const", "pattern"))
        and (not isinstance(limit, int) or limit >= _UUID_CHARACTERS)
    )

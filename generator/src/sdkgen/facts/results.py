"""``x-result``: the member of a successful response that a method returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sdkgen.models.reader import SchemaTypes
from sdkgen.pointers import as_object, split

__all__ = ["EXTENSION", "result_path", "result_schema"]

EXTENSION = "x-result"


def result_path(document: Mapping[str, Any], operation: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that lead to the result in a response; none if the whole response is the result.

    The declaration at the root leaves out operations with ``x-pagination``: a page is more than its items.
    """
    declared = operation.get(EXTENSION)
    if declared is None and "x-pagination" not in operation:
        declared = document.get(EXTENSION)
    return tuple(split(str(declared).partition("#")[2])) if str(declared).startswith("$response.body#") else ()


def result_schema(types: SchemaTypes, schema: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any] | None:
    """The schema of the result in a response of this schema; ``None`` if the response has no such member."""
    found = dict(schema)
    for name in path:
        properties = as_object(types.resolved(found).get("properties"))
        if name not in properties:
            return None
        found = as_object(properties[name])
    return found

"""Pages of a list that is served from the document's example, as declared by ``x-pagination``."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from vendor_sandbox.json_values import JsonObject, array_of, at, is_object, object_of

__all__ = ["page_of"]


def page_of(pagination: JsonObject, whole: object, parameters: Mapping[str, Any], body: object) -> object:
    """The requested page of a list, in the style ``offset``; without a limit, all items from the offset.

    Args:
        pagination: ``x-pagination`` of the operation.
        whole: a response with all items.
        parameters: the request's parameters, by name.
        body: the request's body.
    """
    if pagination.get("style") != "offset":
        return whole
    page = copy.deepcopy(whole)
    place = _pointer(pagination.get("items"))
    items = array_of(at(page, place))
    limit = _asked(pagination.get("limit"), parameters, body, None)
    first = int(pagination.get("first", 0))
    start = (_asked(pagination.get("offset"), parameters, body, first) or first) - first
    if pagination.get("unit") == "pages":
        start *= limit or len(items)
    _put(page, place, items[start : None if limit is None else start + limit])
    if "total" in pagination:
        _put(page, _pointer(pagination["total"]), len(items))
    return page


def _pointer(expression: object) -> str:
    """The JSON Pointer in ``$response.body#/data``."""
    return str(expression).partition("#")[2]


def _asked(expression: object, parameters: Mapping[str, Any], body: object, default: int | None) -> int | None:
    """The value of a request at ``$request.query.offset`` or ``$request.body#/offset``."""
    text = str(expression)
    value = at(body, _pointer(text)) if "#" in text else parameters.get(text.rpartition(".")[2])
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def _put(root: object, pointer: str, value: object) -> None:
    parent, _, name = pointer.rpartition("/")
    target = at(root, parent) if parent else root
    if is_object(target):
        object_of(target)[name] = value

"""Amino's JSON:API documents: resources in ``data``, mostly a list, and the one published form of errors."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from vendor_sandbox.document import Document, Media
from vendor_sandbox.json_values import JsonObject, array_of, object_of
from vendor_sandbox.messages import Response, json_response

__all__ = ["JSON_API", "JsonApiShape", "document", "error", "related", "resources_of"]

JSON_API = "application/vnd.api+json"


class JsonApiShape:
    """Items are in ``data``, mostly as a list; their own members are ``attributes``."""

    def items_in(self, body: object) -> list[JsonObject]:
        """See :class:`~vendor_sandbox.resources.Shape`."""
        data = object_of(body).get("data")
        return [object_of(item) for item in (array_of(data) or [data])] if data else []

    def member_names(self, document: Document, media: Media | None) -> set[str]:
        """All members are accepted: most are not documented."""
        return set()

    def new_item(self, example: JsonObject, key: str, value: object, members: Mapping[str, Any]) -> JsonObject:
        """See :class:`~vendor_sandbox.resources.Shape`."""
        item: JsonObject = {**copy.deepcopy(example), "id": str(value), "attributes": {}}
        self.change(item, members)
        return item

    def change(self, item: JsonObject, members: Mapping[str, Any]) -> None:
        """See :class:`~vendor_sandbox.resources.Shape`; members of a resource, or bare attributes."""
        if members.get("type") != item.get("type"):
            members = {"attributes": members}
        for part in ("attributes", "relationships"):
            if part in members:
                item.setdefault(part, {}).update(copy.deepcopy(members[part]))


def resources_of(body: object) -> list[JsonObject]:
    """The resources of a document; a body that is not a document is itself one resource."""
    whole = object_of(body)
    return [object_of(one) for one in array_of(whole["data"])] if "data" in whole else [whole]


def related(item: JsonObject, name: str) -> object:
    """The id of the related resource."""
    return object_of(object_of(object_of(item.get("relationships")).get(name)).get("data")).get("id")


def document(items: Sequence[JsonObject], status: int = 200) -> Response:
    """A response with these resources."""
    return json_response(status, {"data": list(items)}, media_type=JSON_API)


def error(status: int, title: str, details: str) -> Response:
    """An error in the form of the one that is published: a bare object."""
    return json_response(status, {"id": 56071904, "code": "df1e80a", "title": title, "details": details})

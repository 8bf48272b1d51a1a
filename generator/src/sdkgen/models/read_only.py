"""Schemas with ``readOnly`` members, which requests omit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.models.fields import says
from sdkgen.models.reader import SchemaTypes
from sdkgen.pointers import as_object
from sdkgen.structure import walk

__all__ = ["holds_read_only"]


def holds_read_only(types: SchemaTypes, schema: Mapping[str, Any]) -> bool:
    """Whether a schema, or one inside it, has a ``readOnly`` member."""
    queue, seen = [schema], set[int]()
    while queue:
        for node in walk(queue.pop(), "schema"):
            if node.kind != "schema" or id(node.value) in seen:
                continue
            seen.add(id(node.value))
            if node.reference is not None:
                queue.append(types.resolved(node.value))
            members = as_object(node.value.get("properties")).values()
            if any(says(types, as_object(member), "readOnly") for member in members):
                return True
    return False

"""``format: binary`` means a file in a multipart body; anywhere else it is a text like any other."""

from __future__ import annotations

from typing import Any

from sdkgen.pointers import as_object
from sdkgen.references import referenced
from sdkgen.structure import walk

__all__ = ["files_only_in_multipart"]

_FORMAT = "binary"


def files_only_in_multipart(document: dict[str, Any]) -> None:
    """Take the format from the schemas that no multipart body holds, in place."""
    held: set[int] = set()
    queue = [
        as_object(as_object(node.value.get("content")).get("multipart/form-data")).get("schema")
        for node in walk(document)
        if node.kind == "request-body"
    ]
    while queue:
        for node in walk(queue.pop(), "schema"):
            if node.kind != "schema" or id(node.value) in held:
                continue
            held.add(id(node.value))
            if node.reference is not None:
                queue.append(referenced(document, node.reference))
    for node in walk(document):
        if node.kind == "schema" and node.value.get("format") == _FORMAT and id(node.value) not in held:
            del node.value["format"]

"""``format: binary``: a file in a multipart body, bytes as a whole body, an ordinary string in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.media_types import MediaKind, holds_bytes, media_kind
from sdkgen.pointers import as_object
from sdkgen.references import follow, referenced
from sdkgen.structure import walk

__all__ = ["content_kind", "files_only_in_multipart"]

_BINARY = "x-sdkgen-binary"
"""Set on a Media Type Object whose schema is a binary string."""


def content_kind(media_type: str, content: Mapping[str, Any]) -> MediaKind:
    """The kind of a body: bytes if its schema is binary, even if the media type is textual.

    Args:
        media_type: The media type of the body.
        content: The media types of the body.
    """
    kind = media_kind(media_type)
    return "bytes" if kind == "text" and _BINARY in as_object(content.get(media_type)) else kind


def files_only_in_multipart(document: dict[str, Any]) -> None:
    """Remove the format from schemas that are not part of a multipart body, in place, and mark binary bodies."""
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
        if node.kind == "media-type" and holds_bytes(follow(document, node.value.get("schema"))):
            node.value[_BINARY] = True
    for node in walk(document):
        if node.kind == "schema" and id(node.value) not in held and holds_bytes(node.value):
            for keyword in ("format", "contentMediaType"):
                node.value.pop(keyword, None)

"""Media types: how a body of each is read and written, and the losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from sdkgen.pointers import as_object, child, split
from sdkgen.references import follow, object_at
from sdkgen.structure import walk

__all__ = [
    "BINARY",
    "FORM",
    "MULTIPART",
    "ItemsKind",
    "MediaKind",
    "describe_items",
    "is_downloaded",
    "items_kind",
    "media_kind",
    "name_wildcards",
    "unread",
]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
BINARY = "application/octet-stream"

MediaKind = Literal["json", "text", "bytes"]
ItemsKind = Literal["events", "lines"]

_EVENTS = "text/event-stream"
_LINES = frozenset({"application/x-ndjson", "application/jsonl", "application/x-jsonlines", "application/json-seq"})
_TEXTS = _LINES | {"application/yaml"}
_SINGLE_TEXTS = frozenset({"text/plain", "text/html"})
_Loss: TypeAlias = tuple[str, str]
"""Pointer, what is lost."""


def _name(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def media_kind(media_type: str) -> MediaKind:
    """The kind of value that a body of this media type is read as."""
    name = _name(media_type)
    if name == JSON or name.endswith("+json"):
        return "json"
    return "text" if name.startswith("text/") or name.endswith(("/xml", "+xml")) or name in _TEXTS else "bytes"


def items_kind(media_type: str) -> ItemsKind | None:
    """How items follow each other in a body of this media type; ``None`` if it is one value."""
    name = _name(media_type)
    return "events" if name == _EVENTS else "lines" if name in _LINES else None


def is_downloaded(media_type: str, kind: MediaKind) -> bool:
    """Whether a body can be a large file: not JSON, which becomes one value, and not plain text without a format."""
    return kind == "bytes" or (kind == "text" and _name(media_type) not in _SINGLE_TEXTS)


def describe_items(document: dict[str, Any]) -> None:
    """Replace the schema of a stream by that of one of its items, in place.

    It is ``x-itemSchema``, as the keyword ``itemSchema`` of OpenAPI 3.2, or the items of an array; any other schema is
    taken for that of an item, as documents of OpenAPI 3.1 have no other place for it. An event is described by its
    data: the content of the member ``data`` of ``x-itemSchema``.
    """
    for node in walk(document):
        kind = items_kind(split(node.pointer)[-1]) if node.kind == "media-type" else None
        if kind is None:
            continue
        item = node.value.pop("x-itemSchema", None)
        if item is None:
            whole = follow(document, node.value.get("schema"))
            item = whole["items"] if whole.get("type") == "array" and "items" in whole else node.value.get("schema")
        elif kind == "events":
            item = _data(document, item)
        if item is not None:
            node.value["schema"] = item


def _data(document: Mapping[str, Any], event: object) -> Any:
    """The schema of the data of an event, which OpenAPI 3.2 describes as an object with the fields of the event."""
    properties = as_object(follow(document, event).get("properties"))
    if "data" not in properties:
        return event
    data = follow(document, properties["data"])
    if "contentSchema" in data:
        return data["contentSchema"]
    return {} if media_kind(str(data.get("contentMediaType", "text/plain"))) == "json" else {"type": "string"}


def holds_bytes(schema: Mapping[str, Any]) -> bool:
    """Whether a text is raw bytes outside JSON, such as in a part of a multipart body (OpenAPI 3.1, binary data)."""
    kind = media_kind(str(schema["contentMediaType"])) if "contentMediaType" in schema else "text"
    return schema.get("format") == "binary" or (kind == "bytes" and "contentEncoding" not in schema)


def name_wildcards(document: dict[str, Any]) -> None:
    """Replace wildcards such as ``*/*`` in place: by JSON if the schema is not a plain string, else by bytes."""
    for node in walk(document):
        if node.kind not in ("request-body", "response") or not isinstance(node.value.get("content"), dict):
            continue
        content = as_object(node.value["content"])
        named = {_named(document, node.kind, node.pointer, content, name): value for name, value in content.items()}
        content.clear()
        content.update(named)


def _named(document: Mapping[str, Any], kind: str, pointer: str, content: Mapping[str, Any], name: str) -> str:
    if not _name(name).endswith("/*"):
        return name
    if _name(name) in ("*/*", "application/*") and _is_json(document, child(pointer, "content", name)):
        return name if JSON in content else JSON
    return BINARY if kind == "request-body" and BINARY not in content else name


def _is_json(document: Mapping[str, Any], media_type: str) -> bool:
    schema = object_at(document, child(media_type, "schema"))
    return bool(schema) and schema.get("type") != "string"


def unread(document: Mapping[str, Any], kind: str, pointer: str, content: Mapping[str, Any]) -> Iterator[_Loss]:
    """The losses of a body: parts of its description that the client does not support.

    Args:
        document: The document.
        kind: ``request-body`` or ``response``.
        pointer: The pointer to that object.
        content: The media types of the object.
    """
    sent = kind == "request-body"
    names = {name: _named(document, kind, pointer, content, name) for name in content}
    for written, name in names.items():
        if written != name:
            yield child(pointer, "content", written), f"`{written}` is {'sent' if sent else 'read'} as `{name}`"
    yield from _not_composed(document, pointer, names) if sent else _not_parsed(document, pointer, content, names)


def _not_composed(document: Mapping[str, Any], pointer: str, names: Mapping[str, str]) -> Iterator[_Loss]:
    """Bodies that the user must compose although they have a schema; ``names``: the type each media type is sent as."""
    if any(_is_composed(name) for name in names.values()):
        return  # the other media types are reported for the operation
    for written, name in names.items():
        place = child(pointer, "content", written)
        if _is_json(document, place):
            yield place, f"`{written}` is not composed from the schema: the body is given as {media_kind(name)}"


def _not_parsed(
    document: Mapping[str, Any], pointer: str, content: Mapping[str, Any], names: Mapping[str, str]
) -> Iterator[_Loss]:
    """Responses that are only partly decoded; ``names``: the type each media type is read as."""
    as_json = [written for written, name in names.items() if media_kind(name) == "json"]
    streams = [written for written, name in names.items() if items_kind(name) is not None]
    for written, name in names.items():
        place = child(pointer, "content", written)
        if written in as_json:
            if as_object(content[written]).get("schema") != as_object(content[as_json[0]]).get("schema"):
                yield place, f"the schema of `{written}` is not used: every JSON is read as `{as_json[0]}`"
        elif items_kind(name) is not None:
            if content[written] != content[streams[0]]:
                yield place, f"the schema of `{written}` is not used: items are read as those of `{streams[0]}`"
        elif _is_json(document, place):
            yield place, f"`{written}` is not parsed: the response is {media_kind(name)}"


def _is_composed(name: str) -> bool:
    return media_kind(name) == "json" or _name(name) in (FORM, MULTIPART)

"""Media types: how a body of each is read and written, and the losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias

from sdkgen.pointers import as_object, child
from sdkgen.references import object_at
from sdkgen.structure import walk

__all__ = ["BINARY", "FORM", "MULTIPART", "MediaKind", "media_kind", "name_wildcards", "unread"]

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
BINARY = "application/octet-stream"

MediaKind = Literal["json", "text", "bytes"]

_STREAMS = frozenset({"text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq"})
_TEXTS = frozenset({"application/x-ndjson", "application/jsonl", "application/json-seq", "application/yaml"})
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
    for written, name in names.items():
        place = child(pointer, "content", written)
        if written in as_json:
            if as_object(content[written]).get("schema") != as_object(content[as_json[0]]).get("schema"):
                yield place, f"the schema of `{written}` is not used: every JSON is read as `{as_json[0]}`"
        elif _name(name) in _STREAMS:
            yield place, f"`{written}` is not read as a stream: the method waits for its end and returns one string"
        elif _is_json(document, place):
            yield place, f"`{written}` is not parsed: the response is {media_kind(name)}"


def _is_composed(name: str) -> bool:
    return media_kind(name) == "json" or _name(name) in (FORM, MULTIPART)

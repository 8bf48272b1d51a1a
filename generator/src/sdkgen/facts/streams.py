"""Successes that are read as they arrive: files, and streams of items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import Code, joined, literal, one_line
from sdkgen.facts.responses import accepted, successes
from sdkgen.media_types import is_downloaded, items_kind
from sdkgen.models.binary_texts import content_kind
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ANY, STRING, Imports
from sdkgen.pointers import as_object

__all__ = ["ItemsFact", "StreamFact", "stream_fact"]

_PARSERS: Mapping[str, tuple[str, str]] = {
    "events": ("EventParser", "._runtime.event_stream"),
    "lines": ("JsonLinesParser", "._runtime.json_lines"),
}


@frozen
class ItemsFact:
    """The items of a stream."""

    annotation: Code
    """The type of an item."""
    imports: Imports
    """Imports for the annotation."""
    source: Code
    """The expression for the format of the items."""
    source_imports: Imports


@frozen
class StreamFact:
    """The method that reads the successes of an operation as they arrive."""

    method_name: Code
    """``export_stream``; of an operation that has nothing but streams of items, its own name."""
    statuses: tuple[str, ...]
    """``200`` or ``2XX``."""
    accept: str
    """The media types to accept; empty: those of the operation."""
    items: ItemsFact | None
    """``None``: the body is a file."""
    is_only: bool
    """Whether the operation has no other successes, so that no other method can read them."""

    @property
    def source(self) -> Code:
        """The expression for the operation."""
        arguments = [literal(status) for status in self.statuses]
        arguments += [Code(f"accept={literal(self.accept)}")] if self.accept else []
        return Code(f"OPERATION.streamed({joined(', ', arguments)})")


def stream_fact(responses: Mapping[str, dict[str, Any]], types: SchemaTypes, method_name: Code) -> StreamFact | None:
    """The streaming method of an operation; ``None`` if its successes are JSON, short texts or nothing."""
    bodies = [
        (status, name, content)
        for status, response in successes(responses).items()
        for name, content in _bodies(response)
    ]
    items = [one for one in bodies if items_kind(one[1]) is not None and content_kind(one[1], one[2]) == "text"]
    streamed = items or [one for one in bodies if is_downloaded(one[1], content_kind(one[1], one[2]))]
    if not streamed:
        return None
    accept = ", ".join(dict.fromkeys(one_line(name) for _, name, _ in streamed))
    is_only = bool(items) and len(items) == len(bodies)
    return StreamFact(
        method_name=method_name if is_only else Code(f"{method_name}_stream"),
        statuses=tuple(dict.fromkeys(status.upper() for status, _, _ in streamed)),
        accept="" if accept == accepted(responses) else accept,
        items=_items(items[0][1], as_object(items[0][2][items[0][1]]), types) if items else None,
        is_only=is_only,
    )


def _bodies(response: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    content = as_object(response.get("content"))
    for name in content:
        yield name, content


def _items(media_type: str, media: Mapping[str, Any], types: SchemaTypes) -> ItemsFact:
    schema = as_object(media.get("schema"))
    kind = items_kind(media_type)
    found = types.of(schema) if schema else STRING if kind == "events" else ANY
    parser, module = _PARSERS[str(kind)]
    imports: Imports = frozenset({(module, parser), ("._runtime.items", "ItemFormat")})
    decode = Code("str")
    if kind != "events" or found != STRING:
        decode = Code(f"json_item({found.decoder})")
        imports |= found.decode_imports | {("._runtime.items", "json_item")}
        imports |= {("._decoding", "anything")} if found.decoder == "anything" else frozenset()
    terminator = media.get("x-terminator")
    more = f", terminator={literal(terminator)}" if isinstance(terminator, str) else ""
    return ItemsFact(
        annotation=found.annotation,
        imports=found.annotation_imports,
        source=Code(f"ItemFormat({parser}, {decode}{more})"),
        source_imports=imports,
    )

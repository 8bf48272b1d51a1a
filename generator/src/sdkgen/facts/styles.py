"""The function of the runtime that serialises a value, by style and shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from sdkgen.code import Code, joined, literal
from sdkgen.media_types import media_kind
from sdkgen.models.fields import FieldFacts
from sdkgen.models.schema_types import (
    ANY,
    ListType,
    MapType,
    ModelType,
    NullableType,
    SchemaType,
    TaggedUnion,
    TupleType,
    UnionType,
)
from sdkgen.parameter_styles import STYLES, explodes, style_of
from sdkgen.pointers import as_object

__all__ = ["ENTRIES", "Shape", "bare", "form_writer", "nested", "query_writer", "shape_of", "unsupported"]

ENTRIES = "x-entries"
"""Extension: an object in a form is written as several fields for each of its members."""

Shape = Literal["value", "array", "object", "mixed"]
"""The form of a value as a style distinguishes it; ``mixed``: more than one is possible."""

_DELIMITED: Mapping[str, Code] = {
    "form": Code("comma_delimited"),
    "spaceDelimited": Code("space_delimited"),
    "pipeDelimited": Code("pipe_delimited"),
}


def bare(kind: SchemaType) -> SchemaType:
    """The type without ``null``."""
    return kind.inner if isinstance(kind, NullableType) else kind


def shape_of(kind: SchemaType) -> Shape:
    kind = bare(kind)
    if isinstance(kind, ListType | TupleType):
        return "array"
    if isinstance(kind, ModelType | MapType | TaggedUnion):
        return "object"
    if isinstance(kind, UnionType):
        shapes: set[Shape] = {shape_of(inner) for inner in kind.inners}
        return shapes.pop() if len(shapes) == 1 else "mixed"
    return "mixed" if kind == ANY else "value"


def query_writer(style: str, explode: bool, shape: Shape) -> Code:
    """The function (of name and value) that serialises a query parameter or a field of a form."""
    if shape == "value":
        return Code("query_value")
    if style == "deepObject":
        return Code("deep_query_object")
    if explode:
        return Code("query_values" if shape == "array" else "exploded_query_value")
    return _DELIMITED[style]


def form_writer(encoding: Mapping[str, Any], kind: SchemaType) -> Code | None:
    """The function that serialises a field of a form; ``None``: the default (arrays exploded, objects as JSON)."""
    shape = shape_of(kind)
    if _has_entries(encoding, kind):
        return _entry_fields(as_object(encoding[ENTRIES]))
    if "style" not in encoding and "explode" not in encoding:
        as_json = media_kind(str(encoding.get("contentType", "text/plain"))) == "json"
        return Code("json_field") if as_json and shape != "object" else None
    style = style_of(encoding, "query")
    if style not in STYLES["query"]:
        return None
    writer = query_writer(style, explodes(encoding, style), shape)
    return None if writer in ("query_value", "query_values") else writer


def _has_entries(encoding: Mapping[str, Any], kind: SchemaType) -> bool:
    """Whether ``x-entries`` applies: to an object whose values are single ones; lint rejects any other."""
    values = _items(kind) if isinstance(bare(kind), MapType) else kind
    single = isinstance(bare(kind), MapType) and shape_of(values) == "value"
    entries = as_object(encoding.get(ENTRIES))
    return single and isinstance(entries.get("name"), str) and isinstance(entries.get("value"), str)


def _entry_fields(entries: Mapping[str, Any]) -> Code:
    arguments = [Code(f"{key}={literal(entries[key])}") for key in ("name", "value", "type", "types") if key in entries]
    return Code(f"EntryFields({joined(', ', arguments)})")


def nested(kind: SchemaType, fields: Sequence[FieldFacts], parameter: Mapping[str, Any]) -> list[FieldFacts]:
    """The members among ``fields``, those of a model, that the parameter's style cannot express."""
    style = style_of(parameter, str(parameter.get("in")))
    if style == "deepObject" or "content" in parameter or not isinstance(bare(kind), ModelType):
        return []
    return [field for field in fields if not _is_flat(field.type, style, explodes(parameter, style))]


def _is_flat(kind: SchemaType, style: str, explode: bool) -> bool:
    """Whether the style can express a member of an object; in style ``form``, exploded, an array repeats the name."""
    if style == "form" and explode and isinstance(bare(kind), ListType):
        kind = _items(kind)
    return shape_of(kind) not in ("array", "object")


def _items(kind: SchemaType) -> SchemaType:
    kind = bare(kind)
    return kind.inner if isinstance(kind, ListType | MapType) else kind


def unsupported(parameter: Mapping[str, Any], kind: SchemaType, fields: Sequence[FieldFacts] = ()) -> str | None:
    """Why requests with this parameter are not supported; ``None`` if they are.

    Args:
        parameter: The Parameter Object.
        kind: The type of its value.
        fields: The members of the value, if it is a model.
    """
    location = str(parameter.get("in"))
    for media_type in as_object(parameter.get("content")):
        is_text = media_kind(media_type) == "text" and shape_of(kind) == "value"
        return None if media_kind(media_type) == "json" or is_text else f"a value in the media type `{media_type}`"
    style = style_of(parameter, location)
    if style not in STYLES.get(location, ()):
        return f"style `{style}` of a parameter in `{location}`"
    if style == "deepObject":
        return None
    inside = isinstance(bare(kind), ListType | MapType) and not _is_flat(
        _items(kind), style, explodes(parameter, style) and isinstance(bare(kind), MapType)
    )
    if inside or any(field.required for field in nested(kind, fields, parameter)):
        return "objects or arrays inside a parameter's value, for which OpenAPI defines no form"
    return None

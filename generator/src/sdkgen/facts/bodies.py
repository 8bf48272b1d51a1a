"""Request bodies: how they are written, and whether they are one argument or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from attrs import evolve, frozen

from sdkgen.code import Code, identifier, one_line, unique
from sdkgen.facts.parameters import ADDITIONAL_MEMBERS, ParameterFact, in_signature, python_names, without_null
from sdkgen.media_types import FORM, MULTIPART, media_kind
from sdkgen.models.fields import FieldFacts, fields_of
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ANY, FILE, STRING, ConstType, Imports, MapType, ModelType, SchemaType
from sdkgen.pointers import as_list, as_object

__all__ = ["FLATTENED_MEMBERS", "BodyFact", "body_fact"]

FLATTENED_MEMBERS = 12
"""A body with at most this many members stands as keyword arguments."""

ADDITIONAL_MEMBERS_NAME = "x-additionalPropertiesName"
"""What the schema calls these members; the argument gets this name."""

Encoding = Literal["json", "form", "multipart", "text", "bytes"]


@frozen
class BodyFact:
    """A request body."""

    encoding: Encoding
    content_type: str
    kind: SchemaType
    required: bool
    members: tuple[ParameterFact, ...] | None
    """The keyword arguments that stand for it; ``None``: it is one argument, ``body``."""
    constants: tuple[tuple[Code, Code], ...] = ()
    """Members of the model that no argument stands for: attribute and value."""
    not_offered: tuple[str, ...] = ()
    """Other media types that the operation takes."""

    @property
    def imports(self) -> Imports:
        """What the argument's type needs in a request builder, which gets the checked value."""
        found = self.kind.annotation_imports
        return found | {("collections.abc", "Mapping")} if isinstance(self.kind, MapType) else found

    @property
    def annotation(self) -> Code:
        """The type of the checked value."""
        return in_signature(self.kind)


def _encoding(media_type: str) -> Encoding:
    name = media_type.partition(";")[0].strip().lower()
    if name == FORM:
        return "form"
    if name == MULTIPART:
        return "multipart"
    return media_kind(media_type)


def body_fact(body: Mapping[str, Any], parameters: Sequence[ParameterFact], types: SchemaTypes) -> BodyFact | None:
    """The body of an operation.

    Args:
        body: The Request Body Object, references followed.
        parameters: The operation's parameters, whose names are taken.
        types: The types of the document.
    """
    content = as_object(body.get("content"))
    if not content:
        return None
    order: list[Encoding] = ["json", "form", "multipart", "text", "bytes"]
    media_type = min(content, key=lambda name: order.index(_encoding(name)))
    encoding = _encoding(media_type)
    schema = as_object(as_object(content[media_type]).get("schema"))
    required = body.get("required") is True
    kind = {"bytes": FILE, "text": STRING}.get(encoding) or (types.of(schema) if schema else ANY)
    members: tuple[ParameterFact, ...] | None = None
    constants: tuple[tuple[Code, Code], ...] = ()
    if isinstance(kind, ModelType):
        members, constants = _flattened(types.resolved(schema), required, parameters, types)
        if encoding == "form" and members:
            members = tuple(evolve(one, kind=without_null(one.kind)) for one in members)
    elif encoding == "json" and _is_empty(types.resolved(schema)):
        members = ()
    return BodyFact(
        encoding=encoding,
        content_type=media_type,
        kind=kind,
        required=required,
        members=members,
        constants=constants,
        not_offered=tuple(name for name in content if name != media_type),
    )


def _is_empty(schema: Mapping[str, Any]) -> bool:
    """Whether the body is an object that holds nothing, besides perhaps the token."""
    return (
        schema.get("type") == "object" and not schema.get("properties") and schema.get("additionalProperties") is False
    )


def _flattened(
    schema: Mapping[str, Any], required: bool, parameters: Sequence[ParameterFact], types: SchemaTypes
) -> tuple[tuple[ParameterFact, ...] | None, tuple[tuple[Code, Code], ...]]:
    """Keyword arguments for a small body, else ``None``; and the members that need none."""
    properties = as_object(schema.get("properties"))
    wanted = frozenset(map(str, as_list(schema.get("required"))))
    if len(properties) > FLATTENED_MEMBERS or (not required and wanted):
        return None, ()
    fields = fields_of(types, schema)
    if any(field.required and field.default is None and field.schema.get("readOnly") is True for field in fields):
        return None, ()  # only responses have it, but the model cannot be made without
    constants = [
        (field.attribute, field.default) for field in fields if _is_constant(field) and field.default is not None
    ]
    in_path = {parameter.name: parameter for parameter in parameters if parameter.location == "path"}
    repeated = [field for field in fields if _repeats(field, in_path)]
    constants += [(field.attribute, in_path[field.name].python) for field in repeated]
    given = [
        field
        for field in fields
        if not _is_constant(field) and field.schema.get("readOnly") is not True and field not in repeated
    ]
    taken = [parameter.python for parameter in parameters]
    names = python_names(((field.name, "body") for field in given), taken=taken)
    members = [
        ParameterFact(
            name=field.name,
            python=python,
            location="body",
            kind=field.type,
            required=field.required,
            default=field.default if field.required else None,
            description=_description(field.schema, types),
            field=field.attribute,
        )
        for field, python in zip(given, names, strict=True)
    ]
    additional = schema.get("additionalProperties")
    if additional is True or isinstance(additional, dict):
        members.append(_additional_members(schema, as_object(cast(object, additional)), types, [*taken, *names]))
    return tuple(members), tuple(constants)


def _additional_members(
    schema: Mapping[str, Any], values: Mapping[str, Any], types: SchemaTypes, taken: Sequence[Code]
) -> ParameterFact:
    """The argument for members that the schema allows without naming them."""
    description = _description(values, types) if values else ""
    return ParameterFact(
        name="",
        python=unique(identifier(str(schema.get(ADDITIONAL_MEMBERS_NAME) or ADDITIONAL_MEMBERS)), taken, "body"),
        location="body",
        kind=MapType(types.of(values) if values else ANY),
        required=False,
        description=description or "Additional members of the body, by their names.",
        field=ADDITIONAL_MEMBERS,
    )


def _is_constant(field: FieldFacts) -> bool:
    """Whether the member can have only one value and must be there."""
    return field.required and isinstance(field.type, ConstType) and len(field.type.values) == 1


def _repeats(field: FieldFacts, in_path: Mapping[str, ParameterFact]) -> bool:
    """Whether the member has to say again what a parameter of the path says: the user says it once."""
    parameter = in_path.get(field.name)
    return parameter is not None and field.required and parameter.kind == field.type


def _description(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    whole = {**types.resolved(schema), **schema}
    deprecated = "Deprecated. " if whole.get("deprecated") is True else ""
    return one_line(f"{deprecated}{whole.get('description') or ''}")

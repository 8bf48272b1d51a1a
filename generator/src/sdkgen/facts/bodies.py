"""Request bodies: their encoding, and how they are passed: whole, or member by member."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from attrs import evolve, frozen

from sdkgen.code import Code, identifier, one_line, sentence, unique
from sdkgen.facts.parameters import (
    ADDITIONAL_MEMBERS,
    ParameterFact,
    in_signature,
    python_names,
    takes_any_mapping,
    without_null,
)
from sdkgen.facts.styles import ENTRIES, form_writer
from sdkgen.media_types import FORM, MULTIPART
from sdkgen.models.binary_texts import content_kind
from sdkgen.models.descriptions import choices
from sdkgen.models.fields import FieldFacts, fields_of
from sdkgen.models.read_only import holds_read_only
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ANY, FILE, STRING, ConstType, Imports, MapType, ModelType, SchemaType
from sdkgen.pointers import as_list, as_object

__all__ = ["BodyFact", "body_fact"]

ADDITIONAL_MEMBERS_NAME = "x-additionalPropertiesName"
"""Extension with a name for the additional members of a schema; the argument gets this name."""

Encoding = Literal["json", "form", "multipart", "text", "bytes"]


@frozen
class BodyFact:
    """A request body."""

    encoding: Encoding
    content_type: str
    kind: SchemaType
    required: bool
    members: tuple[ParameterFact, ...] | None
    """The arguments that stand for the members of the body; ``None``: it is passed whole only, as ``body``."""
    constants: tuple[tuple[Code, Code], ...] = ()
    """Members of the model that have a constant value and no argument: attribute and value."""
    styles: tuple[tuple[str, Code], ...] = ()
    """The fields of a form that need another function than the default: name and function."""
    not_offered: tuple[str, ...] = ()
    """Media types that the operation accepts and the method does not offer."""
    read_only: bool = False
    """Whether the arguments may contain ``readOnly`` members, which are not sent."""
    example: object = None
    """The first example of the whole body, as JSON."""
    is_choice: bool = False
    """Whether a body has exactly one of several groups of members."""

    @property
    def takes_both(self) -> bool:
        """Whether it is passed whole or member by member."""
        return bool(self.members)

    @property
    def imports(self) -> Imports:
        """Imports for the argument's type in a request builder, which gets the checked value."""
        found = self.kind.annotation_imports
        return found | {("collections.abc", "Mapping")} if takes_any_mapping(self.kind) else found

    @property
    def annotation(self) -> Code:
        """The type of the checked value."""
        return in_signature(self.kind)


def _encoding(media_type: str, content: Mapping[str, Any]) -> Encoding:
    name = media_type.partition(";")[0].strip().lower()
    if name == FORM:
        return "form"
    if name == MULTIPART:
        return "multipart"
    return content_kind(media_type, content)


def body_fact(body: Mapping[str, Any], parameters: Sequence[ParameterFact], types: SchemaTypes) -> BodyFact | None:
    """Decide how the body of an operation is passed and sent.

    Args:
        body: The Request Body Object, references followed.
        parameters: The operation's parameters; members cannot have their names.
        types: The types of the document.
    """
    content = as_object(body.get("content"))
    if not content:
        return None
    order: list[Encoding] = ["json", "form", "multipart", "text", "bytes"]
    media_type = min(content, key=lambda name: order.index(_encoding(name, content)))
    encoding = _encoding(media_type, content)
    schema = as_object(as_object(content[media_type]).get("schema"))
    required = body.get("required") is True
    kind = {"bytes": FILE, "text": STRING}.get(encoding) or (types.of(schema) if schema else ANY)
    members: tuple[ParameterFact, ...] | None = None
    constants: tuple[tuple[Code, Code], ...] = ()
    example = _example(as_object(content[media_type]), types)
    if isinstance(kind, ModelType):
        members, constants = _flattened(types.resolved(schema), required, parameters, types, as_object(example))
        if encoding == "form" and members:
            entries = _entries(as_object(content[media_type]))
            members = tuple(one if one.name in entries else evolve(one, kind=without_null(one.kind)) for one in members)
    elif encoding == "json" and _is_empty(types.resolved(schema)):
        members = ()
    return BodyFact(
        encoding=encoding,
        content_type=media_type,
        kind=kind,
        required=required,
        members=members,
        constants=constants,
        styles=_styles(as_object(content[media_type]), types) if encoding == "form" else (),
        not_offered=tuple(name for name in content if name != media_type),
        read_only=members != () and holds_read_only(types, schema),
        example=example,
        is_choice="oneOf" in types.resolved(schema),
    )


def _example(media_type: Mapping[str, Any], types: SchemaTypes) -> object:
    """The first example of a body: the Media Type Object's, or its schema's; ``None`` without one."""
    schema = types.resolved(as_object(media_type.get("schema")))
    named = next(iter(as_object(media_type.get("examples")).values()), None)
    found = [media_type.get("example"), as_object(types.resolved(as_object(named))).get("value"), schema.get("example")]
    found += as_list(schema.get("examples"))[:1]
    return next((example for example in found if example is not None), None)


def _styles(media_type: Mapping[str, Any], types: SchemaTypes) -> tuple[tuple[str, Code], ...]:
    properties = as_object(types.resolved(as_object(media_type.get("schema"))).get("properties"))
    found = {
        name: form_writer(as_object(encoding), types.of(as_object(properties.get(name))))
        for name, encoding in as_object(media_type.get("encoding")).items()
    }
    return tuple((name, writer) for name, writer in found.items() if writer is not None)


def _entries(media_type: Mapping[str, Any]) -> frozenset[str]:
    """The fields of a form that are objects written entry by entry, in which ``null`` has a form too."""
    encodings = as_object(media_type.get("encoding"))
    return frozenset(name for name, encoding in encodings.items() if ENTRIES in as_object(encoding))


def _is_empty(schema: Mapping[str, Any]) -> bool:
    """Whether the body is an object without members, except for a token."""
    return (
        schema.get("type") == "object" and not schema.get("properties") and schema.get("additionalProperties") is False
    )


def _flattened(
    schema: Mapping[str, Any],
    required: bool,
    parameters: Sequence[ParameterFact],
    types: SchemaTypes,
    example: Mapping[str, Any],
) -> tuple[tuple[ParameterFact, ...] | None, tuple[tuple[Code, Code], ...]]:
    """The arguments for the members of a body, and its constant members, which have none.

    An optional body with required members is passed whole: only so it is clear whether it is sent.
    """
    fields = [field for field in fields_of(types, schema) if not field.read_only]
    if not required and any(field.required for field in fields):
        return None, ()
    constants = [
        (field.attribute, field.default) for field in fields if _is_constant(field) and field.default is not None
    ]
    in_path = {parameter.name: parameter for parameter in parameters if parameter.location == "path"}
    repeated = {field.name: in_path[field.name].python for field in fields if _repeats(field, in_path)}
    given = [field for field in fields if not _is_constant(field)]
    taken = [parameter.python for parameter in parameters]
    names = python_names(((field.name, "body") for field in given), taken=taken)
    members = [
        ParameterFact(
            name=field.name,
            python=python,
            location="body",
            kind=field.type,
            required=field.required and field.name not in repeated,
            default=field.default if field.required and field.name not in repeated else None,
            description=_described(_description(field.schema, types), repeated.get(field.name)),
            example=example.get(field.name),
            field=field.attribute,
            fallback=repeated.get(field.name),
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
    """The argument for the additional members of the body."""
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
    """Whether the member is required and has only one possible value."""
    return field.required and isinstance(field.type, ConstType) and len(field.type.values) == 1


def _repeats(field: FieldFacts, in_path: Mapping[str, ParameterFact]) -> bool:
    """Whether a required member has the name and type of a path parameter, whose value is then its default."""
    parameter = in_path.get(field.name)
    if parameter is None or parameter.constant is not None or field.type.admits_null or field.type == ANY:
        return False
    return field.required and parameter.kind == field.type


def _described(description: str, fallback: Code | None) -> str:
    return f"{sentence(description)} Default: the value of `{fallback}`.".lstrip() if fallback else description


def _description(schema: Mapping[str, Any], types: SchemaTypes) -> str:
    whole = {**types.resolved(schema), **schema}
    deprecated = "Deprecated. " if whole.get("deprecated") is True else ""
    values = choices(whole)
    text = one_line(f"{deprecated}{whole.get('description') or ''}")
    return f"{sentence(text)} {values}".strip() if values else text

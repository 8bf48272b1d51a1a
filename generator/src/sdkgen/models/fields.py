"""The members of an object: name, type and default of each, and how it is decoded and encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import Code, literal, sentence
from sdkgen.models import schema_types as types
from sdkgen.models.class_names import field_names
from sdkgen.models.descriptions import choices, docstring
from sdkgen.models.enum_facts import member_names
from sdkgen.models.normal_form import is_null
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import Imports, SchemaType
from sdkgen.models.secret_members import SECRET
from sdkgen.models.type_base import encoder
from sdkgen.pointers import as_list, as_object

__all__ = ["UNSET", "FieldFacts", "fields_of", "says"]

UNSET = Code("UNSET")
"""The default of members that may be missing."""


@frozen
class FieldFacts:
    """One member of an object."""

    name: str
    """The name in JSON."""
    attribute: Code
    type: SchemaType
    """The type of the value, nullable where the schema admits ``null``."""
    required: bool
    default: Code | None
    """The default of the constructor's argument; ``None``: the argument is required."""
    read_only: bool
    """Whether only responses have the member; ``required`` then applies to them alone."""
    write_only: bool
    """Whether only requests have the member; ``required`` then applies to them alone."""
    schema: Mapping[str, Any]
    secret: bool
    """Whether the value is masked in a ``repr``."""

    @property
    def always(self) -> bool:
        """Whether the member is required in requests and responses alike."""
        return self.required and not self.read_only and not self.write_only

    @property
    def _is_of_one_direction(self) -> bool:
        return self.required and not self.always

    @property
    def readable(self) -> bool:
        """Whether the member is required in responses."""
        return self.required and not self.write_only

    @property
    def admits_null(self) -> bool:
        """Whether a request may have ``null`` for the member."""
        return self.type.admits_null or self.type in (types.ANY, types.NULL)

    @property
    def annotation(self) -> Code:
        if self.readable or self.type == types.ANY:
            return self.type.annotation
        null = "" if self.type.admits_null or self.type == types.NULL else " | None"
        return Code(f"{self.type.annotation}{null}")

    @property
    def declaration(self) -> Code:
        """The declaration in the class."""
        if self.secret:
            arguments = ["repr=masked", *([f"default={self.default}"] if self.default is not None else [])]
            return Code(f"{self.attribute}: {self.annotation} = field({', '.join(reversed(arguments))})")
        default = f" = {self.default}" if self.default is not None else ""
        return Code(f"{self.attribute}: {self.annotation}{default}")

    @property
    def accepted(self) -> Code:
        """The type in the ``TypedDict`` of the class."""
        kind = self.type.accepted(text=True)
        return kind if self.required and self.default is None else Code(f"NotRequired[{kind}]")

    @property
    def doc(self) -> Code:
        description = str(self.schema.get("description") or "").strip()
        parts = [
            "Read-only." if self.read_only else "Write-only." if self.write_only else "",
            "Deprecated." if self.schema.get("deprecated") is True else "",
            sentence(description) if (values := choices(self.schema)) else description,
            values,
            f"The API's default is ``{literal(self.schema['default'])}``."
            if "default" in self.schema and not self.required
            else "",
        ]
        return docstring(" ".join(part.strip() for part in parts if part.strip()))

    @property
    def _not_null(self) -> SchemaType:
        return self.type.inner if isinstance(self.type, types.NullableType) else self.type

    @property
    def _reader(self) -> tuple[str, tuple[Code, ...]]:
        if self._is_of_one_direction:
            return "request_only" if self.write_only else "response_only", (self.type.decoder,)
        if self.required and isinstance(self.type, types.NullableType):
            return "required_nullable", (self._not_null.decoder,)
        suffix, arguments = self.type.reader
        kind = "required" if self.required else "optional"
        return f"{kind}_{suffix}" if suffix else kind, arguments

    @property
    def decode(self) -> Code:
        """The expression that decodes the member of ``data``."""
        helper, arguments = self._reader
        return Code(f"{helper}(data, {literal(self.name)}{''.join(f', {argument}' for argument in arguments)})")

    @property
    def encode(self) -> Code:
        """The expression that encodes the attribute; ``None`` if the member is missing."""
        value = Code(f"self.{self.attribute}")
        if self._not_null.is_identity:
            return value
        source = self._not_null.encode(value, exclude_unset=Code("exclude_unset"))
        if self.type.admits_null or not self.readable:
            return Code(f"None if {value} is None else {source}")
        return source if self.always else Code(f"{source} if self.is_set({literal(self.attribute)}) else None")

    @property
    def imports(self) -> Imports:
        found = self.type.annotation_imports | self.type.encode_imports
        found |= {("._given", self._reader[0])} if self._is_of_one_direction else types.helper(self._reader[0])
        if self._is_of_one_direction:
            found |= self.type.decode_imports
        elif self._reader[0] == "required_nullable":
            found |= self._not_null.decode_imports
        else:
            found |= self.type.reader_imports
        if self.secret:
            found |= encoder("masked")
        return found | {(".types", "UNSET")} if self.default == UNSET else found


def fields_of(reader: SchemaTypes, schema: Mapping[str, Any]) -> tuple[FieldFacts, ...]:
    """The members of an object schema, in the order of the schema."""
    properties = as_object(schema.get("properties"))
    required = set(as_list(schema.get("required")))
    names = field_names(list(properties))
    return tuple(
        _field(reader, name, names[name], as_object(value), name in required) for name, value in properties.items()
    )


def _field(reader: SchemaTypes, name: str, attribute: Code, schema: Mapping[str, Any], required: bool) -> FieldFacts:
    kind = reader.of(schema)
    read_only = says(reader, schema, "readOnly")
    described = {**reader.resolved(schema), **schema} if isinstance(kind, types.Scalar) else schema
    return FieldFacts(
        name=name,
        attribute=attribute,
        type=kind,
        required=required,
        default=UNSET if read_only or not required else _default(reader, kind, schema),
        read_only=read_only,
        write_only=not read_only and says(reader, schema, "writeOnly"),
        schema=described,
        secret=_is_password(reader, schema) or SECRET in schema,
    )


def says(reader: SchemaTypes, schema: Mapping[str, Any], keyword: str) -> bool:
    """Whether a member is ``readOnly`` or ``writeOnly``, by its own schema or by the single schema it refers to."""
    followed: list[Mapping[str, Any]] = []
    while not any(schema is known for known in followed):  # a union of one member may refer to itself
        followed.append(schema)
        found = {**reader.resolved(schema), **schema}
        if found.get(keyword) is True:
            return True
        members = [as_object(member) for key in ("anyOf", "oneOf") for member in as_list(found.get(key))]
        values = [member for member in members if not is_null(member)]
        if len(values) != 1:
            break
        schema = values[0]
    return False


def _is_password(reader: SchemaTypes, schema: Mapping[str, Any]) -> bool:
    """Whether a member has the format ``password``, also as one of several alternatives."""
    found = reader.resolved(schema)
    members = [as_object(member) for member in as_list(found.get("anyOf"))]
    return any(reader.resolved(member).get("format") == "password" for member in ({**found, **schema}, *members))


def _default(reader: SchemaTypes, kind: SchemaType, schema: Mapping[str, Any]) -> Code | None:
    """The default of a required member: its only value, or the ``default`` of the schema."""
    if isinstance(kind, types.ConstType) and len(kind.values) == 1:
        return literal(kind.values[0])
    value = schema.get("default", reader.resolved(schema).get("default"))
    if value is None:
        return literal(None) if "default" in schema and kind.admits_null else None
    inner = kind.inner if isinstance(kind, types.NullableType) else kind
    if isinstance(inner, types.EnumType):
        enum = reader.resolved(schema)
        members = member_names(enum, inner.enum.name)
        return Code(f"{inner.enum.name}.{members[value]}") if value in members else None
    fits = {types.STRING: str, types.INTEGER: int, types.NUMBER: (int, float), types.BOOLEAN: bool}.get(inner)  # type: ignore[call-overload]
    if fits is None or not isinstance(value, fits) or (isinstance(value, bool) and inner != types.BOOLEAN):
        return None
    return literal(value)

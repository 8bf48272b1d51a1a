"""What the templates of models write down: one value per class, with source for every decision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from attrs import frozen

from sdkgen.code import Code, literal, prose
from sdkgen.models import schema_types as types
from sdkgen.models.class_names import field_names
from sdkgen.models.cycles import strongly_connected
from sdkgen.models.enum_facts import member_names
from sdkgen.models.hoist import is_enumeration
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ClassName, Imports, SchemaType
from sdkgen.models.secret_members import SECRET
from sdkgen.models.tables import TableFacts, table_facts
from sdkgen.pointers import as_list, as_object

__all__ = ["FieldFacts", "ImportLine", "ModelFacts", "fields_of", "import_lines", "model_facts"]

_WIDTH = 110
_UNKNOWN = "Members that the API's description does not have."
"""Columns left inside a class, quotes taken off."""


@frozen
class FieldFacts:
    """One member of an object."""

    name: str
    """In JSON."""
    attribute: Code
    type: SchemaType
    """Of the value, ``null`` included where the schema admits it."""
    required: bool
    default: Code | None
    """What the constructor fills in; ``None``: it must be given."""
    schema: Mapping[str, Any]
    secret: bool
    """Not shown in a ``repr``."""

    @property
    def annotation(self) -> Code:
        if self.required or self.type == types.ANY:
            return self.type.annotation
        null = "" if self.type.admits_null or self.type == types.NULL else " | None"
        return Code(f"{self.type.annotation}{null} | Unset")

    @property
    def declaration(self) -> Code:
        """As it stands in the class."""
        if self.secret:
            arguments = ["repr=False", *([f"default={self.default}"] if self.default is not None else [])]
            return Code(f"{self.attribute}: {self.annotation} = field({', '.join(reversed(arguments))})")
        default = f" = {self.default}" if self.default is not None else ""
        return Code(f"{self.attribute}: {self.annotation}{default}")

    @property
    def doc(self) -> Code:
        parts = [
            "Deprecated." if self.schema.get("deprecated") is True else "",
            str(self.schema.get("description") or ""),
            f"The API's default is ``{literal(self.schema['default'])}``."
            if "default" in self.schema and not self.required
            else "",
        ]
        return docstring(" ".join(part.strip() for part in parts if part.strip()))

    @property
    def _reader(self) -> tuple[str, tuple[Code, ...]]:
        if self.required and isinstance(self.type, types.NullableType):
            return "required_nullable", (self.type.inner.decoder,)
        suffix, arguments = self.type.reader
        kind = "required" if self.required else "optional"
        return f"{kind}_{suffix}" if suffix else kind, arguments

    @property
    def decode(self) -> Code:
        """The expression that reads the member of ``data``."""
        helper, arguments = self._reader
        return Code(f"{helper}(data, {literal(self.name)}{''.join(f', {argument}' for argument in arguments)})")

    @property
    def encode(self) -> Code:
        """The expression that writes the attribute back; called only if it is not ``UNSET``."""
        value = Code(f"self.{self.attribute}")
        inner = self.type.inner if isinstance(self.type, types.NullableType) else self.type
        if inner.is_identity:
            return value
        source = inner.encode(value)
        may_be_null = self.type.admits_null or not self.required
        return Code(f"None if {value} is None else {source}") if may_be_null else source

    @property
    def imports(self) -> Imports:
        found = self.type.annotation_imports | self.type.encode_imports | types.helper(self._reader[0])
        if self.required and isinstance(self.type, types.NullableType):
            found |= self.type.inner.decode_imports
        else:
            found |= self.type.reader_imports
        return found if self.required else found | {(".types", "UNSET"), (".types", "Unset")}


@frozen
class ImportLine:
    """One import, and whether it must wait until the class exists."""

    code: Code
    late: bool


@frozen
class ModelFacts:
    """One class of an object."""

    name: Code
    module: Code
    doc: Code
    fields: tuple[FieldFacts, ...]
    further: SchemaType
    """The type of the members that are not declared."""
    further_doc: Code
    imports: tuple[ImportLine, ...]
    multipart: bool
    table: TableFacts | None

    @property
    def required(self) -> list[FieldFacts]:
        return [field for field in self.fields if field.required]

    @property
    def optional(self) -> list[FieldFacts]:
        return [field for field in self.fields if not field.required]

    @property
    def secret(self) -> bool:
        """Whether a member is a secret; then those that nobody documented may be one too."""
        return any(field.secret for field in self.fields)

    @property
    def members(self) -> Code:
        return Code(", ".join(literal(field.name) for field in self.fields))

    @property
    def read_further(self) -> Code:
        source = Code("unknown_members(data, _MEMBERS)")
        return source if self.further == types.ANY else types.MapType(self.further).decode(source)

    @property
    def write_further(self) -> Code:
        return types.MapType(self.further).encode(Code("self.additional_properties"))


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
    described = {**reader.resolved(schema), **schema} if isinstance(kind, types.Scalar) else schema
    return FieldFacts(
        name=name,
        attribute=attribute,
        type=kind,
        required=required,
        default=_default(reader, kind, schema) if required else Code("UNSET"),
        schema=described,
        secret=_is_password(reader, schema) or SECRET in schema,
    )


def _is_password(reader: SchemaTypes, schema: Mapping[str, Any]) -> bool:
    """Whether a member is a password, or may be one."""
    found = reader.resolved(schema)
    members = [as_object(member) for member in as_list(found.get("anyOf"))]
    return any(reader.resolved(member).get("format") == "password" for member in ({**found, **schema}, *members))


def _default(reader: SchemaTypes, kind: SchemaType, schema: Mapping[str, Any]) -> Code | None:
    """What a required member is when nobody says: its only value, or the default of the schema."""
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


def docstring(text: str) -> Code:
    """Text as it stands between the quotes inside a class; of several lines, the quotes at the end have their own."""
    lines = prose(text, width=_WIDTH)
    return Code(f"{lines.rstrip()}\n" if "\n" in lines else lines)


def class_doc(schema: Mapping[str, Any], name: str) -> Code:
    """The docstring of a class: what the schema says of itself."""
    text = str(schema.get("description") or schema.get("title") or f"{name}.")
    if schema.get("deprecated") is True:
        text = f"Deprecated.\n\n{text}"
    return docstring(text)


def import_lines(
    imports: Iterable[tuple[str, str]], root: str, late: frozenset[str] = frozenset()
) -> tuple[ImportLine, ...]:
    """Source of imports, sorted.

    Args:
        imports: What to import.
        root: The way up to the root of the package, such as ``..``.
        late: Modules of models that import the importing module themselves.
    """
    by_module: dict[str, set[str]] = {}
    for module, name in imports:
        by_module.setdefault(module, set()).add(name)
    lines: list[ImportLine] = []
    for module, names in sorted(by_module.items()):
        own = module.startswith(".")
        place = f"{root}{module[1:]}" if own else module
        if root == ".." and place.startswith("..models."):
            place = place.removeprefix(".").replace("models.", "", 1)
        if "" in names:
            lines.append(ImportLine(Code(f"import {place}"), late=False))
        given = ", ".join(sorted(names - {""}))
        if given:
            lines.append(ImportLine(Code(f"from {place} import {given}"), late=module.removeprefix(".models.") in late))
    return tuple(lines)


def model_facts(
    reader: SchemaTypes, multipart: frozenset[str]
) -> tuple[dict[str, ModelFacts], dict[str, frozenset[str]]]:
    """The facts of every object class, by class name, and the modules in a circle with each module.

    Args:
        reader: The types of the document.
        multipart: Components which are the body of a multipart request.
    """
    drafts: dict[str, tuple[ClassName, dict[str, Any], tuple[FieldFacts, ...], SchemaType, Imports]] = {}
    graph: dict[str, set[str]] = {}
    for component, name in reader.names.items():
        schema = reader.schema(component)
        if is_enumeration(schema):
            continue
        if not as_object(schema.get("properties")):
            kind = reader.of({"$ref": f"#/components/schemas/{component}"})
            inner = kind.inner if isinstance(kind, types.NullableType) else kind
            if isinstance(inner, types.TaggedUnion):
                graph[name.module] = {one.module for member in inner.members for one in member.classes()}
            continue
        fields = fields_of(reader, schema)
        values = schema.get("additionalProperties")
        further = types.ANY if values is None or isinstance(values, bool) else reader.of(as_object(values))
        imports = _imports(fields, further)
        drafts[component] = (name, schema, fields, further, imports)
        graph[name.module] = {module.removeprefix(".models.") for module, _ in imports if module.startswith(".models.")}
    circles = strongly_connected(graph)
    found: dict[str, ModelFacts] = {}
    for component, (name, schema, fields, further, imports) in drafts.items():
        others = circles[name.module] - {name.module}
        table = table_facts(reader, schema, fields)
        if table is not None:
            imports |= types.helper("table_rows") | table.cell.annotation_imports
        if component in multipart:
            imports |= {(".types", "RequestFiles"), (".types", "multipart")}
        own = f".models.{name.module}"
        found[name.name] = ModelFacts(
            name=name.name,
            module=name.module,
            doc=class_doc(schema, component),
            fields=fields,
            further=further,
            further_doc=docstring(str(as_object(schema.get("additionalProperties")).get("description") or _UNKNOWN)),
            imports=import_lines((line for line in imports if line[0] != own), "..", frozenset(others)),
            multipart=component in multipart,
            table=table,
        )
    return found, circles


def _imports(fields: Sequence[FieldFacts], further: SchemaType) -> Imports:
    found = types.helper("unknown_members") | further.annotation_imports | further.encode_imports
    if further != types.ANY:
        found |= types.MapType(further).decode_imports
    for field in fields:
        found |= field.imports
    return found

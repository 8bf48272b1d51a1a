"""Parameters of an operation: name, type and how the value is written into the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from attrs import frozen

from sdkgen.code import Code, identifier, joined, literal, one_line, sentence, unique
from sdkgen.facts.names import parameter_placeholders
from sdkgen.models.schema_types import (
    ANY,
    NOT_NULL,
    Imports,
    ListType,
    MapType,
    ModelType,
    NullableType,
    SchemaType,
    TaggedUnion,
    TupleType,
    UnionType,
)
from sdkgen.parameter_styles import DEFAULT_STYLE, STYLES
from sdkgen.pointers import as_list, as_object

__all__ = [
    "ADDITIONAL_MEMBERS",
    "HELPERS",
    "RESERVED",
    "ParameterFact",
    "in_signature",
    "parameter_fact",
    "path_expression",
    "python_names",
    "unsupported",
    "without_null",
]

Location = Literal["path", "query", "header", "cookie"]
Writing = Literal["single", "each", "joined", "members", "deep", "json"]
"""How a value is written: as one, one per item, items joined, one per member, as ``name[member]``, as JSON."""

HELPERS = (
    "cookie_header",
    "deep_query_object",
    "extended",
    "form_bytes",
    "if_any",
    "joined_query_value",
    "json_bytes",
    "json_text",
    "or_unset",
    "path_segment",
    "query_members",
    "query_value",
    "query_values",
)
"""Functions of ``_runtime/request.py`` that put values into a request."""

RESERVED = frozenset({"self", "timeout", "headers", "body", "query_string", "header_fields", "multipart", *HELPERS})
"""Names that every method has, the body's, and those of the functions that a request builder calls."""

ADDITIONAL_MEMBERS = Code("additional_properties")
"""The attribute of a model, and the argument, for members that the schema allows without naming them."""

_SEPARATOR: Mapping[str, str] = {"spaceDelimited": " ", "pipeDelimited": "|"}
_MAPPING: Imports = frozenset({("collections.abc", "Mapping")})


@frozen
class ParameterFact:
    """One argument of an operation: a parameter, or a member of a body that stands as arguments."""

    name: str
    """As it is sent."""
    python: Code
    location: Location | Literal["body"]
    kind: SchemaType
    required: bool
    writing: Writing = "single"
    constant: str | None = None
    """The text that is sent always; then the parameter is in no signature."""
    default: Code | None = None
    """Of a required argument: what it is when it is unspecified."""
    separator: str = ","
    reserved: bool = False
    """The value keeps reserved characters such as ``=`` as they are (``allowReserved``)."""
    description: str = ""
    example: object = None
    field: Code | None = None
    """Of a member of a body: its name in the model."""

    @property
    def takes_unset(self) -> bool:
        """``None`` is JSON ``null`` here, so that what is not sent needs a value of its own."""
        return not self.required and (self.kind.admits_null or self._is_any) and self.location == "body"

    @property
    def _is_any(self) -> bool:
        return self.kind.annotation == "Any"

    @property
    def declaration(self) -> Code:
        """As it stands in the signature of a request builder, which gets checked values."""
        return self._declared(in_signature(self.kind) if self._any_mapping else self.kind.annotation)

    @property
    def accepted(self) -> Code:
        """As it stands in the signature of a method."""
        return self._declared(self.kind.accepted())

    @property
    def is_checked(self) -> bool:
        """Whether some values are not accepted."""
        return not self._is_any

    @property
    def decoder(self) -> Code:
        """What a given value is checked and converted with."""
        return self._checked.decoder

    @property
    def decode_imports(self) -> Imports:
        """What the decoder needs."""
        return self._checked.decode_imports

    @property
    def _checked(self) -> SchemaType:
        return self.kind if self.location == "body" or self.writing == "json" else without_null(self.kind)

    def _declared(self, annotation: Code) -> Code:
        if self.required:
            return Code(f"{self.python}: {annotation}{f' = {self.default}' if self.default is not None else ''}")
        if self.takes_unset:
            return Code(f"{self.python}: {annotation}{'' if self._is_any else ' | Unset'} = UNSET")
        optional = annotation if self._is_any or self.kind.admits_null else f"{annotation} | None"
        return Code(f"{self.python}: {optional} = None")

    @property
    def _any_mapping(self) -> bool:
        """Whether any mapping will do: it is read once, and not kept in a model."""
        kept = self.location == "body" and self.field != ADDITIONAL_MEMBERS
        return isinstance(_bare(self.kind), MapType) and not kept

    @property
    def imports(self) -> Imports:
        """What the declaration needs."""
        return self._imports(self.kind.annotation_imports | (_MAPPING if self._any_mapping else frozenset()))

    @property
    def accepted_imports(self) -> Imports:
        """What the declaration of what is accepted needs."""
        return self._imports(self.kind.accepted_imports)

    def _imports(self, found: Imports) -> Imports:
        if self.takes_unset:
            found |= {(".types", "UNSET")} if self._is_any else {(".types", "UNSET"), (".types", "Unset")}
        return found


def without_null(kind: SchemaType) -> SchemaType:
    """The type of a mapping outside of JSON, where no text stands for ``null``; other types as they are."""
    bare = _bare(kind)
    if not isinstance(bare, MapType):
        return kind
    values = MapType(NOT_NULL if bare.inner == ANY else _bare(bare.inner))
    return values if bare is kind else NullableType(values)


def _bare(kind: SchemaType) -> SchemaType:
    return kind.inner if isinstance(kind, NullableType) else kind


def in_signature(kind: SchemaType) -> Code:
    """The type of an argument: any mapping will do for an object without a class."""
    bare = _bare(kind)
    if isinstance(bare, MapType):
        return Code(f"Mapping[str, {bare.inner.annotation}]{' | None' if bare is not kind else ''}")
    return kind.annotation


def unsupported(parameter: Mapping[str, Any], kind: SchemaType) -> str | None:
    """Why requests cannot be written with this parameter, if so."""
    location = str(parameter.get("in"))
    if "content" in parameter:
        return None
    style = str(parameter.get("style", DEFAULT_STYLE.get(location, "")))
    if style not in STYLES.get(location, ()):
        return f"style `{style}` of a parameter in `{location}`"
    bare = _bare(kind)
    if location != "query" and (isinstance(bare, ModelType | MapType | TaggedUnion)):
        return f"an object in `{location}`"
    items = bare.inner if isinstance(bare, ListType) else bare
    if isinstance(bare, ListType | MapType) and isinstance(_bare(items), ModelType | TaggedUnion | ListType):
        return "objects or lists inside a parameter's value, for which OpenAPI says no spelling"
    if style == "deepObject" and not isinstance(bare, ModelType | MapType):
        return "style `deepObject` of a value that is no object"
    return None


def parameter_fact(
    parameter: Mapping[str, Any], schema: Mapping[str, Any], kind: SchemaType, python: Code
) -> ParameterFact:
    """One parameter of an operation.

    Args:
        parameter: The Parameter Object.
        schema: Its schema, references followed.
        kind: The schema's type.
        python: Its name in the signature.
    """
    location: Location = parameter["in"]
    style = str(parameter.get("style", DEFAULT_STYLE[location]))
    required = parameter.get("required") is True or location == "path"
    return ParameterFact(
        name=str(parameter["name"]),
        python=python,
        location=location,
        kind=kind,
        required=required,
        writing=_writing(parameter, location, style, _bare(kind)),
        constant=wire_text(schema["const"]) if "const" in schema and required else None,
        separator=_SEPARATOR.get(style, ","),
        reserved=parameter.get("allowReserved") is True,
        description=_description(parameter, schema),
        example=_example(parameter, schema),
    )


def _writing(parameter: Mapping[str, Any], location: Location, style: str, kind: SchemaType) -> Writing:
    if "content" in parameter:
        return "json"
    if isinstance(kind, ModelType | MapType | TaggedUnion):
        if style == "deepObject":
            return "deep"
        return "members"
    lists = isinstance(kind, ListType | TupleType)
    if isinstance(kind, UnionType):
        lists = any(isinstance(inner, ListType | TupleType) for inner in kind.inners)
    if lists:
        explode = parameter.get("explode", style == "form") is True
        return "each" if explode and location == "query" else "joined"
    return "single"


def wire_text(value: object) -> str:
    """A constant as it stands in a URL or header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _description(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    text = one_line(str(parameter.get("description") or schema.get("description") or ""))
    if parameter.get("deprecated") is True or schema.get("deprecated") is True:
        text = f"Deprecated. {text}".rstrip()
    if "default" in schema:
        text = f"{sentence(text)} The API's default is {one_line(wire_text(schema['default'])) or 'empty'}.".strip()
    return text


def _example(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> object:
    """The example of a parameter: its own, its schema's, or the first value it can have; else ``None``."""
    found: list[object] = [parameter.get("example")]
    found += [as_object(example).get("value") for example in as_object(parameter.get("examples")).values()]
    found += [schema.get("example"), *as_list(schema.get("examples"))[:1], schema.get("default")]
    found += as_list(schema.get("enum"))[:1]
    return next((example for example in found if example is not None), None)


def python_names(parameters: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> list[Code]:
    """Names for the parameters (wire name, location), none twice and none of ``taken`` or :data:`RESERVED`."""
    names: list[Code] = []
    for name, location in parameters:
        python = identifier(name, fallback="parameter", reserved=RESERVED)
        names.append(unique(python, [*taken, *names], location))
    return names


def path_expression(path: str, parameters: Iterable[ParameterFact]) -> Code:
    """The path of a request, with its parameters put in: ``"/API/" + path_segment("domain", domain)``."""
    by_name = {parameter.name: parameter for parameter in parameters if parameter.location == "path"}
    pieces: list[Code] = []
    rest = path
    for name in parameter_placeholders(path):
        parameter = by_name.get(name)
        before, _, rest = rest.partition(f"{{{name}}}")
        if parameter is None:  # a placeholder that nobody declared is text
            pieces.append(literal(_quoted(f"{before}{{{name}}}")))
            continue
        if before:
            pieces.append(literal(_quoted(before)))
        if parameter.constant is not None:
            pieces.append(literal(quote(parameter.constant, safe="")))
        else:
            pieces.append(Code(f"path_segment({literal(name)}, {parameter.python})"))
    if rest or not pieces:
        pieces.append(literal(_quoted(rest)))
    return joined(" + ", pieces)


def _quoted(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=~-._")

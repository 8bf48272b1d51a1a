"""Parameters of an operation: name, type and how the value is serialised into the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from attrs import frozen

from sdkgen.code import Code, identifier, joined, literal, one_line, sentence, unique
from sdkgen.facts.names import parameter_placeholders
from sdkgen.facts.styles import Shape, bare, shape_of
from sdkgen.media_types import media_kind
from sdkgen.models.descriptions import choices
from sdkgen.models.schema_types import ANY, NOT_NULL, Imports, MapType, NullableType, SchemaType
from sdkgen.parameter_styles import explodes, style_of
from sdkgen.pointers import as_list, as_object

__all__ = [
    "ADDITIONAL_MEMBERS",
    "HELPERS",
    "LIST_ARGUMENTS",
    "RESERVED",
    "SEND_READ_ONLY",
    "ParameterFact",
    "in_signature",
    "parameter_fact",
    "path_expression",
    "python_names",
    "takes_any_mapping",
    "without_null",
]

Location = Literal["path", "query", "header", "cookie"]
_OF_REQUEST = (
    "extended",
    "for_request",
    "if_any",
    "json_bytes",
    "json_text",
    "or_unset",
    "path_segment",
    "query_members",
    "query_value",
    "query_values",
)
_OF_STYLES = (
    "comma_delimited",
    "cookie_header",
    "deep_query_object",
    "delimited",
    "exploded_query_value",
    "form_bytes",
    "json_field",
    "label_path",
    "matrix_path",
    "pipe_delimited",
    "simple_path",
    "space_delimited",
    "whole_segment",
)
HELPERS: Mapping[str, str] = {
    **dict.fromkeys(_OF_REQUEST, "._runtime.request"),
    **dict.fromkeys(_OF_STYLES, "._runtime.styles"),
    "EntryFields": "._runtime.entries",
}
"""Functions of the runtime that put values into a request, with their modules."""

OPTIONS = frozenset(
    {"timeout", "total_timeout", "max_retries", "max_retry_after", "extra_headers", "extra_query", "extra_body"}
)
"""The options of every call (``RequestOptions``)."""

LIST_ARGUMENTS = (Code("continuation_token: str | None = None"), Code("prefetch: bool = False"))
"""The arguments of every method that returns a paged list."""

SEND_READ_ONLY = Code("send_read_only")
"""The argument of methods whose body has ``readOnly`` members."""

RESERVED = frozenset(
    [
        *("self", "body", "request_options", SEND_READ_ONLY, "query_string", "header_fields", "multipart"),
        *OPTIONS,
        *HELPERS,
        *(declaration.partition(":")[0] for declaration in LIST_ARGUMENTS),
    ]
)
"""Arguments of every method, the name of the body, and the functions that a request builder calls."""

ADDITIONAL_MEMBERS = Code("additional_properties")
"""The attribute of a model, and the default name of the argument, for additional members."""

_MAPPING: Imports = frozenset({("collections.abc", "Mapping")})


@frozen
class ParameterFact:
    """One argument of an operation: a parameter, or a member of a body that is passed as arguments."""

    name: str
    """The name on the wire."""
    python: Code
    location: Location | Literal["body"]
    kind: SchemaType
    required: bool
    style: str = "form"
    explode: bool = False
    is_json: bool = False
    """The value is sent as JSON (``content``)."""
    constant: str | None = None
    """The only possible value, which is always sent; such a parameter has no argument."""
    default: Code | None = None
    """Of a required argument: the default value."""
    reserved: bool = False
    """The value keeps reserved characters such as ``=`` as they are (``allowReserved``)."""
    description: str = ""
    example: object = None
    field: Code | None = None
    """Of a member of a body: the attribute of the model."""
    fallback: Code | None = None
    """Of a member of a body: the path parameter whose value is the default."""
    is_made: bool = False
    """The client makes the value of a call without it: an idempotency key."""

    @property
    def shape(self) -> Shape:
        """The shape of the value, which selects the form of the style."""
        return shape_of(self.kind)

    @property
    def value(self) -> Code:
        """The argument as passed to the functions of the runtime: as JSON text, or a model as its members."""
        has_members = self.shape in ("object", "mixed") and not self._is_flat
        encodes = self.is_json or self.style == "deepObject" or has_members or self.kind.has_own_format
        source = bare(self.kind).encode(self.python) if encodes else self.python
        if self.is_json:
            source = Code(f"json_text({source}{', ascii_only=True' if self.location == 'header' else ''})")
        optional = not self.required or self.kind.admits_null
        return source if source == self.python or not optional else Code(f"None if {self.python} is None else {source}")

    @property
    def _is_flat(self) -> bool:
        kind = bare(self.kind)
        return isinstance(kind, MapType) and shape_of(kind.inner) != "object"

    @property
    def takes_unset(self) -> bool:
        """Whether an omitted argument is ``UNSET``, because ``None`` is sent as JSON ``null``."""
        return not self.required and (self.kind.admits_null or self._is_any) and self.location == "body"

    @property
    def _is_any(self) -> bool:
        return self.kind.annotation == "Any"

    @property
    def declaration(self) -> Code:
        """The declaration in the signature of a request builder, which gets checked values."""
        return self._declared(in_signature(self.kind) if self._any_mapping else self.kind.annotation, self.may_lack)

    @property
    def accepted(self) -> Code:
        """The declaration in the signature of a method."""
        return self._declared(self.kind.accepted())

    @property
    def accepted_beside_body(self) -> Code:
        """The declaration in the signature of a method that takes the body whole too."""
        return self._declared(self.kind.accepted(), self.may_lack)

    @property
    def may_lack(self) -> bool:
        """Whether it is a required member of a body, which is not given if the body is passed whole."""
        return self.field is not None and self.required and self.default is None

    @property
    def is_checked(self) -> bool:
        """Whether the value is checked: some values are rejected."""
        return not self._is_any

    @property
    def decoder(self) -> Code:
        """The function that checks and converts a value."""
        return self._checked.decoder

    @property
    def decode_imports(self) -> Imports:
        """Imports for the decoder."""
        return self._checked.decode_imports

    @property
    def _checked(self) -> SchemaType:
        return self.kind if self.location == "body" or self.is_json else without_null(self.kind)

    def _declared(self, annotation: Code, may_lack: bool = False) -> Code:
        if may_lack:
            return Code(f"{self.python}: {annotation} = MISSING")
        if self.required:
            return Code(f"{self.python}: {annotation}{f' = {self.default}' if self.default is not None else ''}")
        if self.takes_unset:
            return Code(f"{self.python}: {annotation} = UNSET")
        optional = annotation if self._is_any or self.kind.admits_null else f"{annotation} | None"
        return Code(f"{self.python}: {optional} = None")

    @property
    def _any_mapping(self) -> bool:
        """Whether any mapping is accepted: it is read once, and not kept in a model."""
        kept = self.location == "body" and self.field != ADDITIONAL_MEMBERS
        return takes_any_mapping(self.kind) and not kept

    @property
    def imports(self) -> Imports:
        """Imports for :attr:`declaration`."""
        found = self.kind.annotation_imports
        return self._imports(found | _MAPPING if self._any_mapping else found)

    @property
    def accepted_imports(self) -> Imports:
        """Imports for :attr:`accepted`."""
        return self._imports(self.kind.accepted_imports)

    def _imports(self, found: Imports) -> Imports:
        if self.takes_unset:
            found |= {(".types", "UNSET")}
        return found


def takes_any_mapping(kind: SchemaType) -> bool:
    """Whether :func:`in_signature` returns ``Mapping``."""
    return isinstance(bare(kind), MapType)


def without_null(kind: SchemaType) -> SchemaType:
    """The type of a mapping outside of JSON, which cannot express ``null``; other types are unchanged."""
    inner = bare(kind)
    if not isinstance(inner, MapType):
        return kind
    values = MapType(NOT_NULL if inner.inner == ANY else bare(inner.inner))
    return values if inner is kind else NullableType(values)


def in_signature(kind: SchemaType) -> Code:
    """The type of an argument: an object without a class may be any mapping."""
    inner = bare(kind)
    if isinstance(inner, MapType):
        return Code(f"Mapping[str, {inner.inner.annotation}]{' | None' if inner is not kind else ''}")
    return kind.annotation


def parameter_fact(
    parameter: Mapping[str, Any], schema: Mapping[str, Any], kind: SchemaType, python: Code
) -> ParameterFact:
    """Return the facts of one parameter.

    Args:
        parameter: The Parameter Object.
        schema: Its schema, references followed.
        kind: The type of the schema.
        python: The name in the signature.
    """
    location: Location = parameter["in"]
    style = style_of(parameter, location)
    required = parameter.get("required") is True or location == "path"
    return ParameterFact(
        name=str(parameter["name"]),
        python=python,
        location=location,
        kind=kind,
        required=required,
        style=style,
        explode=explodes(parameter, style),
        is_json=any(media_kind(media_type) == "json" for media_type in as_object(parameter.get("content"))),
        constant=wire_text(schema["const"]) if required and _is_value(schema.get("const", [])) else None,
        reserved=parameter.get("allowReserved") is True,
        description=_description(parameter, schema),
        example=_example(parameter, schema),
    )


def _is_value(value: object) -> bool:
    return not isinstance(value, list | dict)


def wire_text(value: object) -> str:
    """A constant as written in a URL or header."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _description(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    text = one_line(str(parameter.get("description") or schema.get("description") or ""))
    if parameter.get("deprecated") is True or schema.get("deprecated") is True:
        text = f"Deprecated. {text}".rstrip()
    if values := choices(schema):
        text = f"{sentence(text)} {values}".lstrip()
    if "default" in schema:
        text = f"{sentence(text)} The API's default is {one_line(wire_text(schema['default'])) or 'empty'}.".strip()
    return text


def _example(parameter: Mapping[str, Any], schema: Mapping[str, Any]) -> object:
    """The example of a parameter: its own, its schema's, or the first of its permitted values; else ``None``."""
    found: list[object] = [parameter.get("example")]
    found += [as_object(example).get("value") for example in as_object(parameter.get("examples")).values()]
    found += [schema.get("example"), *as_list(schema.get("examples"))[:1], schema.get("default")]
    found += as_list(schema.get("enum"))[:1]
    return next((example for example in found if example is not None), None)


def python_names(parameters: Iterable[tuple[str, str]], taken: Iterable[str] = ()) -> list[Code]:
    """Unique names for the parameters (wire name, location), none of them in ``taken`` or :data:`RESERVED`."""
    names: list[Code] = []
    for name, location in parameters:
        python = identifier(name, fallback="parameter", reserved=RESERVED)
        names.append(unique(python, [*taken, *names], location))
    return names


def path_expression(path: str, parameters: Iterable[ParameterFact]) -> Code:
    """The source of a request's path, parameters inserted: ``"/API/" + path_segment("domain", domain)``."""
    by_name = {parameter.name: parameter for parameter in parameters if parameter.location == "path"}
    pieces: list[Code] = []
    rest = path
    for name in parameter_placeholders(path):
        parameter = by_name.get(name)
        before, _, rest = rest.partition(f"{{{name}}}")
        alone = before.endswith("/") and rest[:1] in ("", "/")
        if parameter is None:  # a placeholder without a declared parameter is literal text
            pieces.append(literal(_quoted(f"{before}{{{name}}}")))
            continue
        if before:
            pieces.append(literal(_quoted(before)))
        if parameter.constant is not None:
            pieces.append(literal(_path_constant(parameter, quote(parameter.constant, safe=""))))
        else:
            pieces.append(_path_parameter(parameter, alone=alone))
    if rest or not pieces:
        pieces.append(literal(_quoted(rest)))
    return joined(" + ", pieces)


def _path_parameter(parameter: ParameterFact, *, alone: bool) -> Code:
    """A parameter in the path; ``alone``: it is a whole segment, where ``.`` would change the path."""
    name, value = literal(parameter.name), parameter.value
    if parameter.is_json or (parameter.style == "simple" and parameter.shape == "value"):
        return Code(f"path_segment({name}, {value})")
    explode = ", explode=True" if parameter.explode and parameter.shape != "value" else ""
    source = Code(f"{parameter.style}_path({name}, {value}{explode})")
    return Code(f"whole_segment({name}, {source})") if parameter.style == "label" and alone else source


def _path_constant(parameter: ParameterFact, text: str) -> str:
    if parameter.style == "matrix":
        name = quote(parameter.name, safe="")
        return f";{name}={text}" if text else f";{name}"
    return f".{text}" if parameter.style == "label" else text


def _quoted(text: str) -> str:
    return quote(text, safe="/%:@!$&'()*+,;=~-._")

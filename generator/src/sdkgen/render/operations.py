"""The module of one operation."""

from __future__ import annotations

import re
from typing import Any

from sdkgen.code import Code, joined, literal
from sdkgen.facts.bodies import BodyFact
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.pages import PagesFact
from sdkgen.facts.parameters import ADDITIONAL_MEMBERS, HELPERS, SEND_READ_ONLY, ParameterFact
from sdkgen.facts.styles import query_writer
from sdkgen.models.schema_types import ANY, Imports, ModelType
from sdkgen.render.source import import_lines, parameter_list

__all__ = ["operation_variables"]


def operation_variables(operation: OperationFact) -> dict[str, Any]:
    """The variables of ``operation.py.jinja``."""
    query = [_query(parameter) for parameter in operation.located("query")]
    headers = [_header(parameter) for parameter in operation.located("header")]
    headers += _cookies(operation.located("cookie"))
    body = _body(operation.body)
    parts = [operation.path_expression]
    parts += [Code(f"query=query_string({joined(', ', query)})")] if query else []
    parts += [Code(f"headers=header_fields({{{joined(', ', headers)}}})")] if headers else []
    parts += body
    decoders = [error for error in operation.errors if error.decoder is not None]
    built = _built_body(operation.body) if operation.body is not None and operation.body.takes_both else Code("")
    used = [*query, *headers, *body, built, operation.path_expression]
    helpers = {name for name in HELPERS if any(re.search(rf"\b{name}\b", piece) for piece in used)}
    own = {"Operation", "RequestParts"}
    own |= {"query_string"} if query else set()
    own |= {"header_fields"} if headers else set()
    read = () if operation.only_streams else operation.responses
    imports = {
        ("._runtime.boundary", "checks_arguments"),
        *([("._runtime.response", "ReceivedResponse")] if read else ()),
        *((HELPERS[name], name) for name in helpers),
        *(("._runtime.request", name) for name in own),
        *operation.checked_imports,
        *(line for one in operation.parameters if one.constant is None for line in one.kind.encode_imports),
        *(line for response in read for line in response.decode_imports),
        *_items_imports(operation),
        *(line for error in decoders for line in error.imports),
        *(_page_imports(operation.pages) if operation.pages is not None else ()),
        *(_body_imports(operation.body) if operation.body is not None else ()),
    }
    return {
        "operation": operation,
        "imports": import_lines(imports, "..."),
        "arguments": parameter_list(operation),
        "checks": joined(", ", (Code(f"{name}={decoder}") for name, decoder in operation.checked)),
        "built": built,
        "members": literal(tuple(str(member.python) for member in operation.members))
        if operation.members
        else Code(""),
        "parts": Code(joined(", ", parts) + ("," if len(parts) > 1 else "")),  # trailing comma: one part per line
        "errors": joined(", ", (Code(f"{literal(error.status)}: {error.decoder}") for error in decoders)),
    }


def _items_imports(operation: OperationFact) -> Imports:
    items = operation.stream.items if operation.stream is not None else None
    return frozenset() if items is None else items.source_imports | items.imports


def _page_imports(pages: PagesFact) -> Imports:
    return pages.item_imports | {("._runtime.pages", pages.kind), ("._runtime.paging", "PagedOperation")}


def _query(parameter: ParameterFact) -> Code:
    """The source of a query parameter."""
    name = literal(parameter.name)
    if parameter.constant is not None:
        return Code(f"query_value({name}, {literal(parameter.constant)})")
    if parameter.is_json:
        return Code(f"query_value({name}, {parameter.value})")
    writer = query_writer(parameter.style, parameter.explode, parameter.shape)
    if writer == "exploded_query_value" and parameter.shape == "object":
        return Code(f"query_members({parameter.value})")
    return Code(f"{writer}({name}, {parameter.value}{', reserved=True' if _keeps_reserved(parameter) else ''})")


def _keeps_reserved(parameter: ParameterFact) -> bool:
    return parameter.reserved and parameter.shape == "value"


def _header(parameter: ParameterFact) -> Code:
    name = literal(parameter.name)
    if parameter.constant is not None:
        return Code(f"{name}: {literal(parameter.constant)}")
    if parameter.is_json or parameter.shape == "value":
        return Code(f"{name}: {parameter.value}")
    explode = ", explode=True" if parameter.explode and parameter.shape != "array" else ""
    return Code(f"{name}: delimited({parameter.value}{explode})")


def _cookies(parameters: list[ParameterFact]) -> list[Code]:
    """The source of the ``Cookie`` header."""
    if not parameters:
        return []
    plain, exploded = list[str](), list[str]()
    for parameter in parameters:
        value = literal(parameter.constant) if parameter.constant is not None else parameter.value
        each = parameter.explode and parameter.shape in ("array", "object") and not parameter.is_json
        (exploded if each else plain).append(f"{literal(parameter.name)}: {value}")
    more = f", {{{', '.join(exploded)}}}" if exploded else ""
    return [Code(f'"Cookie": cookie_header({{{", ".join(plain)}}}{more})')]


def _body(body: BodyFact | None) -> list[Code]:
    """The arguments of ``RequestParts`` that carry the body."""
    if body is None:
        return []
    value = _body_value(body)
    if body.encoding == "multipart":
        multipart = f"{value}.to_multipart()" if isinstance(body.kind, ModelType) else f"multipart({value})"
        return [_optional(body, "files", multipart)]
    encoded = body.kind.encode(value)
    content = {
        "json": f"json_bytes({encoded})",
        "form": f"form_bytes({encoded}{_styles(body)})",
        "text": f"{value}.encode()",
        "bytes": f"{value}.content()",
    }[body.encoding]
    if body.members and not body.required:
        write = f"lambda members: form_bytes(members{_styles(body)})" if body.styles else f"{body.encoding}_bytes"
        content = f"if_any({encoded}, {write})"
    name = "file" if body.encoding == "bytes" else "content"
    return [_optional(body, name, content), Code(f"content_type={literal(body.content_type)}")]


def _styles(body: BodyFact) -> str:
    """The argument of ``form_bytes`` for the fields that need another function than the default."""
    return f", {{{', '.join(f'{literal(name)}: {writer}' for name, writer in body.styles)}}}" if body.styles else ""


def _optional(body: BodyFact, name: str, source: str) -> Code:
    optional = body.members is None and not body.required
    return Code(f"{name}={f'None if body is None else {source}' if optional else source}")


def _body_value(body: BodyFact) -> Code:
    """The source of the body without ``readOnly`` members."""
    given = Code("{}") if body.members == () and not isinstance(body.kind, ModelType) else Code("body")
    if body.members == () and isinstance(body.kind, ModelType):
        given = _built_body(body)
    return Code(f"for_request({given}, {SEND_READ_ONLY})") if body.read_only else given


def _built_body(body: BodyFact) -> Code:
    """The source of a body that is built from its members."""
    arguments = [Code(f"{name}={value}") for name, value in body.constants]
    additional: Code | None = None
    for member in body.members or ():
        if member.field == ADDITIONAL_MEMBERS:
            additional = member.python
            continue
        given = member.python
        if member.fallback is not None:
            given = Code(f"{member.fallback} if {given} is None else {given}")
        elif not member.required and not member.takes_unset and member.kind != ANY:
            given = Code(f"or_unset({given})")
        arguments.append(Code(f"{member.field}={given}"))
    model = Code(f"{body.kind.annotation}({', '.join(arguments)})")
    return model if additional is None else Code(f"extended({model}, {additional})")


def _body_imports(body: BodyFact) -> Imports:
    found = body.kind.annotation_imports if body.members is not None else body.kind.encode_imports
    if body.members is not None:
        found |= {(".types", "UNSET")}
    if body.encoding == "multipart":
        found |= {(".types", "multipart")}
    return found

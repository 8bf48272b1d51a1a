"""The module of one operation."""

from __future__ import annotations

import re
from typing import Any

from sdkgen.code import Code, joined, literal
from sdkgen.facts.bodies import BodyFact
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.parameters import ADDITIONAL_MEMBERS, HELPERS, ParameterFact
from sdkgen.models.schema_types import ANY, Imports, MapType, ModelType
from sdkgen.render.source import import_lines, parameter_list

__all__ = ["operation_variables"]


def operation_variables(operation: OperationFact) -> dict[str, Any]:
    """For ``operation.py.jinja``."""
    query = [_query(parameter) for parameter in operation.located("query")]
    headers = [_field(parameter) for parameter in operation.located("header")]
    cookies = [_field(parameter) for parameter in operation.located("cookie")]
    if cookies:
        headers.append(Code(f'"Cookie": cookie_header({{{", ".join(cookies)}}})'))
    body = _body(operation.body)
    parts = [operation.path_expression]
    parts += [Code(f"query=query_string({joined(', ', query)})")] if query else []
    parts += [Code(f"headers=header_fields({{{joined(', ', headers)}}})")] if headers else []
    parts += body
    decoders = [error for error in operation.errors if error.decoder is not None]
    used = [*query, *headers, *body, operation.path_expression]
    helpers = {name for name in HELPERS if any(re.search(rf"\b{name}\b", piece) for piece in used)}
    helpers |= {"Operation", "RequestParts"}
    if query:
        helpers.add("query_string")
    if headers:
        helpers.add("header_fields")
    imports = {
        ("._runtime.response", "ReceivedResponse"),
        ("._runtime.boundary", "checks_arguments"),
        *(("._runtime.request", name) for name in helpers),
        *operation.checked_imports,
        *(line for response in operation.responses for line in response.decode_imports),
        *(line for error in decoders for line in error.imports),
        *([("._runtime.pages", operation.pages.kind)] if operation.pages is not None else ()),
        *(_body_imports(operation.body) if operation.body is not None else ()),
    }
    return {
        "operation": operation,
        "imports": import_lines(imports, "..."),
        "arguments": parameter_list(operation),
        "checks": joined(", ", (Code(f"{name}={decoder}") for name, decoder in operation.checked)),
        "parts": Code(joined(", ", parts) + ("," if len(parts) > 1 else "")),  # of several, each has its own line
        "errors": joined(", ", (Code(f"{literal(error.status)}: {error.decoder}") for error in decoders)),
    }


def _query(parameter: ParameterFact) -> Code:
    """The part of the query that a parameter is."""
    name = literal(parameter.name)
    if parameter.constant is not None:
        return Code(f"query_value({name}, {literal(parameter.constant)})")
    value = parameter.python
    if parameter.writing in {"members", "deep"} and not isinstance(parameter.kind, MapType):
        value = _if_given(parameter, parameter.kind.encode(value))
    match parameter.writing:
        case "each":
            return Code(f"query_values({name}, {value})")
        case "joined":
            return Code(f"joined_query_value({name}, {value}, {literal(parameter.separator)})")
        case "members":
            return Code(f"query_members({value})")
        case "deep":
            return Code(f"deep_query_object({name}, {value})")
        case "json":
            return Code(f"query_value({name}, {_if_given(parameter, _json_text(parameter))})")
        case _:
            return Code(f"query_value({name}, {value}{', reserved=True' if parameter.reserved else ''})")


def _json_text(parameter: ParameterFact) -> Code:
    return Code(f"json_text({parameter.kind.encode(parameter.python)})")


def _if_given(parameter: ParameterFact, source: Code) -> Code:
    return source if parameter.required else Code(f"None if {parameter.python} is None else {source}")


def _field(parameter: ParameterFact) -> Code:
    """A header or a cookie."""
    if parameter.constant is not None:
        return Code(f"{literal(parameter.name)}: {literal(parameter.constant)}")
    if parameter.writing == "json":
        return Code(f"{literal(parameter.name)}: {_if_given(parameter, _json_text(parameter))}")
    return Code(f"{literal(parameter.name)}: {parameter.python}")


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
        "form": f"form_bytes({encoded})",
        "text": f"{value}.encode()",
        "bytes": f"{value}.content()",
    }[body.encoding]
    if body.members and not body.required:
        content = f"if_any({encoded}, {body.encoding}_bytes)"
    name = "file" if body.encoding == "bytes" else "content"
    return [_optional(body, name, content), Code(f"content_type={literal(body.content_type)}")]


def _optional(body: BodyFact, name: str, source: str) -> Code:
    optional = body.members is None and not body.required
    return Code(f"{name}={f'None if body is None else {source}' if optional else source}")


def _body_value(body: BodyFact) -> Code:
    """The body: an argument, or made of the arguments that stand for it."""
    if body.members is None:
        return Code("body")
    if not isinstance(body.kind, ModelType):
        return Code("{}")
    arguments = [Code(f"{name}={value}") for name, value in body.constants]
    additional: Code | None = None
    for member in body.members:
        if member.field == ADDITIONAL_MEMBERS:
            additional = member.python
            continue
        given = member.python
        if not member.required and not member.takes_unset and member.kind != ANY:
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

"""A recorded request as a call of the vendor's client, with variables in place of its secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from vendor_sandbox.client_calls import Argument, ClientCalls, Method
from vendor_sandbox.control.secret_names import SecretNames, Variable
from vendor_sandbox.document import Document, Operation
from vendor_sandbox.form_entries import with_objects
from vendor_sandbox.json_values import JsonObject, array_of, is_array, is_object, object_of, read_json
from vendor_sandbox.messages import Request
from vendor_sandbox.recording import RecordedRequest

__all__ = ["as_python", "value_of_text"]

LONGEST_LINE = 88
FILES = ("FileInput", "Sequence[FileInput]")
TIMES = {"datetime.datetime": "datetime.datetime.fromisoformat", "datetime.date": "datetime.date.fromisoformat"}


@frozen
class _Source:
    """Source code instead of a value."""

    text: str


_NOT_SHOWN = _Source("...")
_NULL = object()


def as_python(
    request: RecordedRequest, document: Document, calls: ClientCalls, names: SecretNames, *, show_body: bool
) -> str | None:
    """The program; ``None`` if the request belongs to no operation that the client has.

    Args:
        request: the request.
        document: the vendor's document.
        calls: the names of the client.
        names: finds the request's secrets.
        show_body: whether values of the body may be shown; if not, ``...`` stands for each of them.
    """
    method = calls.methods.get(request.operation_id or "")
    if method is None:
        return None
    operation = document.operation(request.operation_id or "")
    given = list(_given(request, document, operation, method, names, show_body=show_body))
    shown = [
        text if argument.positional or (argument.whole and argument.required) else f"{argument.name}={text}"
        for argument, value in given
        for text in [_source(_typed(argument, value))]
    ]
    extra = _undeclared_query(request, document, operation)
    if extra and "extra_query" in calls.options:
        shown.append(f"extra_query={_source(names.json_or_variables(extra))}")
    call = f"{calls.variable}.{method.name}"
    line = f"    result = {call}({', '.join(shown)})"
    if len(line) > LONGEST_LINE:
        line = f"    result = {call}(\n{''.join(f'        {each},' + chr(10) for each in shown)}    )"
    imports = [name for name in ("datetime", "os", "pathlib") if re.search(rf"\b{name}\.", _without_texts(line))]
    head = "".join(f"import {name}\n" for name in imports) + ("\n" if imports else "")
    return (
        f"{head}from {calls.package} import {calls.client}\n\n"
        f"with {calls.client}() as {calls.variable}:\n{line}\nprint(result)\n"
    )


def value_of_text(text: str, schema: JsonObject) -> Any:
    """The value that a text in a path, query or form stands for, by the type in the schema; else the text."""
    types = [schema.get("type")] if isinstance(schema.get("type"), str) else array_of(schema.get("type"))
    if "string" in types or not types:
        return text
    try:
        return read_json(text)
    except ValueError:
        return text


def _given(
    request: RecordedRequest,
    document: Document,
    operation: Operation,
    method: Method,
    names: SecretNames,
    *,
    show_body: bool,
) -> Iterator[tuple[Argument, object]]:
    """The arguments that the request has, each with its value."""
    schemas = {(one.location, one.name): one for one in operation.parameters}
    declared = {one.name for one in operation.parameters if not one.takes_any_name}
    whole, members = _body(request, document, operation)
    taken = {argument.wire for argument in method.arguments if argument.location == "body"}
    taken |= set(_properties(operation))
    for argument in method.arguments:
        place = (argument.location, argument.wire)
        parameter = schemas.get(place)
        value: object = None
        match argument.location:
            case "path":
                value = request.path_parameters.get(argument.wire)
            case "query" if parameter is not None and parameter.takes_any_name:
                value = {name: each for name, each in request.query if name not in declared} or None
            case "query":
                value = next((each for name, each in request.query if name == argument.wire), None)
            case "header":
                value = request.header(argument.wire)
            case "cookie":
                value = _cookie(request, argument.wire)
            case _ if argument.whole:
                value = whole
            case _ if argument.wire:
                value = _member(argument, members)
            case _:
                value = {name: each for name, each in members.items() if name not in taken} or None
        if value is None:
            continue
        if value is _NULL:
            value = None
        if argument.location == "body" and not show_body:
            yield argument, _NOT_SHOWN
        elif isinstance(value, str) and parameter is not None:
            # in a path, as in the list of requests, the name of a parameter tells nothing: most are ids
            found = names.text_or_variable("" if argument.location == "path" else argument.wire, value)
            yield argument, found if isinstance(found, Variable) else value_of_text(value, parameter.schema)
        else:
            yield argument, names.json_or_variables(value, argument.wire)


def _undeclared_query(request: RecordedRequest, document: Document, operation: Operation) -> dict[str, str]:
    """The parameters of the query that no argument takes; the client adds tokens and keys by itself."""
    if any(parameter.takes_any_name for parameter in operation.parameters):
        return {}
    known = {parameter.name for parameter in operation.parameters if parameter.location == "query"}
    known |= {scheme.parameter for scheme in document.schemes.values() if scheme.location == "query"}
    return {name: value for name, value in request.query if name not in known}


def _body(request: RecordedRequest, document: Document, operation: Operation) -> tuple[object, Mapping[str, Any]]:
    """The body as a value, and its members; a form's texts are read by the types in the schema."""
    sent = Request(request.method, "", "", "", request.headers, request.body, request.parts)
    tokens = _token_members(document)
    if sent.media_type == "multipart/form-data":
        members = {name: list(values) if len(values) > 1 else values[0] for name, values in request.parts.items()}
        return members, members
    if sent.form is not None:
        properties = _properties(operation)
        media = operation.body.get(sent.media_type)
        members = {
            name: value_of_text(value, document.resolve(properties.get(name))) if isinstance(value, str) else value
            for name, value in with_objects(sent.form, media.entries if media is not None else {}).items()
        }
        return members, members
    value = sent.json
    if is_object(value):  # the client adds the token by itself
        value = {name: member for name, member in value.items() if name not in tokens}
    return value, object_of(value)


def _properties(operation: Operation) -> JsonObject:
    media = next(iter(operation.body.values()), None)
    return object_of(media.schema.get("properties")) if media is not None else {}


def _token_members(document: Document) -> set[str]:
    """The members of a body that carry the token."""
    placements = (
        object_of(each)
        for scheme in document.schemes.values()
        for each in array_of(object_of(scheme.lifecycle).get("placements"))
    )
    return {str(each.get("name")) for each in placements if each.get("in") == "body"}


def _member(argument: Argument, members: Mapping[str, Any]) -> object:
    """A member of the body; ``_NULL`` if it is null and the argument takes that; ``None`` if it is not there."""
    value = members.get(argument.wire)
    if value is None and argument.wire in members and argument.type.endswith("| None"):
        return _NULL
    if isinstance(value, str) and not argument.takes_text:  # JSON in a part of a form
        return value_of_text(value, {"type": "object"})
    return value


def _cookie(request: RecordedRequest, name: str) -> str | None:
    return Request(request.method, "", "", "", request.headers, b"").cookie(name)


def _typed(argument: Argument, value: object) -> object:
    """The value as the type of the argument: a file by its path, a date from its text."""
    if argument.type in FILES and isinstance(value, str):
        return _Source(f"pathlib.Path({_source(value)})")
    if argument.type in FILES and is_array(value):
        return [_Source(f"pathlib.Path({_source(each)})") for each in value]
    convert = TIMES.get(argument.type.removesuffix(" | None"))
    return _Source(f"{convert}({_source(value)})") if convert and isinstance(value, str) else value


def _source(value: object) -> str:
    """The source of a value."""
    if isinstance(value, _Source):
        return value.text
    if isinstance(value, Variable):
        return f'os.environ["{value.name}"]'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False) if value.isprintable() else repr(value)
    if is_object(value):
        return f"{{{', '.join(f'{_source(name)}: {_source(member)}' for name, member in value.items())}}}"
    if is_array(value):
        return f"[{', '.join(map(_source, value))}]"
    return repr(value)


def _without_texts(source: str) -> str:
    return re.sub(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')""", '""', source)

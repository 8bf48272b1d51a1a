"""The request of an operation, built from the arguments of the client's method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from vendor_sandbox.client_calls import Argument, Method
from vendor_sandbox.document import Operation
from vendor_sandbox.form_entries import Entries
from vendor_sandbox.json_values import JsonObject, is_object, read_json
from vendor_sandbox.trial.outgoing import Outgoing

__all__ = ["WrongArgument", "outgoing_of"]


class WrongArgument(ValueError):
    """Raised for an argument that cannot be sent. ``where`` is a pointer into the body of the control API's request."""

    def __init__(self, message: str, where: str) -> None:
        super().__init__(message)
        self.where = where


def outgoing_of(operation: Operation, method: Method, url: str, given: Mapping[str, str]) -> Outgoing:
    """Build the request, without a token.

    Args:
        operation: the operation.
        method: the client's method.
        url: of the operation's server.
        given: a text for each argument, as it is typed into a form: a text as it is, anything else as JSON.

    Raises:
        WrongArgument: an argument is unknown, missing or not JSON.
    """
    known = [argument.name for argument in method.arguments]
    for name in given:
        if name not in known:
            raise WrongArgument(f"unknown argument; {method.name} has {', '.join(known) or 'none'}", _where(name))
    outgoing = Outgoing(operation.method, f"{url}{operation.path}", media_type=method.media_type)
    for location, wire, value in method.constants:
        _put(outgoing, location, wire, value)
    for argument in method.arguments:
        text = given.get(argument.name, "")
        if text != "":
            _add(outgoing, operation, argument, text)
        elif (argument.required and argument.location != "body") or (argument.whole and argument.required):
            raise WrongArgument(f"{argument.name} is required", _where(argument.name))
    if operation.body_required and outgoing.body is None:
        outgoing.body = {}
    return outgoing


def _add(outgoing: Outgoing, operation: Operation, argument: Argument, text: str) -> None:
    if argument.style:
        raise WrongArgument(f"the console cannot send values in the style {argument.style}", _where(argument.name))
    if argument.location == "body":
        media = operation.body.get((outgoing.media_type or "").lower())
        _add_to_body(outgoing, argument, text, media.entries if media is not None else {})
        return
    parameter = next(
        one for one in operation.parameters if (one.location, one.name) == (argument.location, argument.wire)
    )
    if parameter.takes_any_name:
        outgoing.query += [(name, str(value)) for name, value in _object(argument, text).items()]
    else:
        _put(outgoing, argument.location, argument.wire, text)


def _put(outgoing: Outgoing, location: str, wire: str, text: str) -> None:
    match location:
        case "path":
            outgoing.url = outgoing.url.replace(f"{{{wire}}}", quote(text, safe=""))
        case "query":
            outgoing.query.append((wire, text))
        case "cookie":
            before = outgoing.headers.get("cookie")
            outgoing.headers["cookie"] = f"{before}; {wire}={text}" if before else f"{wire}={text}"
        case _:
            if not (text.isascii() and text.isprintable()):
                raise WrongArgument(f"the header {wire} takes printable ASCII only", _where(wire))
            outgoing.headers[wire] = text


def _add_to_body(outgoing: Outgoing, argument: Argument, text: str, entries: Mapping[str, Entries]) -> None:
    if argument.whole:
        is_text = "json" not in (outgoing.media_type or "") and "form" not in (outgoing.media_type or "")
        outgoing.body = text if is_text else _json(argument, text)
        return
    if outgoing.body is None:
        outgoing.body = {}
    if "FileInput" in argument.type:
        outgoing.files = (*outgoing.files, argument.wire)
    if argument.wire in entries:
        outgoing.body |= entries[argument.wire].write(_object(argument, text))
    elif argument.wire == "":
        outgoing.body |= _object(argument, text)
    else:
        outgoing.body[argument.wire] = text if argument.takes_text else _json(argument, text)


def _object(argument: Argument, text: str) -> JsonObject:
    value = _json(argument, text)
    if not is_object(value):
        raise WrongArgument(f"{argument.name} must be a JSON object", _where(argument.name))
    return value


def _json(argument: Argument, text: str) -> Any:
    try:
        return read_json(text)
    except ValueError:
        message = f'{argument.name} must be JSON: 5, true, {{"name": "Ada"}} or [1, 2]'
        raise WrongArgument(message, _where(argument.name)) from None


def _where(name: str) -> str:
    return f"/arguments/{name.replace('~', '~0').replace('/', '~1')}"

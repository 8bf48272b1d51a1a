"""Strict parsing of queries and bodies of the control API."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from json import JSONDecodeError

from starlette.requests import Request

from vendor_sandbox.control.errors import WrongInput
from vendor_sandbox.json_values import JsonObject, is_object, read_json
from vendor_sandbox.messages import media_type_of

__all__ = ["json_body", "number", "query_of", "vendor_in"]

LONGEST_BODY = 65536
DIGITS = 15


def query_of(request: Request, *names: str) -> dict[str, str]:
    """The parameters of a query.

    Raises:
        WrongInput: a parameter is unknown (ignoring a mistyped filter would affect more than intended), or given twice.
    """
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in names:
            allowed = f"this path takes {', '.join(names)}" if names else "this path takes none"
            raise WrongInput(400, f"unknown query parameter; {allowed}", f"?{name}")
        if name in found:
            raise WrongInput(400, f"{name} is given twice", f"?{name}")
        found[name] = value
    return found


def vendor_in(query: Mapping[str, str], served: Collection[str]) -> str | None:
    """The vendor that a query names, or ``None``.

    Raises:
        WrongInput: the sandbox does not serve it.
    """
    vendor = query.get("vendor")
    if vendor is not None and vendor not in served:
        raise WrongInput(400, f"vendor must be one of {', '.join(served)}", "?vendor")
    return vendor


def number(text: str, where: str) -> int:
    """Parse an id, a whole number of at least 0.

    Raises:
        WrongInput: the text is not one.
    """
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS):
        raise WrongInput(400, "an id is a whole number of at least 0", where)
    return int(text)


async def json_body(request: Request) -> JsonObject:
    """The JSON object in a request's body.

    Raises:
        WrongInput: the body is not declared as JSON, is not a JSON object, or is too long.
    """
    if media_type_of(request.headers.get("content-type", "")) != "application/json":
        raise WrongInput(400, "the body must be JSON, with Content-Type: application/json", "Content-Type")
    text = bytearray()
    async for piece in request.stream():
        text += piece
        if len(text) > LONGEST_BODY:
            raise WrongInput(400, f"the body must not be longer than {LONGEST_BODY} bytes")
    if not text:
        raise WrongInput(400, "the body is empty; it must be a JSON object")
    try:
        value = read_json(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise WrongInput(400, "the body is not in UTF-8") from None
    except JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise WrongInput(400, f"the body is not JSON: {error.msg} at {at}") from None
    except ValueError:
        raise WrongInput(
            400,
            "the body is not JSON as supported: it has NaN, Infinity or a number too long, or is nested too deep",
        ) from None
    if not is_object(value):
        raise WrongInput(422, "the body must be a JSON object")
    return value

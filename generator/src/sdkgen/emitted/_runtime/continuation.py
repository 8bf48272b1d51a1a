"""Continuation tokens: the position in a list as a text that a program can keep. No I/O."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any
from urllib.parse import parse_qsl

import httpx

from .._decoding import string
from .._given import argument
from ..errors import InvalidArgument
from ..types import is_array
from .request import Operation, RequestParts

VERSION = 1
_LONGEST_NAME = 100  # of an operation in a message


def continuation_token(operation: Operation, start: RequestParts, position: object) -> str:
    """Return the token for a position in a list.

    Args:
        operation: The operation.
        start: The request for the first page, which stands for the arguments of the call.
        position: A JSON value from which the request for the page can be made.
    """
    content = [VERSION, operation.operation_id, position, _digest(operation, start, position)]
    return base64.urlsafe_b64encode(json.dumps(content, separators=(",", ":")).encode()).decode().rstrip("=")


def position_in(token: object, operation: Operation, start: RequestParts) -> Any:
    """Return the position in a token.

    Raises:
        WrongArgumentType: The token is not a ``str``.
        InvalidArgument: It is no token, one of another version, operation or other arguments, or was changed.
    """
    version, name, position, digest = _content(argument("continuation_token", token, string))
    if version != VERSION:
        raise _refusal(f"has the version {version!r:.20}, but this client reads version {VERSION}")
    if name != operation.operation_id:
        raise _refusal(f"is of {str(name)[:_LONGEST_NAME]}, not of {operation.operation_id}")
    if digest != _digest(operation, start, position):
        cause = f"is of a call of {name} with other arguments, or was changed"
        raise _refusal(f"{cause}: pass the arguments of the call that returned it")
    return position


def _content(token: str) -> list[Any]:
    try:
        content = json.loads(base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        content = None
    if not is_array(content) or len(content) != 4:
        raise _refusal("is not a token that a page of this client has returned, or only a part of one")
    return content


def _refusal(why: str) -> InvalidArgument:
    return InvalidArgument(f"`continuation_token` {why}")


def _digest(operation: Operation, start: RequestParts, position: object) -> str:
    headers = sorted(httpx.Headers(start.headers).multi_items())
    query = sorted(parse_qsl(start.query, keep_blank_values=True, errors="surrogateescape"))
    whole = [operation.operation_id, operation.method, start.path, query, headers, _body(start), position]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


def _body(start: RequestParts) -> object:
    """Return what a body says, in whatever order its members were given."""
    text = (start.content or b"").decode("utf-8", "surrogateescape")
    try:
        return json.loads(text)
    except ValueError:
        return sorted(text.split("&"))

"""Requests to operations that the API's description does not have: ``client.request(...)``. No I/O."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_args, get_origin
from urllib.parse import quote, unquote

from .._decoding import anything, boolean, integer, list_of, map_of, number, string
from .._encoding import to_json
from ..errors import InvalidArgument, WrongArgumentType
from .boundary import WrongArguments
from .connection import Connection
from .kinds import kind_of
from .raw import Response
from .request import Operation, RequestParts, json_bytes, query_members
from .response import ReceivedResponse

T = TypeVar("T")

_METHOD = re.compile(r"[A-Z][A-Z-]*")
_IN_A_PATH = "/%:@!$&'()*+,;=~-._"
_SCALARS: Mapping[object, Callable[[Any], Any]] = {
    Any: anything,
    str: string,
    int: integer,
    float: number,
    bool: boolean,
}


def undocumented_call(
    connection: Connection,
    method: object,
    path: object,
    *,
    cast_to: Any,
    query: object,
    body: object,
    server: str,
) -> tuple[Operation, RequestParts, Callable[[ReceivedResponse], Any]]:
    """Return the operation, the request and what decodes its response.

    Raises:
        WrongArgumentType: An argument has another type.
        InvalidArgument: The path would lead to another server or out of the server's own path, or there is no such
            server.
    """
    with WrongArguments("request"):
        operation = _operation(method, path, server, connection)
        return operation, _parts(operation.path, query, body), _reader(cast_to)


def _operation(method: object, path: object, server: str, connection: Connection) -> Operation:
    for name, given in (("method", method), ("path", path)):
        if not isinstance(given, str):
            message = f"`{name}` must be a str, not {kind_of(given)}"
            raise WrongArgumentType(message)
    method, path = cast("str", method).upper(), cast("str", path)
    if not _METHOD.fullmatch(method):
        message = '`method` must be an HTTP method such as "GET"'
        raise InvalidArgument(message)
    if not path.startswith("/") or path.startswith("//"):
        message = "`path` must start with a single /: it is relative to the API's server, which alone gets the token"
        raise InvalidArgument(message)
    if "?" in path or "#" in path:
        message = "`path` must not contain ? or #; give the query as `query`"
        raise InvalidArgument(message)
    if {".", ".."} & set(unquote(path).replace("\\", "/").split("/")):
        message = "`path` must not contain the segments . and .., which would change it"
        raise InvalidArgument(message)
    if server not in connection.urls:
        message = f"`server` must be one of {', '.join(connection.urls)}, not {server!r}"
        raise InvalidArgument(message)
    # Without credentials for the usual schemes it is sent without a token.
    security = (*connection.usual_security, ())
    return Operation(f"{method} {path}", method, path, server, security, accept="application/json, */*;q=0.5")


def _parts(path: str, query: object, body: object) -> RequestParts:
    if query is not None and not isinstance(query, Mapping):
        message = f'`query` must be a dict such as {{"name": "value"}}, not {kind_of(query)}'
        raise WrongArgumentType(message)
    parts = RequestParts(quote(path, safe=_IN_A_PATH), query=query_members(cast("Mapping[str, object] | None", query)))
    if isinstance(body, bytes):
        parts.content, parts.content_type = body, "application/octet-stream"
    elif body is not None:
        parts.content, parts.content_type = json_bytes(to_json(body)), "application/json"
    return parts


def _reader(cast_to: Any) -> Callable[[ReceivedResponse], Any]:
    if cast_to is None:
        return _by_media_type
    if cast_to is Response or get_origin(cast_to) is Response:
        inner = _reader(next(iter(get_args(cast_to)), None))
        return lambda response: Response(response, inner)
    if cast_to is str:
        return lambda response: response.text()
    if cast_to is bytes:
        return lambda response: response.content()
    decode = _decoder(cast_to)
    return lambda response: decode(response.json())


def _decoder(kind: Any) -> Callable[[Any], Any]:
    if kind in _SCALARS:
        return _SCALARS[kind]
    if hasattr(kind, "from_dict"):
        return cast("Callable[[Any], Any]", kind.from_dict)
    container, inside = get_origin(kind) or kind, get_args(kind)
    if container is list:
        each = _decoder(inside[0] if inside else Any)
        return lambda value: list_of(value, each)
    if container is dict and (not inside or inside[0] is str):
        each = _decoder(inside[1] if inside else Any)
        return lambda value: map_of(value, each)
    message = f"`cast_to` must be a model, a list or dict, str, bytes, int, float, bool or Response, not {kind!r}"
    raise WrongArgumentType(message)


def _by_media_type(response: ReceivedResponse) -> Any:
    kind = response.media_type
    if not response.content():
        return None
    if kind == "application/json" or kind.endswith("+json"):
        return response.json()
    return response.text() if kind.startswith("text/") else response.content()

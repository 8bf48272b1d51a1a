"""Place a token in a request: pure functions on strings and bytes."""

from __future__ import annotations

import json
import re
from collections.abc import MutableMapping, Sequence
from urllib.parse import quote, unquote_plus

from .errors import ConfigurationError
from .lifecycle import Placement

COOKIE_VALUE = re.compile(r"""("?)[!#-+\--:<-\[\]-~]*\1""")  # RFC 6265 section 4.1.1
EMPTY_OBJECT = re.compile(rb"\s*\{\s*\}\s*")


def placement_for(placements: Sequence[Placement], method: str) -> Placement:
    """The first placement for an HTTP method (upper case). Raises :class:`ConfigurationError` if there is none."""
    for placement in placements:
        if not placement.methods or method in placement.methods:
            return placement
    message = f"the spec has no token placement for {method} requests (x-token-lifecycle: placements)"
    raise ConfigurationError(message)


def show_token(
    placement: Placement, token: str, headers: MutableMapping[str, str], query: bytes, content: bytes
) -> tuple[bytes, bytes]:
    """Add a token to ``headers`` in place, or to the query or content; returns query and content."""
    value = placement.prefix + token
    match placement.location:
        case "header":
            headers[placement.name] = value
        case "cookie":
            headers["Cookie"] = add_cookie(headers.get("Cookie"), placement.name, value)
        case "query":
            query = add_query_parameter(query, placement.name, value)
        case "body":
            content = splice_json_member(content, placement.name, value)
            headers.setdefault("Content-Type", "application/json")
    return query, content


def add_query_parameter(query: bytes, name: str, value: str) -> bytes:
    """Append a query parameter; the encoding of the others is unchanged."""
    added = f"{quote(name, safe='')}={quote(value, safe='*')}".encode("ascii")
    return query + b"&" + added if query else added


def without_query_parameter(query: bytes, name: str) -> bytes:
    """Remove the query parameters of that name; the encoding of the others is unchanged."""
    return b"&".join(
        part for part in query.split(b"&") if unquote_plus(part.partition(b"=")[0].decode("ascii")) != name
    )


def add_cookie(cookies: str | None, name: str, value: str) -> str:
    return f"{cookies}; {name}={value}" if cookies else f"{name}={value}"


def is_cookie_value(text: str) -> bool:
    """Whether a cookie can hold the text unencoded."""
    return COOKIE_VALUE.fullmatch(text) is not None


def splice_json_member(content: bytes, name: str, value: str) -> bytes:
    """Append a member to a JSON object, leaving its other bytes unchanged. An absent body becomes an object.

    The last of several equal members wins with every common parser.
    """
    member = f"{json.dumps(name)}:{json.dumps(value)}".encode("ascii")
    body = content.strip()
    if not body or EMPTY_OBJECT.fullmatch(body):
        return b"{" + member + b"}"
    if not (body.startswith(b"{") and body.endswith(b"}")):
        message = f"the token goes into the body as the member {name!r}, but the body is not a JSON object"
        raise ConfigurationError(message)
    return body[:-1] + b"," + member + b"}"

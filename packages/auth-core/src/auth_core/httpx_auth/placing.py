"""Shows a token in a request of httpx, where the lifecycle says."""

from __future__ import annotations

from functools import partial

import httpx

from ..errors import ConfigurationError
from ..lifecycle import Placement
from ..placement import add_cookie, add_query_parameter, splice_json_member, without_query_parameter
from ..token import MASK, Token
from .masking import masked_url


def is_authorization(placement: Placement) -> bool:
    """Whether the token stands in ``Authorization``, which HTTP libraries mask by themselves."""
    return placement.location == "header" and placement.name == "Authorization"


def show_in_a_copy(request: httpx.Request, placement: Placement, token: Token) -> httpx.Request:
    """A copy of the request with the token. Raises :class:`ConfigurationError` when its body cannot hold one."""
    headers = httpx.Headers(request.headers)
    url: httpx.URL = request.url
    value = placement.prefix + token.access_token.reveal()
    content: bytes | None = None
    match placement.location:
        case "header":
            headers[placement.name] = value
        case "cookie":
            headers["Cookie"] = add_cookie(headers.get("Cookie"), placement.name, value)
        case "query":
            kept = without_query_parameter(url.query, placement.name)
            if kept != url.query:  # a redirect repeats the query of the request before, with its token
                request.url = url = url.copy_with(query=kept or None)
            shown, query = (add_query_parameter(url.query, placement.name, text) for text in (MASK, value))
            url = masked_url(url, partial(_text_of, url, shown), query=query)
        case "body":
            content = splice_json_member(_content(request, placement), placement.name, value)
            headers["Content-Length"] = str(len(content))
            headers.setdefault("Content-Type", "application/json")
    stream = request.stream if content is None else httpx.ByteStream(content)
    outgoing = httpx.Request(request.method, url, headers=headers, stream=stream, extensions=request.extensions)
    outgoing.url = url  # the constructor makes a plain URL of a masked one
    if isinstance(stream, httpx.ByteStream):
        outgoing.read()
    return outgoing


def _text_of(url: httpx.URL, query: bytes) -> str:
    return str(url.copy_with(query=query))


def _content(request: httpx.Request, placement: Placement) -> bytes:
    try:
        return request.content
    except httpx.RequestNotRead:
        message = f"the token goes into the body as the member {placement.name!r}, but the body is a stream"
        raise ConfigurationError(message) from None

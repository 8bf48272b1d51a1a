"""Place a token in an httpx request, as the lifecycle declares."""

from __future__ import annotations

import httpx

from ..errors import ConfigurationError
from ..lifecycle import Placement
from ..masking import MASK
from ..placement import add_query_parameter, show_token, without_query_parameter
from ..token import Token
from .library import http_errors, library_of
from .masking import SENT_BY_PARTS, masked_url


def is_authorization(placement: Placement) -> bool:
    """Whether the token is in ``Authorization``, which HTTP libraries mask."""
    return placement.location == "header" and placement.name == "Authorization"


def show_in_a_copy(request: httpx.Request, placement: Placement, token: Token) -> httpx.Request:
    """Copy the request with the token. Raises :class:`ConfigurationError` if its body cannot hold one."""
    library = library_of(request)
    headers, url, stream = library.Headers(request.headers), request.url, request.stream
    if placement.location == "query":
        kept = without_query_parameter(url.query, placement.name)
        if kept != url.query:  # a redirect repeats the previous query, with its token
            request.url = url = url.copy_with(query=kept or None)
    body = _content(request, placement) if placement.location == "body" else b""
    query, content = show_token(placement, token.access_token.reveal(), headers, url.query, body)
    if placement.location == "query":
        shown = url.copy_with(query=add_query_parameter(url.query, placement.name, MASK))
        url = masked_url(url, str(shown), by_parts=SENT_BY_PARTS in request.extensions, query=query)
    if placement.location == "body":
        headers["Content-Length"] = str(len(content))
        stream = library.ByteStream(content)
    outgoing = library.Request(request.method, url, headers=headers, stream=stream, extensions=request.extensions)
    outgoing.url = url  # the constructor converts it to a plain URL
    if isinstance(stream, library.ByteStream):
        outgoing.read()
    return outgoing


def _content(request: httpx.Request, placement: Placement) -> bytes:
    try:
        return request.content
    except http_errors("RequestNotRead"):
        message = f"the token goes into the body as the member {placement.name!r}, but the body is a stream"
        raise ConfigurationError(message) from None

"""Sends token requests."""

from __future__ import annotations

import time
from contextlib import closing

import httpx

from ..wire import TokenHttpRequest, TokenHttpResponse, TokenSendError, transport_failure
from .masking import MaskedUrl, every_header_masked, overwrite
from .transports import sends_by_parts, without_cookies

MAX_TOKEN_RESPONSE_BYTES = 1_048_576
"""A token response has a few kilobytes; larger responses are rejected."""
CONNECT_TIMEOUT_SECONDS = 5.0
"""A server that has not accepted the connection by then will not."""
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)


def request_was_sent(error: Exception) -> bool:
    """``False`` if the request certainly did not reach the server, so it is safe to send again, even if not idempotent.

    ``True`` for a protocol violation, which may be detected after half of the body was sent.
    """
    return not isinstance(error, _NOT_SENT)


class HttpxTokenSender:
    """Sends token requests with a sync httpx client, without redirects, with a time limit for the whole exchange."""

    def __init__(self, client: httpx.Client) -> None:
        self._given = client
        self._client = without_cookies(client)

    def __call__(self, request: TokenHttpRequest) -> TokenHttpResponse:
        if self._given.is_closed:
            message = "the HTTP client for token requests is closed"
            raise TokenSendError(message, request_sent=False)
        deadline = time.monotonic() + request.timeout_seconds
        http_request: httpx.Request | None = None
        try:
            http_request = self._client.build_request(
                request.method,
                request.url,
                headers=request.headers,
                content=request.content or None,
                timeout=httpx.Timeout(
                    request.timeout_seconds, connect=min(CONNECT_TIMEOUT_SECONDS, request.timeout_seconds)
                ),
            )
            http_request.url = MaskedUrl(
                http_request.url, request.shown_url, by_parts=sends_by_parts(self._given, http_request.url)
            )
            with every_header_masked():
                response = self._client.send(http_request, auth=None, follow_redirects=False, stream=True)
                with closing(response):
                    content = _read_bounded(response, deadline)
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError) as error:
            raise TokenSendError(transport_failure(error), request_sent=request_was_sent(error)) from None
        finally:
            if http_request is not None:  # an event hook may have kept it
                overwrite(http_request, httpx.Request(request.method, request.shown_url))
        return TokenHttpResponse(status=response.status_code, headers=dict(response.headers), content=content)


def _read_bounded(response: httpx.Response, deadline: float) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_TOKEN_RESPONSE_BYTES:
            message = f"the response is larger than {MAX_TOKEN_RESPONSE_BYTES} bytes"
            raise TokenSendError(message)
        if time.monotonic() > deadline:
            message = "the response was not complete within the time limit"
            raise TokenSendError(message)
    return bytes(content)

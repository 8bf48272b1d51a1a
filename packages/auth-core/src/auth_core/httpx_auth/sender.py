"""Sends token requests."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import httpx

from ..wire import TokenHttpRequest, TokenHttpResponse, TokenSendError, transport_failure
from .attempt import MAX_CLOSED_CONNECTIONS, Attempt
from .bounded import ENCODINGS, Deadline, read_bounded
from .library import http_errors, library_of
from .masking import every_header_masked, masked_url, overwrite
from .transports import sends_by_parts, timeouts_until, without_cookies

CONNECT_TIMEOUT_SECONDS = 5.0
"""A server that has not accepted the connection by then will not."""
_NOT_SENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")


def request_was_sent(error: Exception) -> bool:
    """``False`` if the request certainly did not reach the server, so it is safe to send again, even if not idempotent.

    ``True`` for a protocol violation, which may be detected after half of the body was sent.
    """
    return not isinstance(error, http_errors(*_NOT_SENT))


def _failures() -> tuple[type[Exception], ...]:
    return *http_errors("HTTPError", "InvalidURL", "StreamError"), OSError, UnicodeError


class HttpxTokenSender:
    """Sends token requests with a sync client, without redirects, with a time limit for the whole exchange.

    With httpx's own transports the limit also holds while the headers of the response arrive, to within a second (and
    exactly after :func:`with_exact_deadlines`). With other transports it is checked between the chunks of the body.
    """

    def __init__(self, client: httpx.Client) -> None:
        self._given = client
        self._library = library_of(client)
        self._client = without_cookies(client)

    def __call__(self, request: TokenHttpRequest) -> TokenHttpResponse:
        if self._given.is_closed:
            message = "the HTTP client for token requests is closed"
            raise TokenSendError(message, request_sent=False)
        deadline = Deadline.after(request.timeout_seconds)
        for _ in range(MAX_CLOSED_CONNECTIONS):
            attempt = Attempt()
            try:
                return self._send(request, deadline, attempt)
            except _failures() as error:
                repeated = request.repeatable or attempt.incomplete
                if repeated and attempt.met_closed_connection(error):
                    continue
                raise TokenSendError(transport_failure(error), request_sent=request_was_sent(error)) from None
        message = "the server closed every kept connection"
        raise TokenSendError(message)

    def _send(self, request: TokenHttpRequest, deadline: Deadline, attempt: Attempt) -> TokenHttpResponse:
        http_request: httpx.Request | None = None
        try:
            http_request = self._client.build_request(
                request.method,
                request.url,
                headers=[("Accept-Encoding", ENCODINGS), *request.headers],
                content=request.content or None,
                extensions={"timeout": self._timeouts(request, deadline), "trace": attempt.trace},
            )
            by_parts = sends_by_parts(self._given, http_request.url)
            http_request.url = masked_url(http_request.url, request.shown_url, by_parts=by_parts)
            with every_header_masked():
                response = self._client.send(http_request, auth=None, follow_redirects=False, stream=True)
                with closing(response):
                    content = read_bounded(response, deadline)
        finally:
            if http_request is not None:  # an event hook may have kept it
                overwrite(http_request, self._library.Request(request.method, request.shown_url))
        return TokenHttpResponse(status=response.status_code, headers=dict(response.headers), content=content)

    def _timeouts(self, request: TokenHttpRequest, deadline: Deadline) -> dict[str, Any]:
        limits = {"connect": CONNECT_TIMEOUT_SECONDS, "read": None, "write": None, "pool": None}
        return timeouts_until(deadline, self._given, self._library.URL(request.url), limits)

"""One request and its redirects: the next request to send, and the outcome of a response. No I/O."""

from __future__ import annotations

from traceback import clear_frames

import httpx
from auth_core.contract import (
    MAX_CLOSED_CONNECTIONS,
    Attempt,
    can_be_sent_again,
    origin,
    request_was_sent,
    transport_failure,
)

from ..errors import RedirectError, TransportError, TransportTimeoutError
from .bodies import new_request
from .boundary import wrong_arguments
from .connection import Connection
from .masking import Masking, masked
from .repetition import Repetition, repetition
from .request import Operation, RequestParts
from .request_options import CallOptions
from .response import ReceivedResponse

MAX_REDIRECTS = 10
_OF_BODIES = frozenset({"content", "transfer"})
"""How the names of headers about the body begin."""


class Exchange:
    """The state of one call across its redirects.

    Args:
        connection: The client's connection.
        operation: The operation.
        parts: The variable part of the request.
        defaults: The headers of the httpx client that sends the request.
        options: The options of the call.

    Attributes:
        request: The next request to send.
        auth: Adds the tokens to the request; ``None`` without tokens.
        attempt: Follows the connection of the request.
    """

    def __init__(
        self,
        connection: Connection,
        operation: Operation,
        parts: RequestParts,
        defaults: httpx.Headers,
        options: CallOptions,
    ) -> None:
        plan = connection.plan(operation, defaults)
        with wrong_arguments(operation):
            self.request = connection.request(plan, operation, parts, options)
        self.auth = plan.auth
        self._details = connection.responses
        self._through = connection.through
        self._operation = operation
        self._parts = parts
        self._redirects = 0
        self._repetition = repetition(operation, parts)
        self._closed_connections = 0
        self.attempt = Attempt()

    def repeats_after(self, error: Exception) -> bool:
        """Return whether to send the request again: the server had closed the kept connection that it was sent on."""
        if not self.attempt.met_closed_connection(error) or not can_be_sent_again(self.request):
            return False
        self._closed_connections += 1
        if self._closed_connections == MAX_CLOSED_CONNECTIONS:
            return False
        if self._repetition is Repetition.ENDED_AT_ONCE:
            return self.attempt.ended_at_once
        return self._repetition is Repetition.ALWAYS

    def received(self, response: httpx.Response) -> ReceivedResponse | None:
        """Return the response if it is a success; ``None`` if it is a redirect to follow.

        Raises:
            ApiError: The response is a failure.
        """
        received = ReceivedResponse(self._operation, response, self._details)
        if response.next_request is None or self._redirects == MAX_REDIRECTS:
            received.raise_for_failure(with_token=self.auth is not None)
            return received
        self._redirects += 1
        self.request = redirected(received, self._parts, self.request, response.next_request.url)
        return None

    def failure(self, error: Exception) -> TransportError:
        """Return the error for a missing response. The httpx error is stripped of secrets and can be its cause."""
        # The request may contain a token: remove it from the error and from the frames of its traceback.
        # Its text may have one too: httpx quotes a `Location` that it cannot read.
        part: BaseException | None = error
        masking = Masking(self.request)
        while part is not None:
            clear_frames(part.__traceback__)
            part.args = tuple(masking.text(text) if isinstance(text, str) else text for text in part.args)
            part = part.__cause__ or part.__context__
        operation = self._operation
        if isinstance(error, httpx.RequestError):
            error.request = httpx.Request(operation.method, f"https://host{operation.path}")
        kind = TransportTimeoutError if isinstance(error, httpx.TimeoutException) else TransportError
        return kind(
            f"no response from {origin(self.request.url)}{self._through(self.request.url)}: {transport_failure(error)}",
            request_sent=request_was_sent(error),
            operation_id=operation.operation_id,
            method=operation.method,
            path_template=operation.path,
        )


def redirected(
    response: ReceivedResponse, parts: RequestParts, request: httpx.Request, target: httpx.URL
) -> httpx.Request:
    """Return the request that follows a redirect, without the token, which is added when it is sent.

    Raises:
        RedirectError: The target has another origin, or the body cannot be resent.
    """
    elsewhere = origin(target)
    if elsewhere != origin(request.url):
        del target  # its query may contain a token
        error, elsewhere = response.error(RedirectError), masked(elsewhere, request)
        error.target = elsewhere
        raise error
    keeps_method = response.status_code in {307, 308} or request.method in {"GET", "HEAD"}
    if keeps_method and not can_be_sent_again(request):
        raise response.error(RedirectError)
    headers = httpx.Headers(
        {
            name: value
            for name, value in request.headers.items()
            if name not in {"authorization", "host"} and (keeps_method or name.partition("-")[0] not in _OF_BODIES)
        }
    )
    return new_request(
        request.method if keeps_method else "GET",
        target,
        headers,
        parts if keeps_method else None,
        {"timeout": request.extensions["timeout"]},
    )

"""One request and the redirects that follow it: what is sent next, and what a response means. Sends nothing."""

from __future__ import annotations

from collections.abc import Mapping
from traceback import clear_frames

import httpx
from auth_core.contract import can_be_sent_again, origin, request_was_sent, transport_failure

from ..errors import RedirectError, TransportError, TransportTimeoutError
from .boundary import wrong_arguments
from .connection import Connection
from .request import Operation, RequestParts
from .response import ReceivedResponse

MAX_REDIRECTS = 10


class Exchange:
    """What one call has sent and received so far.

    Args:
        connection: Of the client.
        operation: What is called.
        parts: What is sent.
        defaults: The headers of the httpx client that sends.
        timeout: Seconds, in place of the client's.
        headers: More headers, of this call.

    Attributes:
        request: What is sent next.
        auth: What places the tokens in it, if there are any.
    """

    def __init__(
        self,
        connection: Connection,
        operation: Operation,
        parts: RequestParts,
        defaults: httpx.Headers,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> None:
        plan = connection.plan(operation, defaults)
        with wrong_arguments(operation):
            self.request = connection.request(plan, operation, parts, timeout, headers)
        self.auth = plan.auth
        self._details = connection.responses
        self._operation = operation
        self._parts = parts
        self._redirects = 0

    def received(self, response: httpx.Response) -> ReceivedResponse | None:
        """The response if it is a success; ``None`` if it leads to another request.

        Raises:
            ApiError: It is a failure.
        """
        received = ReceivedResponse(self._operation, response, self._details)
        if response.next_request is None or self._redirects == MAX_REDIRECTS:
            received.raise_for_failure(with_token=self.auth is not None)
            return received
        self._redirects += 1
        self.request = redirected(received, self._parts, self.request, response.next_request.url)
        return None

    def failure(self, error: httpx.RequestError) -> TransportError:
        """The error for a response that does not come. The one of httpx can go along as its cause."""
        # What was sent may hold a token: in the error's request, and in frames of its traceback.
        part: BaseException | None = error
        while part is not None:
            clear_frames(part.__traceback__)
            part = part.__cause__ or part.__context__
        operation = self._operation
        error.request = httpx.Request(operation.method, f"https://host{operation.path}")
        kind = TransportTimeoutError if isinstance(error, httpx.TimeoutException) else TransportError
        return kind(
            f"no response from {origin(self.request.url)}: {transport_failure(error)}",
            request_sent=request_was_sent(error),
            operation_id=operation.operation_id,
            method=operation.method,
            path_template=operation.path,
        )


def redirected(
    response: ReceivedResponse, parts: RequestParts, request: httpx.Request, target: httpx.URL
) -> httpx.Request:
    """The next request of a redirect. The token is placed anew, so that it is taken out here.

    Raises:
        RedirectError: It leads to another origin, or the body cannot be sent again.
    """
    elsewhere = origin(target)
    if elsewhere != origin(request.url):
        del target  # its query may repeat a token
        error = response.error(RedirectError)
        error.target = elsewhere
        raise error
    keeps_method = response.status_code in {307, 308} or request.method in {"GET", "HEAD"}
    if keeps_method and not can_be_sent_again(request):
        raise response.error(RedirectError)
    headers = httpx.Headers(
        {
            name: value
            for name, value in request.headers.items()
            if name not in {"authorization", "host"} and (keeps_method or not name.startswith("content-"))
        }
    )
    return httpx.Request(
        request.method if keeps_method else "GET",
        target,
        headers=headers,
        content=parts.content if keeps_method else None,
        files=parts.files if keeps_method else None,
        extensions={"timeout": request.extensions["timeout"]},
    )

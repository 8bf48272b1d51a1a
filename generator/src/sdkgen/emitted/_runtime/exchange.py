"""One call, its redirects and retries: the next request to send, and the outcome of a response. No I/O."""

from __future__ import annotations

import math
import time
from traceback import clear_frames
from typing import Any

import httpx
from auth_core.contract import (
    DEADLINE,
    MAX_CLOSED_CONNECTIONS,
    SENT_BY_PARTS,
    Attempt,
    Deadline,
    can_be_sent_again,
    http_classes,
    library_of,
    masked_in_spans,
    matches,
    origin,
    request_was_sent,
    timeouts_until,
    transport_failure,
)

from ..errors import ApiError, RedirectError, TransportError, TransportTimeoutError
from .advice import after_missing_response
from .beginning import Reading, is_documented, to_read
from .bodies import new_request
from .boundary import wrong_arguments
from .connection import Connection
from .masking import Masking, masked
from .observers import Watch
from .repetition import Repetition, repetition, with_key
from .request import Operation, RequestParts
from .request_options import CallOptions
from .response import ReceivedResponse
from .retries import Failure, failure_of_response, failure_of_transport, retry

MAX_REDIRECTS = 10
_OF_BODIES = frozenset({"content", "transfer"})
"""How the names of headers about the body begin."""


class Exchange:
    """The state of one call across its redirects and retries.

    Args:
        connection: The client's connection.
        operation: The operation.
        parts: The variable part of the request.
        defaults: The headers of the HTTP client that sends the request.
        options: The options of the call.

    Attributes:
        auth: Adds the tokens to the request; ``None`` without tokens.
        streams: Whether the body of a success is read later.
        watch: Calls the observers for each request.
    """

    def __init__(
        self,
        connection: Connection,
        operation: Operation,
        parts: RequestParts,
        defaults: httpx.Headers,
        options: CallOptions,
    ) -> None:
        self._started = time.monotonic()
        plan = connection.plan(operation, defaults)
        with wrong_arguments(operation):
            parts = with_key(operation, options.with_extras(parts))
            self._request = connection.request(plan, operation, parts, options)
        self.auth = plan.auth
        self._connection = connection
        self._operation = operation
        self._server = connection.servers[operation.server]
        self.streams = bool(operation.streams)
        self.watch = Watch(connection.observers, operation)
        self._parts = parts
        self._repetition = repetition(operation, parts)
        self._timeouts: dict[str, float | None] = self._request.extensions["timeout"]
        total = connection.total_timeout if options.total_timeout is None else options.total_timeout
        self._total_timeout = total
        self._deadline = None if total == math.inf else Deadline.after(total)
        self._limits_body = options.total_timeout is not None
        """For a body that is read later: the client's own total timeout ends with the beginning of the response."""
        self._max_retries = connection.max_retries if options.max_retries is None else options.max_retries
        hint = options.max_retry_after
        self._max_retry_after = connection.max_retry_after if hint is None else hint
        self._attempt = Attempt()
        self._redirects = self._closed_connections = self._retries = self._cost = 0
        self._arrived = False
        """An earlier request of this call may have arrived."""

    # --- what is sent -------------------------------------------------------------------------------------------------

    def next_request(self, client: httpx.Client) -> httpx.Request:
        """Return the next request to send with a sync client.

        Raises:
            TransportTimeoutError: The total timeout has passed.
        """
        limits: dict[str, Any] = {}
        if self._deadline is not None:
            if self.is_late:
                raise self.too_late()
            timeouts = timeouts_until(self._deadline, client, self._request.url, self._timeouts)
            limits = {"timeout": timeouts, DEADLINE: self._deadline}
        self._attempt = Attempt()
        # A dict of its own: the one that it was made with belongs to all requests of the client.
        self._request.extensions = {**self._request.extensions, **limits, "trace": self._attempt.trace}
        return masked_in_spans(self._request, client)

    def next_async_request(self, client: httpx.AsyncClient) -> httpx.Request:
        """Return the next request to send with an async client, within :attr:`seconds_left`."""
        self._attempt = Attempt()
        self._request.extensions = {**self._request.extensions, "trace": self._attempt.trace_async}
        return masked_in_spans(self._request, client)

    @property
    def seconds_left(self) -> float | None:
        """Of the total timeout; ``None``: it has none."""
        return None if self._deadline is None else self._deadline.seconds_left

    @property
    def is_late(self) -> bool:
        """Whether the total timeout has passed."""
        return self._deadline is not None and self._deadline.seconds_left <= 0

    # --- what comes of it ---------------------------------------------------------------------------------------------

    def received(self, response: httpx.Response) -> ReceivedResponse | float:
        """Return the response if it is a success; else the seconds after which the next request is sent.

        Raises:
            ApiError: The response is a failure, after which nothing more is sent.
        """
        self.watch.responded(response)
        received = ReceivedResponse(
            self._operation,
            response,
            self._connection.responses,
            repeatable=self._is_repeatable,
            server=self._server,
        )
        self._arrived = True
        if response.next_request is not None and self._redirects < MAX_REDIRECTS:
            self._redirects += 1
            self._request = redirected(received, self._parts, self._request, response.next_request.url)
            return 0.0
        if self.streams:
            received.failed_later = self.failure
        if self.streams and not response.is_closed:
            self._hand_over(received)
            return received
        pause = self._pause(self._failure_of(received))
        if pause is not None:
            self.watch.retries_in(pause)
            return pause
        try:
            received.raise_for_failure(with_token=self.auth is not None)
            if self.streams and not is_documented(self._operation, response):
                raise received.undocumented()
        except ApiError as error:
            self._count(error)
            raise
        self._connection.quota.give_back(self._cost)
        return received

    def _hand_over(self, received: ReceivedResponse) -> None:
        """Prepare a success whose body is read later."""
        self._connection.quota.give_back(self._cost)
        if self._limits_body:
            received.deadline = self._deadline
        else:
            received.response.request.extensions["timeout"] = self._timeouts

    def to_read(self, response: httpx.Response) -> Reading:
        """Return what is read of a response before :meth:`received` decides on it."""
        return to_read(self._operation, self._connection.responses, response) if self.streams else Reading.NOTHING

    def pause_after(self, error: Exception) -> float | None:
        """Return after how many seconds the request is sent again; ``None`` if it is not."""
        pause = 0.0
        if not self._met_closed_connection(error):
            self._arrived = self._arrived or request_was_sent(error)
            found = None if self.is_late else self._pause(failure_of_transport(error))
            if found is None:
                return None
            pause = found
        self.watch.retries_in(pause, after=error)
        return pause

    def _met_closed_connection(self, error: Exception) -> bool:
        """Whether the server had closed the kept connection that the request was sent on, and it can be sent again."""
        if not self._attempt.met_closed_connection(error) or not can_be_sent_again(self._request):
            return False
        self._closed_connections += 1
        if self._closed_connections == MAX_CLOSED_CONNECTIONS:
            return False
        if self._repetition is Repetition.ENDED_AT_ONCE:
            return self._attempt.ended_at_once
        return self._is_repeatable

    @property
    def _is_repeatable(self) -> bool:
        return self._repetition is Repetition.ALWAYS

    def _failure_of(self, received: ReceivedResponse) -> Failure | None:
        declared = self._connection.responses.throttled
        return failure_of_response(
            received.status_code,
            received.response.headers,
            throttled=bool(declared) and matches(declared, received.view),
            now=time.time(),
        )

    def _pause(self, failure: Failure | None) -> float | None:
        found = retry(
            failure,
            self._repetition,
            retries=self._retries,
            max_retries=self._max_retries,
            random=self._connection.random(),
            max_retry_after=self._max_retry_after,
            seconds_left=self.seconds_left,
        )
        if found is None or not can_be_sent_again(self._request) or not self._connection.quota.take(found.cost):
            return None
        self._retries += 1
        self._cost += found.cost
        return found.seconds

    # --- errors -------------------------------------------------------------------------------------------------------

    def failure(self, error: Exception, what: str = "no response") -> TransportError:
        """Return the error for a missing response. The library's error is stripped of secrets and can be its cause."""
        # The request may contain a token: remove it from the error and from the frames of its traceback.
        # Its text may have one too: httpx quotes a `Location` that it cannot read.
        part: BaseException | None = error
        masking = Masking(self._request)
        while part is not None:
            clear_frames(part.__traceback__)
            part.args = tuple(masking.text(text) if isinstance(text, str) else text for text in part.args)
            part = part.__cause__ or part.__context__
        broken: Any = error
        if isinstance(broken, http_classes("RequestError")):
            broken.request = library_of(error).Request(self._operation.method, f"https://host{self._operation.path}")
        is_timeout = isinstance(error, http_classes("TimeoutException"))
        if is_timeout and self.is_late:
            return self.too_late()
        kind = TransportTimeoutError if is_timeout else TransportError
        return self._transport_error(kind, f"{what} from {self._origin}: {transport_failure(error)}")

    def too_late(self) -> TransportError:
        """Return the error for a call that did not end within its total timeout."""
        may_be_sent = self._attempt.was_sent or not self._request.extensions.get(SENT_BY_PARTS)
        self._arrived = self._arrived or may_be_sent
        reason = f"no complete response from {self._origin} within the total timeout of {self._total_timeout:g} s"
        return self._transport_error(TransportTimeoutError, reason)

    @property
    def _origin(self) -> str:
        return f"{origin(self._request.url)}{self._connection.through(self._request.url)}"

    def _transport_error(self, kind: type[TransportError], reason: str) -> TransportError:
        operation = self._operation
        error = kind(
            reason,
            request_sent=self._arrived,
            operation_id=operation.operation_id,
            method=operation.method,
            path_template=operation.path,
            url=Masking(self._request).text(str(self._request.url)),
            repeatable=self._is_repeatable,
        )
        for note in after_missing_response(error, self._server):
            error.add_note(note)
        self._count(error)
        return error

    def _count(self, error: ApiError | TransportError) -> None:
        """Record how often the call was tried, and for how long."""
        vars(error).update(attempts=self._retries + 1, elapsed_seconds=time.monotonic() - self._started)


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
    headers = library_of(request).Headers(
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

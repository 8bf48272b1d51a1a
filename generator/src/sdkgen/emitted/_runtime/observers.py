"""What observes the requests of a client: hooks, logging, tracing. One place calls them, for sync and async calls."""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType, TracebackType
from typing import Any, Protocol, Self

import httpx
from attrs import evolve, field, frozen
from auth_core.contract import AuthError

from ..errors import ApiError
from .boundary import own_errors
from .masking import Masking
from .request import Operation

LOGGER = logging.getLogger(__name__.partition(".")[0])
"""The logger of the package."""

SHOWN_HEADERS = frozenset(
    {
        "accept",
        "content-encoding",
        "content-length",
        "content-type",
        "date",
        "etag",
        "last-modified",
        "request-id",
        "retry-after",
        "server",
        "user-agent",
        "x-correlation-id",
        "x-request-id",
    }
)
"""The headers that observers get; others could hold a secret."""
_NONE: Mapping[str, str] = MappingProxyType({})


@frozen
class RequestContext:
    """One request of a call, without secrets.

    Attributes:
        operation_id: The ``operationId`` of the API's description.
        method: HTTP method of the operation.
        path_template: The path without the values of its parameters.
        url: The URL, masked.
        attempt: Which request of the call this is, from 1; one that follows a redirect counts too.
        request_headers: Those headers of the request that cannot hold a secret.
        duration_seconds: From before the token was looked up until the response was read; ``None`` before that.
        status_code: HTTP status; ``None`` without a response.
        response_headers: Those headers of the response that cannot hold a secret.
        error: The error that the call raises; ``None`` if it does not, or not yet.
        error_type: The class of the failure, or the failed status as text; ``None`` after a success.
        retry_delay_seconds: The pause before the next request; ``None`` if no retry follows.
    """

    operation_id: str
    method: str
    path_template: str
    url: str
    attempt: int
    request_headers: Mapping[str, str] = field(default=_NONE, repr=False)
    duration_seconds: float | None = None
    status_code: int | None = None
    response_headers: Mapping[str, str] = field(default=_NONE, repr=False)
    error: BaseException | None = None
    error_type: str | None = None
    retry_delay_seconds: float | None = None


class Observer(Protocol):
    """Is called for each request of a client. In an async client, the methods may be async.

    An exception of an observer is logged and does not change the call.
    """

    def started(self, context: RequestContext, /) -> Any:
        """Called before a request; its result is passed to :meth:`finished`."""
        ...

    def finished(self, context: RequestContext, state: Any, /) -> Any:
        """Called after the response, or after the failure."""
        ...

    def retrying(self, context: RequestContext, /) -> Any:
        """Called after :meth:`finished`, if the request is sent again, before the pause."""
        ...


class Watch:
    """Calls the observers for each request of one call: a context manager around sending and receiving.

    Args:
        observers: The observers.
        operation: The operation.
        clock: Seconds, monotonic.

    Attributes:
        attempt: How many requests were begun.
    """

    def __init__(
        self, observers: Sequence[Observer], operation: Operation, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.attempt = 0
        self._observers = observers
        self._operation = operation
        self._clock = clock
        self._before: Masking | None = None
        """Knows the tokens of the previous request, which a redirect may repeat."""

    def sending(self, request: httpx.Request) -> Self:
        """Begin a request; to be used as the context manager."""
        self.attempt += 1
        self._response: httpx.Response | None = None
        self._failure: str | None = None
        self._delay: float | None = None
        self._states: list[Any] = []
        self._started_at = self._clock()
        if self._observers:
            url = Masking(request).text(str(request.url))
            self._context = RequestContext(
                self._operation.operation_id,
                self._operation.method,
                self._operation.path,
                url=url if self._before is None else self._before.text(url),
                attempt=self.attempt,
                request_headers=_shown(request.headers, request),
            )
        return self

    def responded(self, response: httpx.Response) -> None:
        """Record the response."""
        self._response = response
        if self._observers:
            self._before = Masking(response.request)

    def retries_in(self, delay: float, after: BaseException | None = None) -> None:
        """Record that the request is sent again.

        Args:
            delay: Seconds before it is.
            after: Why there was no response.
        """
        self._delay = delay
        self._failure = None if after is None else type(after).__name__

    def __enter__(self) -> None:
        for observer in self._observers:
            self._states.append(_called(observer.started, self._context))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for call in self._finished(error):
            _called(*call)

    async def __aenter__(self) -> None:
        for observer in self._observers:
            self._states.append(await _awaited(observer.started, self._context))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for call in self._finished(error):
            await _awaited(*call)

    def _finished(self, error: BaseException | None) -> Iterator[tuple[Any, ...]]:
        if not self._observers:
            return
        response = self._response
        context = evolve(
            self._context,
            duration_seconds=self._clock() - self._started_at,
            status_code=None if response is None else response.status_code,
            response_headers=_NONE if response is None else _shown(response.headers, response.request),
            error=own_errors.own(error) or error if isinstance(error, AuthError) else error,
            error_type=self._failure or _error_type(error, response),
        )
        for observer, state in reversed(list(zip(self._observers, self._states, strict=False))):
            yield observer.finished, context, state
        if self._delay is not None:
            again = evolve(context, retry_delay_seconds=self._delay)
            for observer in self._observers:
                yield observer.retrying, again


def _error_type(error: BaseException | None, response: httpx.Response | None) -> str | None:
    if response is not None and response.status_code >= 400:
        return str(response.status_code)
    if error is None:
        return None
    return str(error.code or type(error).__name__) if isinstance(error, ApiError) else type(error).__name__


def _shown(headers: httpx.Headers, request: httpx.Request) -> Mapping[str, str]:
    shown = httpx.Headers([(name, value) for name, value in headers.multi_items() if name.lower() in SHOWN_HEADERS])
    return dict(Masking(request).headers(shown))


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except Exception:
        LOGGER.exception("a hook failed: %s", getattr(function, "__qualname__", function))
        return None


async def _awaited(function: Callable[..., Any], *arguments: Any) -> Any:
    try:
        result = function(*arguments)
        return await result if inspect.isawaitable(result) else result
    except Exception:
        LOGGER.exception("a hook failed: %s", getattr(function, "__qualname__", function))
        return None

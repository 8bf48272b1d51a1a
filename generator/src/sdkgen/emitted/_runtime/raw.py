"""``with_raw_response``: the same calls, each with the whole answer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import Any, Generic, ParamSpec, TypeVar, cast

from .answer import Answer
from .pages import Pages
from .request import Operation, RequestParts
from .send import AsyncSender, Sender

P = ParamSpec("P")
T = TypeVar("T")


class Response(Generic[T]):
    """A success with everything that came along.

    Attributes:
        status_code: HTTP status.
        headers: Headers of the answer.
        content: The body as it was sent.
        http_version: ``HTTP/1.1`` or ``HTTP/2``.
    """

    def __init__(self, answer: Answer, parse: Callable[[Answer], T]) -> None:
        response = answer.response
        self.status_code = response.status_code
        self.headers = response.headers
        self.content = response.content
        self.http_version = response.http_version
        self._read: Callable[[], T] = partial(answer.read, parse)

    @cached_property
    def parsed(self) -> T:
        """What the call returns without ``with_raw_response``; read when it is first asked for.

        Raises:
            DecodeError: The body is not what the API's description says.
            UnexpectedAnswerError: The description does not have this success.
        """
        return self._read()

    def __getstate__(self) -> dict[str, Any]:
        # A copy holds what was read, and not the request: that shows a token.
        return {"parsed": self.parsed, **{name: value for name, value in vars(self).items() if name != "_read"}}

    def __repr__(self) -> str:
        # Headers and content may hold tokens and personal data.
        return f"<Response [{self.status_code}]>"


class RawSender(Sender):
    """A sender whose ``call`` returns the whole :class:`Response`.

    The resource that uses it promises the bare value; :func:`raw` corrects the promise.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> T:
        answer = self._sender.exchange(operation, parts, timeout, headers)
        return cast("T", Response(answer, parse))

    def pages(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        pages: Pages,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> Iterator[T]:
        for answer in self._sender.answers(operation, parts, pages, timeout, headers):
            yield cast("T", Response(answer, parse))


class AsyncRawSender(AsyncSender):
    """The same, to be awaited."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> T:
        answer = await self._sender.exchange(operation, parts, timeout, headers)
        return cast("T", Response(answer, parse))

    async def pages(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[Answer], T],
        pages: Pages,
        timeout: float | None,
        headers: Mapping[str, str] | None,
    ) -> AsyncIterator[T]:
        async for answer in self._sender.answers(operation, parts, pages, timeout, headers):
            yield cast("T", Response(answer, parse))


def raw(method: Callable[P, T]) -> Callable[P, Response[T]]:
    """A method of a resource with a :class:`RawSender`, by its true type."""
    return cast("Callable[P, Response[T]]", method)


def async_raw(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[Response[T]]]:
    """The same for a method that is awaited."""
    return cast("Callable[P, Awaitable[Response[T]]]", method)


def raw_pages(method: Callable[P, Iterator[T]]) -> Callable[P, Iterator[Response[T]]]:
    """The same for a method that gives pages."""
    return cast("Callable[P, Iterator[Response[T]]]", method)


def async_raw_pages(method: Callable[P, AsyncIterator[T]]) -> Callable[P, AsyncIterator[Response[T]]]:
    """The same for a method that gives pages, to be awaited."""
    return cast("Callable[P, AsyncIterator[Response[T]]]", method)

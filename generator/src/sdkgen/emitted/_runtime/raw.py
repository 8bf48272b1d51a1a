"""``with_raw_response``: the same methods, which return the whole response."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, partial
from typing import Any, Generic, ParamSpec, TypeVar, cast

from ..errors import DecodeError
from .http_library import headers_of_httpx
from .request import Operation, RequestParts
from .response import ReceivedResponse, json_fault
from .send import AsyncSender, Sender

P = ParamSpec("P")
T = TypeVar("T")


class Response(Generic[T]):
    """A successful response with its status, headers and body.

    Attributes:
        status_code: HTTP status.
        headers: Headers of the response.
        content: The body as bytes.
        http_version: ``HTTP/1.1`` or ``HTTP/2``.
    """

    def __init__(self, received: ReceivedResponse, parse: Callable[[ReceivedResponse], T]) -> None:
        response = received.response
        self.status_code = response.status_code
        self.headers = headers_of_httpx(response.headers)
        self.content = response.content
        self.http_version = response.http_version
        self._read: Callable[[], T] = partial(received.read, parse)

    @cached_property
    def parsed(self) -> T:
        """The value that the method returns without ``with_raw_response``; decoded on first access.

        Raises:
            DecodeError: The body does not match the API's description.
            UnexpectedResponseError: The API's description does not document this success.
        """
        return self._read()

    @property
    def envelope(self) -> Any:
        """The whole body as a JSON value, of which :attr:`parsed` may be one member.

        Raises:
            DecodeError: The body is not JSON.
        """
        try:
            return json.loads(self.content)
        except (RecursionError, ValueError):
            message = f"expected JSON, got {json_fault(self.content)}"
            raise DecodeError("$", message) from None

    def __getstate__(self) -> dict[str, Any]:
        # A pickle or copy contains the decoded value, but not the request, which contains a token.
        return {"parsed": self.parsed, **{name: value for name, value in vars(self).items() if name != "_read"}}

    def __repr__(self) -> str:
        # Headers and content may contain tokens and personal data.
        return f"<Response [{self.status_code}]>"


class RawSender(Sender):
    """A sender whose ``call`` returns the whole :class:`Response`.

    The methods of a resource are annotated with the decoded value; :func:`raw` corrects the annotation.
    """

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[ReceivedResponse], T],
        options: Mapping[str, Any],
    ) -> T:
        response = self.exchange(operation, parts, options)
        return cast("T", Response(response, parse))

    def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        return self._sender.exchange(operation, parts, options)


class AsyncRawSender(AsyncSender):
    """The async version."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def call(
        self,
        operation: Operation,
        parts: RequestParts,
        parse: Callable[[ReceivedResponse], T],
        options: Mapping[str, Any],
    ) -> T:
        response = await self.exchange(operation, parts, options)
        return cast("T", Response(response, parse))

    async def exchange(self, operation: Operation, parts: RequestParts, options: Mapping[str, Any]) -> ReceivedResponse:
        return await self._sender.exchange(operation, parts, options)


def raw(method: Callable[P, T]) -> Callable[P, Response[T]]:
    """Annotate a method of a resource with a :class:`RawSender` with the type that it returns."""
    return cast("Callable[P, Response[T]]", method)


def async_raw(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[Response[T]]]:
    """The same for an async method."""
    return cast("Callable[P, Awaitable[Response[T]]]", method)

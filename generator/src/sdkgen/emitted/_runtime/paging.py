"""Lists: pages that lead to the next one and iterate over all items, sync and async."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from contextlib import aclosing, closing
from functools import partial
from typing import Any, Generic, NoReturn, TypeVar, cast

from attrs import frozen
from auth_core.contract import evaluate

from .._decoding import boolean
from .._given import argument
from ..errors import ClientError
from ..types import is_array
from .boundary import wrong_arguments
from .continuation import continuation_token, position_in
from .pages import Pages
from .prefetch import InTask, OnThread
from .request import Operation, RequestParts
from .request_options import call_options
from .response import ReceivedResponse
from .send import AsyncSender, Sender

Item = TypeVar("Item")
Body = TypeVar("Body")

_OF_THE_FIRST_REQUEST = frozenset({"extra_query", "extra_body"})
"""Options that the requests for further pages have already: they are made from the first one."""


@frozen(eq=False)
class PagedOperation(Generic[Item, Body]):
    """An operation that returns one page of a list."""

    operation: Operation
    pages: Pages
    parse: Callable[[ReceivedResponse], Body]
    items: Callable[[Body], list[Item]] | None = None
    """Returns the items in a decoded response; ``None``: they are taken from its JSON."""


@frozen(eq=False)
class ListCall(Generic[Item, Body]):
    """What the requests for all pages of one call have in common."""

    paged: PagedOperation[Item, Body]
    start: RequestParts
    """The request for the first page of the list."""
    options: Mapping[str, Any]
    prefetch: bool

    @property
    def operation(self) -> Operation:
        return self.paged.operation

    def contents(self, parts: RequestParts, response: ReceivedResponse) -> Contents[Item, Body]:
        """Decode a page."""
        body = self.paged.parse(response)
        if self.paged.items is None:
            found: object = evaluate(self.paged.pages.items, response.view)
            items = cast("list[Item]", found) if is_array(found) else []
        else:
            items = self.paged.items(body)
        following = fault = None
        try:
            with wrong_arguments(self.operation):
                following = response.read(partial(self.paged.pages.after, parts))
        except ClientError as error:
            fault = error.with_traceback(None)
        return Contents(body, items, following, fault)


@frozen(eq=False)
class Contents(Generic[Item, Body]):
    """What one response says."""

    body: Body
    items: list[Item]
    following: RequestParts | None
    """The request for the next page."""
    fault: ClientError | None
    """Why there is no such request, although the page is not the last."""


def _begin(
    paged: PagedOperation[Item, Body],
    parts: RequestParts,
    token: str | None,
    prefetch: bool,
    options: Mapping[str, Any],
) -> tuple[ListCall[Item, Body], RequestParts]:
    """Check the arguments of a call, and return it with its first request."""
    with wrong_arguments(paged.operation):
        start = call_options(options).with_extras(parts)
        argument("prefetch", prefetch, boolean)
        rest = {name: value for name, value in options.items() if name not in _OF_THE_FIRST_REQUEST}
        call = ListCall(paged, start, rest, prefetch)
        if token is None:
            return call, start
        return call, paged.pages.at(start, position_in(token, paged.operation, start))


class BasePage(Generic[Item, Body]):
    """What sync and async pages have in common.

    Attributes:
        items: The items of this page.
        body: The whole decoded response, with its other members.
    """

    def __init__(self, call: ListCall[Item, Body], contents: Contents[Item, Body]) -> None:
        self._call = call
        self._following = contents.following
        self._fault = contents.fault
        self.items: list[Item] = contents.items
        self.body: Body = contents.body

    @property
    def has_next_page(self) -> bool:
        """Whether there is a request for another page, which may turn out to be empty if the API sends no total."""
        return self._following is not None or self._fault is not None

    @property
    def continuation_token(self) -> str | None:
        """The position after this page as a text, for ``continuation_token=`` of a later call; ``None`` at the end.

        It is valid for the same operation with the same arguments, and contains no credentials. It is not signed: keep
        it where only your program can change it.

        Raises:
            DecodeError: The response refers to the next page in a way that cannot be followed.
        """
        following = self._next_request()
        if following is None:
            return None
        position = self._call.paged.pages.position(self._call.start, following)
        return continuation_token(self._call.operation, self._call.start, position)

    def _next_request(self) -> RequestParts | None:
        if self._fault is not None:
            raise self._fault
        return self._following

    def __repr__(self) -> str:
        # Items may be personal data.
        more = "more follow" if self.has_next_page else "the last"
        return f"<{type(self).__name__} of {self._call.operation.operation_id}: {len(self.items)} items, {more}>"

    def __reduce__(self) -> NoReturn:
        message = f"{self!r} cannot be pickled or copied; keep its items, its body or its continuation_token"
        raise TypeError(message)


class Page(BasePage[Item, Body]):
    """One page of a list. Iterating over it yields its items, then those of all further pages.

    A further page is requested when the iteration reaches it, and those behind are let go. If items are added or
    removed in the meantime, the others move: where pages are found by offset or number, one may then be missing or come
    twice.

    Attributes:
        items: The items of this page.
        body: The whole decoded response, with its other members.
    """

    def __init__(self, sender: Sender, call: ListCall[Item, Body], contents: Contents[Item, Body]) -> None:
        super().__init__(call, contents)
        self._sender = sender

    def __iter__(self) -> Iterator[Item]:
        return _items(_pages(self, self._call.prefetch))

    def pages(self) -> Iterator[Page[Item, Body]]:
        """Iterate over this page and all further ones that have items."""
        return _pages(self, self._call.prefetch)

    def next_page(self) -> Page[Item, Body] | None:
        """Request the next page that has items; ``None`` after the last."""
        following = self._next_request()
        while following is not None:
            page = _request(self._sender, self._call, following)
            if page.items:
                return page
            following = page._next_request()
        return None


def first_page(
    sender: Sender,
    paged: PagedOperation[Item, Body],
    parts: RequestParts,
    token: str | None,
    prefetch: bool,
    options: Mapping[str, Any],
) -> Page[Item, Body]:
    """Request the first page of a list, or the one at a continuation token."""
    call, first = _begin(paged, parts, token, prefetch, options)
    return sender.call(call.operation, first, partial(_page, sender, call, first), call.options)


def _request(sender: Sender, call: ListCall[Item, Body], parts: RequestParts) -> Page[Item, Body]:
    return sender.exchange(call.operation, parts, call.options).read(partial(_page, sender, call, parts))


def _page(
    sender: Sender, call: ListCall[Item, Body], parts: RequestParts, response: ReceivedResponse
) -> Page[Item, Body]:
    return Page(sender, call, call.contents(parts, response))


def _pages(page: Page[Item, Body] | None, prefetch: bool) -> Generator[Page[Item, Body], None, None]:
    while page is not None:
        if prefetch and page.has_next_page:
            ahead = OnThread(page.next_page)
            try:
                yield page
                page = ahead.result()
            finally:
                ahead.close()
        else:
            yield page
            page = page.next_page()


def _items(pages: Generator[Page[Item, Body], None, None]) -> Iterator[Item]:
    with closing(pages):
        for page in pages:
            yield from page.items


class AsyncPage(BasePage[Item, Body]):
    """The async version of :class:`Page`: ``async for`` yields its items, then those of all further pages.

    Attributes:
        items: The items of this page.
        body: The whole decoded response, with its other members.
    """

    def __init__(self, sender: AsyncSender, call: ListCall[Item, Body], contents: Contents[Item, Body]) -> None:
        super().__init__(call, contents)
        self._sender = sender

    def __aiter__(self) -> AsyncIterator[Item]:
        return _async_items(_async_pages(self._itself, self._call.prefetch))

    def pages(self) -> AsyncIterator[AsyncPage[Item, Body]]:
        """Iterate over this page and all further ones that have items."""
        return _async_pages(self._itself, self._call.prefetch)

    async def next_page(self) -> AsyncPage[Item, Body] | None:
        """Request the next page that has items; ``None`` after the last."""
        following = self._next_request()
        while following is not None:
            page = await _async_request(self._sender, self._call, following)
            if page.items:
                return page
            following = page._next_request()
        return None

    async def _itself(self) -> AsyncPage[Item, Body]:
        return self


class AsyncPaginator(Awaitable[AsyncPage[Item, Body]], Generic[Item, Body]):
    """A list that has not been requested yet: ``await`` requests its first page, ``async for`` yields all its items."""

    def __init__(
        self,
        sender: AsyncSender,
        paged: PagedOperation[Item, Body],
        parts: RequestParts,
        token: str | None,
        prefetch: bool,
        options: Mapping[str, Any],
    ) -> None:
        self._sender = sender
        self._call, self._first = _begin(paged, parts, token, prefetch, options)

    def __await__(self) -> Generator[Any, None, AsyncPage[Item, Body]]:
        call, first = self._call, self._first
        read = partial(_async_page, self._sender, call, first)
        return self._sender.call(call.operation, first, read, call.options).__await__()

    def __aiter__(self) -> AsyncIterator[Item]:
        return _async_items(_async_pages(self._requested, self._call.prefetch))

    def pages(self) -> AsyncIterator[AsyncPage[Item, Body]]:
        """Iterate over the first page and all further ones that have items."""
        return _async_pages(self._requested, self._call.prefetch)

    async def _requested(self) -> AsyncPage[Item, Body]:
        return await _async_request(self._sender, self._call, self._first)

    def __repr__(self) -> str:
        return f"<AsyncPaginator of {self._call.operation.operation_id}>"


async def _async_request(sender: AsyncSender, call: ListCall[Item, Body], parts: RequestParts) -> AsyncPage[Item, Body]:
    response = await sender.exchange(call.operation, parts, call.options)
    return response.read(partial(_async_page, sender, call, parts))


def _async_page(
    sender: AsyncSender, call: ListCall[Item, Body], parts: RequestParts, response: ReceivedResponse
) -> AsyncPage[Item, Body]:
    return AsyncPage(sender, call, call.contents(parts, response))


async def _async_pages(
    begin: Callable[[], Awaitable[AsyncPage[Item, Body] | None]], prefetch: bool
) -> AsyncGenerator[AsyncPage[Item, Body], None]:
    page = await begin()
    del begin  # it may hold the first page
    while page is not None:
        if prefetch and page.has_next_page:
            ahead = InTask(page.next_page())
            try:
                yield page
                page = await ahead.result()
            finally:
                await ahead.close()
        else:
            yield page
            page = await page.next_page()


async def _async_items(pages: AsyncGenerator[AsyncPage[Item, Body], None]) -> AsyncIterator[Item]:
    async with aclosing(pages):
        async for page in pages:
            for item in page.items:
                yield item

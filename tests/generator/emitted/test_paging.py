"""Pages of a long list: those behind are let go, with and without prefetching, sync and async."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from auth_core.contract import SHOWN_TOKENS, ResponseDetails, Secret

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.pages import LinkPages, OffsetPages
from sdkgen.emitted._runtime.paging import AsyncPaginator, PagedOperation, first_page
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted._runtime.send import AsyncSender, Sender

OPERATION = Operation("listThings", "GET", "/things")
PARTS = RequestParts("/things")
NUMBER_OF_PAGES = 300


class Body:
    """A decoded page of one item, which is the body itself."""

    def __init__(self, received: ReceivedResponse) -> None:
        self.number = received.json()["data"][0]


def respond(request: httpx.Request) -> httpx.Response:
    start = int(dict(parse_qsl(request.url.query.decode())).get("offset", "0"))
    data = [start] if start < NUMBER_OF_PAGES else []
    return httpx.Response(200, json={"data": data or [NUMBER_OF_PAGES], "total": NUMBER_OF_PAGES})


@pytest.fixture
def paged() -> PagedOperation[Body, Body]:
    pages = OffsetPages("$response.body#/data", offset="$request.query.offset", total="$response.body#/total")
    return PagedOperation(OPERATION, pages, Body, lambda body: [body])


class Alive:
    """Counts which of the objects that it has seen are still there."""

    def __init__(self) -> None:
        self.most, self.seen = 0, list[weakref.ref[Any]]()

    def see(self, item: object) -> None:
        self.seen.append(weakref.ref(item))
        self.most = max(self.most, sum(reference() is not None for reference in self.seen))


WAYS: dict[str, Callable[[Any], Any]] = {"items": iter, "pages": lambda page: page.pages()}
ASYNC_WAYS: dict[str, Callable[[Any], Any]] = {"items": aiter, "pages": lambda page: page.pages()}


@pytest.mark.parametrize("prefetch", [False, True])
@pytest.mark.parametrize("way", WAYS)
async def test_what_was_used_is_let_go(paged: PagedOperation[Body, Body], way: str, *, prefetch: bool) -> None:
    transport = httpx.MockTransport(respond)
    alive, async_alive = Alive(), Alive()
    with httpx.Client(transport=transport) as client:
        # No variable of the test holds the first page, as in ``for item in client.things.list():``.
        for item in WAYS[way](first_page(Sender(connection(), client), paged, PARTS, None, prefetch, {})):
            alive.see(item)
    async with httpx.AsyncClient(transport=transport) as async_client:
        sender = AsyncSender(connection(), async_client)
        async for item in ASYNC_WAYS[way](await AsyncPaginator(sender, paged, PARTS, None, prefetch, {})):
            async_alive.see(item)
    assert len(alive.seen) == len(async_alive.seen) == NUMBER_OF_PAGES
    assert max(alive.most, async_alive.most) == (2 if prefetch else 1)


class Scripted(Sender):
    """Returns prepared responses."""

    def __init__(self, responses: Iterator[ReceivedResponse]) -> None:
        self.responses = responses
        self.sent: list[RequestParts] = []

    def exchange(self, operation: Operation, parts: RequestParts, options: Any) -> ReceivedResponse:
        self.sent.append(parts)
        return next(self.responses)


def test_a_token_that_a_link_repeats_is_neither_sent_again_nor_shown() -> None:
    def response(**body: object) -> ReceivedResponse:
        shown = {SHOWN_TOKENS: (Secret("t0k3n/1"),)}
        request = httpx.Request("GET", "https://a.example/things?token=t0k3n%2F1", extensions=shown)
        content = json.dumps(body).encode()
        return ReceivedResponse(OPERATION, httpx.Response(200, content=content, request=request), ResponseDetails())

    link = "https://a.example/things?limit=2&token=t0k3n%2F1&after=x%2By"
    paged = PagedOperation[Any, Any](OPERATION, LinkPages("$response.body#/data", next="$response.body#/next"), Body)
    sender = Scripted(iter([response(data=[1], next=link), response(data=[2]), response(data=[3])]))
    start = RequestParts("/things", query="limit=2")
    page = first_page(sender, paged, start, None, False, {})
    assert page.next_page() is not None
    first_page(sender, paged, start, page.continuation_token, False, {})
    assert [parts.query for parts in sender.sent] == ["limit=2", *["limit=2&after=x%2By"] * 2]

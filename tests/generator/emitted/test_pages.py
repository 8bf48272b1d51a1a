"""What the request for the next page of a list is."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import partial
from typing import Any

import httpx
import pytest
from auth_core.contract import ResponseDetails

from sdkgen.emitted._runtime.pages import CursorPages, LinkPages, OffsetPages
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted.errors import DecodeError

OPERATION = Operation("listThings", "GET", "/things")
ITEMS = "$response.body#/data"
FORM = "application/x-www-form-urlencoded"


def page(**body: Any) -> ReceivedResponse:
    request = httpx.Request("GET", "https://a.example/things")
    return ReceivedResponse(
        OPERATION, httpx.Response(200, content=json.dumps(body).encode(), request=request), ResponseDetails()
    )


@pytest.mark.parametrize(
    ("place", "parts", "expected"),
    [
        ("$request.query.from", RequestParts("/", query="q=%20x"), RequestParts("/", query="q=%20x&from=2")),
        ("$request.query.from", RequestParts("/", query="from=5&q=1"), RequestParts("/", query="q=1&from=7")),
        ("$request.header.X-From", RequestParts("/", headers={"X-From": "3"}), "5"),
        (
            "$request.body#/paging/a~1b",
            RequestParts("/", content=b'{"f":1}'),
            RequestParts("/", content=b'{"f":1,"paging":{"a/b":2}}'),
        ),
        (
            "$request.body#/from",
            RequestParts("/", content=b"from=4&q=x", content_type=FORM),
            RequestParts("/", content=b"q=x&from=6", content_type=FORM),
        ),
    ],
)
def test_an_offset_grows_by_what_was_on_the_page(place: str, parts: RequestParts, expected: object) -> None:
    following = OffsetPages(items=ITEMS, offset=place).after(parts, page(data=[1, 2]))
    assert following is not None
    if isinstance(expected, str):
        assert following.headers is not None
        assert following.headers["X-From"] == expected
    else:
        assert following == expected


@pytest.mark.parametrize(
    ("options", "query", "body", "following"),
    [
        ({}, "", {"data": []}, None),
        ({}, "", {}, None),
        ({"first": 1, "counts_pages": True}, "", {"data": [1, 2]}, "p=2"),
        ({"first": 1, "counts_pages": True}, "p=4", {"data": [1, 2]}, "p=5"),
        ({"total": "$response.body#/total"}, "p=2", {"data": [1, 2], "total": 4}, None),
        ({"total": "$response.body#/total"}, "p=2", {"data": [1, 2], "total": 5}, "p=4"),
        ({"total": "$response.body#/total"}, "", {"data": [1, 2]}, "p=2"),
    ],
)
def test_where_a_list_ends(options: dict[str, Any], query: str, body: dict[str, Any], following: str | None) -> None:
    pages = OffsetPages(items=ITEMS, offset="$request.query.p", **options)
    found = pages.after(RequestParts("/", query=query), page(**body))
    assert (found and found.query) == following


def test_a_cursor_is_sent_as_it_came() -> None:
    pages = CursorPages(items=ITEMS, cursor="$request.query.after", next="$response.body#/next")
    found = pages.after(RequestParts("/", query="n=5"), page(data=[1], next="a&b"))
    assert found is not None
    assert found.query == "n=5&after=a%26b"
    assert pages.after(RequestParts("/"), page(data=[1], next=None)) is None
    assert pages.after(RequestParts("/"), page(data=[1], next="")) is None


def test_of_a_link_only_the_query_is_used() -> None:
    pages = LinkPages(items=ITEMS, next="$response.body#/next")
    found = pages.after(RequestParts("/things"), page(next="https://evil.example/steal?page=2"))
    assert found == RequestParts("/things", query="page=2")


def test_an_invalid_next_link_is_a_page_error() -> None:
    pages = LinkPages(items=ITEMS, next="$response.body#/links/next")
    with pytest.raises(DecodeError, match=r"^\$\.links\.next: the link to the next page is not a valid URL"):
        pages.after(RequestParts("/things"), page(links={"next": "https://[::1/things?page=2"}))


NO_REFERENCES = ["\ud800", "?a=\ud800", "?a=\0", "?" + "a" * 70_000, {}, [1], {"a": "\ud800"}]
BY_CURSOR = partial(CursorPages, ITEMS, next="$response.body#/next")


@pytest.mark.parametrize(
    ("pages", "parts", "accepted"),
    [
        (LinkPages(ITEMS, next="$response.body#/next"), RequestParts("/", query="p=1"), {0}),  # a link without a query
        (BY_CURSOR("$request.query.c"), RequestParts("/"), {2}),
        (BY_CURSOR("$request.header.C"), RequestParts("/"), {3}),
        (BY_CURSOR("$request.body#/c"), RequestParts("/", content=b"", content_type=FORM), {2, 3}),
        (BY_CURSOR("$request.body#/c"), RequestParts("/", content=b"{}"), {2, 3, 4, 5}),
    ],
)
def test_a_reference_that_cannot_be_sent_is_an_error_of_its_page(
    pages: CursorPages | LinkPages, parts: RequestParts, accepted: set[int]
) -> None:
    found: set[int] = set()
    for number, reference in enumerate(NO_REFERENCES):
        with suppress(DecodeError):
            pages.after(parts, page(data=[1], next=reference))
            found.add(number)
    assert found == accepted


@pytest.mark.parametrize(
    "pages",
    [
        CursorPages(items=ITEMS, cursor="$request.query.page", next="$response.body#/next"),
        LinkPages(items=ITEMS, next="$response.body#/next"),
    ],
)
def test_a_page_that_names_itself_as_next_is_an_error(pages: CursorPages | LinkPages) -> None:
    value = "2" if isinstance(pages, CursorPages) else "/things?page=2"
    with pytest.raises(DecodeError, match=r"^\$\.next: the page refers to itself"):
        pages.after(RequestParts("/", query="page=2"), page(next=value))

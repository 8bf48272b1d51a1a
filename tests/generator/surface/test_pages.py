"""A method with ``_pages`` goes through a list as ``x-pagination`` says, sync and async."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Recorded, Reply, Server
from support.packages import Package, generate
from support.type_checkers import mypy, one_process

PAGE = """
            type: object
            properties:
              data: {type: array, items: {type: integer}}
              count: {type: integer}
              next: {type: [string, 'null']}
"""
SPEC = f"""
tags: [{{name: things}}]
paths:
  /by-query:
    get: &list
      operationId: listByQuery
      x-method: by_query
      tags: [things]
      security: []
      parameters:
        - {{name: '@offset', in: query, schema: {{type: integer}}}}
        - {{name: limit, in: query, schema: {{type: integer}}}}
        - {{name: X-Page, in: header, schema: {{type: integer}}}}
        - {{name: filter, in: query, schema: {{type: string}}}}
      x-pagination: {{style: offset, items: $response.body#/data, offset: $request.query.@offset}}
      responses: &page
        '200':
          description: A page.
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Page'}}}}}}
  /by-total:
    get:
      <<: *list
      operationId: listByTotal
      x-method: by_total
      x-pagination: {{style: offset, items: $response.body#/data, offset: $request.query.@offset,
        total: $response.body#/count}}
  /by-header:
    get:
      <<: *list
      operationId: listByHeader
      x-method: by_header
      x-pagination: {{style: offset, items: $response.body#/data, offset: $request.header.X-Page,
        unit: pages, first: 1}}
  /by-json:
    post:
      operationId: listByJson
      x-method: by_json
      tags: [things]
      security: []
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties: {{filter: {{type: string}}, paging: {{type: object, additionalProperties: true}}}}
      x-pagination: {{style: offset, items: $response.body#/data, offset: $request.body#/paging/from~1to}}
      responses: *page
  /by-form:
    post:
      operationId: listByForm
      x-method: by_form
      tags: [things]
      security: []
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              properties: {{StartRow: {{type: integer}}, RowCount: {{type: integer}}, filter: {{type: string}}}}
              additionalProperties: {{type: string}}
      x-pagination: {{style: offset, items: $response.body#/data, offset: $request.body#/StartRow,
        limit: $request.body#/RowCount}}
      responses: *page
  /by-cursor:
    get:
      <<: *list
      operationId: listByCursor
      x-method: by_cursor
      x-pagination: {{style: cursor, items: $response.body#/data, cursor: $request.query.filter,
        next: $response.body#/next}}
  /by-link:
    get:
      <<: *list
      operationId: listByLink
      x-method: by_link
      x-pagination: {{style: link, items: $response.body#/data, next: $response.body#/next}}
  /bare:
    get:
      <<: *list
      operationId: listBare
      x-method: bare
      x-pagination: {{style: offset, items: $response.body, offset: $request.query.@offset}}
      responses:
        '200':
          description: A page without anything around it.
          content: {{application/json: {{schema: {{type: array, items: {{type: integer}}}}}}}}
components:
  schemas:
    Page:{PAGE}
"""
ITEMS = list(range(7))


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(SPEC)
    assert made.problems == ()
    return made


def offset_of(request: Recorded) -> int:
    """Where a page starts, by whatever the operation says it with."""
    match request.path:
        case "/by-header":
            return (int(request.headers.get("x-page", 1)) - 1) * 3
        case "/by-json":
            return int(request.json.get("paging", {}).get("from/to", 0)) if request.content else 0
        case "/by-form":
            return int(dict(parse_qsl(request.content.decode())).get("StartRow", 0))
        case "/by-cursor":
            return int(dict(request.query).get("filter", "0"))
        case _:
            return int(dict(request.query).get("@offset", 0))


def page(request: Recorded) -> Reply:
    """Three items at most, whatever was asked for, and every way to find the next ones."""
    start = offset_of(request)
    items, more = ITEMS[start : start + 3], start + 3 < len(ITEMS)
    following = str(start + 3)
    if request.path == "/by-link":
        following = f"https://elsewhere.example/other?{urlencode({**dict(request.query), '@offset': start + 3})}"
    return Reply(
        200, items if request.path == "/bare" else {"data": items, "count": 7, "next": following if more else None}
    )


REQUESTS = {
    "by_query": 4,
    "by_total": 3,
    "by_header": 4,
    "by_json": 4,
    "by_form": 4,
    "by_cursor": 3,
    "by_link": 3,
    "bare": 4,
}
"""Of seven items in threes; a list whose end nobody tells takes one more, which finds nothing."""


def items_of(page: Any) -> list[int]:
    return page if isinstance(page, list) else page.data


@pytest.mark.parametrize("method", REQUESTS)
async def test_the_pages_of_a_list_hold_every_item_once(package: Package, server: Server, method: str) -> None:
    server.response = page
    wanted = [[0, 1, 2], [3, 4, 5], [6]]
    with client_of(package, server) as shop:
        assert [items_of(found) for found in getattr(shop.things, f"{method}_pages")()] == wanted
        raw = list(getattr(shop.things.with_raw_response, f"{method}_pages")())
        assert [items_of(found.parsed) for found in raw] == wanted
        assert {found.status_code for found in raw} == {200}
    assert len(server.requests) == 2 * REQUESTS[method]
    async with async_client_of(package, server) as shop:
        assert [items_of(found) async for found in getattr(shop.things, f"{method}_pages")()] == wanted
        raw = [found async for found in getattr(shop.things.with_raw_response, f"{method}_pages")()]
        assert [items_of(found.parsed) for found in raw] == wanted
    assert len(server.requests) == 4 * REQUESTS[method]


def test_what_else_a_request_says_is_reported_for_every_page(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        list(shop.things.by_query_pages(limit=3, filter_="a b&@offset=9"))
        assert [sorted(request.query) for request in server.requests] == [
            [*([("@offset", start)] if start else []), ("filter", "a b&@offset=9"), ("limit", "3")]
            for start in ("", "3", "6", "7")
        ]
        server.requests.clear()
        list(shop.things.by_form_pages(row_count=3, filter_="ä=&", additional_properties={"@city": "Oslo Ø"}))
        forms = [dict(parse_qsl(request.content.decode())) for request in server.requests]
        same = {"RowCount": "3", "filter": "ä=&", "@city": "Oslo Ø"}
        assert forms == [{**same, **({"StartRow": start} if start else {})} for start in ("", "3", "6", "7")]
        server.requests.clear()
        list(shop.things.by_json_pages(filter_="x", paging={"size": 3}, extra_headers={"X-Mine": "1"}))
        starts = [{}, {"from/to": 3}, {"from/to": 6}, {"from/to": 7}]
        assert [request.json for request in server.requests] == [
            {"filter": "x", "paging": {"size": 3, **start}} for start in starts
        ]
        assert {request.headers["x-mine"] for request in server.requests} == {"1"}


@pytest.mark.parametrize("method", ["by_query", "by_total", "by_form", "bare"])
def test_a_list_can_be_gone_through_from_the_middle(package: Package, server: Server, method: str) -> None:
    server.response = page
    argument = "start_row" if method == "by_form" else "offset"
    with client_of(package, server) as shop:
        pages = getattr(shop.things, f"{method}_pages")(**{argument: 4})
        assert [items_of(found) for found in pages] == [[4, 5, 6]]


def test_of_a_link_only_the_query_is_used(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        list(shop.things.by_link_pages(limit=2))
    assert [request.target for request in server.requests] == [
        "/by-link?limit=2", "/by-link?limit=2&%40offset=3", "/by-link?limit=2&%40offset=6"
    ]  # fmt: skip


@pytest.mark.parametrize("found", [{"data": [], "count": 0, "next": ""}, {}])
def test_an_empty_list_is_one_page(package: Package, server: Server, found: object) -> None:
    server.response = Reply(200, found)
    with client_of(package, server) as shop:
        for method in ("by_query", "by_total", "by_header", "by_json", "by_form", "by_cursor", "by_link"):
            assert len(list(getattr(shop.things, f"{method}_pages")())) == 1
    assert len(server.requests) == 7


@pytest.mark.parametrize("method", ["by_cursor", "by_link"])
def test_an_empty_middle_page_does_not_end_the_list(package: Package, server: Server, method: str) -> None:
    responses = [
        {"data": [1], "next": "/?filter=b"},
        {"data": [], "next": "/?filter=c"},
        {"data": [2], "next": None},
    ]
    server.response = lambda _: Reply(200, responses[len(server.requests) - 1])
    with client_of(package, server) as shop:
        assert [found.data for found in getattr(shop.things, f"{method}_pages")()] == [[1], [2]]


@pytest.mark.parametrize(("method", "following"), [("by_cursor", "same"), ("by_link", "/?filter=same")])
async def test_a_list_returning_to_its_page_ends_in_an_error(
    package: Package, server: Server, method: str, following: str
) -> None:
    server.response = Reply(200, {"data": [1], "next": following})
    with client_of(package, server) as shop:
        pages = getattr(shop.things, f"{method}_pages")(filter_="first")
        next(pages), next(pages)
        with pytest.raises(package.DecodeError, match=r"\$\.next: the page refers to itself as the next page"):
            next(pages)
    async with async_client_of(package, server) as shop:
        pages = getattr(shop.things, f"{method}_pages")(filter_="first")
        await anext(pages), await anext(pages)
        with pytest.raises(package.DecodeError, match="listBy"):
            await anext(pages)
    assert len(server.requests) == 4


def test_a_failure_on_a_later_page_is_raised_there(package: Package, server: Server) -> None:
    server.response = lambda request: page(request) if len(server.requests) < 2 else Reply(503)
    with client_of(package, server) as shop:
        pages = shop.things.by_query_pages()
        assert next(pages).data == [0, 1, 2]
        with pytest.raises(package.ServerError):
            next(pages)


def test_a_page_is_asked_for_when_its_turn_comes(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        pages = shop.things.by_query_pages()
        assert server.requests == []
        next(pages)
        assert len(server.requests) == 1


@one_process
def test_pages_have_their_types(package: Package, tmp_path: Path) -> None:
    user = tmp_path / "user.py"
    user.write_text(
        f"from {package.name} import AsyncShop, Response, Shop\n"
        f"from {package.name}.models import Page\n\n\n"
        "def use(shop: Shop) -> list[Page]:\n"
        "    raw: list[Response[Page]] = list(shop.things.with_raw_response.by_query_pages(limit=1))\n"
        "    return [*shop.things.by_query_pages(limit=1), *(one.parsed for one in raw)]\n\n\n"
        "async def wait(shop: AsyncShop) -> list[Page]:\n"
        "    raw = [one.parsed async for one in shop.things.with_raw_response.by_query_pages(limit=1)]\n"
        "    return [*raw, *[one async for one in shop.things.by_query_pages()]]\n"
    )
    assert mypy(user, sources=[package.sources]) == []


def test_a_second_method_of_that_name_gets_another(server: Server) -> None:
    taken = generate(SPEC.replace("x-method: by_total\n", "x-method: by_query_pages\n"))
    server.response = page
    with client_of(taken, server) as shop:
        assert shop.things.by_query_pages().data == [0, 1, 2]
        assert [found.data for found in shop.things.by_query_pages_2()] == [[0, 1, 2], [3, 4, 5], [6]]


def test_an_x_pagination_of_another_tool_makes_no_method() -> None:
    theirs = SPEC.replace("style: ", "type: ").replace("$request.", "request:")
    assert "_pages" not in generate(theirs).source("resources/things.py")

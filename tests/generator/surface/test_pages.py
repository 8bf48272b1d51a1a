"""A method of an operation with ``x-pagination`` returns a page, which leads to all items; sync and async."""

from __future__ import annotations

import asyncio
import base64
import threading
from contextlib import aclosing, closing
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Recorded, Reply, Server
from support.packages import Package, generate
from support.type_checkers import mypy, one_process, pyright

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
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/ThingPage'}}}}}}
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
  /loose:
    get:
      <<: *list
      operationId: listLoose
      x-method: loose
      responses: {{'200': {{description: A page., content: {{application/json: {{schema: {{type: object}}}}}}}}}}
  /table:
    get:
      <<: *list
      operationId: readTable
      x-method: table
      x-pagination: {{style: offset, items: $response.body#/data, offset: $request.query.@offset}}
      responses:
        '200':
          description: A page of a table.
          content: {{application/json: {{schema: {{$ref: '#/components/schemas/Table'}}}}}}
components:
  schemas:
    Table:
      type: object
      x-table: {{columns: columns, rows: data}}
      properties:
        columns: {{type: array, items: {{type: string}}}}
        data: {{type: array, items: {{type: array, items: {{type: integer}}}}}}
    ThingPage:{PAGE}
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
    if request.path == "/bare":
        return Reply(200, items)
    if request.path == "/table":
        return Reply(200, {"columns": ["n"], "data": [[item] for item in items]})
    return Reply(200, {"data": items, "count": 7, "next": following if more else None})


REQUESTS = {
    "by_query": 4,
    "by_total": 3,
    "by_header": 4,
    "by_json": 4,
    "by_form": 4,
    "by_cursor": 3,
    "by_link": 3,
    "bare": 4,
    "loose": 4,
}
"""Of seven items in threes; a list whose end nobody tells takes one more, which finds nothing."""


PAGES = [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.parametrize("method", REQUESTS)
async def test_a_list_holds_every_item_once(package: Package, server: Server, method: str) -> None:
    server.response = page
    with client_of(package, server) as shop:
        found = getattr(shop.things, method)()
        assert (found.items, len(server.requests)) == (PAGES[0], 1)
        assert (list(found), len(server.requests)) == (ITEMS, REQUESTS[method])
        assert [each.items for each in found.pages()] == PAGES
        server.requests.clear()
        raw = getattr(shop.things.with_raw_response, method)()
        assert (raw.status_code, raw.parsed.items, raw.parsed.next_page().items) == (200, PAGES[0], PAGES[1])
        assert len(server.requests) == 2
    server.requests.clear()
    async with async_client_of(package, server) as shop:
        call = getattr(shop.things, method)()
        assert server.requests == []
        first = await call
        assert (first.items, len(server.requests)) == (PAGES[0], 1)
        assert ([item async for item in first], len(server.requests)) == (ITEMS, REQUESTS[method])
        assert [item async for item in call] == ITEMS
        assert [each.items async for each in call.pages()] == [each.items async for each in first.pages()] == PAGES
        raw = await getattr(shop.things.with_raw_response, method)()
        assert (raw.status_code, raw.parsed.items, (await raw.parsed.next_page()).items) == (200, PAGES[0], PAGES[1])


def test_a_page_has_the_whole_response_and_leads_to_the_next(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        first = shop.things.by_total(limit=3)
        assert first.body == package.module("models").ThingPage.from_dict(page(server.last).body)
        assert repr(first) == "<Page of listByTotal: 3 items, more follow>"
        last = first.next_page().next_page()
        assert (last.items, last.has_next_page, last.next_page(), last.continuation_token) == ([6], False, None, None)
        assert len(server.requests) == 3
        with pytest.raises(TypeError, match="cannot be pickled or copied; keep its items"):
            first.__reduce__()


@pytest.mark.parametrize("method", REQUESTS)
async def test_a_list_goes_on_at_a_continuation_token(package: Package, server: Server, method: str) -> None:
    server.response = page
    given = {} if method == "by_cursor" else {"filter_": "Ø p3rsonal"}
    with client_of(package, server) as shop:
        first = getattr(shop.things, method)(**given)
        second = first.next_page()
    tokens = [first.continuation_token, second.continuation_token]
    assert all(isinstance(token, str) and "p3rsonal" not in str(_decoded(token)) for token in tokens)
    with client_of(package, server) as shop:
        for token, rest in zip(tokens, ([3, 4, 5, 6], [6]), strict=True):
            assert list(getattr(shop.things, method)(**given, continuation_token=token)) == rest
    async with async_client_of(package, server) as shop:
        again = await getattr(shop.things, method)(**given, continuation_token=tokens[0])
        assert (again.items, again.continuation_token) == (second.items, tokens[1])


def _decoded(token: str) -> bytes:
    return base64.urlsafe_b64decode(token + "===")


def _changed(token: str, before: str, after: str) -> str:
    return base64.urlsafe_b64encode(_decoded(token).replace(before.encode(), after.encode())).decode().rstrip("=")


async def test_only_a_token_of_the_same_call_is_accepted(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        token = shop.things.by_query(limit=3, filter_="a").continuation_token
        link = shop.things.by_link(limit=3).continuation_token
    server.requests.clear()
    mine = {"limit": 3, "filter_": "a"}
    wrong = [
        ("by_total", mine, token, "is of listByQuery, not of listByTotal"),
        ("by_query", {"limit": 4, "filter_": "a"}, token, "is of a call of listByQuery with other arguments"),
        ("by_query", mine, _changed(token, '"3"', '"4"'), "with other arguments, or was changed"),
        ("by_query", mine, _changed(token, "[1,", "[2,"), "has the version 2, but this client reads version 1"),
        ("by_link", {"limit": 3}, _changed(link, "offset", "filter"), "with other arguments, or was changed"),
        *[("by_query", mine, text, "is not a token") for text in ("", "ä", token[:-3], "W10", token + "!", "bnVsbA")],
    ]
    async with async_client_of(package, server) as shop:
        with client_of(package, server) as sync:
            for things in (sync.things, shop.things):
                for method, given, text, message in wrong:
                    with pytest.raises(package.InvalidArgument, match=message):
                        getattr(things, method)(**given, continuation_token=text)
                for argument in ("continuation_token", "prefetch"):
                    with pytest.raises(package.WrongArgumentType, match=f"`{argument}`: expected"):
                        things.by_query(**{argument: 7})
    assert server.requests == []


def test_what_else_a_request_says_is_reported_for_every_page(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        list(shop.things.by_query(limit=3, filter_="a b&@offset=9"))
        assert [sorted(request.query) for request in server.requests] == [
            [*([("@offset", start)] if start else []), ("filter", "a b&@offset=9"), ("limit", "3")]
            for start in ("", "3", "6", "7")
        ]
        server.requests.clear()
        list(shop.things.by_form(row_count=3, filter_="ä=&", additional_properties={"@city": "Oslo Ø"}))
        forms = [dict(parse_qsl(request.content.decode())) for request in server.requests]
        same = {"RowCount": "3", "filter": "ä=&", "@city": "Oslo Ø"}
        assert forms == [{**same, **({"StartRow": start} if start else {})} for start in ("", "3", "6", "7")]
        server.requests.clear()
        list(shop.things.by_json(filter_="x", paging={"size": 3}, extra_headers={"X-Mine": "1"}))
        starts = [{}, {"from/to": 3}, {"from/to": 6}, {"from/to": 7}]
        assert [request.json for request in server.requests] == [
            {"filter": "x", "paging": {"size": 3, **start}} for start in starts
        ]
        assert {request.headers["x-mine"] for request in server.requests} == {"1"}


@pytest.mark.parametrize("method", ["by_query", "by_total", "by_form", "bare"])
def test_a_list_can_be_gone_through_from_the_middle(package: Package, server: Server, method: str) -> None:
    server.response = page
    argument, extra = ("start_row", "extra_body") if method == "by_form" else ("offset", "extra_query")
    name = "StartRow" if method == "by_form" else "@offset"
    with client_of(package, server) as shop:
        assert list(getattr(shop.things, method)(**{argument: 4})) == [4, 5, 6]
        assert list(getattr(shop.things, method)(**{extra: {name: 4}})) == [4, 5, 6], "it is not sent with every page"


def test_of_a_link_only_the_query_is_used(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        list(shop.things.by_link(limit=2))
    assert [request.target for request in server.requests] == [
        "/by-link?limit=2", "/by-link?limit=2&%40offset=3", "/by-link?limit=2&%40offset=6"
    ]  # fmt: skip


@pytest.mark.parametrize("found", [{"data": [], "count": 0, "next": ""}, {}])
def test_an_empty_list_is_one_page(package: Package, server: Server, found: object) -> None:
    server.response = Reply(200, found)
    with client_of(package, server) as shop:
        for method in ("by_query", "by_total", "by_header", "by_json", "by_form", "by_cursor", "by_link", "loose"):
            assert [each.items for each in getattr(shop.things, method)().pages()] == [[]]
    assert len(server.requests) == 8


@pytest.mark.parametrize("method", ["by_cursor", "by_link"])
async def test_an_empty_middle_page_does_not_end_the_list(package: Package, server: Server, method: str) -> None:
    responses = [
        {"data": [1], "next": "/?filter=b"},
        {"data": [], "next": "/?filter=c"},
        {"data": [2], "next": None},
    ]
    server.response = lambda _: Reply(200, responses[(len(server.requests) - 1) % 3])
    with client_of(package, server) as shop:
        assert [each.items for each in getattr(shop.things, method)().pages()] == [[1], [2]]
    async with async_client_of(package, server) as shop:
        assert [each.items async for each in getattr(shop.things, method)().pages()] == [[1], [2]]


@pytest.mark.parametrize(("method", "following"), [("by_cursor", "same"), ("by_link", "/?filter=same")])
async def test_a_list_returning_to_its_page_ends_in_an_error(
    package: Package, server: Server, method: str, following: str
) -> None:
    server.response = Reply(200, {"data": [1], "next": following})
    with client_of(package, server) as shop:
        second = getattr(shop.things, method)(filter_="first").next_page()
        assert (second.items, second.has_next_page) == ([1], True)
        for ask in (second.next_page, lambda: second.continuation_token, lambda: list(second)):
            with pytest.raises(package.DecodeError, match=r"\$\.next: the page refers to itself as the next page"):
                ask()
    async with async_client_of(package, server) as shop:
        items = aiter(getattr(shop.things, method)(filter_="first"))
        assert [await anext(items), await anext(items)] == [1, 1]
        with pytest.raises(package.DecodeError, match="listBy"):
            await anext(items)
    assert len(server.requests) == 4


@pytest.mark.parametrize("prefetch", [False, True])
def test_a_failure_on_a_later_page_is_raised_there(package: Package, server: Server, *, prefetch: bool) -> None:
    server.response = lambda request: page(request) if len(server.requests) < 2 else Reply(503)
    with client_of(package, server) as shop:
        items = iter(shop.things.by_query(prefetch=prefetch))
        assert [next(items) for _ in range(3)] == [0, 1, 2]
        with pytest.raises(package.ServerError):
            next(items)


class Gate:
    """Lets a server's second response wait until it is opened."""

    def __init__(self, server: Server) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.server = server

    def __call__(self, request: Recorded) -> Reply:
        if len(self.server.requests) == 2:
            self.reached.set()
            assert self.opened.wait(60)
        return page(request)


def test_the_next_page_is_requested_while_one_is_used(package: Package, server: Server) -> None:
    server.response = gate = Gate(server)
    with client_of(package, server) as shop:
        with closing(iter(shop.things.by_query(prefetch=True))) as items:
            found = [next(items)]
            assert gate.reached.wait(60), "asked for before the page is used up"
            gate.opened.set()
            found += items
        assert found == ITEMS
        gate.opened.clear()
        server.requests.clear()
        items = iter(shop.things.by_query(prefetch=True))
        next(items)
        gate.opened.set()
        items.close()
        assert len(server.requests) == 2, "the request under way is waited for, and no other is sent"
        assert {thread.name for thread in threading.enumerate() if "(run)" in thread.name} == set()


async def test_leaving_an_async_loop_cancels_the_request_under_way(package: Package, server: Server) -> None:
    server.response = gate = Gate(server)
    async with async_client_of(package, server) as shop:
        async with aclosing(aiter(shop.things.by_query(prefetch=True))) as items:
            assert await anext(items) == 0
            await asyncio.to_thread(gate.reached.wait, 60)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        gate.opened.set()
        server.requests.clear()
        assert [item async for item in shop.things.by_query(prefetch=True)] == ITEMS
        assert len(server.requests) == REQUESTS["by_query"]


async def test_a_table_has_a_second_method_for_its_pages(package: Package, server: Server) -> None:
    server.response = page
    with client_of(package, server) as shop:
        assert list(shop.things.table().rows()) == [{"n": 0}, {"n": 1}, {"n": 2}]
        assert len(server.requests) == 1
        assert [row["n"] for row in shop.things.table_pages()] == ITEMS
        assert [len(each.body) for each in shop.things.table_pages().pages()] == [3, 3, 1]
    async with async_client_of(package, server) as shop:
        assert [row["n"] async for row in shop.things.table_pages(prefetch=True)] == ITEMS


USER = """
from typing import Any

from {name} import AsyncPage, AsyncShop, Page, Response, Shop
from {name}.models import Table, ThingPage


def use(shop: Shop) -> list[int]:
    page: Page[int, ThingPage] = shop.things.by_query(limit=1, prefetch=True)
    raw: Response[Page[int, ThingPage]] = shop.things.with_raw_response.by_query(continuation_token="a")
    bodies: list[ThingPage] = [each.body for each in page.pages()]
    following: Page[int, ThingPage] | None = page.next_page()
    bare: list[int] = shop.things.bare().body
    loose: dict[str, Any] = shop.things.loose().body
    table: Table = shop.things.table()
    rows: list[int] = [row["n"] for row in shop.things.table_pages()]
    found: list[str] = list(shop.things.by_query())  # E
    print(bodies, following, bare, loose, table, found, len(table))
    return [*shop.things.by_query(), *page.items, *raw.parsed, *rows]


async def wait(shop: AsyncShop) -> list[int]:
    page: AsyncPage[int, ThingPage] = await shop.things.by_query(limit=1)
    raw: Response[AsyncPage[int, ThingPage]] = await shop.things.with_raw_response.by_query()
    bodies: list[ThingPage] = [each.body async for each in shop.things.by_query().pages()]
    print(bodies, await page.next_page())
    wrong: str = page.continuation_token  # E
    print(wrong)
    return [*[item async for item in shop.things.by_query()], *[item async for item in page], *raw.parsed.items]
"""


@one_process
def test_pages_have_their_types(package: Package, tmp_path: Path) -> None:
    user = tmp_path / "user.py"
    user.write_text(USER.format(name=package.name))
    wrong = [number for number, line in enumerate(user.read_text().splitlines(), 1) if line.endswith("# E")]
    complaints = [line for line in mypy(user, sources=[package.sources]) if ": error: " in line]
    assert [int(line.split(":")[1]) for line in complaints] == wrong, complaints
    found = pyright(tmp_path, ["user.py"], [package.sources])
    assert [error["range"]["start"]["line"] + 1 for error in found] == wrong, found


def test_a_second_method_of_that_name_gets_another(server: Server) -> None:
    taken = generate(SPEC.replace("x-method: by_total\n", "x-method: table_pages\n"))
    server.response = page
    with client_of(taken, server) as shop:
        assert shop.things.table_pages().items == [0, 1, 2]
        assert [row["n"] for row in shop.things.table_pages_2()] == ITEMS


def test_arguments_of_the_api_with_the_names_of_ours_get_others(server: Server) -> None:
    renamed = {
        "name: limit,": "name: continuation_token,",
        "name: filter,": "name: prefetch,",
        "query.filter": "query.prefetch",
    }
    text = SPEC
    for theirs, ours in renamed.items():
        text = text.replace(theirs, ours)
    named = generate(text)
    with client_of(named, server) as shop:
        shop.things.by_query(continuation_token_=1, prefetch_="b")
    assert sorted(server.last.query) == [("continuation_token", "1"), ("prefetch", "b")]


def test_an_x_pagination_of_another_tool_makes_no_pages() -> None:
    theirs = generate(SPEC.replace("style: ", "type: ").replace("$request.", "request:"))
    assert "Page[" not in theirs.source("resources/things.py")


def test_only_a_paged_document_reserves_the_names_of_pages() -> None:
    plain = SPEC.replace("x-pagination", "x-other").replace("ThingPage", "Page")
    assert hasattr(generate(plain).module("models"), "Page")
    assert hasattr(generate(SPEC.replace("ThingPage", "Page")).module("models"), "PageModel")

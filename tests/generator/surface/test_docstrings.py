"""What the extension keys of an operation become: words for readers, and a mark for type checkers."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Reply, Server
from support.packages import Package, generate
from support.type_checkers import mypy, one_process, pyright

SPEC = """
tags: [{name: things}]
paths:
  /things:
    get: &list
      operationId: listThings
      tags: [things]
      security: []
      parameters:
        - {name: $offset, in: query, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: Idempotency-Key, in: header, schema: {type: string}}
      responses: &page
        '200':
          description: A page.
          content: {application/json: {schema: {type: object, properties: {data: {type: array, items: {}}}}}}
      x-pagination: {style: offset, items: $response.body#/data, offset: $request.query.$offset,
        limit: $request.query.limit, default_limit: 100, max_limit: 1000, total: $response.body#/meta/count}
  /pages:
    get:
      <<: *list
      operationId: listPages
      x-pagination: {style: offset, items: $response.body#/data, offset: $request.query.$offset, first: 1,
        unit: pages, default_limit: 20}
  /search:
    post:
      operationId: searchThings
      tags: [things]
      security: []
      requestBody:
        content: {application/json: {schema: {type: object, properties: {pageToken: {type: string}}}}}
      responses: *page
      x-safe: true
      x-pagination: {style: cursor, items: $response.body#/data, cursor: $request.body#/pageToken,
        next: $response.body#/nextToken, max_limit: 50}
  /links:
    get:
      <<: *list
      operationId: listLinks
      x-safe: false
      x-idempotency: {key: $request.header.idempotency-key}
      x-pagination: {style: link, items: $response.body#/data, next: $response.body#/links/next,
        limit: $request.query.limit}
  /old:
    get: {<<: *list, operationId: listOld, x-pagination: true, deprecated: true,
      x-deprecation: {since: R16, replacement: listThings}}
  /older:
    get: {<<: *list, operationId: listOlder, x-pagination: {style: 7}, deprecated: true,
      x-deprecation: {since: unknown, replacement: Use the "file" export}}
  /unread:
    get: {<<: *list, operationId: listUnread, deprecated: true,
      x-deprecation: {since: R17, replacement: 'Read the "things" of version 4; operators do so with the key, users by
        an operation whose path is not known here, and that may be called `list` or something else.'}}
  /nobody:
    get: {<<: *list, operationId: listNobody, deprecated: true, x-deprecation: {since: R17, replacement: unknown}}
  /told:
    post:
      operationId: tell
      summary: Tell everything
      tags: [things]
      security: []
      x-source: {kind: doc, url: 'https://vendor.example/page?version=2'}
      parameters:
        - {name: old, in: query, deprecated: true, description: Once of use, schema: {type: string, default: a}}
        - {name: older, in: query, schema: {type: string, deprecated: true}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties: {oldest: {type: string, deprecated: true, description: Of use to nobody.}}
      responses:
        '200': {description: The thing, content: {application/json: {schema: {type: string}}}}
        '404': {description: It is gone.}
  /guessed:
    delete:
      operationId: guess
      tags: [things]
      security: []
      x-source: {kind: inferred, reason: It stands to reason.}
      responses: {'204': {description: Done.}}
  /oldest:
    get: {<<: *list, operationId: listOldest, deprecated: true,
      x-source: {kind: inferred, reason: The page has no path.}}
"""
NOTES = {
    "list_things": "The response is one page: `offset` counts items, starting at 0. `limit` is the number of items per "
    "page: default 100, at most 1000. The total number of items is in `meta.count`. Iterating over the "
    "returned page yields the items of all pages.",
    "list_pages": "The response is one page: `offset` counts pages, starting at 1. A page has 20 items. "
    "Iterating over the returned page yields the items of all pages.",
    "search_things": "The response is one page: its `nextToken` is the `page_token` of the next page. "
    "A page has at most 50 items. Iterating over the returned page yields the items of all pages. "
    "This operation only reads, although it is a POST.",
    "list_links": "The response is one page: its `links.next` is the URL of the next page. "
    "`limit` is the number of items per page. Iterating over the returned page yields the items of all "
    "pages. "
    "This operation may change data, although it is a GET. "
    "The server detects a repeated call by `idempotency_key`.",
}
DEPRECATIONS = {
    "list_old": "Deprecated by the API since R16. Use `things.list_things` instead.",
    "list_older": 'Deprecated by the API. Use the "file" export.',
    "list_unread": 'Deprecated by the API since R17. Read the "things" of version 4; operators do so with the key, '
    "users by an operation whose path is not known here, and that may be called `list` or something else.",
    "list_nobody": "Deprecated by the API since R17.",
    "list_oldest": "Deprecated by the API.",
}


@pytest.fixture(scope="module")
def package() -> Package:
    return generate(SPEC)


def paragraphs(package: Package, method: str) -> list[str]:
    """Of the docstring, each in one line."""
    text = inspect.getdoc(getattr(package.module("resources.things").Things, method)) or ""
    return [" ".join(part.split()) for part in text.split("\n\n")]


@pytest.mark.parametrize("method", NOTES)
def test_a_docstring_documents_pagination_and_what_a_repeated_call_does(package: Package, method: str) -> None:
    assert paragraphs(package, method)[1] == NOTES[method]


def test_a_docstring_gives_a_deductions_reason_in_one_sentence(package: Package) -> None:
    assert paragraphs(package, "list_oldest")[-1] == "Source: inferred. The page has no path."


@pytest.mark.parametrize("method", DEPRECATIONS)
def test_a_docstring_gives_the_deprecating_release_and_the_replacement(package: Package, method: str) -> None:
    assert paragraphs(package, method)[1] == DEPRECATIONS[method]


def test_a_docstring_has_one_section_per_part_of_an_operation(package: Package) -> None:
    told = inspect.getdoc(package.module("resources.things").Things.tell)
    assert told == (
        "Tell everything.\n\n"
        "Example:\n"
        f"    {package.name.removesuffix('_client')}.things.tell()\n\n"
        "Args:\n"
        "    oldest: Deprecated. Of use to nobody.\n"
        "    old: Deprecated. Once of use. The API's default is a.\n"
        "    older: Deprecated.\n"
        "    body: The whole body, in place of its members: :class:`TellBody`, or a dict with the API's names\n"
        "        (``TellBodyDict``).\n"
        "    request_options: Keywords for this call, such as `timeout` and `extra_headers`: ``RequestOptions``.\n\n"
        "Returns:\n"
        "    The thing.\n\n"
        "Raises:\n"
        "    NotFoundError: Status 404. It is gone.\n"
        "    ShopError: Base class of all errors; ``errors.py`` has the tree.\n\n"
        "Source: https://vendor.example/page?version=2"
    )
    assert paragraphs(package, "guess")[3:] == [
        "Returns: Nothing. Done.",
        "Raises: ShopError: Base class of all errors; ``errors.py`` has the tree.",
        "Source: inferred. It stands to reason.",
    ]


def test_a_long_deprecation_makes_no_long_line(package: Package) -> None:
    assert [line for line in package.source("resources/things.py").splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("method", DEPRECATIONS)
def test_a_deprecated_method_warns_at_the_line_of_the_call(package: Package, server: Server, method: str) -> None:
    server.response = Reply(200, {"data": []})
    with client_of(package, server) as shop:
        for resource in (shop.things, shop.things.with_raw_response):
            with pytest.warns(DeprecationWarning, match="^Deprecated by the API") as caught:
                getattr(resource, method)()
            assert [str(one.message) for one in caught] == [DEPRECATIONS[method]]
            assert caught[0].filename == __file__
    assert len(server.requests) == 2


async def test_an_awaited_call_warns_too(package: Package, server: Server) -> None:
    server.response = Reply(200, {"data": []})
    async with async_client_of(package, server) as shop:
        for resource in (shop.things, shop.things.with_raw_response):
            with pytest.warns(DeprecationWarning, match="Use `things.list_things` instead") as caught:
                await resource.list_old()
            assert caught[0].filename == __file__


def test_the_reference_marks_what_is_deprecated(package: Package) -> None:
    lines = (package.folder / "reference.md").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("**Deprecated")] == [
        f"**{one}**" for one in DEPRECATIONS.values()
    ]


def test_nothing_of_it_needs_typing_extensions(package: Package) -> None:
    """It is named for type checkers only, so the package does not depend on it."""
    program = f"import sys; sys.modules['typing_extensions'] = None; from {package.name} import _runtime; "
    program += f"import {package.name}._runtime.deprecation"
    environment = {"PYTHONPATH": str(package.folder / "src")}
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)


@pytest.fixture
def user(package: Package, tmp_path: Path) -> Path:
    """A program that calls a method and, on its sixth line, a deprecated one."""
    path = tmp_path / "user.py"
    path.write_text(
        f"from {package.name} import Shop\n\n\ndef use(shop: Shop) -> None:\n"
        "    shop.things.list_things()\n    shop.things.list_old()\n"
    )
    return path


@one_process
def test_mypy_reports_the_call_of_a_deprecated_method(package: Package, user: Path) -> None:
    user.write_text(f"# mypy: enable-error-code=deprecated\n{user.read_text()}")
    (complaint,) = mypy(user, sources=[package.sources])
    assert "user.py:7" in complaint
    assert "Use `things.list_things` instead" in complaint


@one_process
def test_pyright_reports_the_call_of_a_deprecated_method(package: Package, user: Path) -> None:
    (complaint,) = pyright(user.parent, [user.name], sources=[package.sources])
    assert complaint["range"]["start"]["line"] == 5
    assert "Use `things.list_things` instead" in complaint["message"]

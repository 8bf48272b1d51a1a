"""Methods that read a response as it arrives, and what decides which operations have one."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Reply, Server
from support.packages import Package, generate
from support.type_checkers import mypy, one_process, pyright

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

SPEC = """
tags: [{name: things}]
paths:
  /export:
    get:
      operationId: exportThings
      x-method: export
      tags: [things]
      responses: {'200': {description: File., content: {text/csv: {schema: {type: string}}}}}
  /export/{id}:
    get:
      operationId: exportThing
      x-method: export_stream
      tags: [things]
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: File, or what is known of it.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Thing'}}
            application/pdf: {schema: {type: string, format: binary}}
        '202': {description: It is being made., content: {application/json: {schema: {}}}}
  /watch:
    get:
      operationId: watchThings
      x-method: watch
      tags: [things]
      deprecated: true
      responses:
        2XX:
          description: Events.
          content:
            text/event-stream:
              x-itemSchema:
                type: object
                properties:
                  event: {type: string}
                  data:
                    type: string
                    contentMediaType: application/json
                    contentSchema: {$ref: '#/components/schemas/Thing'}
              x-terminator: '[DONE]'
  /ask:
    post:
      operationId: ask
      tags: [things]
      responses:
        '200':
          description: The answer, whole or in parts.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Thing'}}
            text/event-stream: {schema: {oneOf: [{$ref: '#/components/schemas/Thing'}, {type: integer}]}}
  /lines:
    get:
      operationId: lines
      tags: [things]
      responses:
        '200':
          description: Lines.
          content: {application/x-ndjson: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}
  /log:
    get:
      operationId: log
      tags: [things]
      responses: {'200': {description: Texts., content: {text/event-stream: {}}}}
  /values:
    get:
      operationId: values
      tags: [things]
      responses: {'200': {description: Values., content: {application/jsonl: {}}}}
  /health:
    get:
      operationId: health
      tags: [things]
      responses: {'200': {description: One word., content: {text/plain: {schema: {type: string}}}}}
  /note:
    get:
      operationId: note
      tags: [things]
      responses: {'200': {description: A file., content: {text/plain: {schema: {type: string, format: binary}}}}}
components:
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string}}}
"""

STREAMS = {
    "export_stream_2": "StreamedCall",
    "export_stream_stream": "StreamedCall",
    "watch": "ItemStream[Thing]",
    "ask_stream": "ItemStream[int | Thing]",
    "lines": "ItemStream[Thing]",
    "log": "ItemStream[str]",
    "values": "ItemStream[Any]",
    "note_stream": "StreamedCall",
}


@pytest.fixture(scope="module")
def package() -> Package:
    return generate(SPEC)


async def both(package: Package, server: Server, name: str, *arguments: Any) -> list[Any]:
    """The items of a stream, or the whole body, sync and async."""
    found: list[Any] = []
    with client_of(package, server) as client:
        stream = getattr(client.things, name)(*arguments)
        with stream as opened:
            found.append([*opened] if hasattr(opened, "last_event") else opened.read())
    async with async_client_of(package, server) as client, getattr(client.things, name)(*arguments) as opened:
        found.append([item async for item in opened] if hasattr(opened, "last_event") else await opened.read())
    return found


def test_files_and_streams_of_items_have_a_method(package: Package) -> None:
    things = package.module("resources.things").Things
    methods = {
        name: str(function.__annotations__["return"])
        for name, function in inspect.getmembers(things, inspect.isfunction)
        if name != "__init__"
    }
    assert {name: kind for name, kind in methods.items() if "Stream" in kind} == STREAMS
    assert {name: kind for name, kind in methods.items() if "Stream" not in kind} == {
        "export": "str",
        "export_stream": "Any",
        "ask": "Thing",
        "health": "str",
        "note": "bytes",
    }


async def test_items_are_typed_by_their_schema_and_end_with_their_terminator(package: Package, server: Server) -> None:
    things = package.module("models.thing").Thing
    server.response = Reply(body='data: {"name": "a"}\n\ndata: {"name": "b"}\n\ndata: [DONE]\n\n')
    with pytest.warns(DeprecationWarning, match="Deprecated by the API"):
        assert await both(package, server, "watch") == [[things(name="a"), things(name="b")]] * 2
    assert server.last.headers["accept"] == "text/event-stream"
    server.response = Reply(body='data: 1\n\ndata: {"name": "b"}\n\n')
    assert await both(package, server, "ask_stream") == [[1, things(name="b")]] * 2
    assert (server.last.method, server.last.headers["accept"]) == ("POST", "text/event-stream")
    server.response = Reply(body='{"name": "a"}\n\n{"name": "b"}')
    assert await both(package, server, "lines") == [[things(name="a"), things(name="b")]] * 2
    server.response = Reply(body="data: [DONE]\n\ndata: two\ndata: lines\n\n")
    assert await both(package, server, "log") == [["[DONE]", "two\nlines"]] * 2
    server.response = Reply(body='1\n[true]\n"a"\n')
    assert await both(package, server, "values") == [[1, [True], "a"]] * 2
    server.response = Reply(body={"name": "whole"})
    with client_of(package, server) as client:
        assert client.things.ask() == things(name="whole")
    assert server.last.headers["accept"] == "application/json"


async def test_files_are_read_as_they_arrive(package: Package, server: Server, tmp_path: Path) -> None:
    server.response = Reply(body="a,b\n1,2\n", headers={"content-type": "text/csv"})
    assert await both(package, server, "export_stream_2") == [b"a,b\n1,2\n"] * 2
    assert await both(package, server, "export_stream_stream", "7") == [b"a,b\n1,2\n"] * 2
    assert (server.last.path, server.last.headers["accept"]) == ("/export/7", "application/pdf")
    with client_of(package, server) as client:
        with client.things.export_stream_2(extra_query={"x": 1}) as response:
            assert response.to_file(tmp_path / "a.csv") == 8
        assert server.last.query == [("x", "1")]
        server.response = Reply(202, {"wait": True})
        with (
            pytest.raises(package.UnexpectedResponseError, match="202 from exportThing"),
            client.things.export_stream_stream("7"),
        ):
            pass
        with pytest.raises(package.WrongArgumentType), client.things.export_stream_2(timeuot=1):
            pass


CONSUMER = """
import datetime
from shop_client import AsyncShop, Shop
from shop_client.models.thing import Thing

def sync(shop: Shop) -> None:
    with shop.things.export_stream_2(timeout=3) as response:
        size: int = response.to_file("a.csv", progress=lambda sent, size: print(sent, size))
    with shop.things.export_stream_2() as response:
        for row in response.iter_rows():
            name: str = row["name"]
    with shop.things.export_stream_2() as response:
        for typed in response.iter_rows(columns={"Born": datetime.date.fromisoformat, "Age": int}):
            print(typed["Born"].year)
    for thing in shop.things.lines():
        only: Thing = thing
    with shop.things.ask_stream() as parts:
        for part in parts:
            either: Thing | int = part
        print(parts.last_event.id if parts.last_event else "")

async def not_sync(shop: AsyncShop) -> None:
    async with shop.things.export_stream_2() as response:
        size: int = await response.to_file("a.csv")
    async with shop.things.export_stream_2() as response:
        async for chunk in response.iter_bytes():
            print(len(chunk))
    async for thing in shop.things.lines():
        only: Thing = thing
"""


@one_process
def test_streams_are_typed_for_their_users(package: Package, tmp_path: Path) -> None:
    consumer = tmp_path / "consumer.py"
    consumer.write_text(CONSUMER.replace("shop_client", package.name))
    assert mypy(consumer, sources=[package.sources]) == []
    assert pyright(tmp_path, [consumer.name], [package.sources], reportUnusedVariable=False) == []

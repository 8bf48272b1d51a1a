"""``x-entries`` and ``x-positional``: an object in a form as numbered fields, and arguments by position."""

from __future__ import annotations

import inspect
import typing
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Reply, Server
from support.packages import Package, generate

SPEC = """
tags: [{name: reports}]
paths:
  /reports/{kind}:
    post:
      operationId: runReport
      x-method: run
      x-positional: [text, lang, since]
      tags: [reports]
      security: []
      parameters:
      - {name: kind, in: path, required: true, schema: {type: string}}
      - {name: lang, in: query, required: true, schema: {type: string}}
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            encoding: {labels: {x-entries: {name: 'k{index}', value: 'v{index}'}}}
            schema:
              type: object
              required: [since, text]
              properties:
                text: {type: string}
                since: {type: integer}
                labels: {type: object, additionalProperties: {type: string}}
      responses: {'204': {description: Done.}}
"""


async def test_arguments_by_position_and_an_object_as_numbered_fields(server: Server) -> None:
    package: Package = generate(SPEC)
    assert package.problems == ()
    server.response = lambda _: Reply(204, b"")
    sent: list[Any] = []
    with client_of(package, server) as client:
        reports = client.reports
        run = reports.run
        for call in (
            lambda: run("daily", "en", "a&b", 7, labels={"x": "1", "{index}": ""}),
            lambda: run("daily", text="a&b", since=7, lang="en", labels={"x": "1", "{index}": ""}),
            lambda: run("daily", "en", body={"text": "a&b", "since": 7, "labels": {"x": "1", "{index}": ""}}),
            lambda: run("daily", "en", "a&b", 7, labels={}),
        ):
            call()
            sent.append((server.last.path, server.last.query, parse_qsl(server.last.content.decode(), True)))
        with pytest.raises(package.WrongArgumentType, match="passed twice"):
            run("daily", "en", "a&b", body={"text": "a", "since": 7})
        with pytest.raises(package.WrongArgumentType, match="`text`, `since` are required"):
            run("daily", "en")
        with pytest.raises(package.WrongArgumentType, match=r"`labels\.x`: expected a string, found an integer"):
            run("daily", "en", "a", 7, labels={"x": 1})
    async with async_client_of(package, server) as client:
        await client.reports.run("daily", "en", "a&b", 7, labels={"x": "1", "{index}": ""})
        sent.append((server.last.path, server.last.query, parse_qsl(server.last.content.decode(), True)))
    fields = [("text", "a&b"), ("since", "7")]
    entries = [("k0", "x"), ("v0", "1"), ("k1", "{index}"), ("v1", "")]
    assert [fields == found[2][:2] and found[2][2:] for found in sent] == [entries, entries, entries, [], entries]
    assert {(path, tuple(query)) for path, query, _ in sent} == {("/reports/daily", (("lang", "en"),))}
    assert len(server.requests) == len(sent)
    ways = [list(inspect.signature(way).parameters) for way in typing.get_overloads(cast("Any", type(reports)).run)]
    assert ways == [
        ["self", "kind", "lang", "text", "since", "labels", "request_options"],
        ["self", "kind", "lang", "body", "request_options"],
    ]

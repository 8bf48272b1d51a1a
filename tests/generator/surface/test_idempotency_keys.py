"""A call has an idempotency key where its API has a place for a UUID; a request that was throttled is sent again."""

from __future__ import annotations

import inspect
import re
from typing import Any
from uuid import UUID

import pytest

from generator.surface.support import client_of
from support.http_server import Recorded, Reply, Server
from support.packages import Package, generate

pytestmark = pytest.mark.xdist_group(__name__)  # its fixture is made once, by one worker

SPEC = """
tags: [{name: things}]
x-responses: {throttled: [{status: [420]}]}
paths:
  /header:
    post: &post
      operationId: byHeader
      tags: [things]
      security: []
      x-idempotency: {key: $request.header.idempotency-key}
      parameters: [{name: Idempotency-Key, in: header, required: true, schema: {$ref: '#/components/schemas/Key'}}]
      responses: {'204': {description: Done.}}
  /query:
    post:
      <<: *post
      operationId: byQuery
      x-idempotency: {key: $request.query.key}
      parameters: [{name: key, in: query, schema: {type: string, format: uuid}}]
  /body:
    post:
      <<: *post
      operationId: byBody
      x-idempotency: {key: $request.body#/key}
      parameters: []
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [name], properties: {name: {type: string}, key: {type: string}}}
  /pattern:
    post:
      <<: *post
      operationId: byPattern
      parameters: [{name: Idempotency-Key, in: header, required: true, schema: {type: string, pattern: '^[0-9]+$'}}]
  /short:
    post:
      <<: *post
      operationId: byShort
      parameters: [{name: Idempotency-Key, in: header, schema: {type: string, maxLength: 35}}]
components:
  schemas:
    Key: {type: string, minLength: 1, maxLength: 36}
"""


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(SPEC)
    assert made.problems == ()
    return made


def key_of(request: Recorded) -> Any:
    found = request.headers.get("idempotency-key") or dict(request.query).get("key")
    return found or (request.json.get("key") if request.content else None)


@pytest.mark.parametrize(
    ("method", "argument", "makes_key"),
    [
        ("by_header", "idempotency_key", True),
        ("by_query", "key", True),
        ("by_body", "key", True),
        ("by_pattern", "idempotency_key", False),
        ("by_short", "idempotency_key", False),
    ],
)
def test_a_key_is_made_for_a_call_and_its_retries(
    method: str, argument: str, makes_key: bool, package: Package, server: Server
) -> None:
    server.response = lambda _: Reply(204 if len(server.requests) % 2 == 0 else 503, b"")
    arguments = {"name": "a"} if method == "by_body" else {}
    given: Any = UUID(int=7) if method == "by_query" else "7"
    with client_of(package, server, max_retries=1) as client:
        client._sender.sleep = lambda _: None
        function = getattr(client.things, method)
        calls = [{argument: given}] + [{}, {}] * makes_key
        for changed in calls:
            function(**arguments, **changed)

    keys = [key_of(request) for request in server.requests]
    assert keys[:2] == [str(given)] * 2
    made = keys[2::2]
    assert made == keys[3::2]
    assert len(set(made)) == len(made) == (2 if makes_key else 0)
    for key in made:
        assert UUID(key).version == 4
    required = inspect.signature(function).parameters[argument].default is inspect.Parameter.empty
    assert required is (method == "by_pattern")


def test_an_operation_without_a_made_key_is_sent_again_with_a_given_one(package: Package, server: Server) -> None:
    server.response = Reply(503, b"")
    with client_of(package, server, max_retries=1) as client:
        client._sender.sleep = lambda _: None
        with pytest.raises(package.ServerError):
            client.things.by_short()
        assert len(server.requests) == 1
    reference = (package.folder / "reference.md").read_text("utf-8")
    assert re.findall(r"^- \[Sent again\]\(#retries\): (.*)$", reference, re.MULTILINE) == [
        *["always"] * 3,
        *["with a key"] * 2,
    ]


def test_a_request_that_was_throttled_as_documented_is_sent_again(package: Package, server: Server) -> None:
    server.response = lambda _: Reply(204 if len(server.requests) == 2 else 420, b"")
    pauses: list[float] = []
    with client_of(package, server, max_retries=1) as client:
        client._sender.connection.random = lambda: 1.0
        client._sender.sleep = pauses.append
        client.things.by_short()
    assert pauses == [1.0]

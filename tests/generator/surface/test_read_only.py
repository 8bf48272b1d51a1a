"""What only the server sets is not sent, whether it was read before or not, unless the call says so."""

from __future__ import annotations

from typing import Any

import pytest

from generator.surface.support import client_of
from support.http_server import Reply, Server
from support.packages import Package, generate

MEMBERS = "".join(f"        m{index}: {{type: integer}}\n" for index in range(13))

SPEC = f"""
tags: [{{name: tickets}}]
paths:
  /tickets:
    post:
      operationId: open
      tags: [tickets]
      requestBody:
        required: true
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/Ticket'}}}}}}
      responses:
        '201': {{description: New., content: {{application/json: {{schema: {{$ref: '#/components/schemas/Ticket'}}}}}}}}
    patch:
      operationId: change
      tags: [tickets]
      requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Ticket'}}}}}}}}
      responses: {{'204': {{description: Done.}}}}
  /batches:
    get:
      operationId: get
      tags: [tickets]
      responses:
        '200': {{description: One., content: {{application/json: {{schema: {{$ref: '#/components/schemas/Batch'}}}}}}}}
    put:
      operationId: put
      tags: [tickets]
      requestBody:
        required: true
        content: {{application/json: {{schema: {{$ref: '#/components/schemas/Batch'}}}}}}
      responses: {{'204': {{description: Done.}}}}
    post:
      operationId: putSome
      tags: [tickets]
      requestBody:
        content: {{application/json: {{schema: {{type: array, items: {{$ref: '#/components/schemas/Either'}}}}}}}}
      responses: {{'204': {{description: Done.}}}}
  /forms:
    post:
      operationId: upload
      tags: [tickets]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [id, ticket]
              properties:
                id: {{type: integer, readOnly: true}}
                ticket: {{$ref: '#/components/schemas/Ticket'}}
      responses: {{'204': {{description: Done.}}}}
components:
  schemas:
    Ticket:
      type: object
      required: [id, name, password]
      properties:
        id: {{type: integer, readOnly: true}}
        name: {{type: string}}
        password: {{type: string, writeOnly: true}}
    Named: {{required: [no], properties: {{no: {{type: integer, readOnly: true}}, text: {{type: string}}}}}}
    Either: {{oneOf: [{{$ref: '#/components/schemas/Ticket'}}, {{$ref: '#/components/schemas/Named'}}]}}
    Batch:
      type: object
      required: [id, first]
      properties:
        id: {{type: integer, readOnly: true}}
        first: {{$ref: '#/components/schemas/Named'}}
        rest: {{type: array, items: {{$ref: '#/components/schemas/Either'}}}}
        by_name: {{type: object, additionalProperties: {{$ref: '#/components/schemas/Named'}}}}
{MEMBERS}
"""

BATCH: dict[str, Any] = {
    "id": 7,
    "first": {"no": 1, "text": "a"},
    "rest": [{"id": 2, "name": "b"}, {"no": 3}, {"unknown": 4}],
    "by_name": {"x": {"no": 5, "text": "c", "note": "d"}},
    "m3": 3,
}
WRITABLE: dict[str, Any] = {
    "first": {"text": "a"},
    "rest": [{"name": "b"}, {}, {"unknown": 4}],
    "by_name": {"x": {"text": "c", "note": "d"}},
    "m3": 3,
}


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(SPEC)
    assert made.problems == ()
    return made


@pytest.fixture
def tickets(package: Package, server: Server) -> Any:
    server.response = Reply(204, b"")
    with client_of(package, server) as client:
        yield client.tickets


def test_members_of_a_small_body_are_arguments_without_the_read_only_ones(tickets: Any, server: Server) -> None:
    server.response = Reply(201, {"id": 1, "name": "n"})
    ticket = tickets.open(name="n", password="p")
    assert (server.last.json, ticket.id, bool(ticket.password)) == ({"name": "n", "password": "p"}, 1, False)
    with pytest.raises(TypeError, match="id"):
        tickets.open(id=1, name="n", password="p")


def test_what_was_read_and_changed_is_sent_without_read_only_members(tickets: Any, server: Server) -> None:
    server.response = Reply(200, BATCH)
    batch = tickets.get()
    batch.m3, batch.first.text = 4, "z"
    server.response = Reply(204, b"")
    tickets.put(body=batch)
    assert server.last.json == {**WRITABLE, "m3": 4, "first": {"text": "z"}}
    assert batch.to_dict(exclude_unset=True) == {
        **BATCH,
        "m3": 4,
        "first": {"no": 1, "text": "z"},
    }  # it is itself unchanged
    tickets.put(body=batch, send_read_only=True)
    assert server.last.json == batch.to_dict(exclude_unset=True)


def test_lists_unions_and_parts_hold_no_read_only_members_either(
    tickets: Any, package: Package, server: Server
) -> None:
    models = package.module("models")
    ticket, named = models.Ticket.from_dict({"id": 1, "name": "n"}), models.Named.from_dict({"no": 2, "text": "t"})
    tickets.put_some(body=[ticket, named])
    assert server.last.json == [{"name": "n"}, {"text": "t"}]
    tickets.put_some(body=[ticket, named], send_read_only=True)
    assert server.last.json == [{"id": 1, "name": "n"}, {"no": 2, "text": "t"}]
    tickets.put_some()
    assert server.last.content == b""
    tickets.upload(ticket=ticket)
    assert b'{"name": "n"}' in server.last.content
    assert b'"id"' not in server.last.content


def test_a_dict_needs_what_requests_need(tickets: Any, package: Package, server: Server) -> None:
    tickets.upload(ticket={"name": "n", "password": "p"})
    assert b'{"name": "n", "password": "p"}' in server.last.content
    tickets.put_some(body=[{"id": 1, "name": "n", "password": "p"}])
    assert server.last.json == [{"name": "n", "password": "p"}]
    with pytest.raises(package.module("errors").InvalidArgument, match=r"^`ticket\.password`: is missing$"):
        tickets.upload(ticket={"name": "n"})


def test_only_methods_that_could_send_them_take_the_argument(tickets: Any) -> None:
    taking = {name for name in dir(type(tickets)) if "send_read_only" in (getattr(tickets, name).__doc__ or "")}
    assert taking == {"change", "open", "put", "put_some", "upload"}

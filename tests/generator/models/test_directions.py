"""``readOnly`` and ``writeOnly``: ``required`` holds in one direction only."""

from __future__ import annotations

import datetime
import typing
from collections import UserDict

import pytest

from support.packages import GenerateModels

TICKET = """
Ticket:
  type: object
  required: [id, at, name, password, kind, history]
  properties:
    id: {type: integer, readOnly: true}
    at: {$ref: Stamp}
    seen: {type: [string, 'null'], format: date-time, readOnly: true}
    name: {type: string}
    password: {type: string, writeOnly: true}
    kind: {const: ticket, readOnly: true}
    history: {type: array, items: {$ref: Entry}, readOnly: true}
Stamp: {type: string, format: date-time, readOnly: true}
Entry: {type: object, required: [text], properties: {text: {type: [string, 'null']}}}
"""

RECEIVED = {"id": 1, "at": "2024-01-02T00:00:00Z", "name": "n", "kind": "ticket", "history": [{"text": None}]}


def test_only_what_requests_need_must_be_given(generate: GenerateModels) -> None:
    package = generate(TICKET)
    assert package.Ticket(name="n", password="p").to_dict(exclude_unset=True) == {"name": "n", "password": "p"}
    with pytest.raises(TypeError, match="password"):
        package.Ticket(name="n")


def test_only_what_responses_have_must_be_there(generate: GenerateModels) -> None:
    package = generate(TICKET)
    ticket = package.Ticket.from_dict(RECEIVED)
    assert (ticket.at.year, ticket.password, ticket.to_dict(exclude_unset=True)) == (2024, None, RECEIVED)
    for name in RECEIVED:
        with pytest.raises(package.decode_error, match=rf"\$\.{name}: is missing"):
            package.Ticket.from_dict({key: value for key, value in RECEIVED.items() if key != name})
    for password in (None, "p"):
        assert (
            package.Ticket.from_dict({**RECEIVED, "password": password}).to_dict(exclude_unset=True)["password"]
            == password
        )


def test_what_is_no_object_is_refused(generate: GenerateModels) -> None:
    package = generate(TICKET)
    for value in (5, None, [], "text"):
        with pytest.raises(package.decode_error, match="expected an object"):
            package.Ticket.from_dict(value)


def test_an_object_of_a_caller_is_read_like_a_request(generate: GenerateModels) -> None:
    package = generate(TICKET)
    given = UserDict({"name": "n", "password": "p"})
    assert package.Ticket.from_dict(given) == package.Ticket(name="n", password="p")
    with pytest.raises(package.decode_error, match=r"\$\.password: is missing"):
        package.Ticket.from_dict(UserDict({"name": "n"}))


def test_types_are_those_of_a_response(generate: GenerateModels) -> None:
    package = generate(TICKET)
    hints = typing.get_type_hints(package.Ticket)
    assert (hints["id"], hints["at"], hints["name"]) == (int, datetime.datetime, str)
    assert hints["password"] == str | None
    assert {"id", "at", "seen", "kind", "history"} == package.Ticket.READ_ONLY
    assert "READ_ONLY" not in package.source("entry")


def test_a_union_that_leads_back_to_itself_has_no_direction(generate: GenerateModels) -> None:
    package = generate(
        "A: {type: object, properties: {itself: {$ref: Itself}, each: {$ref: Either}}}\n"
        "Itself: {oneOf: [{$ref: Itself}]}\n"
        "Either: {anyOf: [{$ref: Other}, {type: 'null'}]}\n"
        "Other: {oneOf: [{$ref: Either}]}"
    )
    assert "READ_ONLY" not in package.source("a")
    assert package.A.from_dict({"each": None}).to_dict(exclude_unset=True) == {"each": None}

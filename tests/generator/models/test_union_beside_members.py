"""A union beside other members of an object: each of its objects has them too."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from support.packages import GenerateModels, Models

VARIANTS = """
Start: {type: object, required: [start], properties: {start: {type: string, format: date}}}
Reason: {type: object, required: [reason], properties: {reason: {type: string}}}
Holder: {type: object, required: [it], properties: {it: {$ref: Event}}}
"""
BASE = "Base: {type: object, required: [id], properties: {id: {type: integer}}}\n"
OWN = "type: object, required: [id], properties: {id: {type: integer}}"
EITHER = "{$ref: Start}, {$ref: Reason}"
INLINE = (
    "{type: object, required: [start], properties: {start: {type: string, format: date}}},"
    "{type: object, required: [reason], properties: {reason: {type: string}}}"
)


def _read(package: Models, value: dict[str, Any]) -> Any:
    holder = package.Holder.from_dict({"it": value})
    assert holder.to_dict(exclude_unset=True) == {"it": value}
    return holder.it


@pytest.mark.parametrize(
    "event",
    [
        f"{BASE}Event: {{allOf: [{{$ref: Base}}, {{oneOf: [{INLINE}]}}]}}",
        f"{BASE}Event: {{allOf: [{{oneOf: [{EITHER}]}}, {{$ref: Base}}]}}",
        f"{BASE}Event: {{$ref: Base, anyOf: [{EITHER}]}}",
        f"{BASE}Event: {{allOf: [{{$ref: Base}}, {{$ref: Either}}]}}\nEither: {{oneOf: [{EITHER}]}}",
        f"Event: {{{OWN}, oneOf: [{EITHER}]}}",
        f"Event: {{{OWN}, anyOf: [{INLINE}]}}",
        f"Event: {{{OWN}, oneOf: [{EITHER}], nullable: true}}",
        f"Event: {{allOf: [{{{OWN}}}, {{{OWN}, oneOf: [{EITHER}]}}]}}",
        f"Other: {{{OWN}, oneOf: [{EITHER}]}}\nEvent: {{allOf: [{{properties: {{x: {{}}}}}}, {{$ref: Other}}]}}",
    ],
)
def test_each_object_of_the_union_has_the_members_beside_it(generate: GenerateModels, event: str) -> None:
    package = generate(VARIANTS + event)
    assert package.problems == ()
    start, reason = _read(package, {"id": 1, "start": "2024-01-02"}), _read(package, {"id": 2, "reason": "r"})
    assert (start.id, start.start, reason.id, reason.reason) == (1, datetime.date(2024, 1, 2), 2, "r")
    assert type(start) is not type(reason)
    assert _read(package, {"start": "2024-01-02"}) == {"start": "2024-01-02"}  # `id` is missing


def test_an_inline_schema_is_distributed_too(generate: GenerateModels) -> None:
    own = f"{{{OWN}, oneOf: [{EITHER}]}}"
    package = generate(VARIANTS + f"Event: {{type: object, properties: {{a: {{type: array, items: {own}}}}}}}")
    items = _read(package, {"a": [{"id": 1, "start": "2024-01-02"}, {"id": 2, "reason": "r"}]}).a
    assert [type(item).__name__ for item in items] == ["EventAItemStart", "EventAItemReason"]


def test_the_tags_of_the_discriminator_still_decide(generate: GenerateModels) -> None:
    package = generate(
        f"""{VARIANTS}
Event:
  type: object
  required: [kind]
  properties: {{kind: {{type: string}}, place: {{type: object, properties: {{name: {{type: string}}}}}}}}
  oneOf: [{EITHER}]
  discriminator: {{propertyName: kind, mapping: {{s: Start, t: Start}}}}
"""
    )
    for tag in ("s", "t"):
        found = _read(package, {"kind": tag, "start": "2024-01-02", "place": {"name": "n"}})
        assert (type(found), found.place.name) == (package.EventStart, "n")
    assert type(_read(package, {"kind": "Reason", "reason": "r"})) is package.EventReason
    assert type(_read(package, {"kind": "new"})) is package.EventBase


def test_variants_that_have_all_members_stay_what_they_are(generate: GenerateModels) -> None:
    derived = generate(
        """
        Holder: {type: object, required: [it], properties: {it: {$ref: Event}}}
        Event:
          required: [kind]
          properties: {kind: {type: string}}
          oneOf: [{$ref: Start}, {$ref: Reason}]
          discriminator: {propertyName: kind}
        Start: {allOf: [{$ref: Event}, {properties: {start: {type: string, format: date}}}]}
        Reason: {required: [kind], properties: {kind: {type: string}, reason: {type: string}}}
        """
    )
    assert derived.problems == ()
    start = _read(derived, {"kind": "Start", "start": "2024-01-02"})
    assert (type(start), start.start.year) == (derived.Start, 2024)
    assert type(_read(derived, {"kind": "Reason", "reason": "r"})) is derived.Reason
    assert type(_read(derived, {"kind": "new"})) is derived.EventBase


def test_two_unions_are_multiplied_and_a_union_inside_itself_is_not(generate: GenerateModels) -> None:
    package = generate(f"{VARIANTS}Event: {{allOf: [{{{OWN}}}, {{oneOf: [{EITHER}]}}, {{oneOf: [{INLINE}]}}]}}")
    names = {name for name in package.module("models").__all__ if name.startswith("Event")}
    assert names == {"Event", *(f"Event{one}Type{two}" for one in ("Start", "Reason") for two in (0, 1))}
    endless = generate(f"{BASE}Event: {{oneOf: [{{$ref: Base}}, {{allOf: [{{{OWN}}}, {{$ref: Event}}]}}]}}")
    assert {problem.rule for problem in endless.problems} == {"all-of"}
    unions = ", ".join("{oneOf: [{properties: {a: {}}}, {properties: {b: {}}}]}" for _ in range(30))
    huge = generate(f"Event: {{allOf: [{{{OWN}}}, {unions}]}}")
    assert {problem.rule for problem in huge.problems} == {"all-of"}


def test_parts_that_only_require_members_are_no_union(generate: GenerateModels) -> None:
    package = generate(f"{VARIANTS}Event: {{{OWN}, anyOf: [{{required: [id]}}, {{required: [other]}}]}}")
    assert type(_read(package, {"id": 1})) is package.Event

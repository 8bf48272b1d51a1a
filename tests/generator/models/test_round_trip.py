"""What a response holds survives: nobody loses data because a description is behind the API."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from support.packages import GenerateModels

ORDER = """
Order:
  type: object
  required: [id, state]
  properties:
    id: {type: integer}
    state: {$ref: State}
    note: {type: string}
    lines: {type: array, items: {$ref: Line}}
    first: {$ref: Line}
    tags: {type: object, additionalProperties: {type: string}}
Line:
  type: object
  properties: {amount: {type: string}}
State: {type: string, enum: [open, paid]}
"""


@pytest.mark.parametrize(
    "value",
    [
        {"id": 1, "state": "open"},
        {"id": 1, "state": "shipped"},
        {"id": 1, "state": "paid", "new": {"deep": [1, None]}, "lines": [{"amount": "3.10", "tax": None}]},
        {"id": 1, "state": "paid", "note": None, "lines": None, "first": None, "tags": None},
        {"id": 1, "state": "paid", "note": "", "lines": [], "first": {}, "tags": {"a": "b"}},
    ],
    ids=["known", "unknown enum value", "unknown members", "null for optional members", "empty values"],
)
def test_an_object_comes_back_as_it_was(generate: GenerateModels, value: dict[str, object]) -> None:
    package = generate(ORDER)
    order = package.Order.from_dict(value)
    assert order.to_dict(exclude_unset=True) == value
    assert json.loads(json.dumps(order.to_dict(exclude_unset=True))) == value


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_equals_its_original_and_is_sent_the_same(generate: GenerateModels, duplicate: object) -> None:
    package = generate(ORDER)
    order = package.Order.from_dict({"id": 1, "state": "shipped", "first": {}})
    twin = duplicate(order)  # type: ignore[operator]
    assert twin == order
    assert twin.to_dict(exclude_unset=True) == order.to_dict(exclude_unset=True)
    assert not twin.is_set("note")


def test_unset_is_one_object_for_ever(generate: GenerateModels) -> None:
    unset = generate(ORDER).unset
    assert copy.deepcopy(unset) is unset
    assert copy.copy(unset) is unset
    assert pickle.loads(pickle.dumps(unset)) is unset
    assert repr(unset) == "UNSET"
    assert not unset


def test_known_values_are_members_and_unknown_ones_plain_text(generate: GenerateModels) -> None:
    package = generate(ORDER)
    known = package.Order.from_dict({"id": 1, "state": "paid"}).state
    unknown = package.Order.from_dict({"id": 1, "state": "shipped"}).state
    assert known is package.State.PAID
    assert type(unknown) is str


def test_unknown_values_leave_nothing_behind(generate: GenerateModels) -> None:
    package = generate(ORDER)
    before = len(package.State.__members__), len(package.module("models.state")._MEMBERS)
    for number in range(1000):
        package.State.from_json(f"value {number}")
    assert (len(package.State.__members__), len(package.module("models.state")._MEMBERS)) == before


def test_a_closed_enumeration_refuses_an_unknown_value(generate: GenerateModels) -> None:
    package = generate("State: {type: string, enum: [open, paid], x-open: false}")
    assert package.State.from_json("open") is package.State.OPEN
    with pytest.raises(package.decode_error, match="documented values"):
        package.State.from_json("shipped")


def test_unknown_members_are_not_dropped_when_the_schema_forbids_them(generate: GenerateModels) -> None:
    package = generate("A: {type: object, additionalProperties: false, properties: {b: {type: string}}}")
    assert package.A.from_dict({"b": "x", "c": 1}).to_dict(exclude_unset=True) == {"b": "x", "c": 1}


def test_what_is_not_set_is_not_sent(generate: GenerateModels) -> None:
    package = generate(ORDER)
    assert package.Order(id=1, state=package.State.OPEN).to_dict(exclude_unset=True) == {"id": 1, "state": "open"}
    assert package.Order(id=1, state="new", note=None).to_dict(exclude_unset=True) == {
        "id": 1,
        "state": "new",
        "note": None,
    }


def test_typed_additional_members_are_read_and_written(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, properties: {b: {type: string}}, additionalProperties: {$ref: C}}
        C: {type: object, properties: {d: {type: string, format: date}}}
        """
    )
    a = package.A.from_dict({"b": "x", "c": {"d": "2024-02-29"}})
    assert a.additional_properties["c"].d.year == 2024
    assert a.to_dict(exclude_unset=True) == {"b": "x", "c": {"d": "2024-02-29"}}

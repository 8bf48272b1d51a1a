"""The base of all models: what an object has, had, and is given."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Mapping
from typing import Any, Self

import attrs
import pytest
from attrs import NOTHING, field

from sdkgen.emitted._model import Model, blank, defaults, filled, may_be_sent_as_null, model, set_members
from sdkgen.emitted.errors import DecodeError, WrongArgumentType
from sdkgen.emitted.types import UNSET


@model({"id": "id", "first-name": "first_name", "note": "note"}, frozenset({"note"}))
class Person(Model):
    id: int
    first_name: str | None = UNSET
    note: str | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        self = blank(cls)
        self.id, self.first_name, self.note = data["id"], data.get("first-name"), data.get("note")
        return filled(self, cls, data, {name: data[name] for name in data.keys() - cls._names.values()})

    def to_dict(self, *, exclude_unset: bool = False) -> dict[str, Any]:
        members = {"id": self.id, "first-name": self.first_name, "note": self.note}
        return self._encoded(members, self.additional_properties, exclude_unset)


READ = {"id": 1, "note": None, "new": [2]}


def test_missing_and_null_members_are_none_and_told_apart() -> None:
    person = Person.from_dict(READ)
    assert type(person) is Person
    assert (person.first_name, person.note, person.additional_properties) == (None, None, {"new": [2]})
    assert [person.is_set(name) for name in ("id", "first_name", "note")] == [True, False, True]
    assert set_members(person) == {"id": 1, "note": None}
    assert person.to_dict() == {"id": 1, "first-name": None, "note": None, "new": [2]}
    assert person.to_dict(exclude_unset=True) == READ
    assert json.loads(person.to_json()) == READ
    assert Person.from_json(person.to_json(indent=2)) == person
    assert repr(person) == "Person(id=1, note=None, additional_properties={'new': [2]})"
    with pytest.raises(AttributeError, match="Person has no member 'frist_name'; did you mean 'first_name'"):
        person.is_set("frist_name")


def test_assigning_sets_nulls_and_removes_members() -> None:
    person = Person(id=1)
    assert person == Person(id=1, first_name=UNSET)
    person.first_name = None
    assert person.to_dict(exclude_unset=True) == {"id": 1, "first-name": None}
    assert person != Person(id=1)
    person.first_name = "Ada"
    assert person == Person(id=1, first_name="Ada")
    del person.first_name
    assert person == Person(id=1)
    with pytest.raises(AttributeError, match="Person requires 'id'"):
        del person.id


def test_a_changed_copy_is_one_of_its_own() -> None:
    person = Person.from_dict(READ)
    changed = person.replace(id=2, note=UNSET)
    changed.additional_properties["more"] = 3
    assert changed.to_dict(exclude_unset=True) == {"id": 2, "new": [2], "more": 3}
    assert person.to_dict(exclude_unset=True) == READ
    for twin in (copy.copy(person), copy.deepcopy(person), pickle.loads(pickle.dumps(person))):
        assert twin == person
        assert twin.is_set("note")
    with pytest.raises(TypeError, match="unexpected keyword argument 'nmae'"):
        person.replace(nmae="Ada")
    with pytest.raises(WrongArgumentType, match=r"use Person\.replace\(\)"):
        attrs.evolve(person, id=2)
    assert person != READ


@pytest.mark.parametrize("text", ["{", b"\xff", "[" * 100_000])
def test_what_is_not_json_is_a_decode_error(text: str | bytes) -> None:
    with pytest.raises(DecodeError, match=r"is not JSON|is nested too deeply"):
        Person.from_json(text)


def test_other_modules_learn_what_a_model_has() -> None:
    assert defaults(Person) == {"id": NOTHING, "first-name": UNSET, "note": UNSET}
    assert [may_be_sent_as_null(Person, member) for member in ("first-name", "note")] == [False, True]

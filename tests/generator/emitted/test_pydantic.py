"""The schemas of models for pydantic and FastAPI."""

from __future__ import annotations

import datetime
from enum import StrEnum
from typing import Any, Literal

import pydantic
import pytest
from attrs import define

from generator.emitted.test_model import READ, Person
from sdkgen.emitted._pydantic import core_schema, json_schema
from sdkgen.emitted.types import UNSET


class Colour(StrEnum):
    RED = "red"


@define
class Shirt:
    """What is worn."""

    colour: Colour | str
    sizes: list[int]
    pair: tuple[str, int]
    labels: dict[str, float]
    kind: Literal["shirt"]
    made: datetime.date | None
    inner: Shirt
    anything: Any


def members(kind: Any) -> dict[str, tuple[str, object]] | None:
    if kind is not Shirt:
        return None
    return {one: (one.upper(), UNSET if one == "made" else None) for one in Shirt.__annotations__}


def test_every_kind_of_member_is_described_and_a_class_once() -> None:
    assert json_schema(Shirt, members) == {
        "type": "object",
        "title": "Shirt",
        "description": "What is worn.",
        "properties": {
            "COLOUR": {"anyOf": [{"title": "Colour", "enum": ["red"]}, {"type": "string"}]},
            "SIZES": {"type": "array", "items": {"type": "integer"}},
            "PAIR": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
            "LABELS": {"type": "object", "additionalProperties": {"type": "number"}},
            "KIND": {"enum": ["shirt"]},
            "MADE": {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
            "INNER": {"type": "object", "title": "Shirt"},
            "ANYTHING": {},
        },
        "required": ["COLOUR", "SIZES", "PAIR", "LABELS", "KIND", "INNER", "ANYTHING"],
    }


def test_a_model_or_an_object_is_accepted_and_written_as_an_object() -> None:
    adapter = pydantic.TypeAdapter(Person)
    person = adapter.validate_python(READ)
    assert person == Person.from_dict(READ) == adapter.validate_python(person)
    assert adapter.dump_python(person, exclude_unset=True) == READ
    assert adapter.json_schema()["properties"].keys() == {"id", "first-name", "note"}
    validate = core_schema(Person)["function"]["function"]
    assert validate(person) is person
    with pytest.raises(KeyError):
        validate({})

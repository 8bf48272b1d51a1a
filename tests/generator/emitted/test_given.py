"""Arguments as decoders see them. What becomes of them in a call is in ``surface/test_arguments.py``."""

from __future__ import annotations

import datetime
from collections import deque
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, Self

import pytest
from attrs import define, field

from sdkgen.emitted._decoding import first_of, mismatch, required_str, string, tagged
from sdkgen.emitted._given import (
    GivenObject,
    ModelMembers,
    argument,
    file_in,
    files_in,
    given,
    members_of,
    only_documented,
    request_only,
    response_only,
)
from sdkgen.emitted.errors import DecodeError, InvalidArgument, WrongArgumentType
from sdkgen.emitted.types import UNSET, File, Unset

_ATTRIBUTES = {"name": "name", "madeBy": "made_by"}


@define(kw_only=True)
class Thing:
    """As models are generated."""

    name: str
    made_by: str | Unset = "us"
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        data = members_of(data, cls, _ATTRIBUTES)
        name, more = required_str(data, "name"), only_documented(data, frozenset(_ATTRIBUTES))
        return cls(name=name, made_by=data.get("madeBy", UNSET), additional_properties=more)


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    ONE = 1


def test_arguments_take_the_form_of_json() -> None:
    for value, seen in (
        (MappingProxyType({"a": (Colour.RED, Level.ONE)}), {"a": ("red", 1)}),
        (deque([1]), [1]),
        (range(2), [0, 1]),
        (b"x", b"x"),
    ):
        assert given(value) == seen
    kept = object()
    assert given(kept) is kept
    assert given(UNSET) is UNSET
    assert given({1, 2}) == {1, 2}
    assert type(given({"a": {}})["a"]) is GivenObject
    assert str(mismatch("an array", given({}))) == "$: expected an array, found an object"


def test_a_dict_gets_the_defaults_of_its_class_and_json_does_not() -> None:
    assert argument("a", {"name": "x"}, Thing.from_dict) == Thing(name="x")
    assert Thing.from_dict({"name": "x"}).made_by is UNSET


@pytest.mark.parametrize(
    ("kind", "lacks_id", "lacks_password"),
    [
        (dict, "is missing", UNSET),  # a response
        (MappingProxyType, UNSET, "is missing"),
        (GivenObject, UNSET, "is missing"),
        (ModelMembers, UNSET, UNSET),  # of a model that was read, since the constructor demands the password
    ],
)
def test_required_holds_in_one_direction(kind: Any, lacks_id: object, lacks_password: object) -> None:
    def read(reader: Any, value: dict[str, Any]) -> object:
        try:
            return reader(kind(value), "m", string)
        except DecodeError as error:
            return error.reason

    assert (read(response_only, {}), read(request_only, {})) == (lacks_id, lacks_password)
    for reader in (response_only, request_only):
        assert (read(reader, {"m": "x"}), read(reader, {"m": 1})) == ("x", "expected a string, found an integer")


def test_only_a_callers_dict_may_not_have_undocumented_members() -> None:
    with pytest.raises(WrongArgumentType, match=r"^`a\.nam`: is not a documented member; did you mean `name`\?"):
        argument("a", {"name": "x", "nam": "y"}, Thing.from_dict)
    model = Thing(name="x", additional_properties={"more": {"a": 1}})
    assert argument("a", model, Thing.from_dict) == model
    assert Thing.from_dict({"name": "x", "more": 1}).additional_properties == {"more": 1}


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({"name": None}, WrongArgumentType, r"`a\.name`: expected a string, found None; leave it out"),
        ({"madeBy": "x"}, InvalidArgument, r"`a\.name`: is missing"),
        (Thing(name=UNSET), InvalidArgument, r"`a\.name`: is missing"),  # type: ignore[arg-type]
        (None, WrongArgumentType, "`a`: expected an object, found None$"),
        (datetime.date(2024, 1, 1), WrongArgumentType, "`a`: expected Thing or a dict, found date"),
        ({3: "x"}, WrongArgumentType, "`a`: expected strings as keys, found an integer"),
    ],
)
def test_a_wrong_argument_is_named(value: object, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"^{message}") as caught:
        argument("a", value, Thing.from_dict)
    assert caught.value.__suppress_context__


def test_a_model_is_decoded_as_its_own_class_in_unions() -> None:
    def by_kind(value: Any) -> Any:
        return tagged(value, {"t": Thing.from_dict}, string, "kind")

    for decode in (by_kind, lambda value: first_of(value, string, Thing.from_dict)):
        assert argument("a", Thing(name="x"), decode) == Thing(name="x")
        with pytest.raises(WrongArgumentType):
            argument("a", Thing(name=5), decode)  # type: ignore[arg-type]
    with pytest.raises(DecodeError):
        by_kind(object())


def test_a_text_is_the_content_of_a_file_in_json_and_its_path_in_an_argument() -> None:
    assert file_in({})("a") == File(b"a")
    assert files_in({})(["a"]) == [File(b"a")]
    assert file_in(GivenObject())("a") == File("a")
    assert files_in(GivenObject())(["a", ("b", b"")]) == [File("a"), File(b"", "b")]

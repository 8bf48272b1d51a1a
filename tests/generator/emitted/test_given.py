"""Arguments as decoders see them. What becomes of them in a call is in ``surface/test_arguments.py``."""

from __future__ import annotations

import datetime
from collections import deque
from enum import Enum, IntEnum
from types import MappingProxyType
from typing import Any, Self

import pytest
from attrs import field

from sdkgen.emitted._decoding import first_of, mismatch, optional_int, optional_str, required_str, string, tagged
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
from sdkgen.emitted._model import Model, blank, filled, model
from sdkgen.emitted.errors import DecodeError, InvalidArgument, WrongArgumentType
from sdkgen.emitted.types import UNSET, File

_ATTRIBUTES = {"name": "name", "madeBy": "made_by", "note": "note", "pages": "pages"}


@model(_ATTRIBUTES, nullable=frozenset({"note"}))
class Thing(Model):
    """As models are generated."""

    name: str
    made_by: str = "us"
    note: str | None = UNSET
    pages: int | None = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])

    @classmethod
    def from_dict(cls, data: Any) -> Self:
        data = members_of(data, cls)
        self = blank(cls)
        self.name = required_str(data, "name")
        self.made_by = data.get("madeBy")
        self.note = optional_str(data, "note")
        self.pages = optional_int(data, "pages")
        return filled(self, cls, data, only_documented(data, frozenset(_ATTRIBUTES)))


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
    assert Thing.from_dict({"name": "x"}).made_by is None


@pytest.mark.parametrize(
    ("kind", "lacks_id", "lacks_password"),
    [
        (dict, "is missing", None),  # a response
        (MappingProxyType, None, "is missing"),
        (GivenObject, None, "is missing"),
        (ModelMembers, None, None),  # of a model that was read, since the constructor demands the password
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


def test_none_is_sent_as_null_or_not_at_all() -> None:
    """As for an argument of a method: null where the API accepts it. A server may send null for any member."""
    for given_thing in ({"name": "x", "note": None, "pages": None}, Thing(name="x", note=None, pages=None)):
        sent = argument("a", given_thing, Thing.from_dict)
        assert (sent.is_set("note"), sent.is_set("pages")) == (True, False)
    assert Thing.from_dict({"name": "x", "pages": None}).is_set("pages")


def test_only_a_callers_dict_may_not_have_undocumented_members() -> None:
    with pytest.raises(WrongArgumentType, match=r"^`a\.nam`: is not a documented member; did you mean `name`\?"):
        argument("a", {"name": "x", "nam": "y"}, Thing.from_dict)
    thing = Thing(name="x", additional_properties={"more": {"a": 1}})
    assert argument("a", thing, Thing.from_dict) == thing
    assert Thing.from_dict({"name": "x", "more": 1}).additional_properties == {"more": 1}


@pytest.mark.parametrize(
    ("value", "kind", "message"),
    [
        ({"name": None}, WrongArgumentType, r"`a\.name`: expected a string, found None; leave it out"),
        ({"madeBy": "x"}, InvalidArgument, r"`a\.name`: is missing"),
        (Thing(name=UNSET), InvalidArgument, r"`a\.name`: is missing"),
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

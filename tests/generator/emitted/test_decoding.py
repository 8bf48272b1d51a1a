"""JSON values become values of the documented types, and errors say where and repeat nothing."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from sdkgen.emitted import _decoding as decoding
from sdkgen.emitted.errors import DecodeError
from sdkgen.emitted.types import File

TYPED = [
    (decoding.required_str, decoding.optional_str, "text", 5, "a string"),
    (decoding.required_int, decoding.optional_int, 5, True, "an integer"),
    (decoding.required_float, decoding.optional_float, 1.5, "1.5", "a number"),
    (decoding.required_bool, decoding.optional_bool, True, 1, "a boolean"),
]


@pytest.mark.parametrize(("required", "optional", "right", "wrong", "expected"), TYPED)
def test_a_member_of_a_simple_type(
    required: Callable[..., object], optional: Callable[..., object], right: object, wrong: object, expected: str
) -> None:
    assert required({"a": right}, "a") is right
    assert optional({"a": right}, "a") is right
    assert optional({"a": None}, "a") is None
    assert optional({}, "a") is None
    for read in (required, optional):
        with pytest.raises(DecodeError, match=rf"^\$\.a: expected {expected}"):
            read({"a": wrong}, "a")
        with pytest.raises(DecodeError, match=r"^\$: expected an object, found an array"):
            read([], "a")
    with pytest.raises(DecodeError, match=r"^\$\.a: is missing"):
        required({}, "a")
    with pytest.raises(DecodeError, match=rf"^\$\.a: expected {expected}, found null"):
        required({"a": None}, "a")


def test_other_members() -> None:
    data = {"list": ["a"], "const": "x", "null": None, "any": {"b": 1}}
    assert decoding.required_list(data, "list", decoding.string) == ["a"]
    assert decoding.optional_list(data, "null", decoding.string) is None
    assert decoding.optional_list(data, "missing", decoding.string) is None
    assert decoding.required_const(data, "const", "x") == "x"
    assert decoding.optional_const(data, "missing", "x") is None
    assert decoding.required_any(data, "any") == {"b": 1}
    assert decoding.optional_any(data, "missing") is None
    assert decoding.required(data, "any", decoding.json_object) == {"b": 1}
    assert decoding.required_nullable(data, "null", decoding.string) is None
    assert decoding.optional(data, "missing", decoding.string) is None
    assert decoding.unknown_members(data, frozenset({"list", "const", "null"})) == {"any": {"b": 1}}
    assert decoding.unknown_members(data, frozenset(data)) == {}


def nested(value: Any) -> object:
    return decoding.required_list(value, "items", lambda item: decoding.map_of(item, decoding.integer))


def test_the_path_grows_from_the_inside() -> None:
    with pytest.raises(DecodeError) as caught:
        nested({"items": [{"a": 1}, {"a b": "s3cret"}]})
    assert caught.value.path == "$.items[1]['a b']"
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("decode", "value", "result"),
    [
        (decoding.integer, 5.0, 5),
        (decoding.number, 5, 5),
        (decoding.null, None, None),
        (lambda value: decoding.constant(value, 1, "a"), "a", "a"),
        (lambda value: decoding.tuple_of(value, decoding.string, decoding.integer), ["a", 1], ("a", 1)),
        (lambda value: decoding.first_of(value, decoding.integer, decoding.string), "a", "a"),
        (decoding.date, "2024-02-29", datetime.date(2024, 2, 29)),
        (decoding.date_time, "2024-02-29T12:00:00Z", datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC)),
        (decoding.local_date_time, "2024-02-29T12:00:00", datetime.datetime(2024, 2, 29, 12)),
        (decoding.uuid, str(UUID(int=5)), UUID(int=5)),
        (decoding.base64_bytes, "YQ==", b"a"),
        (decoding.file_content, "a", File(b"a")),
    ],
)
def test_a_value(decode: Callable[[Any], object], value: object, result: object) -> None:
    assert decode(value) == result


@pytest.mark.parametrize(
    ("decode", "value", "reason"),
    [
        (decoding.integer, True, "expected an integer, found a boolean"),
        (decoding.integer, 5.5, "expected an integer, found a number"),
        (lambda value: decoding.constant(value, 1), True, "expected 1, found a boolean"),
        (lambda value: decoding.tuple_of(value, decoding.string), ["a", "b"], "expected 1 items, found 2"),
        (
            lambda value: decoding.first_of(value, decoding.integer, decoding.string),
            [],
            "expected an integer or a string",
        ),
        (decoding.date, "s3cret", r"expected a date \(RFC 3339\), found another text"),
        (decoding.date_time, "2024-02-29", "expected a date-time"),
        (decoding.local_date_time, "2024-02-29T12:00:00Z", "without an offset, found one with it"),
        (decoding.uuid, 5, "expected a UUID, found an integer"),
        (decoding.base64_bytes, "s3cret", "expected Base64, found another text"),
        (decoding.json_object, [], "expected an object, found an array"),
    ],
)
def test_a_value_that_is_not_as_documented(decode: Callable[[Any], object], value: object, reason: str) -> None:
    with pytest.raises(DecodeError, match=reason) as caught:
        decode(value)
    assert "s3cret" not in str(caught.value)


def test_a_tag_chooses_the_variant() -> None:
    variants = {"cat": lambda value: ("cat", value["age"])}

    def read(value: object) -> object:
        return decoding.tagged(value, variants, decoding.json_object, "meta", "kind")

    assert read({"meta": {"kind": "cat"}, "age": 5}) == ("cat", 5)
    for other in ({"meta": {"kind": "dog"}}, {"meta": {"kind": []}}, {"meta": "cat"}, {}):
        assert read(other) == other


def test_the_first_matching_variant_wins_else_the_last() -> None:
    variants = [decoding.integer, decoding.anything]
    assert decoding.best_match(5.0, variants) == 5
    assert decoding.best_match("a", variants) == "a"

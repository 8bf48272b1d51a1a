"""The pure half of a request: values become text and bytes."""

from __future__ import annotations

import datetime
import enum
from typing import Any
from uuid import UUID

import pytest
from attrs import define, field

from sdkgen.emitted._runtime import request
from sdkgen.emitted.errors import InvalidArgument
from sdkgen.emitted.types import UNSET


class Colour(enum.Enum):
    RED = "red"


class Size(enum.StrEnum):
    LARGE = "large"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", "a b"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        (0, "0"),
        (1.5, "1.5"),
        (Colour.RED, "red"),
        (Size.LARGE, "large"),
        (b"\xff", "/w=="),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        (datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC), "2024-02-29T12:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    ],
)
def test_a_value_as_text(value: object, text: str) -> None:
    assert request.text(value) == text


@pytest.mark.parametrize("value", [["a"], ("a",), {"a": 1}])
def test_an_array_or_object_is_not_one_value(value: object) -> None:
    with pytest.raises(InvalidArgument, match="OpenAPI defines no form"):
        request.text(value)


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="requires a time zone"):
        request.text(datetime.datetime(2024, 2, 29))


@pytest.mark.parametrize(("value", "segment"), [("a/b", "a%2Fb"), ("ä ?", "%C3%A4%20%3F"), (7, "7")])
def test_a_path_segment_cannot_leave_its_place(value: object, segment: str) -> None:
    assert request.path_segment("id", value) == segment


@pytest.mark.parametrize("value", ["", ".", "..", None])
def test_what_is_no_path_segment_is_refused(value: object) -> None:
    with pytest.raises(InvalidArgument, match="`id` is a path parameter"):
        request.path_segment("id", value)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (request.query_value("a b", None), ""),
        (request.query_value("a b", "c&d"), "a%20b=c%26d"),
        (request.query_value("s", "a=1;b", reserved=True), "s=a=1;b"),
        (request.query_value("s", "a&b", reserved=True), "s=a%26b"),
        (request.query_values("n", [1, None, 2]), "n=1&n=2"),
        (request.query_values("n", None), ""),
        (request.query_members({"a": 1, "b": None, "c": [1, 2]}), "a=1&c=1&c=2"),
        (request.query_string("a=1", "", "b=2"), "a=1&b=2"),
    ],
)
def test_a_query(query: str, expected: str) -> None:
    assert query == expected


def test_headers_that_were_not_given_are_left_out() -> None:
    assert request.header_fields({"X-A": 1, "X-B": None}) == {"X-A": "1"}


@pytest.mark.parametrize("value", ["s3cret\r\nX: 1", " s3cret", "s3cret\n", "s3cret\0", "s3cret ä"])
def test_a_header_cannot_start_another(value: str) -> None:
    with pytest.raises(InvalidArgument, match="`X-A`") as caught:
        request.header_fields({"X-A": value})
    assert "s3cret" not in str(caught.value)


def test_bodies() -> None:
    assert request.json_bytes({"ä": [1, None]}) == '{"ä":[1,null]}'.encode()
    assert (request.json_text("ä"), request.json_text("ä", ascii_only=True)) == ('"ä"', '"\\u00e4"')
    assert request.if_any({}, request.json_bytes) is None
    assert request.if_any({"a": 1}, request.json_bytes) == b'{"a":1}'
    with pytest.raises(ValueError, match="JSON"):
        request.json_bytes(float("nan"))


def test_an_argument_not_given_is_a_member_not_sent() -> None:
    assert request.or_unset(None) is UNSET
    assert request.or_unset("") == ""


@define
class Model:
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


def test_additional_members_of_a_model() -> None:
    assert request.extended(Model({"a": 1}), {"b": 2}).additional_properties == {"a": 1, "b": 2}
    assert request.extended(Model({"a": 1}), None).additional_properties == {"a": 1}


def test_what_is_sent_is_not_shown() -> None:
    parts = request.RequestParts("/a", content=b"s3cret", files=[("f", (None, b"s3cret", None))])
    assert "s3cret" not in repr(parts)

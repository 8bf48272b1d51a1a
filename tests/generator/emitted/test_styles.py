"""Arrays and objects as text: every function of ``styles``, with what is undefined; whole tables are in ``surface``."""

from __future__ import annotations

import pytest

from sdkgen.emitted._runtime import styles
from sdkgen.emitted.errors import InvalidArgument


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (styles.simple_path("p", [1, None, "a,b"]), "1,a%2Cb"),
        (styles.label_path("p", "."), ".."),
        (styles.whole_segment("p", "a.b"), "a.b"),
        (styles.matrix_path("p q", {"a": "", "b": None}, explode=True), ";a"),
        (styles.comma_delimited("n", {"a": 1, "b": None}), "n=a,1"),
        (styles.comma_delimited("n", None), ""),
        (styles.space_delimited("n m", ("a", "b")), "n%20m=a%20b"),
        (styles.pipe_delimited("n", {1: 2}), "n=1%7C2"),
        (styles.exploded_query_value("n", "abc"), "n=abc"),
        (styles.exploded_query_value("n", None), ""),
        (styles.deep_query_object("f", {"a": 1, "b": None, "c": []}), "f%5Ba%5D=1"),
        (styles.deep_query_object("f", None), ""),
        (styles.json_field("f", {"a": [1]}), "f=%7B%22a%22%3A%5B1%5D%7D"),
        (styles.delimited({"a": 1}, explode=True), "a=1"),
        (styles.delimited([]), None),
        (styles.delimited(None), None),
    ],
)
def test_the_text_of_a_value(text: str | None, expected: str | None) -> None:
    assert text == expected


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_path_parameter_cannot_lead_elsewhere(segment: str) -> None:
    with pytest.raises(InvalidArgument, match="`p` is a path parameter"):
        styles.whole_segment("p", segment)


@pytest.mark.parametrize(
    ("cookies", "header"),
    [
        ({}, None),
        ({"a": None}, None),
        ({"a": "b=c", "d": ["1", "2 3"]}, "a=b=c; d=1,2%203"),
        ({"a": '"quoted"'}, 'a="quoted"'),
        ({"a": "b; c"}, "a=b%3B%20c"),
    ],
)
def test_a_cookie_header(cookies: dict[str, object], header: str | None) -> None:
    assert styles.cookie_header(cookies) == header


def test_each_item_of_an_exploded_cookie_is_a_cookie() -> None:
    exploded = {"n": [1, None], "o": {"a b": ";"}, "x": None}
    assert styles.cookie_header({"a": "1"}, exploded) == "a=1; n=1; a%20b=%3B"


def test_a_form() -> None:
    members = {"a": [1, 2], "b": {"c": True}, "d": "e f"}
    assert styles.form_bytes(members) == b"a=1&a=2&b=%7B%22c%22%3Atrue%7D&d=e+f"
    assert styles.form_bytes(members, {"a": styles.comma_delimited}) == b"a=1,2&b=%7B%22c%22%3Atrue%7D&d=e+f"

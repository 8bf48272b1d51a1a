"""Continuation tokens: texts that stand for a position in the list of one call."""

from __future__ import annotations

import pytest
from attrs import evolve

from sdkgen.emitted._runtime.continuation import continuation_token, position_in
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted.errors import InvalidArgument

OPERATION = Operation("listThings", "GET", "/things")
START = RequestParts("/things", query="a=1&b=%C3%98", headers={"X-A": "1"}, content=b'{"c":1,"d":[2]}')


@pytest.mark.parametrize("position", [7, "b&c", {"a": ["a=\udcff"]}, [], None])
def test_a_position_returns_from_its_token(position: object) -> None:
    token = continuation_token(OPERATION, START, position)
    assert token.isascii()
    assert position_in(token, OPERATION, START) == position


def test_the_order_in_which_arguments_are_written_does_not_matter() -> None:
    token = continuation_token(OPERATION, START, 7)
    other = evolve(START, query="b=%c3%98&a=1", headers={"x-a": "1"}, content=b'{"d": [2], "c": 1}')
    assert position_in(token, OPERATION, other) == 7


@pytest.mark.parametrize(
    "other",
    [
        {"path": "/things/7"},
        {"query": "a=1"},
        {"query": "a=1&b="},
        {"headers": {"X-A": "2"}},
        {"content": b'{"c":1}'},
        {"content": b"c=1&d=2"},
        {"content": b"\xff"},
    ],
)
def test_a_token_belongs_to_the_arguments_of_its_call(other: dict[str, object]) -> None:
    token = continuation_token(OPERATION, START, 7)
    with pytest.raises(InvalidArgument, match="of a call of listThings with other arguments"):
        position_in(token, OPERATION, evolve(START, **other))

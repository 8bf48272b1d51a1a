"""A body is passed whole or member by member, never in both ways and never without a required member."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sdkgen.emitted._decoding import integer, json_object, string
from sdkgen.emitted._runtime.boundary import checks_arguments
from sdkgen.emitted._runtime.request import Operation, RequestParts, json_bytes
from sdkgen.emitted._runtime.whole_body import MISSING
from sdkgen.emitted.errors import WrongArgumentType
from sdkgen.emitted.types import UNSET


@checks_arguments(Operation("put", "PUT", "/"), ("name", "size"), body=json_object, name=string, size=integer)
def build(*, body: Any = None, name: str = MISSING, size: int | None = None, limit: int | None = None) -> RequestParts:
    return RequestParts("/", content=json_bytes(body if body is not None else {"name": name, "size": size}))


def test_each_way_is_accepted_next_to_other_arguments() -> None:
    assert build(name="a", size=1, limit=5).content == b'{"name":"a","size":1}'
    assert build(body={"name": "a"}, name=MISSING, size=None, limit=5).content == b'{"name":"a"}'
    assert build(body={}).content == b"{}"


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({}, "`name` is required; pass each member of the body, or the whole as `body`"),
        ({"size": 1, "name": UNSET}, "`name` is required"),
        ({"body": {}, "name": "a", "size": 1}, "the body is passed twice: as `body`, and by `name`, `size`"),
        ({"body": {}, "size": 0}, "the body is passed twice: as `body`, and by `size`; pass one of the two"),
    ],
)
def test_both_ways_and_none_are_refused(keywords: dict[str, Any], message: str) -> None:
    with pytest.raises(WrongArgumentType, match=re.escape(message)):
        build(**keywords)
    assert repr(MISSING) == "MISSING"

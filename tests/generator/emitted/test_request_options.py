"""The options of one call: checked before anything is sent, and added to the request."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sdkgen.emitted._runtime.request import RequestParts
from sdkgen.emitted._runtime.request_options import NO_OPTIONS, call_options, merged
from sdkgen.emitted.errors import InvalidArgument, WrongArgumentType

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("parts", "options", "query", "content"),
    [
        (RequestParts("/", query="a=1&b=2&a=3"), {"extra_query": {"a": [8, 9]}}, "b=2&a=8&a=9", None),
        (RequestParts("/", query="a%20b=1"), {"extra_query": {"a b": None, "c": True}}, "c=true", None),
        (RequestParts("/", content=b'{"a":1,"b":2}', content_type="application/json"), {"a": None}, "", b'"a":null'),
        (RequestParts("/", content=b'{"a":1}', content_type="application/vnd.api+json"), {"z": [1]}, "", b'"z":[1]'),
        (RequestParts("/", content=b"a=1&b=2", content_type=FORM), {"a": "x y"}, "", b"b=2&a=x%20y"),
        (RequestParts("/"), {"a": {"b": 1}}, "", b'{"a":{"b":1}}'),
    ],
)
def test_extras_replace_what_has_the_same_name(
    parts: RequestParts, options: dict[str, Any], query: str, content: bytes | None
) -> None:
    before = RequestParts("/", query=parts.query, content=parts.content)
    found = call_options(options if "extra_query" in options else {"extra_body": options}).with_extras(parts)
    assert found.query == query
    assert content is None or content in (found.content or b"")
    assert (parts.query, parts.content) == (before.query, before.content)


@pytest.mark.parametrize(
    "parts",
    [
        RequestParts("/", content=b"[1]", content_type="application/json"),
        RequestParts("/", content=b"text", content_type="text/plain"),
        RequestParts("/", file=b"bytes", content_type="application/octet-stream"),
        RequestParts("/", files=[("file", b"x")]),
    ],
)
def test_members_cannot_be_added_to_another_body(parts: RequestParts) -> None:
    with pytest.raises(InvalidArgument, match="neither"):
        call_options({"extra_body": {"a": 1}}).with_extras(parts)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"time_out": 5}, WrongArgumentType, "`time_out`; did you mean `timeout`"),
        ({"headers": {}}, WrongArgumentType, "`headers`"),
        ({"timeout": "5"}, WrongArgumentType, "`timeout`"),
        ({"timeout": 0}, InvalidArgument, "above 0"),
        ({"timeout": True}, WrongArgumentType, "`timeout`"),
        ({"extra_headers": [("a", "b")]}, WrongArgumentType, "`extra_headers` must be a dict"),
        ({"extra_headers": {"X-A": b"1"}}, WrongArgumentType, "X-A in `extra_headers`"),
        ({"extra_headers": {"X-A": "1\r\nX-B: 2"}}, InvalidArgument, "line break"),
        ({"extra_query": "a=1"}, WrongArgumentType, "`extra_query` must be a dict"),
        ({"extra_query": {1: 1}}, WrongArgumentType, "a name in `extra_query`"),
        ({"extra_body": [1]}, WrongArgumentType, "`extra_body` must be a dict"),
    ],
)
def test_an_unusable_option_is_named(options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call_options(options)


def test_a_timeout_is_for_each_phase_or_none() -> None:
    assert call_options({}) is NO_OPTIONS
    assert call_options({"timeout": None}).timeout == httpx.Timeout(None)
    given = httpx.Timeout(5, connect=1)
    assert call_options({"timeout": given}).timeout is given


def test_options_of_a_call_are_on_top_of_the_defaults() -> None:
    defaults = {"timeout": 5, "extra_headers": {"A": "1", "B": "1"}}
    assert merged(defaults, {}) is defaults
    assert merged(defaults, {"extra_headers": {"B": "2"}}) == {"timeout": 5, "extra_headers": {"A": "1", "B": "2"}}
    assert defaults["extra_headers"] == {"A": "1", "B": "1"}

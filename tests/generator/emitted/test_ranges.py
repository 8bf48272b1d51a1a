"""When the rest of a body may be requested, and whether the response is the rest."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sdkgen.emitted._runtime.ranges import Resumption, resumed, resumption

RANGES = {"accept-ranges": "bytes"}
TAG = {**RANGES, "etag": '"a"'}
DAY = {**RANGES, "last-modified": "Mon, 02 Nov 2026 10:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "validator"),
    [(TAG, '"a"'), ({**DAY, "date": "Mon, 02 Nov 2026 10:00:01 GMT"}, DAY["last-modified"]), ({**TAG, **DAY}, '"a"')],
)
def test_the_rest_is_requested_by_a_strong_validator(headers: Mapping[str, str], validator: str) -> None:
    found = resumption("GET", {}, 200, headers)
    assert found == Resumption(validator)
    assert found.headers(7) == {"Range": "bytes=7-", "If-Range": validator, "Accept-Encoding": "identity"}


@pytest.mark.parametrize(
    ("method", "request_headers", "headers", "reason"),
    [
        ("POST", {}, TAG, "a response to POST has no ranges"),
        ("GET", {"range": "bytes=0-9"}, TAG, "only a part of it was requested"),
        ("GET", {}, {"etag": '"a"'}, "the server does not offer ranges"),
        ("GET", {}, {**TAG, "accept-ranges": "none"}, "the server does not offer ranges"),
        ("GET", {}, {**TAG, "content-encoding": "gzip"}, "it is compressed"),
        ("GET", {}, {**RANGES, "etag": 'W/"a"'}, "does not say by what"),
        ("GET", {}, {**RANGES, **DAY, "date": DAY["last-modified"]}, "does not say by what"),
        ("GET", {}, {**RANGES, **DAY}, "does not say by what"),
        ("GET", {}, {**RANGES, **DAY, "date": "Mon, 02 Nov 2026 10:00:01 GMT", "etag": 'W/"a"'}, "does not say"),
    ],
)
def test_other_bodies_cannot_be_resumed_and_it_says_why(
    method: str, request_headers: Mapping[str, str], headers: Mapping[str, str], reason: str
) -> None:
    found = resumption(method, request_headers, 200, headers)
    assert isinstance(found, str)
    assert reason in found


REST = {"content-range": "bytes 4-9/10", "etag": '"a"'}


@pytest.mark.parametrize(
    ("status", "headers", "fault"),
    [
        (206, REST, None),
        (206, {"content-range": "bytes 4-9/*"}, None),
        (200, {"etag": '"b"'}, "the content has changed on the server"),
        (204, {}, "the server responded with 204"),
        (206, {}, "the server did not say which range it sent"),
        (206, {**REST, "content-range": "bytes 3-9/10"}, "from 3 on instead of from 4"),
        (206, {**REST, "content-range": "bytes 4-7/10"}, "it ends at byte 7 instead of at the last one"),
        (206, {**REST, "content-range": "bytes 4-11/12"}, "a range of 12 bytes instead of 10"),
        (206, {**REST, "etag": '"b"'}, "the content has changed"),
        (206, {**REST, "content-encoding": "gzip"}, "the server compressed the rest"),
    ],
)
def test_only_the_rest_of_the_same_content_is_taken(status: int, headers: Mapping[str, str], fault: str | None) -> None:
    found = resumed(status, headers, offset=4, size=10, validator='"a"')
    assert (found is None) is (fault is None)
    assert fault is None or fault in str(found)

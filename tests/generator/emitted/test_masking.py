"""What looks like a secret, in text, JSON and headers, and what the request showed to be let in."""

from __future__ import annotations

import httpx
import pytest

from sdkgen.emitted._runtime.masking import masked, masked_headers, masked_json


@pytest.mark.parametrize(
    "text",
    [
        'password: "a s3cret"',
        "client_secret=s3cret&x=1",
        '{"refreshToken": "s3cret"}',
        "Authorization: Bearer s3cret",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyciJ9.s3cret",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert "s3cret" not in masked(text, httpx.Request("GET", "https://a.example"))


def test_what_is_not_secret_stays() -> None:
    request = httpx.Request("GET", "https://a.example")
    assert masked('{"name": "Ada", "count": 5}', request) == '{"name": "Ada", "count": 5}'
    assert masked_json({"a": [1, None, {"b": "c"}]}, request) == {"a": [1, None, {"b": "c"}]}
    assert masked_headers(httpx.Headers({"A": "b"}), request) == httpx.Headers({"A": "b"})

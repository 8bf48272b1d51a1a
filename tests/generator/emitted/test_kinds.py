"""The types of arguments, for messages."""

from __future__ import annotations

import httpx
import pytest

from sdkgen.emitted._runtime.kinds import OfAnotherType, kind_of


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (1, "int"),
        (None, "NoneType"),
        (httpx.URL("https://a.example"), "httpx.URL"),
        (httpx.URL, "the class httpx.URL itself"),
        (int, "the class int itself"),
        (OfAnotherType("bytes"), "bytes"),
    ],
)
def test_a_type_is_named_with_its_module(given: object, named: str) -> None:
    assert kind_of(given) == named

"""The options of a client: their defaults are those of its constructor, and none of them shows a secret."""

from __future__ import annotations

from typing import Any

import attrs
import httpx
import pytest
from auth_core.contract import Credentials, Secret

from sdkgen.emitted._runtime.options import DEFAULT_TIMEOUT, Options


class Key(Credentials):
    pass


def test_nothing_but_the_addresses_has_to_be_given() -> None:
    assert [one.name for one in attrs.fields(Options) if one.default is attrs.NOTHING] == ["base_urls"]
    given = Options(base_urls={})
    assert (given.timeout, given.verify, given.allow_http) == (DEFAULT_TIMEOUT, True, False)


def test_a_connection_has_less_time_than_a_response() -> None:
    assert (DEFAULT_TIMEOUT.connect, DEFAULT_TIMEOUT.read) == (5, 30)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("headers", {"X-Key": "s3cret"}),
        ("headers", {"X-Key": b"s3cret"}),
        ("headers", {"X-Key": ["s3cret"]}),
        ("headers", "X-Key: s3cret"),
        ("headers", [("X-Key", "s3cret")]),
        ("credentials", "s3cret"),
        ("credentials", ["ada", b"s3cret"]),
        ("proxy", b"http://u:s3cret@proxy.example"),
        ("proxy", {"https": "http://u:s3cret@proxy.example"}),
    ],
)
def test_not_even_of_another_type_is_a_secret_kept_in_clear_text(name: str, given: Any) -> None:
    """Tools that capture the locals of a traceback read attributes, and do not stop at a missing repr."""
    shown = repr(attrs.asdict(Options(base_urls={}, **{name: given})))
    assert "s3cret" not in shown
    assert name in shown


def test_options_of_options_are_the_same() -> None:
    given = Options(base_urls={}, headers={"X-Number": 5, "X-None": None}, proxy="http://proxy.example")
    again = attrs.evolve(given, timeout=1)
    assert (again.headers, again.proxy) == ({"X-Number": Secret("5")}, Secret("http://proxy.example"))
    assert again.proxy_url == "http://proxy.example"


@pytest.mark.parametrize(
    "given",
    [
        Options(base_urls={}, headers={"X-Key": "s3cret"}),
        Options(base_urls={}, proxy="http://u:s3cret@proxy.example"),
        Options(base_urls={}, proxy="http://proxy.example", timeout=httpx.Timeout(1)),
    ],
)
def test_no_secret_is_shown(given: Options) -> None:
    assert "s3cret" not in repr(given)
    assert "proxy.example" not in repr(given)

"""The options of a client: their defaults are those of its constructor, and none of them shows a secret."""

from __future__ import annotations

import attrs
import httpx
import pytest
from auth_core.contract import Credentials

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

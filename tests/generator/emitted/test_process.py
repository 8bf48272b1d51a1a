"""A client in another process: what of its options a pickle carries, and what is not written down."""

from __future__ import annotations

import pickle
import ssl
from typing import Any

import httpx
import pytest
from auth_core.contract import Credentials

from sdkgen.emitted._runtime.options import DEFAULT_TIMEOUT, Options
from sdkgen.emitted._runtime.process import rebuilt


class Key(Credentials):
    pass


def options(**given: Any) -> Options:
    return Options(base_urls={"base_url": None}, **given)


class Shop:
    def __init__(self, **arguments: object) -> None:
        self.arguments = arguments


def test_a_pickle_carries_what_differs_from_the_defaults() -> None:
    given = Options(base_urls={"base_url": "https://a.example", "login_url": None}, timeout=7.0, allow_http=True)
    make = pickle.loads(pickle.dumps(rebuilt(Shop, given, None, {})))
    assert make().arguments == {"base_url": "https://a.example", "timeout": 7.0, "allow_http": True}
    assert rebuilt(Shop, options(timeout=DEFAULT_TIMEOUT), None, {})().arguments == {}


@pytest.mark.parametrize(
    ("given", "own", "defaults", "name"),
    [
        (options(credentials=Key()), None, {}, "credentials"),
        (options(headers={"X-Key": "s3cret"}), None, {}, "headers"),
        (options(proxy="http://u:s3cret@proxy.example"), None, {}, "proxy"),
        (options(on_token_event=print), None, {}, "on_token_event"),
        (options(hooks=[]), None, {}, "hooks"),
        (options(verify=ssl.create_default_context()), None, {}, "verify"),
        (options(), httpx.Client(), {}, "http_client"),
        (options(), None, {"extra_headers": {"X-Key": "s3cret"}}, "extra_headers"),
    ],
)
def test_what_may_hold_a_secret_is_not_pickled(given: Options, own: Any, defaults: dict[str, Any], name: str) -> None:
    with pytest.raises(TypeError, match=f"^Shop with {name} cannot be pickled") as caught:
        rebuilt(Shop, given, own, defaults)
    assert "s3cret" not in str(caught.value)

"""What a constructor is given: addresses, credentials, httpx clients, and what of it a pickle carries."""

from __future__ import annotations

import pickle
import ssl
from typing import Any

import httpx
import pytest
from auth_core.contract import ConfigurationError, Credentials, InvalidCredentials

from sdkgen.emitted._runtime.arguments import check_http_clients, listed
from sdkgen.emitted._runtime.options import DEFAULT_TIMEOUT, Options
from sdkgen.emitted._runtime.process import rebuilt
from sdkgen.emitted._runtime.servers import Server, resolve_servers

BASE = Server("base_url", "SHOP_BASE_URL")
LOGIN = Server("login_url", "SHOP_LOGIN_URL", default="{base_url}/login")


def resolved(**urls: str | None) -> dict[str, str]:
    return resolve_servers((BASE, LOGIN), urls, allow_http=False)


def test_an_address_is_given_or_in_the_environment_or_derived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_BASE_URL", "https://variable.example/")
    assert resolved() == {"base_url": "https://variable.example", "login_url": "https://variable.example/login"}
    assert resolved(base_url=" https://a.example/api/ ", login_url="https://b.example") == {
        "base_url": "https://a.example/api",
        "login_url": "https://b.example",
    }


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (None, r"the API's address is missing: give `base_url` \(or SHOP_BASE_URL\)"),
        ("api.example", r"^`base_url` \(or SHOP_BASE_URL\) must be an http\(s\) URL with a host"),
        ("https://u:s3cret@a.example", "must have no user name, query or fragment"),
        ("http://a.example", "sent in clear text. Use https; `allow_http=True`, or --allow-http on a command line"),
        ("https://a.example:99999", "is no URL|must be an http"),
        (f"https://{'a' * 64}.example", "is no URL"),
    ],
)
def test_what_is_no_address_is_refused_in_words(url: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        resolved(base_url=url)
    assert "s3cret" not in str(caught.value)


class Key(Credentials):
    pass


def test_credentials_are_one_object_or_several() -> None:
    key = Key()
    assert listed((Key,), key) == [key]
    assert listed((Key,), (key, key)) == [key, key]
    assert listed((Key,), ()) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("s3cret", "not str"),
        ({"key": "s3cret"}, "not dict"),
        (Key, "not the class Key itself"),
        ([None], "not NoneType"),
    ],
)
def test_what_is_no_credentials_object_is_refused(given: Any, message: str) -> None:
    with pytest.raises(InvalidCredentials, match=rf"objects \(Key\), .*{message}") as caught:
        listed((Key,), given)
    assert "s3cret" not in str(caught.value)


def options(**given: Any) -> Options:
    return Options(base_urls={"base_url": None}, **given)


CHECKS = {
    "nothing of a user's own": (httpx.Client, None, None, options(), None),
    "one for both": (httpx.Client, httpx.Client(), None, options(), None),
    "no tokens": (httpx.AsyncClient, httpx.AsyncClient(), None, options(credentials=()), None),
    "the other kind": (
        httpx.Client,
        httpx.AsyncClient(),
        None,
        options(),
        "`http_client` of Shop must be an httpx.Client",
    ),
    "awaited for tokens": (
        httpx.Client,
        None,
        httpx.AsyncClient(),
        options(),
        "`token_http_client` .* not AsyncClient",
    ),
    "none for tokens": (httpx.AsyncClient, httpx.AsyncClient(), None, options(), "needs a `token_http_client` too"),
    "no effect": (httpx.Client, httpx.Client(), None, options(verify=False), "have no effect beside an `http_client`"),
    "no proxy": (httpx.Client, None, None, options(proxy="proxy:s3cret"), "`proxy` must be a URL"),
    "a file": (httpx.Client, None, None, options(verify="ca.pem"), "`verify` must be a bool or an ssl.SSLContext"),
}


@pytest.mark.parametrize(("kind", "own", "for_tokens", "given", "message"), CHECKS.values(), ids=CHECKS)
def test_httpx_clients_of_a_users_own(
    kind: Any, own: Any, for_tokens: Any, given: Options, message: str | None
) -> None:
    if message is None:
        check_http_clients("Shop", kind, own, for_tokens, given)
        return
    with pytest.raises(ConfigurationError, match=message) as caught:
        check_http_clients("Shop", kind, own, for_tokens, given)
    assert "s3cret" not in str(caught.value)


class Shop:
    def __init__(self, **arguments: object) -> None:
        self.arguments = arguments


def test_a_pickle_carries_what_differs_from_the_defaults() -> None:
    given = Options(base_urls={"base_url": "https://a.example", "login_url": None}, timeout=7.0, allow_http=True)
    make = pickle.loads(pickle.dumps(rebuilt(Shop, given, None)))
    assert make().arguments == {"base_url": "https://a.example", "timeout": 7.0, "allow_http": True}
    assert rebuilt(Shop, options(timeout=DEFAULT_TIMEOUT), None)().arguments == {}


@pytest.mark.parametrize(
    ("given", "own", "name"),
    [
        (options(credentials=Key()), None, "credentials"),
        (options(headers={"X-Key": "s3cret"}), None, "headers"),
        (options(proxy="http://u:s3cret@proxy.example"), None, "proxy"),
        (options(on_token_event=print), None, "on_token_event"),
        (options(verify=ssl.create_default_context()), None, "verify"),
        (options(), httpx.Client(), "http_client"),
    ],
)
def test_what_may_hold_a_secret_is_not_pickled(given: Options, own: Any, name: str) -> None:
    with pytest.raises(TypeError, match=f"^Shop with {name} is not pickled") as caught:
        rebuilt(Shop, given, own)
    assert "s3cret" not in str(caught.value)
    assert "s3cret" not in repr(given)

"""Wrong arguments of a constructor are refused in words, and no word is a secret."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from auth_core import MemoryStore
from auth_core.contract import ConfigurationError, Credentials, InvalidCredentials

from sdkgen.emitted._runtime.arguments import check_http_clients, listed
from sdkgen.emitted._runtime.options import Options
from sdkgen.emitted.errors import WrongArgumentType


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
        "`token_http_client` .* not httpx.AsyncClient",
    ),
    "none for tokens": (httpx.AsyncClient, httpx.AsyncClient(), None, options(), "also requires a `token_http_client`"),
    "no effect": (
        httpx.Client,
        httpx.Client(),
        None,
        options(verify=False),
        "have no effect together with `http_client`",
    ),
    "no proxy": (httpx.Client, None, None, options(proxy="proxy:s3cret"), "`proxy` must be a URL"),
    "a store by name": (httpx.Client, None, None, options(token_store="file"), "`token_store` .*FileStore.*, not str$"),
    "a store's class": (
        httpx.Client,
        None,
        None,
        options(token_store=MemoryStore),
        "not the class .*MemoryStore itself",
    ),
    "a store": (httpx.Client, None, None, options(token_store=MemoryStore()), None),
    "a policy": (httpx.Client, None, None, options(refresh_policy={}), "`refresh_policy` must be an auth_core"),
    "a clock": (httpx.Client, None, None, options(clock=5), "`clock` must be a clock .*, not int"),
    "a listener": (httpx.Client, None, None, options(on_token_event="print"), "`on_token_event` .*, not str"),
    "one condition": (httpx.Client, None, None, options(expired=401), "`expired` must be a list .*, not int"),
    "conditions": (httpx.Client, None, None, options(expired=[401]), "`expired` must be a list of"),
    "member names": (
        httpx.Client,
        None,
        None,
        options(token_member_names=["a"]),
        "`token_member_names` must be a dict",
    ),
    "a text for a bool": (httpx.Client, None, None, options(allow_http="false"), "`allow_http` must be True or False"),
    "no text": (httpx.Client, None, None, options(proxy=5), "`proxy` must be a str, not int"),
    "any object": (
        httpx.Client,
        object(),
        None,
        options(),
        "`http_client` of Shop must be an httpx.Client .or that of httpx2., not object",
    ),
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


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        ("X: s3cret", "`headers` must be a dict .*, not str"),
        ([("X", "s3cret")], "`headers` must be a dict .*, not list"),
        ({1: "s3cret"}, "a name in `headers` must be a str, not int"),
        ({"X": b"s3cret"}, "the value of X in `headers` must be a str, not bytes"),
    ],
)
def test_headers_of_another_type_are_refused_without_their_values(headers: Any, message: str) -> None:
    with pytest.raises(WrongArgumentType, match=message) as caught:
        check_http_clients("Shop", httpx.Client, None, None, options(headers=headers))
    assert "s3cret" not in str(caught.value)

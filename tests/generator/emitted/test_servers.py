"""Which address each server has: given, in the environment, or derived; and what is no address."""

from __future__ import annotations

import pytest
from auth_core.contract import ConfigurationError

from sdkgen.emitted._runtime.servers import Server, ServerVariable, resolve_servers

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
        (None, r"the API's URL is missing: give `base_url` \(or SHOP_BASE_URL\)"),
        ("api.example", r"^`base_url` \(or SHOP_BASE_URL\) must be an http\(s\) URL with a host"),
        ("https://u:s3cret@a.example", "must not have a user name, query or fragment"),
        ("http://a.example", "sent in clear text. Use https; `allow_http=True`, or --allow-http on the command line"),
        ("https://a.example:99999", "is not a valid URL|must be an http"),
        ("https://u:pw@s3cret@a.example:x", "is not a valid URL: Invalid port$"),
        ("https://u:p:s3cret", "is not a valid URL"),
        (f"https://{'a' * 64}.example", "is not a valid URL"),
    ],
)
def test_what_is_no_address_is_refused_in_words(url: str | None, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        resolved(base_url=url)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "value", ["evil.example/", "evil.example?", "evil.example#", "u@evil.example", "evil.example\\\\"]
)
def test_a_variable_in_the_host_cannot_name_another_host(value: str) -> None:
    variables = (ServerVariable("tenant", "SHOP_TENANT", "a"), ServerVariable("path", "SHOP_PATH", "v1"))
    server = Server("base_url", "SHOP_BASE_URL", "https://{tenant}.shop.example:443/{path}", variables)
    with pytest.raises(ConfigurationError, match=r"^`tenant` \(or SHOP_TENANT\) is a part of the host: it must not"):
        resolve_servers((server,), {"tenant": value}, allow_http=False)
    given = {"tenant": "b.eu", "path": "a/b@c"}
    assert resolve_servers((server,), given, allow_http=False) == {"base_url": "https://b.eu.shop.example/a/b@c"}

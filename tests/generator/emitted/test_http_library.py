"""The HTTP library of a client is chosen, never found; what depends on it is of that library alone."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest
from auth_core.contract import ConfigurationError, Secret

from generator.emitted.shop import API, connection
from sdkgen.emitted._runtime.arguments import check_http_clients
from sdkgen.emitted._runtime.connection import Connection
from sdkgen.emitted._runtime.http_library import chosen_library, headers_of_httpx
from sdkgen.emitted._runtime.options import Options
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.request_options import as_timeout, call_options

httpx2 = pytest.importorskip("httpx2")
OPERATION = Operation("getThing", "GET", "/thing")


def chosen(given: object = None) -> Any:
    return chosen_library(given, environment="SHOP", distribution="shop-client")


@pytest.mark.parametrize(
    ("given", "variable", "library"),
    [
        (None, None, httpx),
        (None, "", httpx),
        (None, "httpx2", httpx2),
        ("httpx", "httpx2", httpx),
        ("httpx2", None, httpx2),
    ],
)
def test_the_argument_counts_before_the_environment(
    given: str | None, variable: str | None, library: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("SHOP_HTTP", variable)
    assert chosen(given) is library


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("requests", '^`http_library` .or SHOP_HTTP. must be "httpx" or "httpx2", not \'requests\'$'),
        (httpx2, "must be .*, not module$"),
        ([], "must be .*, not list$"),
        (Secret("httpx"), "must be .*Secret$"),
    ],
)
def test_another_library_is_refused(given: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        chosen(given)


def test_a_library_that_is_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(
        ConfigurationError, match=r'is "httpx2", which is not installed: pip install "shop-client\[httpx2\]"'
    ):
        connection(http_library="httpx2")


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_everything_that_is_made_is_of_the_library(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    made_by = connection(http_library=library.__name__, timeout=3)
    plan = made_by.plan(
        OPERATION, library.Headers({"User-Agent": f"python-{library.__name__}/1.0", "X-A": "\xe9"}, encoding="utf-8")
    )
    request = made_by.request(plan, OPERATION, RequestParts("/", content=b"{}"), call_options({}))
    with made_by.new_client() as client:
        async with made_by.new_async_client() as async_client:
            made = [client, async_client, client.timeout, request, request.headers, request.url, request.stream]
            made += [one for one in client._mounts.values() if one is not None]
            made += [one for one in async_client._mounts.values() if one is not None]
    assert {type(one).__module__.partition(".")[0] for one in made} == {library.__name__}
    assert len(made) == 9
    assert f" {library.__name__}/" in request.headers["user-agent"]
    assert request.headers["x-a"] == "\xe9"
    assert headers_of_httpx(request.headers) == httpx.Headers(request.headers.raw)


def test_a_broken_proxy_of_the_environment_fails_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", " http://proxy.example")
    with (
        connection(http_library="httpx2").new_client() as client,
        pytest.raises(ConfigurationError, match="https_proxy"),
    ):
        client.get("https://a.example")


def test_a_users_own_client_is_the_choice() -> None:
    options = Options(base_urls={"base_url": "https://a.example"}, http_library=None)
    with httpx2.Client() as own:
        check_http_clients("Shop", httpx.Client, own, None, options)
        assert Connection(API, options, token_client=own, http_client=own).library is httpx2
        with pytest.raises(ConfigurationError, match="`http_library` have no effect together with `http_client`"):
            check_http_clients("Shop", httpx.Client, own, None, Options(base_urls={}, http_library="httpx"))
        with pytest.raises(
            ConfigurationError, match=r"must be an httpx\.AsyncClient .or that of httpx2., not httpx2\.Client"
        ):
            check_http_clients("Shop", httpx.AsyncClient, own, None, options)


def test_the_timeout_of_either_library_is_taken() -> None:
    assert as_timeout(httpx2.Timeout(9, connect=None)) == httpx.Timeout(9, connect=None)

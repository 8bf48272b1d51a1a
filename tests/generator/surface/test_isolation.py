"""What a request takes along, and which way: cookies of other requests, proxies of the environment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from generator.surface.support import async_client_of, client_of
from generator.surface.things import PASSWORD, TOKEN
from support.http_server import Recorded, Reply, Server, serve
from support.packages import Package


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A proxy that the environment names for all requests."""
    with serve() as server:
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, server.url)
        yield server


def token_and_things(request: Recorded) -> Reply:
    number = len(request.content) + len(request.target)
    body = {"token": TOKEN} if request.path.startswith("/login") else {}
    return Reply(200, body, {"Set-Cookie": f"session{number}=of-{request.method}; Path=/"})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_requests_to_this_machine_use_no_proxy_of_the_environment(
    package: Package, server: Server, credentials: Any, proxy: Server, host: str
) -> None:
    server.response = token_and_things
    url = {"base_url": server.url.replace("127.0.0.1", host)}
    with client_of(package, server, credentials=credentials, **url) as client:
        client.things.list()
    async with async_client_of(package, server, credentials=credentials, **url) as async_client:
        await async_client.things.list()
    assert [request.path for request in server.requests] == ["/login/login", "/things"] * 2
    assert proxy.requests == []


def test_a_client_that_would_take_the_proxy_is_refused(
    package: Package, server: Server, credentials: Any, proxy: Server
) -> None:
    async_own = httpx.AsyncClient()
    with httpx.Client() as own, httpx.Client(trust_env=False) as direct:
        for make, options in (
            (client_of, {"http_client": own}),
            (client_of, {"token_http_client": own}),
            (client_of, {"http_client": direct, "token_http_client": own}),
            (async_client_of, {"http_client": async_own, "token_http_client": direct}),
            (client_of, {"proxy": f"http://u:{PASSWORD}@proxy.example:3128"}),
            (async_client_of, {"proxy": f"http://u:{PASSWORD}@proxy.example:3128"}),
        ):
            with pytest.raises(package.InsecureServer, match="would go to the proxy") as caught:
                make(package, server, credentials=credentials, **options)
            assert PASSWORD not in str(caught.value)
            make(package, server, credentials=credentials, allow_http=True, **options)
            make(package, server, credentials=credentials, **options | {"base_url": "https://a.example"})
        server.response = token_and_things
        with client_of(package, server, credentials=credentials, http_client=direct) as client:
            client.things.list()
    assert proxy.requests == []


def test_a_login_takes_no_cookies_along_and_leaves_none(package: Package, server: Server, credentials: Any) -> None:
    server.response = token_and_things
    for given in (True, False):
        with httpx.Client(cookies={"kept": "before"}, headers={"Cookie": "a=1", "X-Gateway": "g"}) as own:
            with client_of(package, server, credentials=credentials, **{"http_client": own} if given else {}) as client:
                client.things.list()
                client.forget_tokens()
                client.things.list()
                made = own if given else client._sender.clients.get(None)
                login, call, again, _ = server.requests
                assert ["cookie" in request.headers for request in (login, again)] == [False, False]
                assert [name for name, _ in made.cookies.items()] == (["kept", call_cookie(call)] if given else [])
            assert not given or login.headers["x-gateway"] == "g"
            server.requests.clear()


def call_cookie(call: Recorded) -> str:
    return f"session{len(call.content) + len(call.target)}"


async def test_async_clients_keep_no_cookies(package: Package, server: Server, credentials: Any) -> None:
    server.response = token_and_things
    async with async_client_of(package, server, credentials=credentials) as client:
        await client.things.list()
        await client.things.list()
        (made,) = client._sender.clients._made.values()
    assert list(made.http.cookies) == []
    assert not any("cookie" in request.headers for request in server.requests)

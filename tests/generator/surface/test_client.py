"""The client itself: addresses, credentials, options, connections, imports."""

from __future__ import annotations

import asyncio
import gc
import importlib
import ssl
import subprocess
import sys
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from auth_core import ConfigurationError, InsecureServer, MissingCredentials

from generator.surface.support import async_client_of, client_of
from generator.surface.things import PASSWORD, TOKEN, responding
from support.http_server import Reply, Server
from support.packages import Package

# --- addresses -------------------------------------------------------------------------------------------------------


def test_addresses_come_from_arguments_then_variables_then_the_spec(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_BASE_URL", "https://variable.example/")
    monkeypatch.setenv("SHOP_LOGIN_URL", "")
    assert repr(package.Shop(credentials=())) == (
        "Shop(base_url='https://variable.example', login_url='https://variable.example/login')"
    )
    client = package.Shop(base_url="https://argument.example/a", login_url="https://b.example", credentials=())
    assert repr(client) == "Shop(base_url='https://argument.example/a', login_url='https://b.example')"


def test_a_missing_address_is_asked_for_by_both_its_names(package: Package) -> None:
    with pytest.raises(ConfigurationError, match=r"`base_url` \(or SHOP_BASE_URL\)"):
        package.Shop(credentials=())


@pytest.mark.parametrize(
    "url",
    [
        "api.example",
        "ftp://api.example",
        "https://",
        "https://u:p@api.example",
        "https://a.example?x=1",
        "https://a#b",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_refused_without_being_repeated(package: Package, url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^`base_url` \(or SHOP_BASE_URL\)") as caught:
        package.Shop(base_url=url, credentials=())
    assert "u:p" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1", "http://localhost:1", "http://[::1]:5", "http://a.localhost", "https://x.example"]
)
def test_http_is_for_this_machine(package: Package, url: str) -> None:
    assert package.Shop(base_url=url, credentials=())


def test_http_elsewhere_must_be_asked_for(package: Package) -> None:
    with pytest.raises(InsecureServer, match="allow_http=True`, or --allow-http on the command line"):
        package.Shop(base_url="http://api.example", credentials=())
    assert package.Shop(base_url="http://api.example", credentials=(), allow_http=True)


# --- credentials -----------------------------------------------------------------------------------------------------


def test_credentials_come_from_the_environment_when_the_client_is_made(
    package: Package, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MissingCredentials, match="SHOP_USER"):
        package.Shop(base_url=server.url)
    monkeypatch.setenv("SHOP_USER", "ada")
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    server.response = responding(Reply(200, {}))
    with package.Shop(base_url=server.url) as client:
        monkeypatch.delenv("SHOP_PASSWORD")
        client.things.list()
    assert server.requests[0].json == {"user": "ada", "password": PASSWORD}
    assert server.last.headers["authorization"] == f"Bearer {TOKEN}"


def test_without_credentials_nothing_is_sent_to_what_wants_them(package: Package, server: Server) -> None:
    with client_of(package, server) as client:
        with pytest.raises(MissingCredentials):
            client.things.list()
        assert server.requests == []
        client.things.create(name="anonymous is an alternative")
    assert "authorization" not in server.last.headers


def test_an_operation_without_security_is_called_without_a_token(
    package: Package, server: Server, credentials: Any
) -> None:
    with client_of(package, server, credentials=credentials) as client:
        client.things.get_public()
    assert [request.path for request in server.requests] == ["/public"]
    assert "authorization" not in server.last.headers


def test_logging_out_and_forgetting_both_end_in_a_new_login(package: Package, server: Server, credentials: Any) -> None:
    server.response = responding(Reply(200, {}))
    with client_of(package, server, credentials=[credentials]) as client:
        client.things.list()
        client.forget_tokens()
        client.things.list()
        client.logout()
        client.things.list()
    assert [request.path for request in server.requests] == ["/login/login", "/things"] * 3


# --- headers and time ------------------------------------------------------------------------------------------------


def test_the_headers_of_a_request(package: Package, server: Server) -> None:
    with client_of(package, server, headers={"X-Team": "blue"}) as client:
        client.things.get_public(extra_headers={"X-Call": "1", "x-team": "red"})
        client.things.get_public()
    first, second = (request.headers for request in server.requests)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    httpx_version = ".".join(httpx.__version__.split(".")[:2])
    assert first["user-agent"] == f"{package.name.replace('_', '-')}/0.1.0 python/{version} httpx/{httpx_version}"
    assert first["accept"] == "application/json"
    assert "gzip" in first["accept-encoding"]
    assert (first["x-team"], first["x-call"]) == ("red", "1")
    assert (second["x-team"], "x-call" in second) == ("blue", False)


def test_two_clients_share_no_headers(package: Package, server: Server) -> None:
    with client_of(package, server, headers={"X-Team": "blue"}) as one, client_of(package, server) as other:
        one.things.get_public()
        other.things.get_public()
    assert "x-team" not in server.last.headers


def test_the_default_timeout_is_30_seconds_with_5_to_connect(package: Package) -> None:
    seen: list[Any] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.extensions["timeout"])
        return httpx.Response(200, json={})

    with httpx.Client(transport=httpx.MockTransport(respond)) as own:
        common = {"base_url": "https://x.example", "credentials": (), "http_client": own}
        package.Shop(**common).things.get_public()
        package.Shop(**common, timeout=7).things.get_public()
        package.Shop(**common, timeout=7).things.get_public(timeout=0.5)
    assert seen == [
        {"connect": 5.0, "read": 30.0, "write": 30.0, "pool": 30.0},
        {"connect": 7, "read": 7, "write": 7, "pool": 7},
        {"connect": 0.5, "read": 0.5, "write": 0.5, "pool": 0.5},
    ]


# --- connections -----------------------------------------------------------------------------------------------------


def test_the_users_own_client_is_neither_changed_nor_closed(package: Package, server: Server, credentials: Any) -> None:
    server.response = responding(Reply(200, {}))
    with httpx.Client(headers={"X-Own": "1"}, timeout=3) as own:
        before = (dict(own.headers), own.timeout, own.auth, own.follow_redirects, own.event_hooks)
        with client_of(package, server, credentials=credentials, http_client=own, headers={"X-Team": "blue"}) as client:
            client.things.list()
        assert (dict(own.headers), own.timeout, own.auth, own.follow_redirects, own.event_hooks) == before
        assert not own.is_closed
    sent = server.last.headers
    assert (sent["x-own"], sent["x-team"], sent["authorization"]) == ("1", "blue", f"Bearer {TOKEN}")
    assert sent["user-agent"].startswith(package.name.replace("_", "-"))


def test_the_same_headers_are_sent_with_the_users_own_client(package: Package, server: Server) -> None:
    with client_of(package, server) as client:
        client.things.get_public()
    with httpx.Client() as own:
        client_of(package, server, http_client=own).things.get_public()
    first, second = (request.headers for request in server.requests)
    assert first == second


async def test_the_users_own_async_client_requires_one_for_tokens(
    package: Package, server: Server, credentials: Any
) -> None:
    server.response = responding(Reply(200, {}))
    async with httpx.AsyncClient() as own:
        with pytest.raises(ConfigurationError, match="token_http_client"):
            async_client_of(package, server, credentials=credentials, http_client=own)
        with httpx.Client() as tokens:
            options = {"credentials": credentials, "http_client": own, "token_http_client": tokens}
            async with async_client_of(package, server, **options) as client:
                await client.things.list()
            assert not own.is_closed
            assert not tokens.is_closed
        async with async_client_of(package, server, http_client=own) as client:
            await client.things.get_public()


WRONG_OPTIONS = {
    "an httpx client of the other kind": (
        {"http_client": httpx.AsyncClient()},
        {"http_client": httpx.Client(), "token_http_client": httpx.Client()},
        "`http_client` of .*Shop must be an httpx.",
    ),
    "an httpx client for tokens that is async": (
        {"token_http_client": httpx.AsyncClient()},
        {"http_client": httpx.AsyncClient(), "token_http_client": httpx.AsyncClient()},
        "`token_http_client` of .*Shop must be an httpx.Client .or that of httpx2., not httpx.AsyncClient",
    ),
    "a proxy that would have no effect": (
        {"http_client": httpx.Client(), "proxy": "http://proxy.example:3128"},
        {"http_client": httpx.AsyncClient(), "token_http_client": httpx.Client(), "proxy": "http://proxy.example:3128"},
        "have no effect together with `http_client`",
    ),
    "a TLS option that would have no effect": (
        {"http_client": httpx.Client(), "verify": False},
        {"http_client": httpx.AsyncClient(), "token_http_client": httpx.Client(), "verify": False},
        "have no effect together with `http_client`",
    ),
    "a proxy without a scheme": (
        {"proxy": "proxy.example:3128"},
        {"proxy": "proxy.example:3128"},
        "must be a URL such",
    ),
    "a file as TLS option": (
        {"verify": "ca.pem"},
        {"verify": "ca.pem"},
        "bool or an ssl.SSLContext, not str; .*cafile=",
    ),
    "a mapping as credentials": ({"credentials": {"user": "ada"}}, {"credentials": {"user": "ada"}}, "not dict"),
    "a text as credentials": (
        {"credentials": TOKEN},
        {"credentials": TOKEN},
        "objects .PasswordCredentials., .*not str",
    ),
    "texts as credentials": ({"credentials": ("ada", TOKEN)}, {"credentials": ("ada", TOKEN)}, "not str"),
    "an address that is no text": (
        {"base_url": 7},
        {"base_url": 7},
        r"`base_url` \(or SHOP_BASE_URL\) must be a str, not int",
    ),
}


@pytest.mark.parametrize(("sync", "async_", "message"), WRONG_OPTIONS.values(), ids=WRONG_OPTIONS)
def test_a_wrong_option_is_refused_when_the_client_is_made(
    package: Package, credentials: Any, sync: dict[str, Any], async_: dict[str, Any], message: str
) -> None:
    usual = {"base_url": "https://test.example", "credentials": credentials}
    for make, options in ((package.Shop, sync), (package.AsyncShop, async_)):
        with pytest.raises(ConfigurationError, match=message) as raised:
            make(**{**usual, **options})
        assert TOKEN not in str(raised.value)


@pytest.mark.parametrize(
    "given",
    [
        {"headers": f"X-Key: {TOKEN}"},
        {"headers": {"X-Key": TOKEN.encode()}},
        {"headers": {"X-Key": f"{TOKEN}\n"}},
        {"headers": {"X-Key": TOKEN}, "verify": "ca.pem"},
        {"proxy": f"proxy:{TOKEN}"},
        {"proxy": {"https": f"http://ada:{TOKEN}@proxy.example"}},
        {"proxy": f"http://ada:{TOKEN}@proxy.example", "allow_http": "no"},
        {"credentials": TOKEN},
        {"credentials": TOKEN.encode()},
        {"credentials": ("ada", TOKEN)},
        {"credentials": {"password": TOKEN}},
    ],
)
def test_no_local_variable_of_a_refusal_shows_a_secret(package: Package, given: dict[str, Any]) -> None:
    for make in (package.Shop, package.AsyncShop):
        with pytest.raises(package.ShopError) as raised:
            make(**{"base_url": "https://test.example", "credentials": ()} | given)
        shown = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        ours = [frame for frame in shown.stack if frame.filename != __file__]
        assert ours
        assert TOKEN not in repr([(frame.filename, frame.locals) for frame in ours]) + str(raised.value)


def test_a_credentials_class_as_credentials_is_refused_by_name(package: Package) -> None:
    with pytest.raises(ConfigurationError, match="not the class PasswordCredentials itself"):
        package.Shop(base_url="https://test.example", credentials=package.PasswordCredentials)


def test_a_client_can_be_entered_late_and_closed_twice(package: Package, server: Server) -> None:
    """Late means after the first call."""
    client = client_of(package, server)
    client.things.get_public()
    with client:
        client.things.get_public()
    client.close()
    with pytest.raises(RuntimeError, match="closed"):
        client.things.get_public()


async def test_an_async_client_can_be_entered_late_and_closed_twice(package: Package, server: Server) -> None:
    """Late means after the first call."""
    client = async_client_of(package, server)
    await client.things.get_public()
    async with client:
        await client.things.get_public()
    await client.close()
    with pytest.raises(RuntimeError, match="closed"):
        await client.things.get_public()


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_async_client_serves_one_event_loop_after_another(package: Package, server: Server) -> None:
    client = async_client_of(package, server)
    for _ in range(3):
        assert asyncio.run(client.things.get_public()) == {}
    assert len(client._sender.clients._made) == 1  # those of loops that are no more are let go
    del client
    gc.collect()  # asyncio cannot close the sockets of a loop that is closed


def test_no_connection_and_no_trust_store_before_they_are_needed(
    package: Package, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[object] = []
    create = ssl.create_default_context

    def count(*args: Any, **kwargs: Any) -> ssl.SSLContext:
        made.append(1)
        return create(*args, **kwargs)

    monkeypatch.setattr(ssl, "create_default_context", count)
    connection = package.module("_runtime.connection")
    monkeypatch.setattr(connection, "_TLS_CONTEXTS", {})
    clients = [package.Shop(base_url="https://x.example", credentials=()) for _ in range(2)]
    assert made == []
    with clients[0]._sender.connection.new_client(), clients[1]._sender.connection.new_client():
        assert len(made) == 1


def test_threads_that_start_together_share_one_trust_store(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(8)
    create = httpx.create_ssl_context

    def meet(**options: Any) -> ssl.SSLContext:
        together.wait(5)
        return create(**options)

    connection = package.module("_runtime.connection")
    monkeypatch.setattr(connection, "_TLS_CONTEXTS", {})
    monkeypatch.setattr(httpx, "create_ssl_context", meet)
    with ThreadPoolExecutor(8) as pool:
        contexts = list(pool.map(lambda _: connection.tls(True), range(8)))
    assert len(set(contexts)) == 1
    assert connection.tls(True) is contexts[0]


# --- imports ---------------------------------------------------------------------------------------------------------


def test_importing_the_package_imports_no_httpx_and_no_model(package: Package) -> None:
    program = f"""
import sys
sys.path.insert(0, {str(package.folder / "src")!r})
import {package.name}
assert len(set({package.name}.__all__)) == len({package.name}.__all__)
loaded = [name for name in sys.modules if name.startswith(("httpx", "attrs", "auth_core", "{package.name}."))]
assert loaded == [], loaded
assert set({package.name}.__all__) <= set(dir({package.name}))
from {package.name} import Shop, PasswordCredentials
client = Shop(base_url="https://x.example", credentials=PasswordCredentials(user="a", password="b"))
loaded = [name for name in sys.modules if ".models" in name and name.startswith("{package.name}")]
assert loaded == [], loaded
"""
    subprocess.run([sys.executable, "-c", program], check=True)


def test_every_name_that_is_exported_exists(package: Package) -> None:
    module = importlib.import_module(package.name)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


def test_a_name_that_does_not_exist_is_an_attribute_error(package: Package) -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Shopp'"):
        getattr(package, "Shopp")  # noqa: B009

"""One folder under ``specs/`` and no Python: the generated package logs in, stays logged in, calls, and logs out."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
from auth_core import LoginRefused
from auth_core_testing import REFRESH, FakeClock, LifecycleProvider

from repo.sixth_vendor.server import SESSION_SECONDS, Harbour, harbour
from vendor_clients import Subject

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

CREDENTIALS = {"tenant": "north sea", "client_id": "ship", "client_secret": "s3cret"}


@pytest.fixture(scope="module")
def package(harbour_package: Any) -> Any:
    return harbour_package


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(clock: FakeClock) -> Iterator[Harbour]:
    with harbour(clock.wall) as running:
        yield running


@pytest.fixture
def client(package: Any, server: Harbour, clock: FakeClock) -> Iterator[Any]:
    credentials = package.ClientCredentials(**CREDENTIALS)
    with package.Harbour(base_url=server.url, credentials=credentials, clock=clock) as made:
        yield made


def test_it_logs_in_and_calls(client: Any, server: Harbour) -> None:
    response = client.berths.list(min_depth=10)
    assert [(berth.name, berth.depth) for berth in response.berths] == [("North 1", 12.5)]
    assert server.log == ["open", "list"]


def test_its_call_is_found_and_made_like_any_vendors(client: Any, server: Harbour) -> None:
    response = Subject("harbour").call(client)
    assert len(response.berths) > 1
    assert server.log == ["open", "list"]


def test_it_renews_with_the_newest_renewal_key(client: Any, server: Harbour, clock: FakeClock) -> None:
    for _ in range(3):
        client.berths.list()
        clock.advance(SESSION_SECONDS)
    assert server.log == ["open", "list", "renew", "list", "renew", "list"]


def test_the_lifecycle_provider_speaks_it_too(package: Any, clock: FakeClock) -> None:
    auth = importlib.import_module("harbour_client.auth")
    (lifecycle,) = auth.LIFECYCLES.values()
    provider = LifecycleProvider(lifecycle, clock=clock)
    credentials = provider.credentials_for(lifecycle.grants[0].name, package.ClientCredentials)
    with (
        provider.serve() as url,
        package.Harbour(**provider.servers(url), credentials=credentials, clock=clock) as made,
    ):
        source = made._sender.connection.authenticator.source(lifecycle.scheme)
        source.token()
        clock.advance(provider.issuer.lifetime + 1)
        source.token()
    assert provider.grants() == [lifecycle.grants[0].name, REFRESH]


def test_an_early_end_is_survived(client: Any, server: Harbour) -> None:
    client.berths.list()
    server.key = "taken by another"
    assert client.berths.list().ok
    assert server.log == ["open", "list", "list", "renew", "list"]


def test_it_logs_in_again_when_the_renewal_key_is_gone(client: Any, server: Harbour, clock: FakeClock) -> None:
    client.berths.list()
    server.renewal = "taken by another"
    clock.advance(SESSION_SECONDS)
    client.berths.list()
    assert server.log == ["open", "list", "renew", "open", "list"]


def test_a_failure_under_status_200_is_an_error(client: Any, package: Any) -> None:
    with pytest.raises(package.ApiError) as caught:
        client.sessions.open("north sea", purpose=["write"])
    assert (caught.value.code, caught.value.status_code) == ("bad-client", 200)


def test_a_wrong_secret_is_refused_by_name_without_its_value(package: Any, server: Harbour) -> None:
    credentials = package.ClientCredentials(**CREDENTIALS | {"client_secret": "wr0ng-s3cret"})
    with package.Harbour(base_url=server.url, credentials=credentials) as client, pytest.raises(LoginRefused) as caught:
        client.berths.list()
    assert "bad-client" in str(caught.value)
    assert "wr0ng" not in str(caught.value)


def test_logging_out_closes_the_session(client: Any, server: Harbour) -> None:
    client.berths.list()
    client.logout()
    client.berths.list()
    assert server.log == ["open", "list", "close", "open", "list"]


async def test_it_works_with_await(package: Any, server: Harbour, clock: FakeClock) -> None:
    credentials = package.ClientCredentials(**CREDENTIALS)
    async with package.AsyncHarbour(base_url=server.url, credentials=credentials, clock=clock) as client:
        await client.berths.list()
        clock.advance(SESSION_SECONDS)
        assert (await client.berths.list()).ok
    assert server.log == ["open", "list", "renew", "list"]


def test_the_environment_is_enough(package: Any, server: Harbour, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"base_url": server.url, **CREDENTIALS}.items():
        monkeypatch.setenv(f"HARBOUR_{name.upper()}", value)
    with package.Harbour() as client:
        assert client.berths.list().ok

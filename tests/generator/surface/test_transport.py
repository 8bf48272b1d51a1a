"""What a client makes of responses that do not come, and of those that point elsewhere."""

from __future__ import annotations

import socket
import threading
import traceback
from typing import Any

import pytest

from generator.surface.support import async_client_of, client_of
from generator.surface.things import PASSWORD, TOKEN
from support.http_server import Recorded, Reply, Server, serve
from support.packages import Package

# --- failures of the transport ---------------------------------------------------------------------------------------


def test_a_refused_connection_was_not_sent(package: Package) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    client = package.Shop(base_url=f"http://127.0.0.1:{port}", credentials=())
    with client, pytest.raises(package.TransportError) as caught:
        client.things.get_public(access_token=PASSWORD)
    error = caught.value
    assert (error.request_sent, error.operation_id, error.path_template) == (False, "getPublic", "/public")
    assert f"no response from http://127.0.0.1:{port}: ConnectError" in str(error)
    assert PASSWORD not in "".join(traceback.format_exception(error))
    assert PASSWORD not in str(error.__cause__.request.url)


def test_a_reset_connection_may_have_been_sent(package: Package) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def hang_up() -> None:
            connection, _ = listener.accept()
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        client = package.Shop(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", credentials=())
        with client, pytest.raises(package.TransportError) as caught:
            client.things.get_public()
        thread.join()
    assert caught.value.request_sent


def test_a_response_that_does_not_come_is_a_timeout(package: Package) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = package.Shop(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}", credentials=())
        with client, pytest.raises(package.TransportTimeoutError) as caught:
            client.things.get_public(timeout=0.05)
    assert caught.value.request_sent
    assert issubclass(package.TransportTimeoutError, TimeoutError)


# --- redirects -------------------------------------------------------------------------------------------------------


def moved(status: int, target: str) -> Any:
    def respond(request: Recorded) -> Reply:
        if request.path.startswith("/login"):
            return Reply(200, {"token": TOKEN})
        return (
            Reply(200, {"method": request.method})
            if request.path == "/moved"
            else Reply(status, b"", {"location": target})
        )

    return respond


@pytest.mark.parametrize(("status", "method"), [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"), (308, "POST")])
def test_a_redirect_inside_the_origin_is_followed(
    package: Package, server: Server, credentials: Any, status: int, method: str
) -> None:
    server.response = moved(status, "/moved?page=2")
    with client_of(package, server, credentials=credentials) as client:
        assert client.things.create(name="x", extra_headers={"X-Call": "1"}) == {"method": method}
    last = server.last
    assert last.query == [("page", "2")]
    assert (last.headers["authorization"], last.headers["x-call"]) == (f"Bearer {TOKEN}", "1")
    assert (last.content, "content-type" in last.headers) == (
        (b'{"name":"x"}', True) if method == "POST" else (b"", False)
    )


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_to_another_origin_is_an_error_naming_it(
    package: Package, server: Server, credentials: Any, status: int
) -> None:
    server.response = moved(status, "https://evil.example:8443/steal?token=s3cret")
    client = client_of(package, server, credentials=credentials)
    with client, pytest.raises(package.RedirectError, match=r"https://evil\.example:8443, not followed$") as caught:
        client.things.list()
    assert caught.value.target == "https://evil.example:8443"


@pytest.mark.parametrize("status", [302, 307])
async def test_async_clients_do_not_follow_redirects_to_another_origin(
    package: Package, server: Server, credentials: Any, status: int
) -> None:
    with serve() as elsewhere:
        server.response = moved(status, f"{elsewhere.url}/steal")
        async with async_client_of(package, server, credentials=credentials) as client:
            with pytest.raises(package.RedirectError) as caught:
                await client.things.list()
        assert caught.value.target == elsewhere.url
        assert elsewhere.requests == []


async def test_redirects_in_a_cycle_end_with_await_too(package: Package, server: Server) -> None:
    server.response = Reply(302, b"", {"location": "/public"})
    async with async_client_of(package, server) as client:
        with pytest.raises(package.RedirectError):
            await client.things.get_public()
    assert len(server.requests) == 11


def test_redirects_in_a_cycle_end(package: Package, server: Server) -> None:
    server.response = Reply(302, b"", {"location": "/public"})
    with client_of(package, server) as client, pytest.raises(package.RedirectError):
        client.things.get_public()
    assert len(server.requests) == 11


async def test_redirects_are_followed_with_await(package: Package, server: Server) -> None:
    server.response = moved(307, "/moved")
    async with async_client_of(package, server) as client:
        assert await client.things.get_public() == {"method": "GET"}


def test_an_address_that_is_none_is_an_error(package: Package, server: Server) -> None:
    server.response = Reply(302, b"", {"location": "http://[::1"})
    with client_of(package, server) as client, pytest.raises(package.TransportError, match="location"):
        client.things.get_public()

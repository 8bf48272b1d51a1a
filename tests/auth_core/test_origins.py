"""Promise 8: tokens go to the client's own servers and credentials to the token server; nothing else gets anything."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from auth_core import Authenticator, ForeignOrigin, InsecureServer, TokenUnavailable
from auth_core.authenticator import require_secure
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.lifecycle import Placement
from auth_core_testing import BEARER, IdentityProvider, ProviderResponse, oauth_lifecycle


@pytest.mark.parametrize(
    "url",
    [
        "https://attacker.example/things",
        "https://provider.example.attacker.example/things",
        "https://provider.example:8443/things",
        "http://provider.example/things",
        "https://provider.example@attacker.example/things",
    ],
)
def test_a_foreign_origin_is_refused_before_anything_is_sent(world, url):
    with pytest.raises(ForeignOrigin) as failure:
        world.client.get(url, auth=world.auth())

    assert failure.value.request_sent is False
    assert world.provider.api_requests == world.provider.token_requests == []


@pytest.mark.parametrize("location", ["header", "query", "cookie", "body"])
@pytest.mark.parametrize("sync", [True, False])
def test_a_foreign_origin_is_shown_no_token_in_any_place(make_world, location, sync):
    world = make_world(lifecycle=oauth_lifecycle(placements=(Placement(location, "token"),)))

    request = {"url": "https://attacker.example/things", "json": {}, "auth": world.auth()}

    async def run() -> httpx.Response:
        async with world.new_async_client() as client:
            return await client.post(**request)

    with pytest.raises(ForeignOrigin):
        world.client.post(**request) if sync else asyncio.run(run())
    assert world.provider.api_requests == world.provider.token_requests == []


@pytest.mark.parametrize("url", ["https://provider.example/x", "https://PROVIDER.example:443/x"])
def test_the_same_origin_may_be_written_differently(world, url):
    assert world.client.get(url, auth=world.auth()).status_code == 200


def test_a_redirect_of_a_token_request_is_not_followed(make_world):
    with IdentityProvider().serve() as attacker_url:
        world = make_world(sockets=True)
        world.provider.respond_next(ProviderResponse(status=307, headers={"Location": f"{attacker_url}/token"}))
        with pytest.raises(TokenUnavailable) as failure:
            world.get()

    assert failure.value.status == 307


@pytest.mark.parametrize("placement", [BEARER, Placement("header", "X-Token"), Placement("query", "token")])
def test_a_redirect_of_a_call_is_returned_and_not_followed(make_world, placement):
    attacker = IdentityProvider()
    with attacker.serve() as attacker_url:
        world = make_world(sockets=True, lifecycle=oauth_lifecycle(placements=(placement,)))
        world.provider.respond_next_api(ProviderResponse(status=302, headers={"Location": f"{attacker_url}/things"}))

        assert world.get().status_code == 302
    assert attacker.api_requests == []


def test_token_requests_ignore_the_token_clients_own_authentication(make_world):
    world = make_world()
    with httpx.Client(transport=world.provider.transport(), auth=("user", "password")) as token_client:
        send = HttpxTokenSender(token_client)
        Authenticator({"oauth": world.lifecycle}, world.credentials, {"base_url": world.url}, send=send).source(
            "oauth"
        ).token()

    assert "authorization" not in world.provider.token_requests[0].headers


@pytest.mark.parametrize(
    "url", ["https://api.example", "http://127.0.0.1:8000", "http://[::1]:80", "http://localhost", "http://a.localhost"]
)
def test_https_and_this_machine_are_secure(url):
    require_secure("base_url", url, allow_http=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example",
        "http://127.0.0.1.attacker.example",
        "http://10.0.0.1",
        "ftp://api.example",
        "api.example",
        "",
    ],
)
def test_everything_else_is_refused(url):
    with pytest.raises(InsecureServer, match="base_url"):
        require_secure("base_url", url, allow_http=False)


def test_clear_text_can_be_allowed():
    require_secure("base_url", "http://api.example", allow_http=True)

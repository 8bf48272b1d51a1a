"""Cost of a cached token per call, compared with a constant header."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from auth_core import Authenticator
from auth_core.httpx_auth import HttpxAuth
from auth_core.wire import TokenHttpRequest, TokenHttpResponse
from auth_core_testing import PasswordCredentials, oauth_lifecycle

from bench.measure import Contest, contest

URL = "https://provider.example"
TOKEN = b'{"access_token": "a-token", "expires_in": 3600}'


def authenticator() -> Authenticator:
    """An authenticator with a cached token."""

    def send(request: TokenHttpRequest, /) -> TokenHttpResponse:
        return TokenHttpResponse(status=200, content=TOKEN)

    credentials = PasswordCredentials(username="bench", password="bench")
    made = Authenticator({"oauth": oauth_lifecycle()}, [credentials], {"base_url": URL}, send=send)
    made.source("oauth").token()
    return made


def respond(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, content=b"{}", headers={"content-type": "application/json"})


def run() -> list[Contest]:
    made = authenticator()
    source = made.source("oauth")
    auth = HttpxAuth((source,), operation_id="read", json_response=True)
    static = httpx.Client(transport=httpx.MockTransport(respond), headers={"Authorization": "Bearer a-token"})
    ready = httpx.Client(transport=httpx.MockTransport(respond), auth=auth)
    calls: dict[str, Callable[[], Any]] = {
        "a static header": lambda: static.get(f"{URL}/things"),
        "a ready token": lambda: ready.get(f"{URL}/things"),
    }
    headers = {"Authorization": "Bearer a-token"}
    alone: dict[str, Callable[[], Any]] = {
        "header lookup": lambda: headers["Authorization"],
        "source.ready()": source.ready,
    }
    return [
        contest("A call with a token at hand, mock transport", calls, rounds=30, calls=500),
        contest("The ready path alone", alone, rounds=30, calls=50_000),
    ]

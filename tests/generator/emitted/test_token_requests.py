"""The httpx client that token requests are sent with: made when it is needed, closed when nobody uses it."""

from __future__ import annotations

import httpx
import pytest
from auth_core.contract import TokenHttpRequest

from sdkgen.emitted._runtime.token_requests import LazyTokenSender

REQUEST = TokenHttpRequest(operation_id="createToken", method="POST", url="https://a.example", shown_url="https://a")


def test_the_token_request_client_is_closed_after_the_last_request() -> None:
    closed_within: list[bool] = []

    def respond(request: httpx.Request) -> httpx.Response:
        sender.close()
        closed_within.append(client.is_closed)
        return httpx.Response(200)

    client = httpx.Client(transport=httpx.MockTransport(respond))
    sender = LazyTokenSender(lambda: client, None)
    assert sender(REQUEST).status == 200
    assert closed_within == [False]
    assert client.is_closed


def test_a_client_of_the_users_own_is_never_closed() -> None:
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
        sender = LazyTokenSender(lambda: pytest.fail("none is made"), client)
        assert sender(REQUEST).status == 200
        sender.close()
        assert not client.is_closed

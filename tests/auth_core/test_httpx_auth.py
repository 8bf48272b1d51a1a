"""Promise: a request shows its token where the spec states, and survives one expiry. Driven through a client."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace

import httpx
import pytest
from auth_core.httpx_auth import HttpxTokenSender, bounded
from auth_core.httpx_auth.bounded import MAX_TOKEN_RESPONSE_BYTES
from auth_core.wire import TokenHttpRequest, TokenSendError
from auth_core_testing import FakeClock


def test_the_first_call_logs_in_and_the_second_does_not(world):
    assert world.get().status_code == 200
    assert world.get().status_code == 200

    assert world.provider.grants() == ["password"]


def test_an_expired_token_is_renewed_and_the_call_repeated(world):
    world.get()
    world.issuer.expire_access_tokens()

    assert world.get().status_code == 200
    assert world.provider.grants() == ["password", "refresh_token"]
    assert world.provider.statuses == [200, 401, 200]


def test_tasks_recover_like_threads(world):
    async def run() -> list[int]:
        async with world.new_async_client() as client:
            first = await client.get(world.url + "/things", auth=world.auth())
            world.issuer.expire_access_tokens()
            second = await client.get(world.url + "/things", auth=world.auth())
            return [first.status_code, second.status_code]

    assert asyncio.run(run()) == [200, 200]
    assert world.provider.grants() == ["password", "refresh_token"]


# --- token requests -------------------------------------------------------------------------------------------------


class ResponseBody(httpx.SyncByteStream):
    """A body without end, of which somebody counts what was read."""

    def __init__(self, piece: bytes, clock: FakeClock, seconds: float) -> None:
        self.piece, self.clock, self.seconds = piece, clock, seconds
        self.read = 0
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.clock.advance(self.seconds)
            self.read += len(self.piece)
            yield self.piece

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("piece", "seconds", "told", "at_most"),
    [
        (b" " * 65_536, 0.0, "larger than", MAX_TOKEN_RESPONSE_BYTES + 65_536),
        (b" ", 1.0, "was not complete within the time limit", 31),
    ],
    ids=["endless", "dripping"],
)
def test_a_token_response_without_end_is_given_up(monkeypatch, piece, seconds, told, at_most):
    """By its size, or when the time for the whole exchange is over, which no limit between two bytes detects."""
    clock = FakeClock()
    monkeypatch.setattr(bounded, "time", SimpleNamespace(monotonic=clock.monotonic))
    response = ResponseBody(piece, clock, seconds)
    url = "https://provider.example/token"
    request = TokenHttpRequest(operation_id="token", method="POST", url=url, shown_url=url, timeout_seconds=30)
    with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, stream=response))) as client:
        send = HttpxTokenSender(client)
        with pytest.raises(TokenSendError, match=told) as failure:
            send(request)

    assert failure.value.request_sent is True
    assert response.read <= at_most
    assert response.closed

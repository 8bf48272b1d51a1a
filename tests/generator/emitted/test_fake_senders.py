"""The senders of a fake client: a response is read as the server's, a value is not decoded, nothing is sent."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from generator.emitted.shop import API, connection
from sdkgen.emitted._runtime.fake_senders import AsyncFakeSender, FakeSender, fake_urls
from sdkgen.emitted._runtime.fakes import Raised, Responded, Returned, Turn, UnconfiguredCall
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted.errors import NotFoundError, TransportTimeoutError

OPERATION = Operation("getThing", "GET", "/things", security=(("bearer",),))


def test_the_servers_of_a_fake_are_never_reached() -> None:
    assert all(url.endswith(".example") for url in fake_urls(API).values())


async def test_an_outcome_is_that_of_the_call() -> None:
    sender, async_sender = FakeSender("FakeShop", connection()), AsyncFakeSender("AsyncFakeShop", connection())
    script = sender.script("things.get", "returns(...)")
    read: Any = ReceivedResponse.json

    async def both(outcome: Any) -> list[Any]:
        script.always(lambda _: outcome)
        arguments = (OPERATION, RequestParts("/things"), read, {"max_retries": 0})
        return [
            sender.in_turn(Turn(script, {})).call(*arguments),
            await async_sender.in_turn(Turn(script, {})).call(*arguments),
        ]

    assert await both(Returned(value := object())) == [value, value]
    assert await both(Responded(200, {}, json={"a": 1})) == [{"a": 1}] * 2
    with pytest.raises(NotFoundError, match="gone"):
        await both(Responded(404, {}, json={"message": "gone"}))
    with pytest.raises(TransportTimeoutError):
        await both(Raised(httpx.ReadTimeout("no response")))
    with pytest.raises(KeyError):
        await both(Raised(KeyError("mine")))
    assert {call.request.url.path for call in script.calls} == {"/things"}
    with pytest.raises(UnconfiguredCall, match=r"FakeShop\.request\('GET', '/things'\) cannot be configured"):
        sender.call(OPERATION, RequestParts("/things"), read, {})

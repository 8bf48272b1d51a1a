"""``with_raw_response``: the whole response, read when its value is asked for, and nothing secret in a copy."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest
from auth_core.contract import ResponseDetails

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.raw import AsyncRawSender, RawSender, Response
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import DecodeError

OPERATION = Operation("getThing", "GET", "/things/{id}")


def parse(received: ReceivedResponse) -> Any:
    return received.json()


def response(content: bytes) -> Response[Any]:
    request = httpx.Request("GET", "https://a.example/things/7", headers={"Authorization": "Bearer t0k3n"})
    received = ReceivedResponse(OPERATION, httpx.Response(201, content=content, request=request), ResponseDetails())
    return Response(received, parse)


def test_it_has_what_came_and_what_it_holds() -> None:
    found = response(b'{"a": 1}')
    assert (found.status_code, found.content, found.http_version) == (201, b'{"a": 1}', "HTTP/1.1")
    assert found.headers["content-length"] == "8"
    assert found.parsed == {"a": 1}
    assert found.parsed is found.parsed


def test_an_undecodable_body_fails_only_when_parsed() -> None:
    found = response(b"<html>")
    assert found.content == b"<html>"
    with pytest.raises(DecodeError, match=r"getThing \(GET /things/\{id\}\)"):
        _ = found.parsed


def test_a_copy_holds_the_value_and_not_the_request() -> None:
    written = pickle.dumps(response(b'{"a": 1}'))
    assert b"t0k3n" not in written
    again = pickle.loads(written)
    assert (again.parsed, again.status_code, again.content) == ({"a": 1}, 201, b'{"a": 1}')


def test_its_repr_shows_the_status_alone() -> None:
    assert repr(response(b'{"password": "s3cret"}')) == "<Response [201]>"


def respond(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"data": [1]})


async def test_a_call_returns_the_whole_response_and_an_exchange_what_was_received() -> None:
    call = (OPERATION, RequestParts("/things"), parse)
    transport = httpx.MockTransport(respond)
    with httpx.Client(transport=transport) as client:
        sender = RawSender(Sender(connection(), client))
        found = [sender.call(*call, {})]
        received = [sender.exchange(*call[:2], {})]
    async with httpx.AsyncClient(transport=transport) as async_client:
        async_ = AsyncRawSender(AsyncSender(connection(), async_client))
        found.append(await async_.call(*call, {}))
        received.append(await async_.exchange(*call[:2], {}))
    assert {type(one) for one in found} == {Response}
    assert [one.parsed["data"] for one in found] == [parse(one)["data"] for one in received] == [[1]] * 2

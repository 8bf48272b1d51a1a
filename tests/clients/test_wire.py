"""Every example over a loopback socket, sync and async: the bytes that arrive, and the bytes that come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from clients.calls import BY_OPERATION, REQUESTS, Call, lacks_examples
from clients.calls import check as check_request
from clients.examples import Example
from clients.responses import async_client_of, client_of
from clients.test_examples import WITH_RESPONSE, of, response_of, written
from clients.vendors import SUBJECTS
from support.http_library import httpx
from support.http_server import Recorded, Reply, Server, ToServer, ToServerAwaited, serve
from support.repository import VENDORS, slow_but
from support.verdicts import all_pass
from vendor_sandbox import Sandbox

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

OBJECTS = [example for example in WITH_RESPONSE if isinstance(example.value, dict) and "json" in example.media_type]

every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@pytest.fixture(scope="module")
def wire() -> Iterator[Server]:
    """One server for the whole module."""
    with serve() as running:
        yield running


def as_sent(request: Recorded, wire: Server) -> httpx.Request:
    """What arrived, as httpx would have it."""
    url = httpx.URL(wire.url).copy_with(raw_path=request.target.encode("latin-1"))
    return httpx.Request(request.method, url, headers=request.fields, content=request.content)


def reply_of(example: Example, body: bytes, missing: int = 0) -> Reply:
    return Reply(response_of(example).status_code, body, {"content-type": example.media_type}, missing)


def without_boundary(request: httpx.Request) -> tuple[str, bytes, list[tuple[str, str]], bytes]:
    """All that is sent, with the random boundary of a multipart body made the same."""
    boundary = re.search(r"boundary=(\S+)", request.headers.get("content-type", ""))
    text = boundary[1] if boundary else "no boundary"
    headers = [(name, value.replace(text, "boundary")) for name, value in request.headers.items()]
    return request.method, request.url.raw_path, sorted(headers), request.content.replace(text.encode(), b"boundary")


@every_vendor
async def test_the_bytes_that_arrive_are_what_the_spec_shows(vendor: str, vendors: Sandbox, wire: Server) -> None:
    """With the examples, and with a value for every parameter; the async client sends the same, headers included."""
    package = SUBJECTS[vendor].package
    wire.response = Reply(503, b"noted", {"content-type": "text/plain"})
    requests = [(request, False) for request in REQUESTS if request[0].vendor == vendor]
    requests += [(request, True) for request, _ in requests if lacks_examples(request[0])]
    with client_of(vendor, vendors, ToServer(wire)) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, ToServerAwaited(wire)) as other:
            for (operation, media_type, name, body), everything in requests:
                with check(f"{operation} {name} {'everything' if everything else ''}"):
                    wire.requests.clear()
                    method = BY_OPERATION[vendor, operation.operation_id]
                    call = Call(operation, media_type, body, method, client, everything=everything)
                    with pytest.raises(package.ServerError):
                        call.make()
                    with pytest.raises(package.ServerError):
                        await Call(operation, media_type, body, method, other, everything=everything).make()
                    if body is not None:
                        with pytest.raises(package.ServerError):
                            Call(operation, media_type, body, method, client, everything=everything, whole=True).make()
                    sync, async_, *whole = (as_sent(request, wire) for request in wire.requests)
                    for other_way in whole:
                        check_request(call, other_way, vendors[vendor].servers)
                    check_request(call, sync, vendors[vendor].servers)
                    assert without_boundary(sync) == without_boundary(async_)


def with_strangers(value: Any) -> Any:
    """The value with a member that nobody documented in each of its objects: maps want it to be like the others."""
    if isinstance(value, list):
        return [with_strangers(item) for item in value]
    if isinstance(value, dict):
        members = {name: with_strangers(member) for name, member in value.items()}
        return members | dict(zip(["x-unheard-of"], members.values(), strict=False))
    return value


@every_vendor
async def test_a_response_with_members_that_are_undocumented_comes_back_whole(
    vendor: str, vendors: Sandbox, wire: Server
) -> None:
    with client_of(vendor, vendors, ToServer(wire)) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, ToServerAwaited(wire)) as async_:
            for example in of(vendor, OBJECTS):
                with check(example):
                    method = BY_OPERATION[vendor, example.operation_id]
                    value = with_strangers(example.value)
                    wire.response = reply_of(example, json.dumps(value).encode())
                    assert written(method.call(client)) == example.result_in(value)
                    assert written(await method.call(async_)) == example.result_in(value)


@pytest.mark.parametrize("vendor", slow_but("cinchy"))
@pytest.mark.parametrize("promised", [False, True], ids=["is short", "is promised whole"])
async def test_a_truncated_response_is_an_error_of_the_client(
    vendor: str, promised: bool, vendors: Sandbox, wire: Server
) -> None:
    """Of transport where the server promised more, of decoding where it did not."""
    package = SUBJECTS[vendor].package
    error = package.TransportError if promised else package.DecodeError
    with client_of(vendor, vendors, ToServer(wire)) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, ToServerAwaited(wire)) as async_:
            for example in of(vendor, OBJECTS):
                with check(example):
                    method = BY_OPERATION[vendor, example.operation_id]
                    whole = json.dumps(example.value).encode()
                    half = whole[: len(whole) // 2]
                    wire.response = reply_of(example, half, missing=len(whole) - len(half) if promised else 0)
                    with pytest.raises(error):
                        method.call(client)
                    with pytest.raises(error):
                        await method.call(async_)

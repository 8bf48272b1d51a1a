"""Every example over a loopback socket, blocking and awaited: the bytes that arrive, and the bytes that come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from clients.answers import async_client_of, client_of
from clients.calls import BY_OPERATION, REQUESTS, Call, lacks_examples
from clients.calls import check as check_request
from clients.test_examples import ANSWERED, answer_of, of, written
from clients.vendors import SUBJECTS
from clients.wire import ToWire, ToWireAwaited, Wire, running_wire
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox

OBJECTS = [example for example in ANSWERED if isinstance(example.value, dict) and "json" in example.media_type]

every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@pytest.fixture(scope="module")
def server() -> Iterator[Wire]:
    """One server for the whole module."""
    with running_wire() as running:
        yield running


@pytest.fixture
def wire(server: Wire) -> Wire:
    """The server, with nothing kept and nothing missing."""
    server.requests.clear()
    server.missing = 0
    return server


def without_boundary(request: httpx.Request) -> tuple[str, bytes, list[tuple[str, str]], bytes]:
    """All that is sent, with the random boundary of a multipart body made the same."""
    boundary = re.search(r"boundary=(\S+)", request.headers.get("content-type", ""))
    text = boundary[1] if boundary else "no boundary"
    headers = [(name, value.replace(text, "boundary")) for name, value in request.headers.items()]
    return request.method, request.url.raw_path, sorted(headers), request.content.replace(text.encode(), b"boundary")


@every_vendor
async def test_the_bytes_that_arrive_are_what_the_spec_shows(vendor: str, vendors: Sandbox, wire: Wire) -> None:
    """With the examples, and with a value for every parameter; the awaited client sends the same, headers included."""
    package = SUBJECTS[vendor].package
    wire.status, wire.media_type, wire.body = 503, "text/plain", b"noted"
    requests = [(request, False) for request in REQUESTS if request[0].vendor == vendor]
    requests += [(request, True) for request, _ in requests if lacks_examples(request[0])]
    with client_of(vendor, vendors, ToWire(wire)) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, ToWireAwaited(wire)) as other:
            for (operation, media_type, name, body), everything in requests:
                with check(f"{operation} {name} {'everything' if everything else ''}"):
                    wire.requests.clear()
                    method = BY_OPERATION[vendor, operation.operation_id]
                    call = Call(operation, media_type, body, method, client, everything=everything)
                    with pytest.raises(package.ServerError):
                        call.make()
                    with pytest.raises(package.ServerError):
                        await Call(operation, media_type, body, method, other, everything=everything).make()
                    blocking, awaited = wire.requests
                    check_request(call, blocking, vendors[vendor].servers)
                    assert without_boundary(blocking) == without_boundary(awaited)


def with_strangers(value: Any) -> Any:
    """The value with a member that nobody documented in each of its objects: maps want it to be like the others."""
    if isinstance(value, list):
        return [with_strangers(item) for item in value]
    if isinstance(value, dict):
        members = {name: with_strangers(member) for name, member in value.items()}
        return members | dict(zip(["x-unheard-of"], members.values(), strict=False))
    return value


@every_vendor
async def test_an_answer_with_members_that_nobody_documented_comes_back_whole(
    vendor: str, vendors: Sandbox, wire: Wire
) -> None:
    with client_of(vendor, vendors, ToWire(wire)) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, ToWireAwaited(wire)) as awaited:
            for example in of(vendor, OBJECTS):
                with check(example):
                    method = BY_OPERATION[vendor, example.operation_id]
                    value = with_strangers(example.value)
                    wire.status, wire.media_type = answer_of(example).status_code, example.media_type
                    wire.body = json.dumps(value).encode()
                    assert written(method.call(client)) == value
                    assert written(await method.call(awaited)) == value


@every_vendor
@pytest.mark.parametrize("promised", [False, True], ids=["is short", "is promised whole"])
async def test_an_answer_that_breaks_off_is_an_error_of_the_client(
    vendor: str, promised: bool, vendors: Sandbox, wire: Wire
) -> None:
    """Of transport where the server promised more, of decoding where it did not."""
    package = SUBJECTS[vendor].package
    error = package.TransportError if promised else package.DecodeError
    with client_of(vendor, vendors, ToWire(wire)) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, ToWireAwaited(wire)) as awaited:
            for example in of(vendor, OBJECTS):
                with check(example):
                    method = BY_OPERATION[vendor, example.operation_id]
                    whole = json.dumps(example.value).encode()
                    wire.status, wire.media_type = answer_of(example).status_code, example.media_type
                    wire.body = whole[: len(whole) // 2]
                    wire.missing = len(whole) - len(wire.body) if promised else 0
                    with pytest.raises(error):
                        method.call(client)
                    with pytest.raises(error):
                        await method.call(awaited)

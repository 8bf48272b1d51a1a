"""Every example over a loopback socket, blocking and awaited: the bytes that arrive, and the bytes that come back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from clients.answers import async_client_of, client_of
from clients.calls import BY_OPERATION, REQUESTS, Call, check, lacks_examples
from clients.examples import Example, Operation
from clients.test_examples import ANSWERED, answer_of, written
from clients.vendors import SUBJECTS
from clients.wire import ToWire, ToWireAwaited, Wire, running_wire
from vendor_sandbox import Sandbox

OBJECTS = [example for example in ANSWERED if isinstance(example.value, dict) and "json" in example.media_type]

every_answer = pytest.mark.parametrize("example", OBJECTS, ids=str)


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


@pytest.mark.parametrize(
    ("operation", "media_type", "name", "body", "everything"),
    [(*request, False) for request in REQUESTS]
    + [(*request, True) for request in REQUESTS if lacks_examples(request[0])],
    ids=lambda value: str(value) if isinstance(value, Operation) else "everything" if value is True else "",
)
async def test_the_bytes_that_arrive_are_what_the_spec_shows(
    operation: Operation, media_type: str, name: str, body: Any, everything: bool, vendors: Sandbox, wire: Wire
) -> None:
    """With the examples, and with a value for every parameter; the awaited client sends the same, headers included."""
    method = BY_OPERATION[operation.vendor, operation.operation_id]
    package = SUBJECTS[operation.vendor].package
    wire.status, wire.media_type, wire.body = 503, "text/plain", b"noted"
    with client_of(operation.vendor, vendors, ToWire(wire)) as client:
        call = Call(operation, media_type, body, method, client, everything=everything)
        with pytest.raises(package.ServerError):
            call.make()
    async with async_client_of(operation.vendor, vendors, ToWireAwaited(wire)) as client:
        with pytest.raises(package.ServerError):
            await Call(operation, media_type, body, method, client, everything=everything).make()
    blocking, awaited = wire.requests
    check(call, blocking, vendors[operation.vendor].servers)
    assert without_boundary(blocking) == without_boundary(awaited)


def with_strangers(value: Any) -> Any:
    """The value with a member that nobody documented in each of its objects: maps want it to be like the others."""
    if isinstance(value, list):
        return [with_strangers(item) for item in value]
    if isinstance(value, dict):
        members = {name: with_strangers(member) for name, member in value.items()}
        return members | dict(zip(["x-unheard-of"], members.values(), strict=False))
    return value


@every_answer
async def test_an_answer_with_members_that_nobody_documented_comes_back_whole(
    example: Example, vendors: Sandbox, wire: Wire
) -> None:
    method = BY_OPERATION[example.vendor, example.operation_id]
    value = with_strangers(example.value)
    wire.status, wire.media_type = answer_of(example).status_code, example.media_type
    wire.body = json.dumps(value).encode()
    with client_of(example.vendor, vendors, ToWire(wire)) as client:
        assert written(method.call(client)) == value
    async with async_client_of(example.vendor, vendors, ToWireAwaited(wire)) as client:
        assert written(await method.call(client)) == value


@every_answer
async def test_an_answer_that_breaks_off_is_an_error_of_the_client(
    example: Example, vendors: Sandbox, wire: Wire
) -> None:
    """Of transport where the server promised more, of decoding where it did not."""
    method = BY_OPERATION[example.vendor, example.operation_id]
    package = SUBJECTS[example.vendor].package
    wire.status, wire.media_type = answer_of(example).status_code, example.media_type
    whole = json.dumps(example.value).encode()
    wire.body = whole[: len(whole) // 2]
    for missing, error in ((0, package.DecodeError), (len(whole) - len(wire.body), package.TransportError)):
        wire.missing = missing
        with client_of(example.vendor, vendors, ToWire(wire)) as client, pytest.raises(error):
            method.call(client)
        async with async_client_of(example.vendor, vendors, ToWireAwaited(wire)) as client:
            with pytest.raises(error):
                await method.call(client)

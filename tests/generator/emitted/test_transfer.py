"""The state of one body: its size, and whether it is whole."""

from __future__ import annotations

from collections.abc import Mapping

import httpx
import pytest
from auth_core.contract import ResponseDetails

from generator.emitted.test_beginning import Pieces
from sdkgen.emitted._runtime.request import Operation
from sdkgen.emitted._runtime.response import ReceivedResponse
from sdkgen.emitted._runtime.transfer import Transfer
from sdkgen.emitted.errors import TransportError


def transfer(method: str, status: int, headers: Mapping[str, str]) -> Transfer:
    operation = Operation("exportThings", method, "/things")
    response = httpx.Response(
        status, headers=headers, stream=Pieces(), request=httpx.Request(method, "https://a.example")
    )
    received = ReceivedResponse(operation, response, ResponseDetails())
    received.failed_later = lambda error, what: TransportError(
        f"{what}: {error}", request_sent=True, operation_id="exportThings", method=method, path_template="/things"
    )
    return Transfer(received, 0)


LENGTH = {"content-length": "3"}


@pytest.mark.parametrize(
    ("method", "status", "headers", "size"),
    [
        ("GET", 200, LENGTH, 3),
        ("GET", 200, {}, None),
        ("GET", 200, {"content-length": "three"}, None),
        ("HEAD", 200, LENGTH, None),
        ("GET", 204, LENGTH, None),
        ("GET", 200, {**LENGTH, "content-encoding": "gzip"}, None),
        ("GET", 200, {**LENGTH, "content-encoding": "identity"}, 3),
    ],
)
def test_the_size_is_known_if_the_bytes_are_those_that_are_sent(
    method: str, status: int, headers: Mapping[str, str], size: int | None
) -> None:
    assert transfer(method, status, headers).size == size


@pytest.mark.parametrize("chunk", [b"ab", b"abcd"])
def test_a_body_of_another_length_is_not_whole(chunk: bytes) -> None:
    body = transfer("GET", 200, LENGTH)
    body.begin()
    body.took(chunk)
    with pytest.raises(TransportError, match="announced length") as caught:
        body.end()
    assert caught.value.bytes_read == len(chunk)

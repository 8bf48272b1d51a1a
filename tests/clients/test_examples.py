"""Every example of the specs goes over the wire as it stands there: requests as sent, answers as read."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from clients.answers import async_client_of, client_of
from clients.calls import BY_OPERATION, REQUESTS, Call, check
from clients.examples import Example, Operation, examples_of
from clients.vendors import SUBJECTS
from repository import VENDORS
from vendor_sandbox import Sandbox

EXAMPLES = [example for vendor in VENDORS for example in examples_of(vendor)]
ANSWERED = [
    example for example in EXAMPLES if example.status.startswith("2") and not example.name.startswith("failure")
]
REFUSED = [example for example in EXAMPLES if not example.status.startswith("2")]


def answer_of(example: Example) -> httpx.Response:
    """The example as an answer."""
    status = 400 if example.status == "default" else int(example.status.replace("XX", "00"))
    text = json.dumps(example.value) if "json" in example.media_type else str(example.value)
    return httpx.Response(status, headers={"content-type": example.media_type}, text=text)


def written(value: Any) -> Any:
    """What was read, as it was before."""
    if isinstance(value, list):
        return [written(item) for item in value]
    return value.to_dict() if hasattr(value, "to_dict") else value.decode() if isinstance(value, bytes) else value


@pytest.mark.parametrize("example", ANSWERED, ids=str)
async def test_an_answer_is_read_and_written_as_it_was(example: Example, vendors: Sandbox) -> None:
    method = BY_OPERATION[example.vendor, example.operation_id]
    with client_of(example.vendor, vendors, lambda _: answer_of(example)) as client:
        assert written(method.call(client)) == example.value
        raw = method.call(client, raw=True)
        assert (raw.content, written(raw.parsed)) == (answer_of(example).content, example.value)
    async with async_client_of(example.vendor, vendors, lambda _: answer_of(example)) as client:
        assert written(await method.call(client)) == example.value


@pytest.mark.parametrize("example", REFUSED, ids=str)
def test_the_body_of_a_failure_is_in_the_error(example: Example, vendors: Sandbox) -> None:
    method = BY_OPERATION[example.vendor, example.operation_id]
    package = SUBJECTS[example.vendor].package
    with (
        client_of(example.vendor, vendors, lambda _: answer_of(example)) as client,
        pytest.raises(package.ApiError) as caught,
    ):
        method.call(client)
    error = caught.value
    assert (error.status_code, error.operation_id) == (answer_of(example).status_code, example.operation_id)
    assert hasattr(error.error, "to_dict") == ("properties" in example.schema)
    assert written(error.error) == example.value


@pytest.mark.parametrize(
    ("operation", "media_type", "name", "body"),
    REQUESTS,
    ids=lambda value: str(value) if isinstance(value, Operation) else "",
)
async def test_a_request_is_sent_as_the_spec_shows_it(
    operation: Operation, media_type: str, name: str, body: Any, vendors: Sandbox
) -> None:
    """Method, path, query and body; the awaited client sends the same bytes."""
    method = BY_OPERATION[operation.vendor, operation.operation_id]
    requests: list[httpx.Request] = []

    def note(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(503, text="noted")

    package = SUBJECTS[operation.vendor].package
    with client_of(operation.vendor, vendors, note) as client:
        blocking = Call(operation, media_type, body, method, client)
        with pytest.raises(package.ServerError):
            blocking.make()
    async with async_client_of(operation.vendor, vendors, note) as client:
        with pytest.raises(package.ServerError):
            await Call(operation, media_type, body, method, client).make()
    first, second = requests
    check(blocking, first)
    check(blocking, second)
    assert (first.url.path, first.method) == (second.url.path, second.method)

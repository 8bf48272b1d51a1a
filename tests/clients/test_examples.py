"""Every example of a response is read as it stands in the spec, and written as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from clients.calls import BY_OPERATION
from clients.examples import Example, examples_of
from clients.responses import async_client_of, client_of
from clients.vendors import SUBJECTS
from support.http_library import httpx
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox

EXAMPLES = [example for vendor in VENDORS for example in examples_of(vendor)]
WITH_RESPONSE = [
    example for example in EXAMPLES if example.status.startswith("2") and not example.name.startswith("failure")
]
REFUSED = [example for example in EXAMPLES if not example.status.startswith("2")]


def of(vendor: str, examples: list[Example]) -> list[Example]:
    """The examples of one vendor."""
    return [example for example in examples if example.vendor == vendor]


class Served:
    """Responses every request with the example whose turn it is."""

    def each(self, examples: Iterable[Example]) -> Iterator[Example]:
        for self._example in examples:
            yield self._example

    def __call__(self, request: httpx.Request) -> httpx.Response:
        return response_of(self._example)


def response_of(example: Example) -> httpx.Response:
    """The example as a response."""
    status = 400 if example.status == "default" else int(example.status.replace("XX", "00"))
    text = json.dumps(example.value) if "json" in example.media_type else str(example.value)
    return httpx.Response(status, headers={"content-type": example.media_type}, text=text)


def written(value: Any) -> Any:
    """What was read, as it was before."""
    if isinstance(value, list):
        return [written(item) for item in value]
    if isinstance(value, dict):
        return {name: written(member) for name, member in value.items()}
    if hasattr(value, "continuation_token"):  # the first page of a list
        return written(value.body)
    if hasattr(value, "to_dict"):
        return value.to_dict(exclude_unset=True)
    return value.decode() if isinstance(value, bytes) else value


every_vendor = pytest.mark.parametrize("vendor", VENDORS)


@every_vendor
async def test_a_response_is_read_and_written_as_it_was(vendor: str, vendors: Sandbox) -> None:
    served = Served()
    with client_of(vendor, vendors, served) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, served) as async_:
            for example in served.each(of(vendor, WITH_RESPONSE)):
                with check(example):
                    method = BY_OPERATION[vendor, example.operation_id]
                    assert written(method.call(client)) == example.result
                    raw = method.call(client, raw=True)
                    assert (raw.content, written(raw.parsed)) == (response_of(example).content, example.result)
                    assert written(await method.call(async_)) == example.result


@pytest.mark.parametrize("vendor", sorted({one.vendor for one in WITH_RESPONSE if one.result_path}))
def test_a_success_without_its_result_is_an_error_with_the_path(vendor: str, vendors: Sandbox) -> None:
    package = SUBJECTS[vendor].package
    content: dict[str, Any] = {}
    with client_of(vendor, vendors, lambda _: httpx.Response(200, json=content)) as client, all_pass() as check:
        for example in of(vendor, WITH_RESPONSE):
            if example.result_path and example.status != "201":
                with check(example):
                    content = {key: one for key, one in example.value.items() if key != example.result_path[0]}
                    with pytest.raises(package.DecodeError) as caught:
                        BY_OPERATION[vendor, example.operation_id].call(client)
                    assert (caught.value.path, caught.value.reason) == (f"$.{example.result_path[0]}", "is missing")
                    assert BY_OPERATION[vendor, example.operation_id].call(client, raw=True).envelope == content


@every_vendor
def test_the_body_of_a_failure_is_in_the_error(vendor: str, vendors: Sandbox) -> None:
    package = SUBJECTS[vendor].package
    served = Served()
    with client_of(vendor, vendors, served) as client, all_pass() as check:
        for example in served.each(of(vendor, REFUSED)):
            with check(example):
                with pytest.raises(package.ApiError) as caught:
                    BY_OPERATION[vendor, example.operation_id].call(client)
                error = caught.value
                assert (error.status_code, error.operation_id) == (
                    response_of(example).status_code,
                    example.operation_id,
                )
                assert hasattr(error.error, "to_dict") == ("properties" in example.schema)
                assert written(error.error) == example.value

"""The methods that return pages of a list, against the sandbox: every item once, sync and async."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from auth_core.expressions import resolve_pointer

from clients.calls import BY_OPERATION, REQUESTS, Call
from clients.examples import Operation
from clients.responses import async_client_of, client_of
from support.http_library import httpx
from vendor_sandbox import Sandbox

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

PAGED = {
    f"{operation.vendor}:{operation.operation_id}": (operation, media_type, body)
    for operation, media_type, _, body in REQUESTS
    if "x-pagination" in operation.definition
}
SELECTORS = {
    "listProducts": {"type_identifier": "name=Service"},
    "listAccessTokens": {"accounts_receivable_identifier": "number=ACR0000000001"},
    "listRewardsParticipants": {"accounts_receivable_identifier": "number=ACR0000000001"},
}
"""CRM.COM's lists that want one selector of several, which their examples do not have."""
SHORT = {"listCurrencies", "listCaseTransactions", "listLegacyLicenses", "listDraftJobs"}
"""Lists with as many items as their examples have."""


@pytest.fixture(scope="module")
def full() -> Iterator[Sandbox]:
    """All vendors, with lists that have something to turn."""
    with Sandbox(records=25) as running:
        yield running


def arguments(operation: Operation, media_type: str, body: Any, client: Any) -> tuple[list[Any], dict[str, Any]]:
    """What a call must have, from the examples of the spec, and ten items on a page."""
    call = Call(operation, media_type, body, BY_OPERATION[operation.vendor, operation.operation_id], client)
    pagination = operation.definition["x-pagination"]
    required = {name for name, one in call.signature.items() if one.default is one.empty}
    members = {
        call.names.get(member.lower().replace("_", "")) for member in body or {} if "offset" not in member.lower()
    }
    given = {name: value for name, value in call.given.items() if name in required | members}
    if operation.operation_id in SELECTORS:
        given = SELECTORS[operation.operation_id]
    limit = pagination["limit"].rpartition("/")[2].rpartition(".")[2]
    given[call.names[limit.lower().replace("_", "")]] = 10
    positional = [given.pop(name) for name, one in call.signature.items() if one.kind is one.POSITIONAL_OR_KEYWORD]
    return positional, given


def items_in(operation: Operation, response: Any) -> list[Any]:
    """The items of a raw response."""
    pointer = operation.definition["x-pagination"]["items"].partition("#")[2]
    return list(resolve_pointer(json.loads(response.content), pointer))


def as_json(item: Any) -> Any:
    """An item of a page as the API sends it; the row of a table as its cells."""
    if isinstance(item, Mapping) and not isinstance(item, dict):
        return list(item.values())
    return item.to_dict(exclude_unset=True) if hasattr(item, "to_dict") else item


@pytest.mark.parametrize("name", PAGED)
async def test_a_list_holds_every_item_once(name: str, full: Sandbox) -> None:
    operation, media_type, body = PAGED[name]
    method = BY_OPERATION[operation.vendor, operation.operation_id]
    with client_of(operation.vendor, full, httpx.HTTPTransport()) as client:
        positional, given = arguments(operation, media_type, body, client)
        resource = getattr(client, method.resource)
        function = f"{method.name}_pages" if hasattr(resource, f"{method.name}_pages") else method.name
        first = getattr(resource, function)(*positional, **given)
        pages = list(first.pages())
        raw = getattr(resource.with_raw_response, function)(*positional, **given)
        rest = list(getattr(resource, function)(*positional, **given, continuation_token=first.continuation_token))
    items = [item for page in pages for item in page.items]
    texts = [json.dumps(as_json(item)) for item in items]
    assert len(set(texts)) == len(items) > 0
    assert len(pages) > 1 or operation.operation_id in SHORT
    assert [len(page.items) for page in pages[:-1]] == [10] * (len(pages) - 1)
    assert [as_json(item) for item in first.items] == items_in(operation, raw)
    assert raw.parsed.body == first.body
    assert len(pages) == 1 or rest == items[10:]
    async with async_client_of(operation.vendor, full, httpx.AsyncHTTPTransport()) as client:
        resource = getattr(client, method.resource)
        assert [item async for item in getattr(resource, function)(*positional, **given, prefetch=True)] == items

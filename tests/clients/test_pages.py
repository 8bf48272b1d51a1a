"""The methods that go through all pages of a list, against the sandbox: every item once, sync and async."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from auth_core.expressions import resolve_pointer

from clients.calls import BY_OPERATION, REQUESTS, Call
from clients.examples import Operation
from clients.responses import async_client_of, client_of
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
    positional = [given.pop(name) for name, one in call.signature.items() if one.kind is not one.KEYWORD_ONLY]
    return positional, given


def items_of(operation: Operation, pages: list[Any]) -> list[Any]:
    """The items on each page of raw responses, as texts."""
    pointer = operation.definition["x-pagination"]["items"].partition("#")[2]
    return [[json.dumps(item) for item in resolve_pointer(json.loads(page.content), pointer)] for page in pages]


@pytest.mark.parametrize("name", PAGED)
async def test_all_pages_hold_every_item_once(name: str, full: Sandbox) -> None:
    operation, media_type, body = PAGED[name]
    method = BY_OPERATION[operation.vendor, operation.operation_id]
    with client_of(operation.vendor, full, httpx.HTTPTransport()) as client:
        positional, given = arguments(operation, media_type, body, client)
        resource = getattr(client, method.resource)
        raw = list(getattr(resource.with_raw_response, f"{method.name}_pages")(*positional, **given))
        models = list(getattr(resource, f"{method.name}_pages")(*positional, **given))
    found = items_of(operation, raw)
    items = [item for page in found for item in page]
    assert len(set(items)) == len(items) > 0
    assert len(found) > 1 or operation.operation_id in SHORT
    assert [len(page) for page in found[:-1]] == [10] * (len(found) - 1)
    assert models == [page.parsed for page in raw]
    async with async_client_of(operation.vendor, full, httpx.AsyncHTTPTransport()) as client:
        resource = getattr(client, method.resource)
        assert [page async for page in getattr(resource, f"{method.name}_pages")(*positional, **given)] == models

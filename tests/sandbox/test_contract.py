"""Every operation of every document: its examples are served as the document states."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sandbox.support import Operation, authorized, document, example_requests, judge, login, operations, schemes
from support.verdicts import all_pass
from vendor_sandbox import Sandbox, bundled_vendors
from vendor_sandbox.document import load_document


def token_operations(vendor: str) -> set[str]:
    """The operations whose example credentials are not the sandbox's; test_tokens.py judges their responses."""
    found = {"authenticateToken"}
    for scheme in document(vendor)["components"]["securitySchemes"].values():
        lifecycle = scheme.get("x-token-lifecycle", {})
        requests = [request for grant in lifecycle.get("grants", {}).values() for request in grant.get("requests", ())]
        found |= {request["operationId"] for request in (*requests, lifecycle.get("refresh", {})) if request}
    return found


OPERATIONS = [
    operation for operation in operations() if operation.node["operationId"] not in token_operations(operation.vendor)
]
REFUSED_EXAMPLES = {
    "createBucket": "the name of the example is taken: it is the bucket of the other examples",
    "reopenCase": "the case of the examples is open",
}


def responses_to_examples(sandbox: Sandbox, operation: Operation, client: httpx.Client) -> list[httpx.Response]:
    vendor = sandbox[operation.vendor]
    scheme = next(iter(schemes(operation)), "")
    token = login(vendor, client)["access_token"] if scheme else ""
    requests = example_requests(operation, vendor.servers[operation.server])
    return [client.send(authorized(vendor, request, scheme, token) if scheme else request) for request in requests]


@pytest.mark.parametrize("vendor", bundled_vendors())
def test_an_example_request_gets_a_documented_response(vendor: str, client: httpx.Client) -> None:
    """Each operation's with the data as they are at the start."""
    with Sandbox(vendor) as sandbox, all_pass() as check:
        for operation in (operation for operation in OPERATIONS if operation.vendor == vendor):
            with check(operation.name):
                sandbox.reset()
                for response in responses_to_examples(sandbox, operation, client):
                    assert judge(operation, response) == [], response.text
                    assert response.is_success is (operation.node["operationId"] not in REFUSED_EXAMPLES), response.text


@pytest.mark.parametrize("vendor", bundled_vendors())
def test_requests_never_change_the_document_of_the_next_sandbox(vendor: str, client: httpx.Client) -> None:
    with Sandbox(vendor, records=20) as sandbox:
        for operation in (operation for operation in operations() if operation.vendor == vendor):
            responses_to_examples(sandbox, operation, client)
        assert load_document(vendor) is sandbox[vendor].document
    assert load_document(vendor).raw == document(vendor)


def test_the_judge_finds_what_is_wrong() -> None:
    operation = next(operation for operation in OPERATIONS if operation.name == "athena-crm:listSubjects")
    good: dict[str, Any] = {"count": 0, "next": None, "previous": None, "results": []}
    assert judge(operation, httpx.Response(200, json=good)) == []
    assert judge(operation, httpx.Response(200, json={**good, "count": "none"})) == [
        "$.count: 'none' is not of type 'integer'"
    ]
    assert judge(operation, httpx.Response(200, text="no JSON")) != []
    assert judge(operation, httpx.Response(418, json=good)) == ["status 418 is not documented"]


def test_there_are_operations_to_test() -> None:
    assert len(OPERATIONS) > 80
    assert {operation.vendor for operation in OPERATIONS} == set(bundled_vendors())

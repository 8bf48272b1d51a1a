"""What one operation writes, others show: every operation of every vendor is asked for its examples.

A read that no write changes, and a write that no read shows, stand in the tables of ``docs/sandbox.md``, with the
reason. Nothing else may be so, and nothing may stand there that is not so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from posixpath import commonpath
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from sandbox.support import (
    Operation,
    authorized,
    document,
    example_requests,
    examples,
    login,
    operations,
    schemes,
)
from sandbox.test_contract import token_operations
from support.repository import ROOT, slow_but
from vendor_sandbox import Sandbox, SandboxClock, bundled_vendors

EAST = {"data": [{"type": "Channel", "attributes": {"name": [{"lang": "eng", "value": "East"}]}}]}
WALLET = {"accounts_receivable_identifier": None, "wallet_identifier": {"number": "W0000000001"}}
CARD = {"accounts_receivable_identifier": None, "identifier": None, "pass_code": None}
CHANGED: Mapping[str, tuple[dict[str, Any], ...]] = {
    "cancelJob": ({"job_identifier": {"number": "J0000000002"}},),
    "createAccessToken": ({}, CARD),
    "createBucket": ({"name": "Night"},),
    "createPayment": ({}, WALLET),
    "createRecording": ({"broadcast_slot_id": "5c0d9e1f-7a2b-4c3d-8e4f-90a1b2c3d4e5"},),
    "executeCql": ({"Query": "UPDATE [HR].[Employees] SET [City] = 'Bergen' WHERE [City] = 'Oslo'"},),
    "updateDevice": ({"data": [{"type": "Device", "attributes": {"player_id": "60000000002"}}]},),
    "updateFavouriteChannelList": ({"name": "Sport"},),
    "updateManagedChannel": (EAST,),
    "updateRule": ({"custom_rule_title": "Other volume"},),
    "updateSubject": ({"risk_assessment_score": "50.00"},),
}
"""Members of bodies that are others than in the examples (none: left out), which would change nothing or too little."""
ELSEWHERE = {
    "deactivateUser": ("/users/7", "/users/9"),
    "getAssignee": ("/assignees/8", "/assignees/7"),
    "getCaseAgeing": ("/ageing/7", "/ageing/8"),
    "reopenCase": ("/cases/41/", "/cases/40/"),
    "showCancelServicesJob": ("J0000000003", "J0000000001"),
}
"""Places that differ from the examples: the case that can be reopened, users and the job that other calls are about."""
LOGIN = {"identifier": "sandbox.user@consumer.example", "pass_code": "4711"}
ALSO_READ: Mapping[str, dict[str, Any]] = {
    "queryCql": {"Query": "SELECT [Execution ID], [Command] FROM [Cinchy].[Execution Log]"},
    "showAccessToken": {"access_token_identifier": LOGIN},
}
"""What reads are asked besides their examples."""
FIRST = {"completeJob": "startJob"}
"""What must be written before."""
SPRING_OF_2026 = 1_775_000_000.0
"""A time before the later ones of the examples."""
NEW_EVERY_TIME = {"openConnection"}
"""GET operations that are no reads."""


def is_read(operation: Operation) -> bool:
    """Whether it merely shows something: a GET, or a POST that is declared to be safe."""
    safe = operation.method == "GET" or operation.node.get("x-safe", False)
    return safe and operation.node["operationId"] not in NEW_EVERY_TIME


class Walk:
    """One vendor, asked for its examples."""

    def __init__(self, sandbox: Sandbox, vendor: str, client: httpx.Client) -> None:
        self._sandbox = sandbox
        self._vendor = sandbox[vendor]
        self._client = client
        tokens = token_operations(vendor)
        asked = [each for each in operations() if each.vendor == vendor and each.node["operationId"] not in tokens]
        self.reads = {each.node["operationId"]: each for each in asked if is_read(each)}
        self.writes = {each.node["operationId"]: each for each in asked if not is_read(each)}
        self.start_again()
        self._before = {name: self._texts(read) for name, read in self.reads.items()}
        refused = [
            name for name, read in self.reads.items() for response in self._ask(read) if not self._is_accepted(response)
        ]
        assert not refused, "a read that is refused all the time would not change, either"

    def start_again(self) -> None:
        """The state of the start, a minute later."""
        self._sandbox.reset()
        self._sandbox.clock.advance(60)
        self._log_in()

    def _log_in(self) -> None:
        self._token = login(self._vendor, self._client)["access_token"]

    def is_shown(self, write: Operation) -> bool:
        """Whether a read responses otherwise after a write alone. Those with the nearest paths are asked first."""
        self.start_again()
        before = self._before
        if (first := FIRST.get(write.node["operationId"])) is not None:
            assert all(map(self._is_accepted, self._ask(self.writes[first])))
            before = {name: self._texts(read) for name, read in self.reads.items()}
        responses = self._ask(write)
        assert all(map(self._is_accepted, responses)), [response.text for response in responses]
        self._log_in()  # the write may have ended the token
        nearest = sorted(self.reads, key=lambda name: -len(commonpath([self.reads[name].path, write.path])))
        return any(self._texts(self.reads[name]) != before[name] for name in nearest) or (
            write.path.endswith("/create") and any(map(self._shows_created, responses))
        )

    def changed_reads(self) -> set[str]:
        """The reads that response otherwise after writes, or after deletions that follow; some are refused by then."""
        self.start_again()
        changed = set[str]()
        for deletions in (False, True):
            for write in self.writes.values():
                if (write.method == "DELETE") is deletions:
                    self._ask(write)
                    self._log_in()
            changed |= {name for name, read in self.reads.items() if self._texts(read) != self._before[name]}
        return changed

    def _ask(self, operation: Operation) -> list[httpx.Response]:
        return [self._send(operation, request) for request in self._requests(operation)]

    def _texts(self, read: Operation) -> list[str]:
        return [f"{response.status_code} {response.text}" for response in self._ask(read)]

    def _requests(self, operation: Operation) -> Iterator[httpx.Request]:
        name = operation.node["operationId"]
        requests = example_requests(operation, self._vendor.servers[operation.server])
        for request in requests:
            if name in ELSEWHERE:
                request.url = httpx.URL(str(request.url).replace(*ELSEWHERE[name]))
            for members in CHANGED.get(name, ({},)):
                yield _selecting(operation, _with(request, members))
        if name in ALSO_READ:
            yield _with(requests[0], ALSO_READ[name])

    def _send(self, operation: Operation, request: httpx.Request) -> httpx.Response:
        scheme = next(iter(schemes(operation)), "")
        return self._client.send(authorized(self._vendor, request, scheme, self._token) if scheme else request)

    def _is_accepted(self, response: httpx.Response) -> bool:
        """CRM.COM says no under status 200."""
        return response.is_success and (self._vendor.name != "crmcom" or response.json()["status"]["code"] == "OK")

    def _shows_created(self, response: httpx.Response) -> bool:
        """Whether a read of CRM.COM shows what a response has the id of: of some things there is no list."""
        for read in self.reads.values():
            selectors = [each["name"] for each in read.parameters if each["name"].endswith("_identifier")]
            if read.method == "GET" and read.path.endswith("/show") and selectors:
                url = f"{self._vendor.servers[read.server]}{read.path}"
                selected = {selectors[0]: f"id={response.json()['data'].get('id')}"}
                if self._is_accepted(self._send(read, httpx.Request("GET", url, params=selected))):
                    return True
        return False


def _with(request: httpx.Request, members: Mapping[str, Any]) -> httpx.Request:
    """A request with other members in its body."""
    if not members:
        return request
    media_type = request.headers["content-type"]
    body = json.loads(request.content) if "json" in media_type else dict(parse_qsl(request.content.decode()))
    body = {name: value for name, value in {**body, **members}.items() if value is not None}
    content = {"json": body} if "json" in media_type else {"data": body}
    return httpx.Request(request.method, request.url, headers={"content-type": media_type}, **content)


def _selecting(operation: Operation, request: httpx.Request) -> httpx.Request:
    """With the first selector that has an example, where one of several is wanted (CRM.COM's lists)."""
    root = document(operation.vendor)
    given = any(name.endswith("_identifier") for name in request.url.params)
    if operation.vendor != "crmcom" or operation.method != "GET" or given:
        return request
    for parameter in operation.parameters:
        if parameter["name"].endswith("_identifier") and (values := examples(root, parameter)):
            return httpx.Request("GET", request.url.copy_merge_params({parameter["name"]: values[0]}))
    return request


@cache
def excepted(which: int) -> dict[str, set[str]]:
    """Operations by vendor in the first table (reads) or the second (writes) of what stays as it is."""
    section = (ROOT / "docs/sandbox.md").read_text("utf-8").partition("## What stays as it is")[2].partition("\n## ")[0]
    tables = [part for part in re.split(r"\n\n", section) if part.startswith("|")]
    found: dict[str, set[str]] = {vendor: set() for vendor in bundled_vendors()}
    for row in tables[which].splitlines()[2:]:
        vendors, names, reason = (cell.strip() for cell in row.strip("|").split("|"))
        assert reason, row
        for vendor in bundled_vendors():
            if vendor.startswith(vendors):
                found[vendor] |= set(re.findall(r"`(\w+)`", names))
    return found


@pytest.mark.timeout(600)
@pytest.mark.parametrize("vendor", slow_but("cinchy", "crmcom"))
def test_what_is_written_is_shown(vendor: str, client: httpx.Client) -> None:
    with Sandbox(vendor, clock=SandboxClock(lambda: SPRING_OF_2026)) as sandbox:
        walk = Walk(sandbox, vendor, client)
        changed = walk.changed_reads()
        unshown = {name for name, write in walk.writes.items() if not walk.is_shown(write)}
    assert set(walk.reads) - changed == excepted(0)[vendor]
    assert unshown == excepted(1)[vendor]

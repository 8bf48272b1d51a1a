"""Every example call through Prism to the sandbox and back: nobody of ours judges the requests and the responses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from clients.calls import BY_OPERATION, REQUESTS, Call
from clients.examples import Operation
from clients.prism import judged_by_prism, violations
from clients.responses import every_credential
from clients.vendors import Subject
from support.http_library import httpx
from support.repository import slow_but
from vendor_sandbox import Sandbox
from vendor_sandbox.faults import ErrorStatus

pytestmark = [pytest.mark.xdist_group("prism"), pytest.mark.timeout(300)]  # it may have to be installed

LOGINS = "the example's credentials are not the sandbox's, and the vendor documents no response to that"
PARTS = "Prism takes each part of a multipart body for a text, whatever its media type"
BODY_TOKEN = "the vendor requires the token in the body, which is no place for a security scheme in OpenAPI"
EXCUSED = {
    ("amino", "createAccessToken"): LOGINS,
    ("athena-cognito", "authenticateToken"): LOGINS,
    ("athena-cognito", "createAccessToken"): LOGINS,
    ("athena-cognito", "createRefreshToken"): LOGINS,
    ("athena-cognito", "refreshAccessToken"): LOGINS,
    ("cinchy", "startJob"): PARTS,
    ("cinchy", "startJobUnversioned"): PARTS,
}
"""By operation; where the token of CRM.COM goes is excused for all of them."""
EXCUSES = {"amino": {LOGINS}, "athena-cognito": {LOGINS}, "cinchy": {PARTS}, "crmcom": {BODY_TOKEN}}
"""Those that each vendor needs."""


def _deletion(operation: Operation) -> tuple[int, int]:
    """Sorts deletions behind all else, those of parts before those of the whole, those of many last."""
    if operation.method.upper() != "DELETE":
        return (2 if "batch_delete" in operation.path else 0), 0
    return 1, -len(operation.path)


class Court:
    """What Prism has against the calls of a client, by the name of the example; with what it cannot know left out."""

    def __init__(self, vendor: str) -> None:
        self.vendor = vendor
        self.example = ""
        self.operation_id = ""
        self.found: dict[str, list[str]] = {}
        self.excuses: set[str] = set()

    def calls(self, client: Any) -> Iterator[Call]:
        """Every example of every operation, as a call of this client; what is deleted is needed no more."""
        for operation, media_type, name, body in sorted(REQUESTS, key=lambda request: _deletion(request[0])):
            if operation.vendor == self.vendor:
                self.operation_id, self.example = operation.operation_id, f"{operation.operation_id} {name}".strip()
                method = BY_OPERATION[operation.vendor, operation.operation_id]
                yield Call(operation, media_type, body, method, client)

    def judge(self, response: httpx.Response) -> None:
        """An event hook of the sync client, and of the requests for tokens."""
        self.found.setdefault(self.example, [])
        for violation in violations(response):
            excuse = self._excuse(response, violation)
            if excuse is None:
                self.found[self.example].append(violation)
            else:
                self.excuses.add(excuse)

    async def judge_async(self, response: httpx.Response) -> None:
        """An event hook of the async client."""
        self.judge(response)

    def _excuse(self, response: httpx.Response, violation: str) -> str | None:
        excuse = EXCUSED.get((self.vendor, self.operation_id))
        if violation == "request: Invalid security scheme used" and self.vendor == "crmcom":
            return BODY_TOKEN if json.loads(response.request.content).get("token") else None
        if excuse == LOGINS and violation.startswith("response: Unable to match the returned status code"):
            return LOGINS if response.status_code in (400, 401) else None
        return PARTS if excuse == PARTS and violation.startswith("request.body.options: ") else None


@pytest.mark.parametrize("subject", slow_but("cinchy"), indirect=True)
async def test_every_example_call_and_its_response_conform_to_the_spec(subject: Subject, tmp_path: Path) -> None:
    """Token requests too, and the async client's calls as well as the sync one's, each on a fresh sandbox."""
    court = Court(subject.vendor)
    with (
        httpx.Client(event_hooks={"response": [court.judge]}, verify=False) as tokens,
        Sandbox(subject.vendor) as sandbox,
        judged_by_prism(sandbox[subject.vendor], tmp_path) as prism,
    ):
        arguments = {**prism.servers, "credentials": every_credential(subject, sandbox), "token_http_client": tokens}
        with (
            httpx.Client(event_hooks={"response": [court.judge]}, verify=False) as http,
            subject.client(**arguments, http_client=http) as client,
        ):
            for call in court.calls(client):
                with suppress(subject.package.ApiError):
                    call.make()
        requests = len(sandbox[subject.vendor].requests)
        port = urlsplit(sandbox.url).port or 0
        sandbox.stop()
        with Sandbox(subject.vendor, port=port) as fresh:
            async with (
                httpx.AsyncClient(event_hooks={"response": [court.judge_async]}, verify=False) as http,
                subject.async_client(**arguments, http_client=http) as client,
            ):
                for call in court.calls(client):
                    with suppress(subject.package.ApiError):
                        await call.make()
            assert len(fresh[subject.vendor].requests) == requests >= len(court.found)
    assert {example: broken for example, broken in court.found.items() if broken} == {}
    assert court.excuses == EXCUSES.get(subject.vendor, set()), "an excuse that nobody needs any more"


def test_the_judge_finds_what_is_wrong(tmp_path: Path) -> None:
    """A path and a method that are none, a query and a body of other types, no token, an undocumented response."""
    with (
        Sandbox("athena-crm") as sandbox,
        judged_by_prism(sandbox["athena-crm"], tmp_path) as prism,
        httpx.Client(headers={"authorization": "Bearer x"}) as http,
    ):
        api = f"{prism.servers['base_url']}/api"

        assert violations(http.get(f"{api}/no-such-thing")) == ["request: Selected route not found"]
        assert violations(http.put(f"{api}/cases")) == ["request: Selected route not found"]
        assert violations(http.get(f"{api}/cases", params={"id": "first"})) == [
            "request.query.id: Request query parameter id must be integer"
        ]
        assert violations(http.post(f"{api}/subjects", json={"subject_name": "Ann Example"})) == [
            "request.body: Request body must have required property 'client_subject_id'"
        ]
        assert violations(http.get(f"{api}/cases", headers={"authorization": ""})) == [
            "request: Invalid security scheme used"
        ]
        sandbox["athena-crm"].faults.add(ErrorStatus(418), operation="listCases", times=1)
        assert violations(http.get(f"{api}/cases")) == [
            "response: Unable to match the returned status code with those defined in the document: 200,401,403,500"
        ]

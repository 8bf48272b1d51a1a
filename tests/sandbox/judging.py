"""Requests that schemathesis makes up from a vendor's document, sent to the sandbox, and its
verdict on the responses.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.openapi.checks import UndefinedContentType, UndefinedStatusCode
from schemathesis.specs.openapi import checks

from sandbox.support import authorized, login
from support.mounted import as_mounted
from vendor_sandbox import Sandbox

CHECKS: list[Any] = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
UNDOCUMENTED_REFUSALS = frozenset({400, 401, 403, 404})
"""What the sandbox returns a wrong request, token or id with, also where the vendor documents no refusal."""


class Judge:
    """One vendor, running. ``found`` is what schemathesis has against its responses, by operation."""

    def __init__(self, vendor: str) -> None:
        self._sandbox = Sandbox(vendor).start()
        self._port = int(self._sandbox.url.rpartition(":")[2])
        self.vendor = self._sandbox[vendor]
        self.document = as_mounted(self.vendor)
        _link(self.document, vendor)
        self.schema = schemathesis.openapi.from_dict(self.document)
        self.schema.config.update(base_url=self._sandbox.url)
        self.schema.config.generation.update(with_security_parameters=False)  # requests without a token teach nothing
        self.statuses: Counter[int] = Counter()
        self.found: dict[str, str] = {}
        self._session = requests.Session()
        self._session.trust_env = False
        self._token = self._log_in()

    def start_again(self) -> None:
        """A fresh sandbox at the same place: what was created before is gone."""
        self._session.close()
        self._sandbox.stop()
        self._sandbox = Sandbox(self.vendor.name, port=self._port).start()
        self.vendor = self._sandbox[self.vendor.name]
        self._token = self._log_in()

    def stop(self) -> None:
        """Closes the connection and the sandbox."""
        self._session.close()
        self._sandbox.stop()

    def _log_in(self) -> str:
        with httpx.Client(trust_env=False, verify=False) as client:
            return str(login(self.vendor, client)["access_token"])

    def arguments(self, case: Any) -> dict[str, Any]:
        """Of a call: a good token where the vendor requires it, and a connection that stays open."""
        return {"session": self._session, **self._token_of(case)}

    def _token_of(self, case: Any) -> dict[str, Any]:
        security = case.operation.definition.raw.get("security", self.document.get("security", []))
        scheme = next(iter(security[0]), None) if security else None
        if scheme is None or scheme == "applicationKey":
            return {}
        if self.vendor.name == "crmcom":
            if case.method.upper() == "GET":
                return {"params": {"token": self._token}}
            if isinstance(case.body, dict):
                case.body["token"] = self._token
            return {}
        request = authorized(self.vendor, httpx.Request("GET", case.operation.base_url), scheme, self._token)
        headers = {name: value for name, value in request.headers.items() if name == "authorization"}
        return {"params": dict(request.url.params), "headers": headers}

    def judge(self, case: Any, response: Any) -> None:
        """Notes what is wrong with a response."""
        self.statuses[response.status_code] += 1
        try:
            case.validate_response(response, checks=CHECKS)
        except FailureGroup as group:
            broken = [failure for failure in group.exceptions if not self._is_excused(failure, case, response)]
            if broken:
                where = str(case.operation.definition.raw["operationId"])
                self.found.setdefault(where, f"{case.as_curl_command()}: {response.status_code} {broken[0]}")

    def _is_excused(self, failure: Failure | BaseException, case: Any, response: Any) -> bool:
        if response.status_code >= 500:
            return False
        if isinstance(failure, UndefinedStatusCode):
            return response.status_code in UNDOCUMENTED_REFUSALS
        # of one path Cinchy has several operations, by format: what is wrong for one is right for another
        other_format = case.meta.generation.mode.is_negative or isinstance(failure, UndefinedContentType)
        return self.vendor.name == "cinchy" and other_format and response.status_code < 300


def _link(document: dict[str, Any], vendor: str) -> None:
    """OpenAPI links from what creates to what reads, where schemathesis does not find them by itself."""
    paths: dict[str, Any] = document["paths"]
    if vendor == "cinchy":
        started = paths["/connections/api/v1.0/jobs"]["post"]["responses"]["200"]
        parameters = {"path.executionId": "$response.body#/executionId"}
        started["links"] = {"output": {"operationId": "getJobArtifact", "parameters": parameters}}
    for path, item in paths.items():
        if vendor == "crmcom" and path.endswith("/create") and (show := paths.get(f"{path[:-7]}/show", {}).get("get")):
            created = item["post"]["responses"]["200"]
            name = next(p["name"] for p in show["parameters"] if p.get("name", "").endswith("_identifier"))
            parameters = {f"query.{name}": "id={$response.body#/data/id}"}
            created["links"] = {"shown": {"operationId": show["operationId"], "parameters": parameters}}

"""A vendor's spec as those see it who work from it: one document, its operations, its token lifecycle at work."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from attrs import define, field, frozen
from auth_core.exchange import TokenExchange
from auth_core.lifecycle import Grant, TokenLifecycle
from auth_core.policy import RefreshPolicy
from auth_core.renewal import LifecycleRenewer, Renewer, StaticRenewer
from auth_core.store import MemoryStore
from auth_core.store.memory import RefusalBook
from auth_core.wire import TokenHttpRequest, TokenHttpResponse
from auth_core_testing import FakeClock

from sdkgen.bundle import bundle
from sdkgen.facts.schemes import scheme_facts
from sdkgen.structure import operations
from support.repository import ROOT, SPECS

__all__ = [
    "Operation",
    "Script",
    "ScriptedResponse",
    "document",
    "each_operation",
    "grant",
    "jwt",
    "lifecycle",
    "operation",
    "schema",
]

Json = dict[str, Any]


@cache
def document(vendor: str) -> Json:
    """The vendor's spec with everything it refers to."""
    whole = bundle(SPECS / vendor / "openapi.yaml", base=SPECS, root=ROOT)
    assert not whole.problems
    return whole.document


@frozen
class Operation:
    """One operation and where it stands."""

    method: str
    path: str
    server: str | None
    """Name of its server, ``None`` for the API's own."""
    definition: Json

    @property
    def security(self) -> list[list[str]]:
        """Names of the schemes, per alternative."""
        return [sorted(alternative) for alternative in self.definition["security"]]

    @property
    def reported(self) -> str:
        """What its description says, on one line."""
        return " ".join(str(self.definition["description"]).split())

    @property
    def body(self) -> Json:
        """The request body's content: media type to schema and examples."""
        content: Json = self.definition["requestBody"]["content"]
        return content

    def parameter(self, name: str) -> Json:
        """A parameter that stands at the operation."""
        found = [each for each in self.definition.get("parameters", []) if each.get("name") == name]
        assert len(found) == 1
        return dict(found[0])


def each_operation(vendor: str) -> Iterator[Operation]:
    """All operations of a vendor, in the order of the spec."""
    whole = document(vendor)
    for path, method, node in operations(whole):
        item = whole["paths"][path]
        servers: list[Json] = node.value.get("servers") or item.get("servers") or [{}]
        yield Operation(method.upper(), path, servers[0].get("x-name"), node.value)


def operation(vendor: str, operation_id: str) -> Operation:
    """The operation of this name."""
    (found,) = (each for each in each_operation(vendor) if each.definition["operationId"] == operation_id)
    return found


def schema(vendor: str, name: str) -> Json:
    """The named schema."""
    found: Json = document(vendor)["components"]["schemas"][name]
    return found


def lifecycle(vendor: str, scheme: str = "bearerAuth") -> TokenLifecycle:
    """What the generator reads out of ``x-token-lifecycle``."""
    prefix = vendor.replace("-", "_").upper()
    (found,) = (fact.lifecycle for fact in scheme_facts(vendor, document(vendor), prefix) if fact.scheme == scheme)
    return found


def grant(vendor: str, name: str, scheme: str = "bearerAuth") -> Grant:
    """One grant."""
    (found,) = (each for each in lifecycle(vendor, scheme).grants if each.name == name)
    return found


def jwt(claims: Mapping[str, object]) -> str:
    """A JSON Web Token with these claims and no valid signature."""

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}.c2lnbmF0dXJl"


@frozen
class ScriptedResponse:
    """What the token server says."""

    body: object
    status: int = 200


@frozen
class Sent:
    """A token request as it arrived."""

    method: str
    url: str
    headers: Mapping[str, str]
    content: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def form(self) -> dict[str, str]:
        assert self.headers["Content-Type"] == "application/x-www-form-urlencoded"
        return {name: values[0] for name, values in parse_qs(self.content.decode()).items()}

    @property
    def json(self) -> Json:
        assert self.headers["Content-Type"] == "application/json"
        found: Json = json.loads(self.content)
        return found


@define
class Script:
    """A token server that gives the responses it was told, one after the other, and notes what it was asked."""

    responses: Sequence[ScriptedResponse]
    sent: list[Sent] = field(factory=list[Sent])
    clock: FakeClock = field(factory=FakeClock)

    def __call__(self, request: TokenHttpRequest, /) -> TokenHttpResponse:
        response = self.responses[len(self.sent)]
        self.sent.append(Sent(request.method, request.url, dict(request.headers), request.content))
        return TokenHttpResponse(status=response.status, headers={}, content=json.dumps(response.body).encode())

    def renewer(
        self,
        vendor: str,
        name: str,
        credentials: Mapping[str, str],
        servers: Mapping[str, str],
        scheme: str = "bearerAuth",
    ) -> Renewer:
        """The vendor's lifecycle, talking to this server."""
        exchange = TokenExchange(
            lifecycle=lifecycle(vendor, scheme),
            grant=grant(vendor, name, scheme),
            credentials=credentials,
            servers=servers,
            send=self,
            clock=self.clock,
        )
        if exchange.grant.static is not None:
            return StaticRenewer(exchange)
        return LifecycleRenewer(exchange=exchange, policy=RefreshPolicy(), store=MemoryStore(refusals=RefusalBook()))

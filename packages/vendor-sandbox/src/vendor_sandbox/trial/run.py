"""One operation, tried."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from attrs import field, frozen

from vendor_sandbox.client_calls import client_calls_of
from vendor_sandbox.document import Operation
from vendor_sandbox.recording import RecordedRequest, RecordedResponse
from vendor_sandbox.routing import Router
from vendor_sandbox.trial.access import Logins
from vendor_sandbox.trial.building import WrongArgument, outgoing_of
from vendor_sandbox.trial.outgoing import NoResponse, Outgoing
from vendor_sandbox.vendor import Vendor

__all__ = ["Tried", "try_operation"]


@frozen
class Tried:
    """What was sent and what came back."""

    recorded: RecordedRequest = field(repr=False)
    seconds: float
    failure: str | None
    """Why there is no response."""


def try_operation(vendor: Vendor, logins: Logins, operation_id: str, given: Mapping[str, str]) -> Tried:
    """Send one request to the vendor, after a login if the operation requires one. Blocks.

    Raises:
        WrongArgument: the vendor or its client has no such operation, or an argument is wrong.
    """
    calls = client_calls_of(vendor.name)
    method = calls.methods.get(operation_id) if calls is not None else None
    if method is None:
        raise WrongArgument(f"the client of {vendor.name} has no such operation", "/operation")
    operation = vendor.document.operation(operation_id)
    url = str(vendor.servers[operation.server.argument])
    outgoing = outgoing_of(operation, method, url, given)
    if not logins.authorize(operation, outgoing):
        raise WrongArgument("the sandbox could not log in: a fault or a locked account prevents it", "/operation")
    started = time.perf_counter()
    response: RecordedResponse | None = None
    failure: str | None = None
    try:
        response, _ = outgoing.send()
    except NoResponse as error:
        failure = str(error)
    seconds = time.perf_counter() - started
    return Tried(_recorded(vendor, operation, outgoing, response), seconds, failure)


def _recorded(
    vendor: Vendor,
    operation: Operation,
    outgoing: Outgoing,
    response: RecordedResponse | None,
) -> RecordedRequest:
    prefix = vendor.prefixes[operation.server.argument]
    match = Router([operation], ignore_case=False).match(operation.method, outgoing.path.removeprefix(prefix))
    parts: dict[str, Sequence[str]] = {}
    if outgoing.media_type == "multipart/form-data" and outgoing.body is not None:
        parts = {name: ["file.txt" if name in outgoing.files else str(value)] for name, value in outgoing.body.items()}
    return RecordedRequest(
        method=outgoing.method,
        path=outgoing.path,
        query_string=outgoing.query_string,
        headers=tuple((name.lower(), value) for name, value in outgoing.all_headers.items()),
        body=outgoing.content,
        operation_id=operation.operation_id,
        status=response.status if response is not None else None,
        vendor=vendor.name,
        path_parameters=match.path_parameters if match is not None else {},
        parts=parts,
        response=response,
    )

"""What the references say of retries holds for every operation of every client, and for their tokens."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from auth_core_testing import FakeClock

from clients.methods import Method, methods_of
from clients.responses import async_client_of, client_of
from clients.test_replay import renewal_operation
from clients.test_token_lifecycle import life, logins, requested
from clients.vendors import SUBJECTS, Subject
from support.http_library import httpx
from support.repository import ROOT, VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.faults import ErrorStatus, HeldResponse, ResetConnection

SENT_AGAIN = re.compile(
    r"^### `(\w+\.\w+)`\n(?:(?!^#).*\n)*?- \[Sent again\]\(#retries\): (always|with a key|if not sent)$", re.MULTILINE
)


class Failing:
    """An API that fails: first without a connection, then after it got the request. Then it responds 501."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.first = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        match len(self.requests) - self.first:
            case 1:
                raise httpx.ConnectError("refused")
            case 2:
                return httpx.Response(503)
            case _:
                return httpx.Response(501)


def sent_again(vendor: str) -> dict[str, str]:
    """What the reference says of each method."""
    return dict(SENT_AGAIN.findall((ROOT / "packages" / f"{vendor}-client" / "reference.md").read_text("utf-8")))


def no_pauses(client: Any) -> Any:
    async def at_once(seconds: float) -> None: ...

    client._sender.sleep = at_once if client._sender.__class__.__name__.startswith("Async") else (lambda _: None)
    client._sender.connection.quota.tokens = client._sender.connection.quota._most = 10**9
    return client


async def failure_of(method: Method, client: Any, *, is_async: bool) -> Exception | None:
    try:
        found = method.call(client)
        await found if is_async else None
    except Exception as error:
        return error
    return None


@pytest.mark.parametrize("vendor", VENDORS)
async def test_the_reference_says_of_each_operation_when_it_is_sent_again(vendor: str, vendors: Sandbox) -> None:
    documented = sent_again(vendor)
    failing, error = Failing(), SUBJECTS[vendor].package.ServerError
    with client_of(vendor, vendors, failing, max_retries=2) as client, all_pass() as check:
        async with async_client_of(vendor, vendors, failing, max_retries=2) as async_client:
            no_pauses(client), no_pauses(async_client)
            for method in methods_of(vendor):
                with check(method):
                    sent = []
                    for caller in (client, async_client):
                        failing.first = len(failing.requests)
                        failure = await failure_of(method, caller, is_async=caller is async_client)
                        sent.append(failing.requests[failing.first :])
                        assert type(failure) is error
                        assert vars(failure)["attempts"] == len(sent[-1])
                    expected = 3 if documented[f"{method.resource}.{method.name}"] == "always" else 2
                    assert [len(requests) for requests in sent] == [expected] * 2
                    for requests in sent:
                        assert len({(one.url.raw_path, one.content) for one in requests}) == 1
    assert set(documented) == {f"{method.resource}.{method.name}" for method in methods_of(vendor)}


def test_a_license_is_bought_once_through_failures(vendors: Sandbox) -> None:
    amino = SUBJECTS["amino"]
    vendor = vendors["amino"]
    arguments = {**vendor.servers, "credentials": amino.credentials(vendor)}
    with no_pauses(amino.client(**arguments, max_retries=4)) as client:
        before = len(vendor.requests)
        for fault in (
            ErrorStatus(503),
            ResetConnection(),
            ResetConnection(processed=True),
            ErrorStatus(429, retry_after=1),
        ):
            vendor.faults.add(fault, operation="purchaseLicense", times=1)
        bought = client.licenses.purchase(42, {"product_id": "41", "payment_method": "billing"})
        sent = [one for one in list(vendor.requests)[before:] if one.operation_id == "purchaseLicense"]
        (key,) = {dict(one.headers)["idempotency-key"] for one in sent}
        (body,) = {one.body for one in sent}
        again = client.licenses.purchase(42, {"product_id": "41", "payment_method": "billing"}, idempotency_key=key)
        another = client.licenses.purchase(42, {"product_id": "41", "payment_method": "billing"})

    assert len(sent) == 5
    assert uuid.UUID(key).version == 4
    assert json.loads(body) == {"product_id": "41", "payment_method": "billing"}
    assert bought == again != another


def operation_of(subject: Subject) -> str:
    names = {f"{method.resource}.{method.name}": method.operation_id for method in methods_of(subject.vendor)}
    return names[subject.call.method]


def test_an_expired_token_and_a_failure_are_two_things(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with no_pauses(subject.client(**arguments)) as client:
        subject.call(client)
        before = requested(vendor)
        clock.advance(life(vendor) + 1)
        vendor.faults.add(ErrorStatus(503), operation=operation_of(subject), times=2)
        if sent_again(subject.vendor)[subject.call.method] == "always":
            subject.call(client)
        else:
            with pytest.raises(subject.package.ServerError):
                subject.call(client)

    assert requested(vendor) - before == (1 if vendor.token_requests["refresh"] else logins(subject))


@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_the_total_timeout_ends_the_wait_for_a_token_but_not_its_renewal(
    is_async: bool, subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    client = (subject.async_client if is_async else subject.client)(**arguments)

    async def call(**options: Any) -> None:
        plain = subject.call
        found = type(plain)(plain.method, {**plain.arguments, **options})(client)
        await found if is_async else None

    await call()
    clock.advance(life(vendor) + 1)
    before = requested(vendor)
    held = HeldResponse()
    vendor.faults.add(held, operation=renewal_operation(subject))
    with pytest.raises(subject.package.TransportTimeoutError, match=r"within the total timeout of 0\.05 s") as late:
        await call(total_timeout=0.05)
    held.wait_until_held()
    held.release()
    await call()
    closing = client.close()
    await closing if is_async else None

    assert late.value.request_sent is False
    assert requested(vendor) - before == (1 if vendor.token_requests["refresh"] else logins(subject))
    assert vendor.token_issuer.reuse_events == 0

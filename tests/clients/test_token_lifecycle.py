"""Every client logs itself in, stays logged in, and costs its token server as little as can be."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from auth_core import AuthError, MemoryStore, MissingCredentials
from auth_core_testing import FakeClock

from clients.vendors import SUBJECTS, Subject
from support.repository import VENDORS
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.faults import ErrorStatus

THREADS = 16
TASKS = 16


def logins(subject: Subject) -> int:
    """Requests of one login: Athena Cognito's takes two."""
    return len(subject.first_grant.requests)


def requested(vendor: Vendor) -> int:
    """Token requests so far."""
    return sum(vendor.token_requests.values())


def life(vendor: Vendor) -> float:
    """Seconds that an access token of this vendor lives."""
    return vendor.token_issuer.lifetime


def test_every_vendor_is_in_the_suite() -> None:
    assert sorted(SUBJECTS) == VENDORS


def test_one_login_serves_many_calls(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    with subject.client(**arguments) as client:
        for _ in range(20):
            subject.call(client)
    assert requested(vendor) == logins(subject)


async def test_one_login_serves_many_awaited_calls(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    async with subject.async_client(**arguments) as client:
        await asyncio.gather(*(subject.call(client) for _ in range(20)))
    assert requested(vendor) == logins(subject)


def test_a_token_that_ends_is_replaced_before_it_is_used(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with subject.client(**arguments) as client:
        for _ in range(3):
            subject.call(client)
            clock.advance(life(vendor) + 1)
    assert vendor.refused == 0
    assert len(vendor.requests) - requested(vendor) == 3
    renewals = vendor.token_requests["refresh"] or (requested(vendor) // logins(subject) - 1)
    assert renewals == 2


async def test_an_awaited_client_replaces_it_too(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    async with subject.async_client(**arguments) as client:
        await subject.call(client)
        clock.advance(life(vendor) + 1)
        await subject.call(client)
    assert vendor.refused == 0


def test_an_early_expired_token_is_renewed_where_expiry_is_documented(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with subject.client(**arguments) as client:
        subject.call(client)
        clock.advance(1)
        vendor.expire_tokens()
        if subject.knows_expiry:
            subject.call(client)
            assert vendor.refused == 1
        else:
            with pytest.raises(subject.package.ApiError):
                subject.call(client)


UNDOCUMENTED = [vendor for vendor, subject in SUBJECTS.items() if not subject.knows_expiry]


@pytest.mark.parametrize("subject", UNDOCUMENTED, indirect=True)
def test_a_user_can_say_what_an_expired_token_looks_like(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with subject.client(**arguments, expired=subject.expired) as client:
        subject.call(client)
        vendor.expire_tokens()
        clock.advance(1)
        subject.call(client)
    assert vendor.refused == 1


def test_expiry_conditions_are_supplied_where_the_vendor_documents_none() -> None:
    assert [vendor for vendor, subject in SUBJECTS.items() if subject.expired] == UNDOCUMENTED


def in_threads(count: int, work: Callable[[], object]) -> list[object]:
    """Run ``work`` in threads that start together; gives results and errors."""
    barrier = threading.Barrier(count)

    def run() -> object:
        barrier.wait()
        try:
            return work()
        except AuthError as error:
            return error

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def test_threads_share_one_login(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    with subject.client(**arguments) as client:
        responses = in_threads(THREADS, lambda: subject.call(client))
    assert not [response for response in responses if isinstance(response, AuthError)]
    assert requested(vendor) == logins(subject)


def test_threads_and_event_loops_share_one_renewal(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    """Two loops and sixteen threads, one store: the token is renewed once."""
    arguments["token_store"] = MemoryStore()

    def loop() -> None:
        async def calls() -> None:
            async with subject.async_client(**arguments) as client:
                await asyncio.gather(*(subject.call(client) for _ in range(TASKS)))

        asyncio.run(calls())

    with subject.client(**arguments) as client:
        subject.call(client)
        clock.advance(life(vendor) + 1)
        before = requested(vendor)
        works = [loop, loop, *[lambda: subject.call(client)] * THREADS]
        barrier = threading.Barrier(len(works))

        def run(work: Callable[[], object]) -> object:
            barrier.wait()
            return work()

        with ThreadPoolExecutor(len(works)) as pool:
            for future in [pool.submit(run, work) for work in works]:
                future.result()
    renewed = requested(vendor) - before
    assert renewed == (1 if vendor.token_requests["refresh"] else logins(subject))


def test_a_wrong_credential_is_refused_once_for_everybody(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any]
) -> None:
    secret = [definition.name for definition in subject.first_grant.credentials if definition.secret][-1]
    arguments["credentials"] = subject.credentials(vendor, **{secret: "wrong-and-unlike-any-other"})
    with subject.client(**arguments) as client:
        responses = in_threads(THREADS, lambda: subject.call(client))
    assert {type(response) for response in responses} == {subject.package.LoginRefused}
    assert requested(vendor) == 1
    assert "wrong-and-unlike-any-other" not in "".join(map(str, responses))


def test_without_credentials_nothing_is_sent(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    with subject.client(**arguments | {"credentials": ()}) as client:
        if subject.vendor == "cinchy":  # saved queries may be open to anybody; CQL is not
            with pytest.raises(MissingCredentials):
                client.cql.query(query="SELECT 1")
        else:
            with pytest.raises(MissingCredentials):
                subject.call(client)
    assert vendor.requests == ()


GRANTS = [(vendor, grant) for vendor in VENDORS for grant in Sandbox(vendor)[vendor].credentials]


@pytest.mark.parametrize(("name", "grant"), GRANTS)
def test_every_grant_gets_in(name: str, grant: str) -> None:
    """Calls the operation of the grant's security scheme; a static grant sends no token request."""
    subject = SUBJECTS[name]
    with Sandbox(name) as sandbox:
        vendor = sandbox[name]
        with subject.client(**vendor.servers, credentials=subject.credentials(vendor, grant)) as client:
            subject.calls_for(grant)[0](client)
        assert vendor.refused == 0
        token_operations = {request.operation_id for one in subject.grants.values() for request in one.requests}
        by_hand = vendor.requests[-1].operation_id in token_operations
        assert requested(vendor) == len(subject.grants[grant].requests) + by_hand


def test_the_environment_is_enough(subject: Subject, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    with subject.client() as client:
        subject.call(client)
    assert requested(vendor) == logins(subject)


def test_the_environment_is_enough_for_every_operation(
    subject: Subject, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vendor.environment.items():
        monkeypatch.setenv(name, value)
    with subject.client() as client:
        connection = client._sender.connection
        for operation in vendor.document.operations:
            connection.authenticator.sources_for(operation.security, operation.operation_id)
    with pytest.raises(AuthError):
        connection.authenticator.sources_for((("noSuchScheme",),), "noSuchOperation")


def test_after_forgetting_the_next_call_logs_in(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    with subject.client(**arguments) as client:
        subject.call(client)
        client.forget_tokens()
        subject.call(client)
    assert requested(vendor) == 2 * logins(subject)


def test_a_refused_login_is_retried_after_its_failure_is_forgotten(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any]
) -> None:
    vendor.faults.add(ErrorStatus(401), operation=subject.first_grant.requests[0].operation_id, times=1)
    with subject.client(**arguments) as client:
        for _ in range(3):
            with pytest.raises(AuthError):
                subject.call(client)
        assert requested(vendor) == 1
        client.forget_failures()
        subject.call(client)
    assert requested(vendor) == 1 + logins(subject)


async def test_logging_out_ends_the_session(subject: Subject, vendor: Vendor, arguments: dict[str, Any]) -> None:
    async with subject.async_client(**arguments) as client:
        await subject.call(client)
        await client.logout()
        await subject.call(client)
    assert requested(vendor) == 2 * logins(subject)

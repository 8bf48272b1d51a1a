"""A refused token through the generated clients: what is sent again, what it costs, and who may go away meanwhile."""

from __future__ import annotations

import asyncio
import importlib
import io
import json
import os
import subprocess
import sys
import textwrap
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from auth_core import MemoryStore
from auth_core.credentials import resolve
from auth_core_testing import FakeClock

from clients.test_token_lifecycle import THREADS, life, logins, requested
from clients.vendors import SUBJECTS, Call, Subject
from support.repository import VENDORS
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.faults import HeldResponse, PermissionDenied, ResetConnection


def recovering(subject: Subject, arguments: dict[str, Any]) -> dict[str, Any]:
    """Arguments of a client that knows what "expired" looks like, also where the vendor documents nothing."""
    return arguments if subject.knows_expiry else arguments | {"expired": subject.expired}


def last_two(vendor: Vendor, operation: str) -> list[Any]:
    return [request for request in vendor.requests if request.operation_id == operation][-2:]


def without_token(request: Any) -> tuple[Any, ...]:
    query = [(name, value) for name, value in request.query if name != "token"]
    try:
        body = json.loads(request.body)
        body.pop("token", None)
    except ValueError:
        body = request.body
    return request.method, request.path, query, body


def wallet() -> Any:
    return importlib.import_module("crmcom_client.models").NumberedIdentifier(number="W0000000001")


CALLS: dict[str, Call] = {
    **{f"{name} read": subject.call for name, subject in SUBJECTS.items()},
    "cinchy form": lambda client: client.queries.run_with_form("HR", "Employees", parameters={"@city": "Oslo"}),
    "cinchy cql": lambda client: client.cql.query(query="SELECT [Name] FROM [HR].[Employees]"),
    "crmcom body": lambda client: client.wallets.get_balance(wallet_identifier=wallet()),
}


@pytest.mark.parametrize(
    ("subject", "call"),
    [(name.split()[0], call) for name, call in CALLS.items()],
    ids=list(CALLS),
    indirect=["subject"],
)
def test_a_refused_request_is_resent_unchanged_except_for_the_token(
    subject: Subject, call: Call, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with subject.client(**recovering(subject, arguments)) as client:
        call(client)
        clock.advance(1)
        vendor.expire_tokens()
        call(client)
    operation = vendor.requests[-1].operation_id
    assert operation is not None
    first, second = last_two(vendor, operation)

    assert vendor.refused == 1
    assert without_token(first) == without_token(second)
    assert (first.header("authorization"), first.query_string, first.body) != (
        second.header("authorization"),
        second.query_string,
        second.body,
    )


class Once(io.BytesIO):
    """A file that can be read once."""

    def seekable(self) -> bool:
        return False

    def seek(self, *_: Any) -> int:
        raise io.UnsupportedOperation

    tell = seek


def file_at_an_offset() -> Any:
    file = io.BytesIO(b"0123456789")
    file.seek(3)
    return file


PAYLOADS: dict[str, tuple[Callable[[Path], Any], bool]] = {
    "bytes": (lambda folder: b"0123456789", True),
    "a file at an offset": (lambda folder: file_at_an_offset(), True),
    "a path": (lambda folder: folder / "rows.csv", True),
    "a stream": (lambda folder: Once(b"0123456789"), False),
}


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("subject", ["cinchy"], indirect=True)
def test_a_refused_upload_is_resent_completely_or_not_at_all(
    payload: str, subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "rows.csv").write_bytes(b"0123456789")
    make, replayable = PAYLOADS[payload]
    content = make(tmp_path)
    with subject.client(**arguments) as client:
        subject.call(client)
        clock.advance(1)
        vendor.expire_tokens()
        files = [subject.package.types.File(payload=content, file_name="rows.csv")]
        start = partial(client.jobs.start, options=job_options(subject), files=files)
        if replayable:
            start()
        else:
            with pytest.raises(subject.package.AuthenticationError):
                start()
            subject.call(client)
    uploads = [request for request in vendor.requests if request.operation_id == "startJob"]

    assert [upload.status for upload in uploads] == ([401, 200] if replayable else [401])
    assert {upload.body.count(b"0123456789") for upload in uploads} == {1}
    assert len({upload.body for upload in uploads}) == 1
    assert requested(vendor) == 2


def job_options(subject: Subject) -> Any:
    models = importlib.import_module(f"{subject.package.__name__}.models")
    options = {
        "paramValues": {"rows": {"isFile": True, "value": "rows.csv"}},
        "server": "cinchy.example/Cinchy",
        "useHttps": True,
        "userId": None,
        "password": None,
        "model": "Cinchy",
        "feed": "Employees",
        "batchsize": 1,
        "retrievalbatchsize": 1,
        "writeToFile": True,
    }
    return models.JobOptions.from_dict(options)


def test_forbidden_calls_beside_permitted_ones_cost_one_renewal(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    """Also where both are one operation, as saved queries are: Cinchy says 401 to what is not permitted."""
    with subject.client(**recovering(subject, arguments)) as client:
        subject.call(client)
        operation = vendor.requests[-1].operation_id
        before = requested(vendor)
        for _ in range(100):
            denied = vendor.faults.add(PermissionDenied(), operation=operation, times=None)
            with pytest.raises(subject.package.ApiError):
                subject.call(client)
            vendor.faults.remove(denied)
            subject.call(client)
    renewals = vendor.token_requests["refresh"] or (requested(vendor) - before) // logins(subject)

    assert renewals <= 1


def test_late_refusals_renew_once(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with subject.client(**recovering(subject, arguments)) as client:
        subject.call(client)
        clock.advance(1)
        vendor.expire_tokens()
        before = requested(vendor)
        barrier = threading.Barrier(THREADS)

        def call() -> None:
            barrier.wait()
            for _ in range(3):
                subject.call(client)

        with ThreadPoolExecutor(THREADS) as pool:
            for future in [pool.submit(call) for _ in range(THREADS)]:
                future.result()

    assert requested(vendor) - before == (1 if vendor.token_requests["refresh"] else logins(subject))


def test_three_loops_and_sixteen_threads_of_a_client_renew_once(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    client = subject.async_client(**arguments)

    def loop() -> None:
        async def calls() -> None:
            await asyncio.gather(*(subject.call(client) for _ in range(5)))

        asyncio.run(calls())

    def token() -> None:
        for source in client._sender.connection.authenticator._sources.values():
            source.token()

    token()
    clock.advance(life(vendor) + 1)
    before = requested(vendor)
    works = [loop] * 3 + [token] * THREADS
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for future in [pool.submit(run, work) for work in works]:
            future.result()
    asyncio.run(client.close())

    assert requested(vendor) - before == (1 if vendor.token_requests["refresh"] else logins(subject))


def test_one_client_serves_one_event_loop_after_the_other(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any]
) -> None:
    client = subject.async_client(**arguments)

    async def call() -> None:
        await subject.call(client)

    for _ in range(3):
        asyncio.run(call())
    asyncio.run(client.close())

    assert requested(vendor) == logins(subject)


VARIANTS = [
    (name, variant, way)
    for name in VENDORS
    for variant, ways in Sandbox(name)[name]._quirks.variants.items()
    for way in ways
]


@pytest.mark.parametrize(("subject", "variant", "way"), VARIANTS, indirect=["subject"])
def test_a_client_renews_whichever_documented_way_the_vendor_responds(
    variant: str, way: str, subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    vendor.choose(variant, way)
    with subject.client(**arguments) as client:
        for _ in range(3):
            subject.call(client)
            clock.advance(life(vendor) + 1)

    assert vendor.refused == 0
    assert requested(vendor) == logins(subject) + 2


# --- who goes away during a renewal ----------------------------------------------------------------------------------

rotating = pytest.mark.parametrize("subject", ["athena-crm"], indirect=True)
"""Its refresh tokens are good for one use, and the sandbox detects a second one."""


async def test_a_cancelled_task_loses_no_token(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    async with subject.async_client(**arguments) as client:
        await subject.call(client)
        clock.advance(life(vendor) + 1)
        before = requested(vendor)
        held = HeldResponse()
        vendor.faults.add(held, operation=renewal_operation(subject))
        task = asyncio.ensure_future(subject.call(client))
        await asyncio.to_thread(held.wait_until_held)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        held.release()
        await subject.call(client)

    assert vendor.token_issuer.reuse_events == 0
    assert requested(vendor) - before == (1 if vendor.token_requests["refresh"] else logins(subject))


def renewal_operation(subject: Subject) -> str:
    lifecycle = next(iter(subject.auth.LIFECYCLES.values()))
    request = lifecycle.refresh.request if lifecycle.refresh else subject.first_grant.requests[0]
    return str(request.operation_id)


def test_closing_a_client_during_a_renewal_loses_no_shared_token(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    arguments["token_store"] = MemoryStore()
    with subject.client(**arguments) as other:
        subject.call(other)
        clock.advance(life(vendor) + 1)
        before = requested(vendor)
        client = subject.client(**arguments)
        held = HeldResponse()
        vendor.faults.add(held, operation=renewal_operation(subject))
        with ThreadPoolExecutor(1) as pool:
            source = next(iter(client._sender.connection.authenticator._sources.values()))
            renewal = pool.submit(source.token)
            held.wait_until_held()
            client.close()
            held.release()
            renewed = renewal.result()
        subject.call(other)

    assert next(iter(other._sender.connection.authenticator._sources.values())).token() == renewed
    assert vendor.token_issuer.reuse_events == 0
    assert requested(vendor) - before == (1 if vendor.token_requests["refresh"] else logins(subject))


@rotating
def test_a_renewal_with_a_lost_response_reuses_no_refresh_token(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any]
) -> None:
    with subject.client(**arguments) as client:
        subject.call(client)
        clock.advance(life(vendor) + 1)
        vendor.faults.add(ResetConnection(processed=True), operation=renewal_operation(subject))
        with pytest.raises(Exception, match="no response from"):
            subject.call(client)
        clock.advance(61)
        subject.call(client)

    assert vendor.token_issuer.reuse_events == 0


PROGRAM = """
    import asyncio, sys, threading
    from {package} import {client}, {client_async}
    from {package}.auth import {credentials}
    arguments = dict({servers}, credentials={credentials}(**{values}))
    source = lambda client: next(iter(client._sender.connection.authenticator._sources.values()))
    {body}
"""
EXITS = {
    "a main thread that ends": """
    client = {client}(**arguments)
    source(client)._next()
    sys.stdin.readline()
    """,
    "an event loop that ends": """
    async def main():
        client = {client_async}(**arguments)
        task = asyncio.ensure_future(source(client).token_async())
        await asyncio.to_thread(sys.stdin.readline)
    asyncio.run(main())
    """,
    "a renewal that begins at exit": """
    import atexit
    client = {client}(**arguments)
    atexit.register(lambda: source(client)._next())
    """,
}


@pytest.mark.parametrize("exit_by", EXITS)
@rotating
def test_a_program_may_end_during_a_renewal(exit_by: str, subject: Subject, vendor: Vendor) -> None:
    kind = subject.credentials(vendor)
    names = {
        "package": subject.package.__name__,
        "client": subject._async_name.removeprefix("Async"),
        "client_async": subject._async_name,
    }
    body = textwrap.dedent(EXITS[exit_by].format(**names)).strip()
    program = textwrap.dedent(PROGRAM).format(
        **names, credentials=type(kind).__name__, servers=vendor.servers, values=resolve(kind.values()), body=body
    )
    held = HeldResponse()
    vendor.faults.add(held, operation=subject.first_grant.requests[0].operation_id)
    with subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            if "begins" not in exit_by:
                held.wait_until_held()
            _, complaints = process.communicate("\n", timeout=60)
        finally:
            process.kill()  # one that has not ended would fail a later test
            held.release()

    assert (process.returncode, complaints) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_child_uses_its_inherited_token_without_affecting_others(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any]
) -> None:
    with subject.client(**arguments) as client:
        subject.call(client)
        source = next(iter(client._sender.connection.authenticator._sources.values()))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads: the sandbox's
            child = os.fork()
        if child == 0:
            os._exit(0 if source.token().generation == 1 else 1)
        _, status = os.waitpid(child, 0)
        subject.call(client)

    assert os.waitstatus_to_exitcode(status) == 0
    assert requested(vendor) == logins(subject)

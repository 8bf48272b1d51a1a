"""Every client on httpx2, by choice or with a client of the user's own: it sends and raises nothing of httpx.

``CLIENTS_HTTP=httpx2`` runs the other tests of this folder on httpx2 too; ``make test-all`` does.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import httpx
import pytest
from auth_core_testing import FakeClock

from clients.vendors import Subject
from support.http_library import LIBRARY
from support.repository import VENDORS
from vendor_sandbox import Vendor
from vendor_sandbox.faults import HalfBody, ResetConnection

httpx2 = pytest.importorskip("httpx2")


def libraries(vendor: Vendor) -> set[str]:
    """The libraries that the user agents of all received requests name: of calls and of token requests."""
    agents = {dict(request.headers)["user-agent"] for request in vendor.requests}
    return {agent.rpartition(" ")[2].partition("/")[0] for agent in agents}


def modules_of_causes(error: BaseException) -> set[str]:
    """Where the classes of the errors below an error come from."""
    found, cause = set[str](), error.__cause__
    while cause is not None:
        found.add(type(cause).__module__.partition(".")[0])
        cause = cause.__cause__ or cause.__context__
    return found


async def test_calls_tokens_and_errors_are_of_the_chosen_library(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = subject.environment
    monkeypatch.setenv(f"{prefix}_HTTP", "httpx")
    options = {**arguments, "timeout": httpx2.Timeout(9, connect=3)}
    with subject.client(**options, http_library="httpx2") as client:
        results = [call(client) for call in subject.calls_for()]
        if subject.knows_expiry:
            vendor.expire_tokens()
        results.append(subject.call(client))
        raw = subject.call(_Raw(client))
        assert (raw.status_code // 100, type(raw.headers)) == (2, httpx.Headers)
        assert raw.headers["Content-Type"] == raw.headers["content-type"]
        vendor.faults.add(HalfBody(), operation=None, times=9)
        with pytest.raises(subject.package.TransportError) as caught:
            subject.call(client)
        assert isinstance(caught.value.__cause__, httpx2.RequestError)
        assert "httpx" not in modules_of_causes(caught.value)
        assert isinstance(client._sender.clients.get(None), httpx2.Client)
    vendor.faults.clear()
    monkeypatch.setenv(f"{prefix}_HTTP", "httpx2")
    async with subject.async_client(**options) as async_client:
        for call in subject.calls_for():
            await call(async_client)
        vendor.faults.add(ResetConnection(), operation=None, times=9)
        with pytest.raises(subject.package.TransportError) as caught:
            await subject.call(async_client)
        assert "httpx" not in modules_of_causes(caught.value)
    vendor.faults.clear()
    assert libraries(vendor) == {"httpx2"}

    with subject.client(**arguments, http_library="httpx") as client:
        assert [*map(type, results)] == [type(call(client)) for call in [*subject.calls_for(), subject.call]]
    assert libraries(vendor) == {"httpx", "httpx2"}


class _Raw:
    """A client whose resources return whole responses."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name).with_raw_response


async def test_a_users_own_client_is_of_either_library(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any]
) -> None:
    requests: list[Any] = []

    async def keep(request: Any) -> None:
        requests.append(request)

    with (
        httpx2.Client(event_hooks={"request": [requests.append]}) as own,
        subject.client(**arguments, http_client=own) as client,
    ):
        subject.call(client)
    assert len(requests) == len(vendor.requests)
    with httpx2.Client() as tokens:
        async with (
            httpx2.AsyncClient(event_hooks={"request": [keep]}) as own,
            subject.async_client(**arguments, http_client=own, token_http_client=tokens) as client,
        ):
            await subject.call(client)
    assert {type(request) for request in requests} == {httpx2.Request}
    sent = {value for request in vendor.requests for name, value in request.headers if name == "authorization"}
    assert sent.isdisjoint(str(request.headers.get("authorization")) for request in requests)


@pytest.mark.parametrize("subject", ["cinchy"], indirect=True)
async def test_streams_are_of_the_chosen_library(
    subject: Subject, vendor: Vendor, arguments: dict[str, Any], tmp_path: Any
) -> None:
    with subject.client(**arguments, http_library="httpx2") as client:
        whole = client.queries.export("HR", "Employees", result_format="CSV")
        with client.queries.export_stream("HR", "Employees", result_format="CSV") as response:
            assert type(response.headers) is httpx.Headers
            assert response.to_file(tmp_path / "a") == len(whole)
        assert (tmp_path / "a").read_bytes() == whole
        vendor.faults.add(HalfBody(), operation="exportQueryWithForm")
        broken = client.queries.export_with_form_stream("HR", "Employees", result_format="CSV")
        with pytest.raises(subject.package.TransportError) as caught, broken as response:
            response.read()
        assert (caught.value.bytes_read, modules_of_causes(caught.value) & {"httpx"}) == (len(whole) // 2, set())


@pytest.mark.skipif(LIBRARY == "httpx2", reason="it was chosen")
@pytest.mark.parametrize("vendor", VENDORS[:1])
def test_an_installed_httpx2_is_not_used_unless_it_is_chosen(vendor: str) -> None:
    name = vendor.replace("-", "_")
    program = f"""
import sys
from {name}_client import client
kind = next(kind for kind in vars(client).values() if isinstance(kind, type) and kind.__module__ == client.__name__)
made = kind(base_url="http://127.0.0.1:9", credentials=())
assert made._sender.connection.new_client().__class__.__module__ == "httpx"
assert "httpx2" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True)

"""Files of every client, read as they arrive: the same bytes and errors as of the method that returns them whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from auth_core_testing import FakeClock

from clients.methods import Method, methods_of
from clients.responses import async_client_of, client_of
from clients.vendors import SUBJECTS, Subject
from support.http_library import httpx
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.faults import HalfBody

TABLE = b"Name,Age\r\nAda,36\r\n"


def streamed(method: Method, client: Any) -> Method | None:
    """The method that reads the response of another one as it arrives, if there is one."""
    name = f"{method.name}_stream"
    return replace(method, name=name) if hasattr(getattr(client, method.resource), name) else None


def respond(request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, headers={"content-type": "text/csv"}, stream=httpx.ByteStream(TABLE))


def refuse(request: httpx.Request) -> httpx.Response:
    return httpx.Response(404, json={"message": "none"})


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_file_is_the_same_in_pieces_and_as_a_whole(vendor: str, vendors: Sandbox, tmp_path: Path) -> None:
    package = SUBJECTS[vendor].package
    with (
        all_pass() as check,
        client_of(vendor, vendors, respond) as client,
        client_of(vendor, vendors, refuse) as refused,
    ):
        async with async_client_of(vendor, vendors, respond) as async_client:
            for method in methods_of(vendor):
                with check(method):
                    stream = streamed(method, client)
                    assert (stream is not None) is ("bytes" in str(method.function.__annotations__["return"]))
                    if stream is None:
                        continue
                    with stream.call(client) as response:
                        assert response.to_file(tmp_path / "a") == len(TABLE)
                    assert (tmp_path / "a").read_bytes() == method.call(client) == TABLE
                    with stream.call(client) as response:
                        assert [*response.iter_rows(columns={"Age": int})] == [{"Name": "Ada", "Age": 36}]
                    async with stream.call(async_client) as response:
                        assert await response.read() == TABLE
                    with pytest.raises(package.NotFoundError) as whole:
                        method.call(refused)
                    with pytest.raises(package.NotFoundError) as in_pieces, stream.call(refused):
                        pass
                    assert {**vars(in_pieces.value), "elapsed_seconds": None} == {
                        **vars(whole.value),
                        "elapsed_seconds": None,
                    }


@pytest.mark.parametrize("subject", ["cinchy"], indirect=True)
async def test_an_export_of_the_sandbox_is_read_with_a_renewed_token_and_never_half(
    subject: Subject, vendor: Vendor, clock: FakeClock, arguments: dict[str, Any], tmp_path: Path
) -> None:
    package, target = subject.package, tmp_path / "employees.csv"

    def export(client: Any, query: str = "Employees") -> Any:
        return client.queries.export_stream("HR", query, result_format="CSV")

    def export_by_post(client: Any) -> Any:
        return client.queries.export_with_form_stream("HR", "Employees", result_format="CSV")

    with subject.client(**arguments) as client:
        with export(client) as response:
            rows = [*response.iter_rows(columns={"Age": int})]
        assert {type(row["Age"]) for row in rows} == {int}
        clock.advance(1)
        vendor.expire_tokens()
        with export(client) as response:
            size = response.to_file(target)
        assert target.read_bytes() == client.queries.export("HR", "Employees", result_format="CSV")
        vendor.faults.add(HalfBody(), operation="exportQueryWithForm")
        with pytest.raises(package.TransportError) as caught, export_by_post(client) as response:
            response.to_file(target)
        assert caught.value.bytes_read == size // 2
        with pytest.raises(package.ApiError), export(client, "Nothing"):
            pass
    vendor.faults.add(HalfBody(), operation="exportQueryWithForm")
    async with subject.async_client(**arguments) as async_client:
        with pytest.raises(package.TransportError) as caught:
            async with export_by_post(async_client) as response:
                await response.to_file(target)
        assert caught.value.bytes_read == size // 2
    assert (len(target.read_bytes()), [*tmp_path.iterdir()]) == (size, [target])


async def test_a_large_export_goes_on_where_it_broke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = SUBJECTS["cinchy"].package
    with Sandbox("cinchy", records=1000) as sandbox:
        vendor = sandbox["cinchy"]
        for name, value in vendor.environment.items():
            monkeypatch.setenv(name, value)

        def export(client: Any) -> Any:
            return client.queries.export_stream("HR", "Employees", result_format="CSV")

        vendor.faults.add(HalfBody(), operation="exportQuery", times=2)
        with package.Cinchy() as client, export(client) as response:
            size = response.to_file(tmp_path / "sync.csv")
        vendor.faults.add(HalfBody(), operation="exportQuery", times=2)
        async with package.AsyncCinchy() as async_client, export(async_client) as response:
            assert await response.to_file(tmp_path / "async.csv") == size
        sent = [dict(one.headers).get("range") for one in vendor.requests if one.operation_id == "exportQuery"]
        first, second = size // 2, size // 2 + (size - size // 2) // 2
        assert sent == [None, f"bytes={first}-", f"bytes={second}-"] * 2
        written = (tmp_path / "sync.csv").read_bytes()
    assert (len(written), written) == (size, (tmp_path / "async.csv").read_bytes())
    rows = written.decode().splitlines()
    assert (len(rows), len({row.partition(",")[0] for row in rows})) == (1001, 1001)

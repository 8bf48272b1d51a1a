"""A DataFrame, a streamed export and 50 concurrent queries."""

from __future__ import annotations

from pathlib import Path

import pytest

import cinchy_report
from vendor_sandbox.faults import ErrorStatus
from vendor_sandbox.testing import VendorSandbox

CITIES = ["Oslo", *(f"City {number}" for number in range(49))]


def test_the_report_reads_exports_and_counts(
    cinchy_sandbox: VendorSandbox,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in cinchy_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "employees.csv"
    assert cinchy_report.main([str(path), *CITIES]) == 0
    assert path.read_bytes() == cinchy_sandbox.client().queries.export("HR", "Employees", result_format="CSV")
    printed = capsys.readouterr().out.splitlines()
    assert printed[:2] == ["mean age: 40.5", f"{path.stat().st_size} bytes exported"]
    assert printed[2:] == ["Oslo: 2", *(f"{city}: 0" for city in CITIES[1:])]
    asked = [dict(one.query).get("@city") for one in cinchy_sandbox.requests if one.operation_id == "runQuery"]
    assert sorted(filter(None, asked)) == sorted(CITIES)
    assert cinchy_sandbox.vendor.token_requests == {"password": 3}  # one per client, the last is this test's


def test_an_error_of_one_query_is_reported(
    cinchy_sandbox: VendorSandbox,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in cinchy_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    cinchy_sandbox.faults.add(ErrorStatus(503), operation="runQuery", every=20)  # a query may write: not sent again
    assert cinchy_report.main([str(tmp_path / "employees.csv"), *CITIES]) == 1
    reported = capsys.readouterr().err
    assert "503 from runQuery" in reported
    assert "check that before you repeat the call" in reported

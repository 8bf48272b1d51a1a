"""All subjects to CSV, and a document."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

import athena_export
from vendor_sandbox.faults import ErrorStatus, ResetConnection
from vendor_sandbox.testing import VendorSandbox, vendor_sandbox

CASE = 41


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> Iterator[VendorSandbox]:
    with vendor_sandbox("athena-crm", records=120) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def documents(athena: VendorSandbox) -> list[object]:
    return athena.client().cases.get(CASE).documents or []


def test_every_subject_is_a_row_and_the_file_is_attached_once(athena: VendorSandbox, tmp_path: Path) -> None:
    path = tmp_path / "subjects.csv"
    athena.faults.add(ErrorStatus(503), operation="listSubjects", every=2)  # the second page, once
    assert athena_export.main([str(path), "--case", str(CASE)]) == 0
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    expected = [one.client_subject_id for one in athena.client().subjects.list()]
    assert [row["client_subject_id"] for row in rows] == expected
    assert len(set(expected)) == 120
    assert len(documents(athena)) == 1
    (upload,) = [one for one in athena.requests if one.operation_id == "addCaseDocument"]
    assert path.read_bytes() in upload.body


def test_a_document_whose_response_is_lost_is_attached_once(
    athena: VendorSandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    athena.faults.add(ResetConnection(processed=True), operation="addCaseDocument", times=None)
    assert athena_export.main([str(tmp_path / "subjects.csv"), "--case", str(CASE)]) == 1
    assert "TransportError" in capsys.readouterr().err
    assert len(documents(athena)) == 1

"""A program that was written for athena-crm-client 0.1."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TextIO

from athena_crm_client import (
    AsyncAthenaCrm,
    AthenaCrm,
    AthenaCrmError,
    BadRequestError,
    Page,
    PasswordCredentials,
    TransportError,
)
from athena_crm_client.models import Subject, SubjectPage
from athena_crm_client.types import File


def client() -> AthenaCrm:
    credentials = PasswordCredentials(client_id="app", username="ada", password="secret")
    return AthenaCrm(base_url="https://athena.example", crm_url="https://crm.example", credentials=credentials)


def write(athena: AthenaCrm, file: TextIO) -> str | None:
    writer = csv.writer(file)
    page: Page[Subject, SubjectPage] = athena.subjects.list(limit=10, prefetch=True)
    for subject in page:
        name: str = subject.subject_name
        writer.writerow([subject.client_subject_id, name, (subject.nationality or "").upper()])
    return page.continuation_token


def pages(athena: AthenaCrm, token: str) -> list[int]:
    return [len(page.items) for page in athena.subjects.list(continuation_token=token).pages()]


def attach(athena: AthenaCrm, case: int, path: Path) -> bool:
    file = File(
        path, file_name="report.pdf", mime_type="application/pdf", progress=lambda sent, size: print(sent, size)
    )
    try:
        athena.cases.add_document(case, name="Report", document=file, extra_headers={"X-Trace": "1"})
        athena.cases.add_document(case, body={"name": "Again", "document": b"bytes"})
    except BadRequestError as error:
        print(error.message, error.error)
    except TransportError as error:
        return not error.request_sent
    return True


def create(athena: AthenaCrm) -> None:
    athena.subjects.create(client_subject_id="C-1", subject_name="Ada", nationality="NOR")
    athena.subjects.update("C-1", subject_name="Ada Example")


async def first_page() -> list[Subject]:
    try:
        async with AsyncAthenaCrm() as athena:
            return (await athena.subjects.list()).items
    except AthenaCrmError:
        return []

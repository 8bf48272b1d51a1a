"""A program that was written for athena-cognito-client 0.1."""

from __future__ import annotations

import datetime

from athena_cognito_client import (
    ApiError,
    AsyncAthenaCognito,
    AthenaCognito,
    AthenaCognitoError,
    NotFoundError,
    PasswordCredentials,
)
from athena_cognito_client.models import Case, CaseTransaction


def client() -> AthenaCognito:
    return AthenaCognito(
        base_url="https://athena.example",
        credentials=PasswordCredentials(
            user_pool_id="pool", client_id="app", username="ada", password=lambda: "secret"
        ),
        max_retries=1,
        total_timeout=30,
    )


def summary(case: Case) -> str:
    since: datetime.datetime | None = case.active_timestamp
    bucket = case.bucket.name if case.bucket else None
    return f"{case.id} {case.case_status.upper()} {bucket or '?'} {since.isoformat() if since else ''}"


def oldest(athena: AthenaCognito) -> int:
    return max((case.ageing or 0 for case in athena.cases.list(limit=50)), default=0)


def status(athena: AthenaCognito, number: int) -> str | None:
    try:
        return summary(athena.cases.get(number, timeout=5))
    except NotFoundError:
        return None
    except ApiError as error:
        return f"{error.status_code} {error.code or ''} {error.retry_after_seconds or 0}"


async def transactions(case: int) -> list[CaseTransaction]:
    async with AsyncAthenaCognito() as athena:
        return [transaction async for transaction in athena.cases.list_transactions(case)]


def run() -> int:
    try:
        with client() as athena:
            print(oldest(athena), status(athena, 41))
    except AthenaCognitoError as error:
        print(error, error.retryable, error.to_dict())
        return 1
    return 0

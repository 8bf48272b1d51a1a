"""All five clients at work against the sandbox: typed calls, sync and async, through expired and revoked tokens.

The sandbox's tokens live three seconds here, so that their end can be waited for. What the table shows is counted by
the sandbox: the requests that really arrived.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from auth_core import Credentials
from auth_core.lifecycle import AnswerCondition
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

import amino_client
import athena_cognito_client
import athena_crm_client
import cinchy_client
import crmcom_client
from amino_client import Amino, AsyncAmino
from athena_cognito_client import AsyncAthenaCognito, AthenaCognito
from athena_crm_client import AsyncAthenaCrm, AthenaCrm
from cinchy_client import AsyncCinchy, Cinchy
from crmcom_client import AsyncCrmCom, CrmCom
from crmcom_client.models.accounts_receivable_identifier import AccountsReceivableIdentifier
from vendor_sandbox import Sandbox, Vendor

TOKEN_LIFETIME_SECONDS = 3
CALLS_PER_ROUND = 5
ROUNDS = ("log in and call", "let the token expire, call", "revoke the token early, call")

Client = TypeVar("Client")
AsyncClient = TypeVar("AsyncClient")


@dataclass(frozen=True)
class Show(Generic[Client, AsyncClient]):
    """One vendor's part: how to make its clients, and one call with each."""

    grant: str
    credentials: Callable[..., Credentials]
    client: Callable[..., AbstractContextManager[Client]]
    call: Callable[[Client], object]
    async_client: Callable[..., AbstractAsyncContextManager[AsyncClient]]
    async_call: Callable[[AsyncClient], Awaitable[object]]
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    revocable: bool = True
    """It is known what a call with a dead token answers, so the client can recover from it."""


# --- what users of each package write --------------------------------------------------------------------------------


def oslo(cinchy: Cinchy) -> list[object]:
    result = cinchy.queries.run("HR", "Employees", parameters={"@city": "Oslo"})
    return [row["Name"] for row in result.rows()]


async def oslo_async(cinchy: AsyncCinchy) -> list[object]:
    result = await cinchy.queries.run("HR", "Employees", parameters={"@city": "Oslo"})
    return [row["Name"] for row in result.rows()]


def balance(crmcom: CrmCom) -> object:
    # A POST: the token travels in the body, and in no model or signature.
    account = AccountsReceivableIdentifier(number="ACR0000000001")
    return crmcom.wallets.get_balance(accounts_receivable_identifier=account).data


async def account(crmcom: AsyncCrmCom) -> object:
    # A GET: the token travels in the query.
    answer = await crmcom.accounts_receivable.show(accounts_receivable_identifier="number=ACR0000000001")
    return answer.data


def cases(athena: AthenaCognito) -> object:
    return athena.cases.list(limit=10).results


async def cases_async(athena: AsyncAthenaCognito) -> object:
    return (await athena.cases.list(limit=10)).results


def buckets(athena: AthenaCrm) -> object:
    return athena.buckets.list(limit=10).results


async def buckets_async(athena: AsyncAthenaCrm) -> object:
    return (await athena.buckets.list(limit=10)).results


def profiles(amino: Amino) -> object:
    return amino.user_profiles.list(4711).data


async def profiles_async(amino: AsyncAmino) -> object:
    return (await amino.user_profiles.list(4711)).data


SHOWS: dict[str, Show[Any, Any]] = {
    "athena-cognito": Show(
        "password", athena_cognito_client.PasswordCredentials, AthenaCognito, cases, AsyncAthenaCognito, cases_async
    ),
    "athena-crm": Show(
        "password", athena_crm_client.PasswordCredentials, AthenaCrm, buckets, AsyncAthenaCrm, buckets_async
    ),
    "cinchy": Show("password", cinchy_client.PasswordCredentials, Cinchy, oslo, AsyncCinchy, oslo_async),
    "crmcom": Show(
        "authentication_code",
        crmcom_client.AuthenticationCodeCredentials,
        CrmCom,
        balance,
        AsyncCrmCom,
        account,
        revocable=False,
    ),
    "amino": Show(
        "password",
        amino_client.PasswordCredentials,
        Amino,
        profiles,
        AsyncAmino,
        profiles_async,
        # Amino documents no sign of a dead token. Who knows what a deployment answers can say so.
        options={"expired": [AnswerCondition(status=(401,))]},
    ),
}


# --- running them ----------------------------------------------------------------------------------------------------


def perform(show: Show[Any, Any], vendor: Vendor, progress: Progress, task: TaskID) -> None:
    """Run one vendor's part: the blocking client first, then the awaited one."""
    arguments = {
        **vendor.servers,
        **show.options,
        "credentials": show.credentials(**vendor.credentials[show.grant]),
    }

    def prepare(step: str) -> float:
        """Make ready for a round; gives the seconds to wait."""
        progress.update(task, advance=1, doing=step)
        if step == ROUNDS[2] and show.revocable:
            vendor.expire_tokens()
        return TOKEN_LIFETIME_SECONDS if step == ROUNDS[1] else 0

    async def awaited() -> None:
        async with show.async_client(**arguments) as client:
            for step in ROUNDS:
                await asyncio.sleep(prepare(step))
                await asyncio.gather(*(show.async_call(client) for _ in range(CALLS_PER_ROUND)))

    with show.client(**arguments) as client:
        for step in ROUNDS:
            time.sleep(prepare(step))
            for _ in range(CALLS_PER_ROUND):
                show.call(client)
    asyncio.run(awaited())
    progress.update(task, doing="done")


def report(sandbox: Sandbox) -> Table:
    """What the sandbox counted."""
    # It fits 80 columns without cutting a word.
    table = Table(title="What arrived at the sandbox", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.title_justify, table.title_style = "left", "bold"
    table.add_column("vendor", no_wrap=True)
    table.add_column("grant", no_wrap=True)
    for column in ("calls\nmade", "tokens\nrequested", "refreshes", "401s\nsurvived"):
        table.add_column(column, justify="right", no_wrap=True)
    for name, show in SHOWS.items():
        vendor = sandbox[name]
        requested = sum(vendor.token_requests.values())
        calls = len(vendor.requests) - requested - vendor.refused
        counted = (calls, requested, vendor.token_requests.get("refresh", 0), vendor.refused)
        table.add_row(name, show.grant, *map(str, counted))
    return table


def main() -> int:
    console = Console()
    columns = (TextColumn("{task.description:<14}"), BarColumn(), TextColumn("{task.fields[doing]:<29}"))
    with Sandbox(*SHOWS, token_lifetime=TOKEN_LIFETIME_SECONDS) as sandbox:
        console.print(f"Five vendors on {sandbox.url}; their tokens live {TOKEN_LIFETIME_SECONDS} seconds")
        with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
            steps = 2 * len(ROUNDS)
            tasks = {name: progress.add_task(name, total=steps, doing="starting") for name in SHOWS}
            with ThreadPoolExecutor(len(SHOWS)) as pool:
                parts = [
                    pool.submit(perform, SHOWS[name], sandbox[name], progress, task) for name, task in tasks.items()
                ]
            for part in parts:
                part.result()
        console.print(report(sandbox))
    console.print("Each client was blocking first, then awaited: 30 calls that nobody gave a token.", soft_wrap=True)
    console.print("Cinchy and CRM.COM have no refresh tokens, their clients log in again.", soft_wrap=True)
    console.print("CRM.COM documents no sign of a dead token, its client goes by age alone.", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

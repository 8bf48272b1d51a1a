"""Run every client against the sandbox: typed calls, sync and async, through expired and revoked tokens.

The vendors are the folders of ``specs/``; their calls are in ``specs/<vendor>/demo.yaml``. The sandbox's tokens live
three seconds here, so that the demonstration can wait until they expire. The sandbox counts the requests that the table
shows.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from vendor_clients import Call, Subject, vendor_names
from vendor_sandbox import Sandbox, Vendor

TOKEN_LIFETIME_SECONDS = 3
CALLS_PER_ROUND = 5
ROUNDS = ("log in and call", "let the token expire, call", "revoke the token early, call")


def calls_in_turn(subject: Subject) -> Iterator[Call]:
    """The vendor's demonstration calls, in an endless cycle."""
    return itertools.cycle(subject.calls_for())


def arguments_of(subject: Subject, vendor: Vendor) -> dict[str, Any]:
    """The arguments of a client that can log in."""
    expired = {"expired": subject.expired} if subject.expired else {}
    return {**vendor.servers, **expired, "credentials": subject.credentials(vendor)}


def perform(subject: Subject, vendor: Vendor, progress: Progress, task: TaskID) -> None:
    """Run one vendor's part: the sync client first, then the async one."""
    arguments = arguments_of(subject, vendor)
    can_recover = subject.knows_expiry or subject.expired

    def prepare(step: str) -> float:
        """Prepare a round and return the seconds to wait before it."""
        progress.update(task, advance=1, doing=step)
        if step == ROUNDS[2] and can_recover:
            vendor.expire_tokens()
        return TOKEN_LIFETIME_SECONDS if step == ROUNDS[1] else 0

    async def run_async() -> None:
        calls = calls_in_turn(subject)
        async with subject.async_client(**arguments) as client:
            for step in ROUNDS:
                await asyncio.sleep(prepare(step))
                await asyncio.gather(*(next(calls)(client) for _ in range(CALLS_PER_ROUND)))

    calls = calls_in_turn(subject)
    with subject.client(**arguments) as client:
        for step in ROUNDS:
            time.sleep(prepare(step))
            for _ in range(CALLS_PER_ROUND):
                next(calls)(client)
    asyncio.run(run_async())
    progress.update(task, doing="done")


def report(sandbox: Sandbox, subjects: Sequence[Subject]) -> Table:
    """A table of the requests that the sandbox counted."""
    # The table fits into 80 columns without breaking a word.
    table = Table(title="What arrived at the sandbox", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.title_justify, table.title_style = "left", "bold"
    table.add_column("vendor", no_wrap=True)
    table.add_column("grant", no_wrap=True)
    for column in ("calls\nmade", "tokens\nrequested", "refreshes", "refusals\nsurvived"):
        table.add_column(column, justify="right", no_wrap=True)
    for subject in subjects:
        vendor = sandbox[subject.vendor]
        requested = sum(vendor.token_requests.values())
        calls = len(vendor.requests) - requested - vendor.refused
        counted = (calls, requested, vendor.token_requests.get("refresh", 0), vendor.refused)
        table.add_row(subject.vendor, subject.first_grant.name, *map(str, counted))
    return table


def remarks(subjects: Sequence[Subject], left_out: Sequence[Subject] = ()) -> Iterator[str]:
    """Notes on the table."""
    made = 2 * len(ROUNDS) * CALLS_PER_ROUND
    yield f"Each client was sync first, then async: {made} calls without a token in the caller's code."
    without_refresh = [subject.vendor for subject in subjects if subject.lifecycle.refresh is None]
    if without_refresh:
        yield f"No refresh tokens; the client logs in again: {', '.join(without_refresh)}."
    configured = [subject.vendor for subject in subjects if subject.expired]
    if configured:
        names = ", ".join(configured)
        yield f"Response to an expired token not documented; the client is configured for the sandbox's: {names}."
    names = ", ".join(subject.vendor for subject in left_out)
    if names:
        yield f"Not shown, because the sandbox has no account to log in with: {names}."


def with_account(sandbox: Sandbox, subjects: Sequence[Subject]) -> list[Subject]:
    """The vendors that the sandbox has an account for; a new vendor may have none yet."""
    return [subject for subject in subjects if subject.has_account(sandbox[subject.vendor])]


def main() -> int:
    console = Console()
    columns = (TextColumn("{task.description:<14}"), BarColumn(), TextColumn("{task.fields[doing]:<29}"))
    subjects = [Subject.read(vendor) for vendor in vendor_names()]
    with Sandbox(*(subject.vendor for subject in subjects), token_lifetime=TOKEN_LIFETIME_SECONDS) as sandbox:
        shown = with_account(sandbox, subjects)
        seconds = TOKEN_LIFETIME_SECONDS
        console.print(f"{len(shown)} vendors on {sandbox.url}; their tokens live {seconds} seconds")
        with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
            with ThreadPoolExecutor(max(1, len(shown))) as pool:
                parts = [
                    pool.submit(
                        perform,
                        subject,
                        sandbox[subject.vendor],
                        progress,
                        progress.add_task(subject.vendor, total=2 * len(ROUNDS), doing="starting"),
                    )
                    for subject in shown
                ]
            for part in parts:
                part.result()
        console.print(report(sandbox, shown))
    for remark in remarks(shown, [subject for subject in subjects if subject not in shown]):
        console.print(remark, soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A simulated fleet: the load of N busy workers on a vendor's token server and on Redis.

Every worker runs the actual policy of auth_core; the store between them, the token server and the time are simulated
(seconds since the start, and no thread, no socket). The same seed gives the same figures.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from auth_core import Moment, RefreshPolicy, Secret, Token, TokenUnavailable
from auth_core.failures import Failures
from auth_core.policy import Decision, Windows
from auth_core.store.redis import LAST_POLL_SECONDS
from rich.table import Table

from bench.measure import console

LIFETIME_SECONDS = 3600.0
TOKEN_REQUEST_SECONDS = 0.2
START_SECONDS = 10.0
"""All workers of a fleet start within this time."""
WORKERS_PER_HOST = 16
STEADY_HOURS = 4
OUTAGE_SECONDS = 600.0
WORST_OUTAGE_START = LIFETIME_SECONDS * 0.75
"""When the first tokens enter the last quarter of their lifetime: every worker needs a new one during the outage."""
SIZES = (10, 100, 1_000, 10_000)

ADOPTING, ADOPTING_LATE, REFRESHING, LOGGING_IN = 2, 5, 10, 13
"""Commands to Redis of a worker that finds a new token, of one that waited for the lock first, and of one that renews,
as counted by ``tests/auth_core/test_redis_load.py``."""
POLL_SECONDS = LAST_POLL_SECONDS * 0.75
"""Average time between two polls of the lock, once a worker has waited for a while."""


@dataclass(eq=False)
class Worker:
    """One process: its token and its failures, as a token source has them."""

    group: Group
    token: Token | None = None
    windows: Windows | None = None
    failures: Failures | None = None


@dataclass(eq=False)
class Group:
    """The workers that share a store: its record and its lock."""

    token: Token | None = None
    leader: Worker | None = None
    waiting: dict[Worker, float] = field(default_factory=dict[Worker, float])
    """Since when each worker waits, in the order of arrival."""


@dataclass(frozen=True)
class Observed:
    """Requests and commands, second by second."""

    logins: Counter[int]
    refreshes: Counter[int]
    commands: Counter[int]
    """Commands to the store."""
    calls_failed: int
    """How often a worker had no token to serve."""

    def requests(self, start: float, end: float) -> int:
        """Token requests in a span of time."""
        return sum(counted_in(self.logins, start, end)) + sum(counted_in(self.refreshes, start, end))

    def peak(self, start: float, end: float) -> int:
        """Token requests in the busiest second of a span of time."""
        return max(counted_in(self.logins + self.refreshes, start, end), default=0)

    def peak_commands(self, start: float, end: float) -> int:
        """Commands to the store in the busiest second of a span of time."""
        return max(counted_in(self.commands, start, end), default=0)


def counted_in(counter: Counter[int], start: float, end: float) -> list[int]:
    return [times for second, times in counter.items() if start <= second < end]


class Simulation:
    """A fleet from its start on.

    Args:
        group_sizes: how many workers share each store.
        outage: from when to when the token server responds with 503, in seconds since the start.
        policy: of all workers.
        seed: of every random number.
    """

    def __init__(
        self,
        group_sizes: Sequence[int],
        *,
        outage: tuple[float, float] = (0.0, 0.0),
        policy: RefreshPolicy | None = None,
        seed: int = 1,
    ) -> None:
        self._policy = policy or RefreshPolicy()
        self._outage = outage
        self._random = random.Random(seed)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._number = 0
        self.now = 0.0
        self._logins: Counter[int] = Counter()
        self._refreshes: Counter[int] = Counter()
        self._commands: Counter[int] = Counter()
        self._calls_failed = 0
        for size in group_sizes:
            group = Group()
            for _ in range(size):
                self._act_at(self._random.uniform(0, START_SECONDS), Worker(group))

    def run(self, seconds: float) -> Observed:
        """Run the simulation up to that time."""
        while self._events and self._events[0][0] <= seconds:
            self.now, _, event = heapq.heappop(self._events)
            event()
        return Observed(self._logins, self._refreshes, self._commands, self._calls_failed)

    # --- a worker ---------------------------------------------------------------------------------------------------

    def _act(self, worker: Worker) -> None:
        """Have the worker call an API, because its state may have changed."""
        moment, failures = Moment(self.now, self.now), worker.failures
        if worker.windows is None:
            decision = self._policy.decide_without_token(moment, failures)
        else:
            decision = self._policy.decide(worker.windows, moment, failures=failures)
        if decision is Decision.FAIL:
            self._calls_failed += 1
        if failures is not None and self.now < failures.retry_at:
            self._act_at(failures.retry_at, worker)
        elif decision is Decision.SERVE:
            assert worker.windows is not None
            self._act_at(worker.windows.advisory.wall, worker)
        else:
            self._renew(worker)

    def _renew(self, worker: Worker) -> None:
        group = worker.group
        if self._adopts(worker, ADOPTING):
            return
        if group.leader is None:
            self._lead(worker)
        else:
            since = group.waiting[worker] = self.now
            self._at(since + self._policy.store_wait_seconds, lambda: self._gives_up(worker, since))

    def _adopts(self, worker: Worker, commands: int) -> bool:
        """Whether another worker has renewed: the store has a later token, which remains valid for a while."""
        found = worker.group.token
        stale_generation = 0 if worker.token is None else worker.token.generation
        if found is None or not self._policy.spares_renewal(found, stale_generation, Moment(self.now, self.now)):
            return False
        self._commands[int(self.now)] += commands
        self._installs(worker, found)
        return True

    def _installs(self, worker: Worker, token: Token) -> None:
        worker.token, worker.windows = token, self._policy.windows(token, self._random.random())
        worker.failures = None
        self._act(worker)

    def _fails(self, worker: Worker) -> None:
        now, error = Moment(self.now, self.now), TokenUnavailable("HTTP 503", request_sent=True, status=503)
        worker.failures = self._policy.after_failure(worker.failures, error, now, self._random.random())
        self._act(worker)

    # --- under the lock of a store ----------------------------------------------------------------------------------

    def _lead(self, worker: Worker) -> None:
        group = worker.group
        group.leader = worker
        first = group.token is None
        (self._logins if first else self._refreshes)[int(self.now)] += 1
        self._commands[int(self.now)] += LOGGING_IN if first else REFRESHING
        sent, fails = self.now, self._outage[0] <= self.now < self._outage[1]
        self._at(self.now + TOKEN_REQUEST_SECONDS, lambda: self._served(worker, sent, fails=fails))

    def _served(self, worker: Worker, sent: float, *, fails: bool) -> None:
        group = worker.group
        group.leader = None
        if fails:
            self._fails(worker)
        else:
            before = 0 if group.token is None else group.token.generation
            group.token = Token(
                access_token=Secret("token"),
                issued=Moment(sent, sent),
                lifetime=LIFETIME_SECONDS,
                generation=before + 1,
                grant="refresh" if before else "login",
            )
            self._installs(worker, group.token)
        while group.waiting and group.leader is None:
            following = next(iter(group.waiting))
            self._ends_waiting(following)
            if not self._adopts(following, ADOPTING_LATE):
                self._lead(following)

    def _ends_waiting(self, worker: Worker) -> None:
        """Count the worker's polls of the lock meanwhile."""
        since = worker.group.waiting.pop(worker)
        for poll in range(int((self.now - since) / POLL_SECONDS)):
            self._commands[int(since + (poll + self._random.random()) * POLL_SECONDS)] += 1

    def _gives_up(self, worker: Worker, since: float) -> None:
        if worker.group.waiting.get(worker) == since:  # otherwise it got the lock, and may be waiting again
            self._ends_waiting(worker)
            self._fails(worker)

    # --- time -------------------------------------------------------------------------------------------------------

    def _act_at(self, at: float, worker: Worker) -> None:
        self._at(at, lambda: self._act(worker))

    def _at(self, at: float, event: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._events, (at, self._number, event))


# --- the table ------------------------------------------------------------------------------------------------------

SHARING: dict[str, Callable[[int], list[int]]] = {
    "none": lambda workers: [1] * workers,
    f"one per {WORKERS_PER_HOST}": lambda workers: [
        min(WORKERS_PER_HOST, workers - first) for first in range(0, workers, WORKERS_PER_HOST)
    ],
    "one Redis": lambda workers: [workers],
}


@dataclass(frozen=True)
class Row:
    """The figures of one fleet."""

    workers: int
    sharing: str
    logins: int
    refreshes_per_hour: float
    peak_at_start: int
    peak_of_renewals: int
    requests_in_outage: int
    peak_after_outage: int
    calls_failed: int
    commands_per_second: float
    peak_commands: int


def row(workers: int, sharing: str) -> Row:
    """Two runs: hours without trouble, and an outage at the worst moment."""
    groups = SHARING[sharing](workers)
    start, end = LIFETIME_SECONDS / 2, LIFETIME_SECONDS / 2 + STEADY_HOURS * 3600.0
    steady = Simulation(groups).run(end)
    outage = (WORST_OUTAGE_START, WORST_OUTAGE_START + OUTAGE_SECONDS)
    troubled = Simulation(groups, outage=outage).run(outage[1] + 600.0)
    return Row(
        workers=workers,
        sharing=sharing,
        logins=sum(steady.logins.values()),
        refreshes_per_hour=steady.requests(start, end) / STEADY_HOURS,
        peak_at_start=steady.peak(0.0, start),
        peak_of_renewals=steady.peak(start, end),
        requests_in_outage=troubled.requests(*outage),
        peak_after_outage=troubled.peak(outage[1], outage[1] + 600.0),
        calls_failed=steady.calls_failed + troubled.calls_failed,
        commands_per_second=sum(counted_in(steady.commands, start, end)) / (end - start),
        peak_commands=max(steady.peak_commands(0.0, end), troubled.peak_commands(0.0, outage[1] + 600.0)),
    )


COLUMNS = (
    "workers",
    "shared store",
    "logins",
    "refreshes an hour",
    "peak at start",
    "peak of renewals",
    "requests in outage",
    "peak after outage",
    "failed calls",
    "Redis commands a second",
    "Redis peak",
)
"""Peaks are of the busiest second."""


@dataclass(frozen=True)
class Fleets:
    """All rows."""

    rows: Sequence[Row]

    def cells(self) -> list[list[str]]:
        """The rows as strings, in the order of ``COLUMNS``."""
        return [
            [
                f"{figures.workers:,}",
                figures.sharing,
                f"{figures.logins:,}",
                f"{figures.refreshes_per_hour:,.2f}",
                f"{figures.peak_at_start:,}",
                f"{figures.peak_of_renewals:,}",
                f"{figures.requests_in_outage:,}",
                f"{figures.peak_after_outage:,}",
                f"{figures.calls_failed:,}",
                *(
                    [f"{figures.commands_per_second:,.2f}", f"{figures.peak_commands:,}"]
                    if "Redis" in figures.sharing
                    else ["", ""]
                ),
            ]
            for figures in self.rows
        ]

    def show(self) -> None:
        """Print a table."""
        title = (
            f"Token requests: tokens live {LIFETIME_SECONDS / 60:.0f} min; start within {START_SECONDS:.0f} s; "
            f"outage of {OUTAGE_SECONDS / 60:.0f} min when all need a new one"
        )
        table = Table(title=title, title_justify="left", title_style="bold")
        for position, column in enumerate(COLUMNS):
            table.add_column(column, justify="left" if position == 1 else "right")
        for cells in self.cells():
            table.add_row(*cells)
        console.print(table)


def run() -> list[Fleets]:
    return [Fleets([row(workers, sharing) for workers in SIZES for sharing in SHARING])]

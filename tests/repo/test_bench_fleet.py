"""The fleet on paper (`python -m bench fleet`): what must come out whatever the figures are."""

from __future__ import annotations

from itertools import pairwise

import pytest

from bench.fleet import (
    LIFETIME_SECONDS,
    OUTAGE_SECONDS,
    SHARING,
    SIZES,
    START_SECONDS,
    STEADY_HOURS,
    WORST_OUTAGE_START,
    Fleets,
    Observed,
    Simulation,
    row,
)
from support.repository import ROOT

OUTAGE = (WORST_OUTAGE_START, WORST_OUTAGE_START + OUTAGE_SECONDS)
HOURS = 3600.0 * STEADY_HOURS


def seconds_of_requests(observed: Observed) -> list[int]:
    return sorted((observed.logins + observed.refreshes).elements())


@pytest.mark.parametrize("workers", [1, 10, 200])
def test_one_store_makes_one_request_per_lifetime_at_any_size(workers: int) -> None:
    observed = Simulation([workers]).run(HOURS)
    gaps = [later - earlier for earlier, later in pairwise(seconds_of_requests(observed))]

    assert sum(observed.logins.values()) == 1
    assert len(gaps) >= STEADY_HOURS
    assert min(gaps) >= LIFETIME_SECONDS * 0.75 - 1
    assert max(gaps) <= LIFETIME_SECONDS
    assert observed.peak(0, HOURS) == 1


def test_without_a_shared_store_the_requests_grow_with_the_fleet() -> None:
    observed = Simulation(SHARING["none"](100)).run(HOURS)

    assert sum(observed.logins.values()) == 100
    assert 100 * STEADY_HOURS <= sum(observed.refreshes.values()) <= 100 * STEADY_HOURS / 0.75
    assert observed.peak(0, START_SECONDS) >= 100 / START_SECONDS


def test_a_store_per_host_is_between_the_two() -> None:
    none, host, one = (row(160, sharing) for sharing in SHARING)

    assert (none.logins, host.logins, one.logins) == (160, 10, 1)
    assert none.refreshes_per_hour == pytest.approx(16 * host.refreshes_per_hour)
    assert host.refreshes_per_hour == pytest.approx(10 * one.refreshes_per_hour)
    assert none.peak_at_start >= host.peak_at_start >= one.peak_at_start == 1


@pytest.mark.parametrize("sharing", SHARING)
def test_a_token_server_outage_causes_no_failure_and_no_storm(sharing: str) -> None:
    workers = 100
    observed = Simulation(SHARING[sharing](workers), outage=OUTAGE).run(OUTAGE[1] + LIFETIME_SECONDS / 4)
    attempts = observed.requests(*OUTAGE)

    assert observed.calls_failed == 0  # a quarter of a life is longer than the outage
    assert workers < attempts < workers * 30  # the pauses double up to a minute
    assert observed.peak(OUTAGE[1], OUTAGE[1] + 600) <= workers / 10
    assert sum(observed.logins.values()) == len(SHARING[sharing](workers))  # the refresh tokens are still good


def test_an_outage_that_outlasts_the_token_is_reported_to_callers() -> None:
    observed = Simulation([5], outage=(WORST_OUTAGE_START, LIFETIME_SECONDS * 2)).run(LIFETIME_SECONDS * 2.2)

    assert observed.calls_failed > 0
    assert observed.requests(LIFETIME_SECONDS * 2, LIFETIME_SECONDS * 2.2) == 1


def test_the_same_seed_gives_the_same_figures() -> None:
    assert row(50, "none") == row(50, "none")
    first, second = (Simulation([1] * 50, seed=seed).run(HOURS) for seed in (1, 2))
    assert seconds_of_requests(first) != seconds_of_requests(second)


def test_a_redis_is_asked_twice_per_worker_and_life() -> None:
    figures = row(200, "one Redis")
    lives_per_second = figures.refreshes_per_hour / 3600

    assert figures.commands_per_second == pytest.approx(200 * 2 * lives_per_second, rel=0.1)


def test_the_table_has_a_cell_for_every_figure() -> None:
    (cells,) = Fleets([row(10, "one Redis")]).cells()

    assert cells[:4] == ["10", "one Redis", "1", "1.25"]
    assert "" not in cells


def test_the_documentation_has_the_figures_of_today() -> None:
    """The rows of small fleets are computed again; those of large ones take the same way."""
    table = (ROOT / "docs/fleet.md").read_text()
    rows = [row(workers, sharing) for workers in SIZES[:2] for sharing in SHARING]
    lines = [f"| {' | '.join(cells)} |".replace("|  |", "| |").replace("|  |", "| |") for cells in Fleets(rows).cells()]

    assert [line for line in lines if line not in table] == []

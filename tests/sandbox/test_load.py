"""Many connections at once: no request is lost, and nothing stays behind. ``python -m bench sandbox`` does more."""

from __future__ import annotations

import sys
from pathlib import Path

import httpx
import pytest

from bench.sandbox import load, requests_to
from vendor_sandbox import Sandbox

CONNECTIONS, EACH = 50, 40


async def test_fifty_connections_lose_no_request() -> None:
    with Sandbox("cinchy") as sandbox:
        cinchy = sandbox["cinchy"]
        requests = requests_to(sandbox.url, cinchy.servers, cinchy.credentials["password"])
        done = await load(httpx.URL(sandbox.url).port or 0, requests, CONNECTIONS, each=EACH)
        assert (done.sent, done.served) == (CONNECTIONS * EACH, CONNECTIONS * EACH)
        assert done.statuses == {200: CONNECTIONS * EACH}
        assert not done.failures
        assert cinchy.request_count == len(cinchy.requests) == CONNECTIONS * EACH + 1, "and the login"


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc")
async def test_what_was_connected_leaves_nothing_behind() -> None:
    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    with Sandbox("cinchy") as first:  # what is opened once and for all
        requests_to(first.url, first["cinchy"].servers, first["cinchy"].credentials["password"])
    before = descriptors()
    with Sandbox("cinchy") as sandbox:
        cinchy = sandbox["cinchy"]
        requests = requests_to(sandbox.url, cinchy.servers, cinchy.credentials["password"])
        await load(httpx.URL(sandbox.url).port or 0, requests, CONNECTIONS, each=2)
    assert descriptors() == before


async def test_only_so_many_requests_are_kept_as_wanted() -> None:
    with Sandbox("cinchy", keep_requests=10) as sandbox:
        cinchy = sandbox["cinchy"]
        requests = requests_to(sandbox.url, cinchy.servers, cinchy.credentials["password"])
        await load(httpx.URL(sandbox.url).port or 0, requests, 5, each=10)
        assert (len(cinchy.requests), cinchy.request_count) == (10, 51)

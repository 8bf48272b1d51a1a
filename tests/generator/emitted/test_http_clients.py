"""The httpx clients that a client makes: shared by threads, one for each key, closed once and not too early."""

from __future__ import annotations

import asyncio
import os
import threading
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from sdkgen.emitted._runtime.http_clients import HttpClients
from sdkgen.emitted.errors import ClientClosed


class Made:
    """Something that was made, and the number of those made so far."""

    def __init__(self) -> None:
        self.all: list[object] = []

    def __call__(self) -> object:
        self.all.append(object())
        return self.all[-1]


def test_a_client_is_made_on_demand_and_once_per_key() -> None:
    made = Made()
    clients = HttpClients[int, object](made)
    assert made.all == []
    assert clients.get(1) is clients.get(1)
    assert clients.get(2) is not clients.get(1)
    assert len(made.all) == 2


def test_threads_that_start_together_share_one() -> None:
    made, together = Made(), threading.Barrier(8)
    clients = HttpClients[None, object](made)

    def get(_: int) -> object:
        together.wait(10)
        return clients.get(None)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(get, range(8))) == set(made.all)
    assert len(made.all) == 1


def test_the_client_of_a_finished_key_is_released() -> None:
    over: set[int] = set()
    clients = HttpClients[int, object](Made(), is_over=over.__contains__)
    first = clients.get(1)
    over.add(1)
    clients.get(2)
    over.clear()
    assert clients.get(1) is not first


def test_what_was_closed_is_had_no_more() -> None:
    clients = HttpClients[None, object](Made())
    client = clients.get(None)
    assert clients.close(None) is client
    assert clients.close(None) is None
    with pytest.raises(ClientClosed, match="was closed; create a new one"):
        clients.get(None)


def test_a_borrowed_client_stays_open_until_its_last_release() -> None:
    clients = HttpClients[None, object](Made())
    first, second = clients.borrow(None), clients.borrow(None)
    assert first is second
    assert clients.close(None) is None
    assert clients.release(None) is None
    assert clients.release(None) is first


def test_a_client_borrowed_after_close_ends_with_its_use() -> None:
    clients = HttpClients[None, object](Made())
    clients.close(None)
    late = clients.borrow(None)
    assert clients.release(None) is late


def test_a_client_that_cannot_be_made_is_not_waited_for() -> None:
    makers: list[Callable[[], object]] = [Made()]
    clients = HttpClients[None, object](lambda: makers[0]())
    makers.insert(0, lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clients.borrow(None)
    makers.pop(0)
    client = clients.get(None)
    assert clients.close(None) is client


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_makes_its_own_client_without_waiting() -> None:
    """It waits for no lock or borrower of its parent."""
    clients = HttpClients[None, object](Made())
    inherited = clients.borrow(None)
    with clients._lock, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork next to the threads of other tests
        child = os.fork()
    if child == 0:
        hung = threading.Timer(30, lambda: os._exit(9))
        hung.daemon = True
        hung.start()
        own = clients.get(None)
        os._exit(0 if own is not inherited and clients.close(None) is own else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert clients.get(None) is inherited


def test_each_event_loop_has_its_own() -> None:
    clients = HttpClients[asyncio.AbstractEventLoop, object](Made(), is_over=lambda loop: loop.is_closed())

    async def get() -> object:
        return clients.get(asyncio.get_running_loop())

    first, second = asyncio.run(get()), asyncio.run(get())
    assert first is not second
    assert list(clients._made.values()) == [second]

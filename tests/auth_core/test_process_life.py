"""Promise 11: fork, pickle, copies, a second event loop and the end of the interpreter are defined."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import subprocess
import sys
import textwrap
import threading
import warnings

import pytest
from auth_core import EventKind, MemoryStore, Secret
from auth_core.store import RefusalBook
from auth_core_testing import CodeCredentials, fork_during_renewal

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_a_child(act) -> str:
    """What ``act`` gives in a forked child; its failure, if it fails or hangs for 20 s."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # fork next to threads is what is tested here
        child = os.fork()
    if child == 0:
        hung = threading.Timer(20, lambda: os._exit(9))
        hung.daemon = True
        hung.start()
        try:
            response = str(act())
        except BaseException as error:
            response = f"{type(error).__name__}: {error}"
        os.write(writing, response.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        response = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the child hung"
    return response


# --- fork -----------------------------------------------------------------------------------------------------------


@forks
def test_a_child_serves_the_token_it_was_born_with(make_world):
    world = make_world(sockets=True)
    mine = world.source.token().generation

    assert in_a_child(lambda: world.source.token().generation) == str(mine)
    assert world.logins() == 1


@forks
def test_a_child_forked_during_a_renewal_starts_its_own(make_world):
    world = make_world(sockets=True)
    parent, child = fork_during_renewal(world.provider, lambda: world.source.token().generation)

    assert (parent.value, child.value) == (1, 1)


@forks
def test_a_child_does_not_present_its_parents_refresh_token(make_world):
    """Both would present it, and the server would take the second one for a thief."""
    world = make_world(sockets=True)
    world.source.token()
    world.clock.advance(3601)

    assert in_a_child(lambda: world.source.token().grant) == "password"
    assert world.source.token().grant == "refresh"
    assert world.issuer.reuse_events == 0


@forks
def test_a_child_that_cannot_refresh_logs_in(make_world):
    world = make_world(sockets=True, credentials=CodeCredentials(code="c1"))
    world.provider.codes.add("c1")
    world.source.token()
    world.clock.advance(3599)
    assert in_a_child(lambda: world.source.token().generation) == "1"
    world.clock.advance(2)

    assert in_a_child(lambda: world.source.token()).startswith("LoginRequired")
    assert world.source.token().grant == "refresh"


@forks
def test_a_child_does_not_retry_what_its_parent_was_refused(make_world):
    from auth_core_testing import PasswordCredentials

    world = make_world(sockets=True, credentials=PasswordCredentials(username="alice", password="wrong"))
    with pytest.raises(Exception, match="refused"):
        world.source.token()

    assert "refused recently" in in_a_child(world.source.token)
    assert world.logins() == 1


@forks
def test_locks_held_by_the_parent_at_the_fork_are_free(world):
    world.source.token()
    with world.source._renewals.lock, world.store._free, world.store.book._lock, world.source.recorder._lock:
        world.source._state.current = None
        response = in_a_child(lambda: (world.source.forget(), len(world.source.recorder.events()) > 0))

    assert response == "(None, True)"


@forks
def test_a_parents_current_login_takes_no_turn_from_the_child():
    book = RefusalBook()

    def take_a_turn() -> str:
        with book.turn("login", at_most=1, wait_seconds=0):
            return "taken"

    with book.turn("login", at_most=1, wait_seconds=0):
        assert in_a_child(take_a_turn) == "taken"


@forks
def test_a_child_says_that_it_is_one(world):
    world.source.token()

    assert in_a_child(lambda: world.source.recorder.counts()[EventKind.FORKED]) == "1"
    assert EventKind.FORKED not in world.source.recorder.counts()


# --- copies and pickles ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_a_copy_shares_the_token(world, make):
    assert make(world.source) is world.source
    assert make(world.authenticator) is world.authenticator
    assert make(world.store) is world.store


def test_objects_with_secrets_refuse_pickling_with_advice(world):
    world.source.token()
    for thing, advice in [
        (world.source, "FileStore or a RedisStore"),
        (world.authenticator, "FileStore or a RedisStore"),
        (world.store, "FileStore or RedisStore"),
        (Secret("s"), "reveal"),
        (world.credentials[0], "Create it in the process that uses it"),
    ]:
        with pytest.raises(TypeError, match=advice):
            pickle.dumps(thing)


def test_errors_travel_between_processes_whole(make_world):
    from auth_core import LoginRefused
    from auth_core_testing import PasswordCredentials

    world = make_world(credentials=PasswordCredentials(username="alice", password="wrong"))
    with pytest.raises(LoginRefused) as caught:
        world.source.token()
    travelled = pickle.loads(pickle.dumps(caught.value))

    assert (str(travelled), vars(travelled)) == (str(caught.value), vars(caught.value))


# --- event loops ----------------------------------------------------------------------------------------------------


def test_a_second_event_loop_finds_the_token_of_the_first(world):
    assert [asyncio.run(world.source.token_async()).generation for _ in range(3)] == [1, 1, 1]
    world.clock.advance(3601)

    assert [asyncio.run(world.source.token_async()).generation for _ in range(2)] == [2, 2]
    assert world.provider.grants() == ["password", "refresh_token"]


def test_blocking_code_inside_a_running_loop_gets_its_token(world):
    async def run():
        return world.source.token().generation

    assert asyncio.run(run()) == 1


# --- the end of the interpreter -------------------------------------------------------------------------------------

PROGRAM = """
import sys, threading
import httpx
from auth_core import Authenticator, MemoryStore
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.store import TokenRecord
from auth_core_testing import PasswordCredentials, oauth_lifecycle


class KeptElsewhere:
    '''Counts as a store that outlives the process; says on standard output what reached it.'''

    def __init__(self):
        self.memory = MemoryStore()
    def __getattr__(self, name):
        return getattr(self.memory, name)
    def __str__(self):
        return "a store of the test's own"
    def lease(self, key, *, wait_seconds):
        store = self.memory.lease(key, wait_seconds=wait_seconds)
        class Lease:
            def __enter__(self):
                self.slot = store.__enter__()
                return self
            def __exit__(self, *error):
                return store.__exit__(*error)
            def load(self):
                return self.slot.load()
            def save(self, record):
                self.slot.save(record)
                print("kept", record.token.generation, flush=True)
        return Lease()


store = {store}
source = Authenticator(
    {{"oauth": oauth_lifecycle()}},
    [PasswordCredentials(username="alice", password="correct horse")],
    {{"base_url": {url!r}}},
    send=HttpxTokenSender(httpx.Client()),
    store=store,
).source("oauth")
def work(told):
    threading.Thread(target=source.token, daemon=True).start()
    told()
    print("ends", flush=True)


if sys.argv[1] == "alone":
    work(sys.stdin.readline)
else:
    import multiprocessing
    forked = multiprocessing.get_context("fork")
    event = forked.Event()
    worker = forked.Process(target=work, args=(event.wait,))
    worker.start()
    sys.stdin.readline()
    event.set()
    worker.join()
"""


@pytest.mark.parametrize("process", ["alone", pytest.param("a worker of multiprocessing", marks=forks)])
@pytest.mark.parametrize(("store", "waits"), [("KeptElsewhere()", True), ("MemoryStore()", False)])
def test_process_exit_waits_for_a_renewal_whose_token_is_saved(make_world, process, store, waits):
    world = make_world(sockets=True)
    program = textwrap.dedent(PROGRAM).format(store=store, url=world.url)
    with world.provider.holding():
        running = subprocess.Popen(
            [sys.executable, "-c", program, process], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert running.stdin is not None
        assert running.stdout is not None
        assert world.provider.token_arrived.acquire(timeout=30)
        running.stdin.write("\n")
        running.stdin.flush()
        assert running.stdout.readline() == "ends\n"
        if not waits:
            assert running.wait(timeout=30) == 0
    rest, _ = running.communicate(timeout=30)

    assert running.returncode == 0
    assert rest == ("kept 1\n" if waits else "")


LAST_WORDS = """
from auth_core import Authenticator
from auth_core.wire import TokenHttpResponse
from auth_core_testing import PasswordCredentials, oauth_lifecycle


class Session:
    def __init__(self):
        self.source = Authenticator(
            {"oauth": oauth_lifecycle()},
            [PasswordCredentials(username="alice", password="correct horse")],
            {"base_url": "https://provider.example"},
            send=lambda request: TokenHttpResponse(status=200, content=b'{"access_token": "t", "expires_in": 60}'),
        ).source("oauth")
        self.print = print
    def __del__(self):
        self.source.revoke()
        self.print(self.source.token().grant, flush=True)


session = Session()
"""


def test_an_object_may_log_out_and_renew_at_the_interpreters_end():
    ran = subprocess.run([sys.executable, "-c", LAST_WORDS], capture_output=True, text=True, timeout=30)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "password\n", "")


def test_a_memory_store_is_of_one_process():
    assert str(MemoryStore()) == "memory of this process"

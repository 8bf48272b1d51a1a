"""Lock files: exclusive, bounded, told apart from their deleted namesakes, and the parent's after a fork."""

from __future__ import annotations

import errno
import json
import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import filelock
import pytest
from auth_core import ConfigurationError, FileStore, LeaseLost, StoreUnavailable
from auth_core.store import TokenRecord, lock_files
from auth_core.store.lock_files import LockFiles
from auth_core.store.private_directory import PrivateDirectory
from auth_core_testing import FakeClock

HOLD = """
import sys
from auth_core import FileStore
with FileStore(sys.argv[1]).lease("key", wait_seconds=5):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path) -> FileStore:
    return FileStore(tmp_path / "store")


@pytest.fixture
def locks(tmp_path) -> LockFiles:
    return LockFiles(PrivateDirectory(str(tmp_path / "store")), FakeClock())


def lock_file(store: FileStore) -> Path:
    [path] = Path(store.directory).glob("token-*.lock")
    return path


def holder(store: FileStore) -> subprocess.Popen[str]:
    """Another process that holds the lease until its input ends."""
    command = [sys.executable, "-W", "error", "-c", HOLD, store.directory]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    return process


def test_a_waiters_timeout_names_the_holder_and_its_start(store):
    with (
        holder(store) as process,
        pytest.raises(TimeoutError, match=rf"process {process.pid} on {platform.node()} holds it since 20\d\d-.* UTC"),
        store.lease("key", wait_seconds=0),
    ):
        pass


@pytest.mark.parametrize("content", [b"", b"\0{", b"\0[]", b'\0{"process":1}'])
def test_a_holder_without_a_description_is_reported_as_another_process(store, content):
    with store.lease("key", wait_seconds=0):
        lock_file(store).write_bytes(content)
        with pytest.raises(TimeoutError, match="another process"), store.lease("key", wait_seconds=0):
            pass


def test_a_killed_holder_releases_its_lock_and_is_forgotten(store):
    with holder(store) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        with store.lease("key", wait_seconds=0):
            reported = json.loads(lock_file(store).read_bytes()[lock_files.HOLDER_AT :])

    assert reported["process"] == os.getpid()


def test_a_lock_file_stays_and_is_empty_afterwards(store):
    with store.lease("key", wait_seconds=0):
        inode = lock_file(store).stat().st_ino
    with store.lease("key", wait_seconds=0):
        pass

    assert lock_file(store).stat().st_ino == inode
    assert lock_file(store).read_bytes() == b""


def test_a_lease_is_lost_when_its_lock_file_is_deleted(store):
    with store.lease("key", wait_seconds=0) as first:
        first.save(TokenRecord(None, 1))
        lock_file(store).unlink()
        with store.lease("key", wait_seconds=0) as second:
            second.save(TokenRecord(None, 2))
            with pytest.raises(LeaseLost, match="its lock file was deleted"):
                first.save(TokenRecord(None, 3))

    assert store.read("key").generation == 2


def test_a_waiter_does_not_share_a_deleted_lock_file(locks, monkeypatch):
    """The file goes between opening and locking it: what was locked then is nobody's."""
    path = Path(locks._directory.shown("a.lock"))
    real, deleted = filelock.lock_descriptor, []

    def lock_descriptor(descriptor, **options):
        if not deleted:
            path.unlink()
            deleted.append(path)
        return real(descriptor, **options)

    monkeypatch.setattr(filelock, "lock_descriptor", lock_descriptor)
    with locks.held("a.lock", wait_seconds=5) as lock:
        assert path.exists()
        assert not lock.lost


def test_locks_of_different_names_do_not_exclude_each_other(locks):
    with locks.held("a.lock", wait_seconds=0), locks.held("b.lock", wait_seconds=0):
        pass


def test_no_descriptor_is_left_open(locks):
    def descriptors():
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    for _ in range(20):
        with locks.held("a.lock", wait_seconds=0), pytest.raises(TimeoutError), locks.held("a.lock", wait_seconds=0):
            pass

    assert descriptors() == before
    assert not locks._open


def test_waiting_polls_about_every_twentieth_of_a_second(locks, monkeypatch):
    pauses, now = [], [100.0]

    def sleep(seconds):
        pauses.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    with locks.held("a.lock", wait_seconds=0), pytest.raises(TimeoutError), locks.held("a.lock", wait_seconds=2):
        pass

    assert sum(pauses) == pytest.approx(2)
    assert all(0.025 <= pause <= 0.075 for pause in pauses[:-1])
    assert len(set(pauses)) > 10


def test_a_program_started_meanwhile_does_not_inherit_the_lock(store):
    """Descriptors are not inherited by other programs."""
    with store.lease("key", wait_seconds=0):
        child = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, close_fds=False
        )
    with child, store.lease("key", wait_seconds=0):
        child.communicate(b"\n")


FORK = """
import os, sys
from auth_core import FileStore, LeaseLost
from auth_core.store import TokenRecord
store = FileStore(sys.argv[1])

def excluded():
    try:
        with store.lease("key", wait_seconds=0):
            return False
    except TimeoutError:
        return True

go, gone = os.pipe()
manager = store.lease("key", wait_seconds=5)
lease = manager.__enter__()
child = os.fork()
if child == 0:
    told = [f"excluded {excluded()}"]
    try:
        lease.save(TokenRecord(None, 7))
    except LeaseLost:
        told.append("lost")
    manager.__exit__(None, None, None)
    told.append(f"excluded {excluded()}")
    os.write(1, f"{', '.join(told)}\\n".encode())  # in one piece: two processes write
    os.close(gone)
    os.read(go, 1)  # lives on
    os._exit(0)
os.write(1, f"child {child}\\n".encode())
sys.stdin.readline()
lease.save(TokenRecord(None, 3))
print("saved", flush=True)
sys.stdin.readline()
"""


def test_a_forked_child_neither_ends_nor_extends_its_parents_lease(store):
    command = [sys.executable, "-W", "error", "-c", FORK, store.directory]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = {process.stdout.readline(), process.stdout.readline()}
    [child] = [int(line.split()[1]) for line in lines if line.startswith("child")]
    try:
        assert "excluded True, lost, excluded True\n" in lines
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "saved\n"
        process.kill()
        process.wait()
        with store.lease("key", wait_seconds=0) as lease:  # while the child lives
            assert lease.load().generation == 3
    finally:
        os.kill(child, signal.SIGKILL)
        process.communicate()


# --- file systems without locks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOLCK, StoreUnavailable),
        (errno.EIO, StoreUnavailable),
        (errno.ENOSYS, ConfigurationError),
        (errno.EOPNOTSUPP, ConfigurationError),
        (errno.EINVAL, ConfigurationError),
    ],
)
def test_unavailable_locks_are_reported_with_their_directory_and_a_fix(store, monkeypatch, number, kind):
    assert store.salt

    def refuse(descriptor, **options):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(filelock, "lock_descriptor", refuse)
    with pytest.raises(kind, match=rf"files in {store.directory} cannot be locked.*local disk") as failure:
        store.forget("key")

    assert os.strerror(number) in str(failure.value)
    assert not store._locks._open


def test_a_stopped_writer_makes_the_store_unavailable_and_is_named(store, monkeypatch):
    monkeypatch.setattr("auth_core.store.documents.WRITE_WAIT_SECONDS", 0.1)
    assert store.salt
    with (
        store._locks.held("write.lock", wait_seconds=0),
        pytest.raises(StoreUnavailable, match=rf"was not free within.*process {os.getpid()} "),
    ):
        store.forget("key")


def test_threads_that_write_at_once_lose_nothing(store):
    def work():
        for _ in range(10):
            with store.lease("key", wait_seconds=60) as lease:
                lease.save(TokenRecord(None, lease.load().generation + 1))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert store.read("key").generation == 40

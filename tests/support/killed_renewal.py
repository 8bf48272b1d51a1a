"""A client in a process of its own that kills itself at a chosen step of a renewal: what test_kill_nine.py starts.

Every call of the renewal to the operating system, the lock and the HTTP library is a step. The steps before the n-th
are executed, and no later ones. The code under test is patched in this process to trace the steps.
"""

from __future__ import annotations

import builtins
import os
import signal
from itertools import count
from multiprocessing.connection import Connection

import filelock
import httpx
from auth_core import Authenticator, FileStore
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.store import documents, private_directory
from auth_core_testing import PasswordCredentials, oauth_lifecycle


class Steps:
    """Counts steps and kills this process before a chosen one."""

    def __init__(self, kill_before: int) -> None:
        self.kill_before = kill_before
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        if len(self.names) == self.kill_before:
            os.kill(os.getpid(), signal.SIGKILL)
        self.names.append(name)


def kind(name: str) -> str:
    """A file's name without the fingerprint in it."""
    start, _, rest = name.partition("-")
    return os.path.basename(start) + "".join(os.path.splitext(rest)[1:])


def trace(steps: Steps, directory: str) -> None:
    """Count each file operation of a store as a step."""
    real_open = os.open

    def traced_open(path, flags, mode=0o777, *, dir_fd=None):
        if dir_fd is not None or path == directory:
            steps(f"open {'directory' if path == directory else kind(path)}")
        return real_open(path, flags, mode, dir_fd=dir_fd)

    def traced(name, real):
        def call(*arguments, **options):
            steps(name)
            return real(*arguments, **options)

        return call

    class Writing:
        """A file whose content arrives in two parts."""

        def __init__(self, file) -> None:
            self.file = file
            self.fileno, self.read = file.fileno, file.read

        def __enter__(self):
            return self

        def __exit__(self, *_):
            self.file.close()

        def write(self, content):
            steps("write first half")
            self.file.write(content[: len(content) // 2])
            self.file.flush()
            steps("write second half")
            self.file.write(content[len(content) // 2 :])

        def flush(self):
            self.file.flush()

    os.open = traced_open
    for name in ("replace", "unlink", "fsync", "fchmod", "ftruncate", "write"):
        setattr(os, name, traced(name, getattr(os, name)))
    filelock.lock_descriptor = traced("lock", filelock.lock_descriptor)
    filelock.unlock_descriptor = traced("unlock", filelock.unlock_descriptor)
    private_directory.open = lambda *arguments: Writing(builtins.open(*arguments))  # noqa: SIM115 - Writing closes it


def forget_the_journal() -> None:
    """Renew as most libraries do: write nothing before a refresh token is presented."""
    real = documents._Lease.save
    documents._Lease.save = lambda lease, record: None if record.intent else real(lease, record)


def write_in_place() -> None:
    """Store as most programs do: truncate the file, then write it."""

    def replace(self, name, content):
        with private_directory.open(self.open_file(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
            file.write(content)

    private_directory.PrivateDirectory.replace = replace


MISTAKES = {"no journal": forget_the_journal, "in place": write_in_place}


def client_of(url: str, store: FileStore, sender) -> Authenticator:
    return Authenticator(
        {"oauth": oauth_lifecycle()},
        [PasswordCredentials(username="alice", password="correct horse")],
        {"base_url": url},
        send=sender,
        store=store,
    )


def main(pipe: Connection, url: str, directory: str, kill_before: int, mistake: str, for_ever: bool) -> None:
    """Send ``started``, then the names of the steps."""
    steps = Steps(kill_before)
    store = FileStore(directory)
    with httpx.Client() as http:
        send = HttpxTokenSender(http)

        def traced_send(request):
            steps("send")
            response = send(request)
            steps("responded")
            return response

        source = client_of(url, store, traced_send).source("oauth")
        if mistake:
            MISTAKES[mistake]()
        if not for_ever:
            trace(steps, directory)
        pipe.send("started")
        token = source.token()
        for number in count() if for_ever else ():
            token = source.renewed(token, f"operation {number}")
    steps("end")
    pipe.send(steps.names)

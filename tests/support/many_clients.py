"""One of the processes with a shared store that test_many_processes.py starts. It requests tokens on a signal."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from multiprocessing.connection import Connection

import httpx
from auth_core import Authenticator, AuthError, FileStore, RefreshPolicy
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import PasswordCredentials, oauth_lifecycle


def main(pipe: Connection, url: str, directory: str, threads: int, password: str) -> None:
    """Send ``ready``, wait for a message, then send the results of the threads."""
    warnings.simplefilter("error")
    outcomes: Counter[str] = Counter()
    lock = threading.Lock()
    with httpx.Client() as http:

        def ask() -> None:
            source = Authenticator(
                {"oauth": oauth_lifecycle()},
                [PasswordCredentials(username="alice", password=password)],
                {"base_url": url},
                send=HttpxTokenSender(http),
                policy=RefreshPolicy(store_wait_seconds=300, wait_timeout_seconds=300),  # the machine may be slow
                store=FileStore(directory),
            ).source("oauth")
            try:
                outcome = source.token().access_token.reveal()
            except AuthError as error:
                outcome = type(error).__name__
            with lock:
                outcomes[outcome] += 1

        workers = [threading.Thread(target=ask) for _ in range(threads)]
        pipe.send("ready")
        pipe.recv()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    pipe.send(outcomes)

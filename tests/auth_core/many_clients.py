"""One of many processes with the same store. A program for test_many_processes.py: it waits for a line, then asks."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter

import httpx
from auth_core import Authenticator, AuthError, FileStore, RefreshPolicy
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import PasswordCredentials, oauth_lifecycle


def main(url: str, directory: str, threads: int, password: str) -> None:
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
        print("ready", flush=True)
        sys.stdin.readline()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    print(json.dumps(outcomes))


if __name__ == "__main__":
    main(**json.loads(sys.argv[1]))

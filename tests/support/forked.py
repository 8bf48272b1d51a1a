"""Processes forked from one with the libraries loaded, which is much faster than starting an interpreter for each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import Any

PATIENCE_SECONDS = 100.0
"""Limit of every wait for a process."""
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["auth_core.httpx_auth", "auth_core_testing", "joserfc.jwt", "redis"])


class Forked:
    """A process that runs ``main(pipe, *arguments)``, as seen by its parent."""

    def __init__(self, main: Callable[..., object], *arguments: Any) -> None:
        self.pipe, there = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=main, args=(there, *arguments), daemon=True)
        self.process.start()
        there.close()

    def response(self) -> Any:
        """The next value that the process sends.

        Raises:
            TimeoutError: none came.
            EOFError: the process has ended without.
        """
        if not self.pipe.poll(PATIENCE_SECONDS):
            message = f"process {self.process.pid} does not respond"
            raise TimeoutError(message)
        return self.pipe.recv()

    def ended(self) -> int | None:
        """Wait until it ends and return the exit code, negative for a signal."""
        self.process.join(PATIENCE_SECONDS)
        return self.process.exitcode

    def close(self) -> None:
        """Terminate it if it is running, and release its resources."""
        self.process.kill()
        self.process.join(PATIENCE_SECONDS)
        self.process.close()
        self.pipe.close()

"""Fork during a renewal, and call from many processes at once. Time-limited like :mod:`auth_core_testing.harness`."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import pickle
import select
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import wait
from typing import Any

from .harness import LIMIT_SECONDS, Outcome, Outcomes, Stuck, storm
from .scripted import ScriptedProvider

__all__ = ["ProcessError", "fork", "fork_during_renewal", "many_processes"]

READY, GO = b"ready", b"go"


class ProcessError(Exception):
    """An exception raised in another process. ``kind`` is the name of its class; the object is not transferred."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


def fork(call: Callable[[], Any], *, limit_seconds: float = LIMIT_SECONDS) -> Outcome:
    """Run ``call`` in a forked child, which then exits without clean-up, and return its outcome.

    Raises:
        Stuck: the child did not respond; with the lines on which its threads are waiting.
        OSError: this system has no ``os.fork``.
    """
    with _Child(limit_seconds) as child:
        child.start(call)
        return child.outcome()


def fork_during_renewal(
    provider: ScriptedProvider,
    call: Callable[[], Any],
    in_child: Callable[[], Any] | None = None,
    *,
    limit_seconds: float = LIMIT_SECONDS,
) -> tuple[Outcome, Outcome]:
    """Fork while a token request is in flight; returns the outcomes of the parent and the child.

    A thread of this process makes ``call``. When its token request has arrived, the process forks; then the provider
    releases the request. The child calls ``in_child`` (default: the same ``call``). The provider must be served on a
    socket, by this process.

    Raises:
        Stuck: no token request arrived, or the child did not respond.
        OSError: this system has no ``os.fork``.
    """
    while provider.token_arrived.acquire(blocking=False):
        pass  # discard earlier token requests
    with _Child(limit_seconds) as child, provider.holding():

        def split() -> None:
            try:
                if not provider.token_arrived.acquire(timeout=limit_seconds):
                    message = f"no token request arrived within {limit_seconds:g} s"
                    raise Stuck(message)
                child.start(in_child or call)
            finally:
                provider.release()

        parent = storm(call, threads=1, limit_seconds=limit_seconds, meanwhile=split)[0]
        return parent, child.outcome()


class _Child:
    """A forked child, the pipe for its outcome, and a file for its stack traces if it hangs."""

    def __init__(self, limit_seconds: float) -> None:
        if not hasattr(os, "fork"):
            message = "this system has no os.fork"
            raise OSError(message)
        self._limit = limit_seconds
        self._process = 0
        self._readable, self._writable = os.pipe()
        self._stacks = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the child

    def start(self, call: Callable[[], Any]) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore", DeprecationWarning
            )  # Python 3.12 warns of a fork with threads, which is intended here
            self._process = os.fork()
        if self._process:
            return
        status = 1
        try:  # no code of the parent may run in the child: no test runner, no exit handler
            faulthandler.dump_traceback_later(self._limit * 0.8, file=self._stacks.fileno(), exit=True)
            sent = memoryview(_run(call))
            while sent:
                sent = sent[os.write(self._writable, sent) :]
            status = 0
        finally:
            os._exit(status)

    def outcome(self) -> Outcome:
        os.close(self._writable)
        self._writable = -1
        deadline = time.monotonic() + self._limit
        sent = b""
        while select.select([self._readable], [], [], max(0.0, deadline - time.monotonic()))[0]:
            piece = os.read(self._readable, 1 << 16)
            if not piece:  # the child has ended
                break
            sent += piece
        else:
            os.kill(self._process, signal.SIGKILL)
            sent = b""
        os.waitpid(self._process, 0)
        self._process = 0
        if not sent:
            self._stacks.seek(0)
            waiting = self._stacks.read().decode("utf-8", "replace")
            raise Stuck(f"the child process did not respond within {self._limit:g} s\n{waiting}")
        return _received("child", sent)

    def __enter__(self) -> _Child:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:  # an error occurred before outcome()
            os.kill(self._process, signal.SIGKILL)
            os.waitpid(self._process, 0)
        for descriptor in (self._readable, self._writable):
            if descriptor >= 0:
                os.close(descriptor)
        self._stacks.close()


def many_processes(
    target: Callable[..., Any],
    count: int,
    *arguments: Any,
    limit_seconds: float = 2 * LIMIT_SECONDS,
    meanwhile: Callable[[], object] | None = None,
) -> Outcomes:
    """Call ``target(*arguments)`` in ``count`` new processes at once (spawned: they inherit nothing).

    Args:
        target: a function of a module that the new processes can import; its value must be picklable.
        limit_seconds: the time limit for all calls, including the start of the processes.
        meanwhile: called when every process is about to call.

    Raises:
        Stuck: a process did not respond; all processes have been killed.
    """
    context = multiprocessing.get_context("spawn")
    deadline = time.monotonic() + limit_seconds
    pipes = [context.Pipe() for _ in range(count)]
    here = [connection for connection, _ in pipes]
    processes = [
        context.Process(target=_in_process, args=(connection, target, arguments), daemon=True)
        for _, connection in pipes
    ]
    for process, (_, there) in zip(processes, pipes, strict=True):
        process.start()
        there.close()
    try:
        started = _one_from_each(here, deadline, limit_seconds)
        if meanwhile is not None:
            meanwhile()
        for connection, greeting in zip(here, started, strict=True):
            if greeting:
                connection.send_bytes(GO)
        return Outcomes(
            [
                _received(f"process {number}", sent)
                for number, sent in enumerate(_one_from_each(here, deadline, limit_seconds))
            ]
        )
    except BaseException:
        for process in processes:
            process.kill()
        raise
    finally:
        for process in processes:
            process.join()
        for connection in here:
            connection.close()


def _one_from_each(connections: Sequence[Any], deadline: float, limit_seconds: float) -> list[bytes]:
    """The next message of every process; empty from one that has ended."""
    messages: dict[int, bytes] = {}
    while len(messages) < len(connections):
        missing = {connection: number for number, connection in enumerate(connections) if number not in messages}
        ready: list[Any] = wait(list(missing), max(0.0, deadline - time.monotonic()))
        if not ready:
            names = ", ".join(f"process {number}" for number in missing.values())
            raise Stuck(f"no response within {limit_seconds:g} s from {names}")
        for connection in ready:
            try:
                messages[missing[connection]] = connection.recv_bytes()
            except (EOFError, ConnectionResetError):
                messages[missing[connection]] = b""
    return [messages[number] for number in range(len(connections))]


def _in_process(connection: Any, target: Callable[..., Any], arguments: Any) -> None:
    connection.send_bytes(READY)
    connection.recv_bytes()
    connection.send_bytes(_run(lambda: target(*arguments)))


def _run(call: Callable[[], Any]) -> bytes:
    """The outcome of a call, pickled: a value, or the name and the message of an error."""
    try:
        return pickle.dumps((True, call()))
    except BaseException as error:
        return pickle.dumps((False, (type(error).__name__, str(error))))


def _received(caller: str, sent: bytes) -> Outcome:
    if not sent:
        return Outcome(caller=caller, error=ProcessError("EOFError", "the process ended without a response"))
    succeeded, value = pickle.loads(sent)
    return Outcome(caller=caller, value=value) if succeeded else Outcome(caller=caller, error=ProcessError(*value))

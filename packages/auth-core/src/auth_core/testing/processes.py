"""Forks in the middle of a renewal, and many processes at once. Bounded like :mod:`auth_core.testing.harness`."""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import pickle
import signal
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from typing import IO, Any

from .harness import LIMIT_SECONDS, Outcome, Outcomes, Stuck, storm
from .scripted import ScriptedProvider

__all__ = ["ProcessError", "fork_in_flight", "many_processes"]

READY, GO = b"ready", b"go"


class ProcessError(Exception):
    """What another process raised. ``kind`` is the name of its class; the object itself stays in its process."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(f"{kind}: {text}")
        self.kind = kind


def fork_in_flight(
    provider: ScriptedProvider,
    call: Callable[[], Any],
    in_child: Callable[[], Any] | None = None,
    *,
    limit_seconds: float = LIMIT_SECONDS,
) -> tuple[Outcome, Outcome]:
    """Forks while a token request is under way; gives what the parent and the child got.

    A thread of this process makes ``call``. When its token request has arrived the process is forked, then the provider
    lets the request go. The child calls ``in_child`` (default: the same ``call``), sends what it got and ends without
    any clean-up. The provider has to be served on a socket, by this process.

    Raises:
        Stuck: no token request came, or the child did not answer; with the lines on which its threads are waiting.
        OSError: this system has no ``os.fork``.
    """
    if not hasattr(os, "fork"):
        message = "this system has no os.fork"
        raise OSError(message)
    children: list[tuple[int, int]] = []
    while provider.token_arrived.acquire(blocking=False):
        pass  # those that arrived before

    def fork() -> None:
        try:
            if not provider.token_arrived.acquire(timeout=limit_seconds):
                message = f"no token request came within {limit_seconds:g} s"
                raise Stuck(message)
            children.append(_fork(in_child or call, limit_seconds, stacks))
        finally:
            provider.release()

    with tempfile.TemporaryFile() as stacks, provider.holding():
        parent = storm(call, threads=1, limit_seconds=limit_seconds, meanwhile=fork)[0]
        child = _outcome_of_child(*children[0], limit_seconds, stacks)
    return parent, child


def _fork(call: Callable[[], Any], limit_seconds: float, stacks: IO[bytes]) -> tuple[int, int]:
    """The child's process id and the pipe to read its outcome from."""
    readable, writable = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of forks with threads: the point here
        process = os.fork()
    if process:
        os.close(writable)
        return process, readable
    status = 1
    try:  # nothing of the parent's may run in the child: no test runner, no exit handler
        faulthandler.dump_traceback_later(limit_seconds * 0.8, file=stacks.fileno(), exit=True)
        os.write(writable, _run(call))
        status = 0
    finally:
        os._exit(status)


def _outcome_of_child(process: int, readable: int, limit_seconds: float, stacks: IO[bytes]) -> Outcome:
    with Connection(readable, writable=False) as connection:
        answered = connection.poll(limit_seconds)
        sent = b""
        while answered and (piece := os.read(readable, 1 << 16)):  # the child ends when it has written all
            sent += piece
    if not answered:
        os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    if not sent:
        stacks.seek(0)
        waiting = stacks.read().decode("utf-8", "replace")
        raise Stuck(f"the child process did not answer within {limit_seconds:g} s\n{waiting}")
    return _received("child", sent)


def many_processes(
    target: Callable[..., Any],
    count: int,
    *arguments: Any,
    limit_seconds: float = 2 * LIMIT_SECONDS,
    meanwhile: Callable[[], object] | None = None,
) -> Outcomes:
    """So many new processes (spawned, nothing is inherited) call ``target(*arguments)`` together.

    Args:
        target: a function of a module that the new processes can import; its value must be picklable.
        limit_seconds: for all of it, with the start of the processes.
        meanwhile: called when every process is about to call.

    Raises:
        Stuck: a process did not answer; all of them have been ended.
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
            raise Stuck(f"no answer within {limit_seconds:g} s from {names}")
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
    """What a call gives, ready for a pipe: a value, or the name and the text of an error."""
    try:
        return pickle.dumps((True, call()))
    except BaseException as error:
        return pickle.dumps((False, (type(error).__name__, str(error))))


def _received(caller: str, sent: bytes) -> Outcome:
    if not sent:
        return Outcome(caller=caller, error=ProcessError("EOFError", "the process ended without an answer"))
    succeeded, value = pickle.loads(sent)
    return Outcome(caller=caller, value=value) if succeeded else Outcome(caller=caller, error=ProcessError(*value))

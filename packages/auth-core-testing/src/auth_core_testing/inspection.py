"""Collect the text in which a secret can be exposed: exceptions with their frames, files, processes."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from traceback import walk_tb
from types import FrameType
from typing import Any, TypeAlias, cast

from .views import serialized, text_of

__all__ = ["Shown", "child_texts", "exception_texts", "file_texts", "on_child_start"]

Shown: TypeAlias = tuple[str, str]
"""A location, and the text found there."""

MAX_FILE_BYTES = 16_777_216
OTHERS = 0o077


# --- exceptions -----------------------------------------------------------------------------------------------------


def exception_texts(error: BaseException) -> Iterator[Shown]:
    """Everything an exception exposes: messages, notes, attributes and the locals of every frame.

    Includes causes, contexts (also those hidden by ``from None``) and the members of a group. Leaves out the frames of
    the current call stack: a test has its secrets in its own variables.
    """
    current_stack = set[int](map(id, _stack(sys._getframe())))  # pyright: ignore[reportPrivateUsage]  # documented
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop()
        if id(current) in seen:
            continue
        seen.add(id(current))
        name = type(current).__name__
        yield f"the text of {name}", text_of(current, str)
        yield f"the repr of {name}", text_of(current)
        yield f"the arguments of {name}", serialized(current.args)
        yield f"the attributes of {name}", serialized(vars(current))
        for frame, _ in walk_tb(current.__traceback__):
            if id(frame) not in current_stack:
                yield f"the traceback of {name}", f"in {frame.f_code.co_name}"
                for local, value in frame.f_locals.items():
                    yield f"the local {local} of {frame.f_code.co_name}() in the traceback of {name}", serialized(value)
        waiting += [other for other in (current.__cause__, current.__context__) if other is not None]
        if isinstance(current, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", current).exceptions


def _stack(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


# --- files ----------------------------------------------------------------------------------------------------------


def file_texts(folder: Path, *, private_is_fine: bool) -> Iterator[Shown]:
    """The names and contents of all files below a folder; links are not followed.

    Args:
        private_is_fine: leave out the contents of files that only their owner can read or write.
    """
    for path in sorted(folder.rglob("*")):
        yield "the name of a file", str(path.relative_to(folder))
        if path.is_symlink() or not path.is_file():
            continue
        mode = path.stat().st_mode & 0o777
        if private_is_fine and not mode & OTHERS:
            continue
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES)
        yield f"the file {path} (mode {mode:03o})", content.decode("latin-1")


# --- processes ------------------------------------------------------------------------------------------------------


def child_texts(proc: Path = Path("/proc")) -> Iterator[Shown]:
    """The arguments of this process and its descendants, and the environments of the descendants.

    Raises:
        OSError: this system has no ``/proc``.
    """
    parents = _parents(proc)
    own = os.getpid()
    yield "the arguments of this process", _read(proc / str(own) / "cmdline")
    for process in parents:
        ancestor = process
        while ancestor in parents and ancestor != own:
            ancestor = parents[ancestor]
        if ancestor == own and process != own:
            yield f"the arguments of the child process {process}", _read(proc / str(process) / "cmdline")
            yield f"the environment of the child process {process}", _read(proc / str(process) / "environ")


def _parents(proc: Path) -> dict[int, int]:
    """The parent of each process, by process id."""
    found: dict[int, int] = {}
    for folder in proc.iterdir():
        if folder.name.isdigit():
            _, _, rest = _read(folder / "stat").rpartition(") ")  # a program's name may contain spaces and brackets
            if rest:
                found[int(folder.name)] = int(rest.split()[1])
    if os.getpid() not in found:
        message = f"there is no {proc / str(os.getpid())}"
        raise OSError(message)
    return found


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode("latin-1").replace("\0", " ")
    except OSError:  # the process has ended, or belongs to another user
        return ""


_STARTS: Mapping[str, tuple[int | None, int | None]] = {
    "subprocess.Popen": (1, 3),
    "os.exec": (1, 2),
    "os.posix_spawn": (1, 2),
    "os.spawn": (2, 3),
    "os.system": (0, None),
}
"""Audit events of new processes: the positions of their arguments and of their environment."""
_listeners: list[Callable[[Shown], None]] = []
_hooked: list[bool] = []


def on_child_start(listener: Callable[[Shown], None]) -> Callable[[], None]:
    """Call ``listener`` with the arguments and the environment of every process that this one starts from now on.

    Returns a function that unregisters it.
    """
    if not _hooked:
        _hooked.append(True)
        sys.addaudithook(_on_audit_event)  # one for the whole process: an audit hook cannot be removed
    _listeners.append(listener)
    return lambda: _listeners.remove(listener)


def _on_audit_event(event: str, arguments: tuple[Any, ...]) -> None:
    if not _listeners or event not in _STARTS:
        return
    at_arguments, at_environment = _STARTS[event]
    for listener in tuple(_listeners):
        if at_arguments is not None:
            listener(("the arguments of a process that was started", text_of(arguments[at_arguments])))
        if at_environment is not None:
            environment = arguments[at_environment]
            shown = dict(os.environ) if environment is None else environment
            listener(("the environment of a process that was started", text_of(shown)))

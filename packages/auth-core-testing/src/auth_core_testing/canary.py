"""Detect exposed secrets: marked values, searched for in everything a program outputs while it uses them.

::

    canary = Canary()
    password = canary.secret("password")
    with canary.watching():
        ...                                  # run the client at DEBUG for every library
    canary.show(client, repr(response))      # objects that a person may see
    canary.search_below(folder)                # files
    canary.check()

Where this package is installed, pytest has a fixture ``canary``.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import pickle
import secrets
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, quote_plus

from .inspection import Shown, child_texts, exception_texts, file_texts, on_child_start
from .views import text_of, views

__all__ = ["Canary"]


class Canary:
    """Generates secrets and searches for them in recorded output."""

    def __init__(self) -> None:
        self.skipped: list[str] = []
        """Checks that this system does not support, with the reason."""
        self._secrets: dict[str, str] = {}
        self._shown: list[Shown] = []
        self._ignored: set[str] = set()

    def secret(self, name: str) -> str:
        """Generate a unique secret and watch for it."""
        return self.add(name, f"canary-{secrets.token_hex(8)}")

    def add(self, name: str, value: str) -> str:
        """Watch for a secret that was created elsewhere, such as a token."""
        self._secrets[name] = value
        return value

    # --- record -------------------------------------------------------------------------------------------------------

    @contextmanager
    def watching(self) -> Generator[None]:
        """Record the log records of every library at DEBUG, and the arguments and environment of started processes."""
        with ExitStack() as stack:
            stack.callback(on_child_start(self._shown.append))
            stack.enter_context(_everything_logged(_Listener(self._shown, self._ignored)))
            yield

    def ignore_loggers(self, *names: str) -> None:
        """Ignore these loggers and their children, for a server that runs in the same process."""
        self._ignored.update(names)

    def show(self, *things: object) -> None:
        """Inspect objects in every form in which a tool may show them.

        These are str, repr, format, pickle, ``vars``, ``pprint``, ``attrs.asdict``, rich (if it is installed), and the
        serializers of error collectors, which read the fields of attrs classes and dataclasses and the items of
        containers.

        For exceptions this includes causes, contexts, groups and notes, and the locals of all frames, except the
        frames of the calling functions.
        """
        for thing in things:
            name = type(thing).__name__
            self._shown += ((f"{view} of {name}", text) for view, text in views(thing))
            with suppress(Exception):  # an object that cannot be pickled leaks nothing
                self._shown.append((f"pickle of {name}", pickle.dumps(thing).decode("latin-1")))
            if isinstance(thing, BaseException):
                self._shown += exception_texts(thing)

    def record(self, where: str, text: str) -> None:
        """Inspect text that was output elsewhere: a response, a page, a cassette."""
        self._shown.append((where, text))

    def search_below(self, *folders: str | Path, private_is_fine: bool = False) -> None:
        """Inspect the names and contents of all files below the folders.

        Args:
            private_is_fine: ignore the contents of files that only their owner can access; for the folder of a token
                store, whose files contain tokens.
        """
        if private_is_fine and os.name == "nt":
            self.skipped.append("file modes: this system has no POSIX permissions")
            return
        for folder in folders:
            self._shown += file_texts(Path(folder), private_is_fine=private_is_fine)

    def inspect_processes(self) -> None:
        """Inspect the arguments of this process, and the arguments and environments of its descendants."""
        try:
            self._shown += child_texts()
        except OSError as error:
            self.skipped.append(f"process arguments and environments: {error}")

    # --- report ---------------------------------------------------------------------------------------------------

    def leaks(self) -> list[str]:
        """One line for each secret and each location where it was exposed; empty if none was."""
        found: dict[str, None] = {}
        for name, value in self._secrets.items():
            forms = _forms(value)
            for where, text in tuple(self._shown):
                if any(form in text for form in forms):
                    found[f"{name} in {where}"] = None
        return list(found)

    def check(self) -> None:
        """Raise ``AssertionError`` with all leaks, if there are any."""
        leaks = self.leaks()
        if leaks:
            raise AssertionError("secrets were exposed:\n" + "\n".join(f"  {leak}" for leak in leaks))

    def seen(self) -> str:
        """All recorded output, to check that the canary inspected anything at all."""
        return "\n".join(text for _, text in self._shown)


class _Listener(logging.Handler):
    """Records all parts of a log record that a handler or an error collector receives."""

    def __init__(self, shown: list[Shown], ignored: set[str]) -> None:
        super().__init__(logging.DEBUG)
        self._list = shown
        self._ignored = ignored
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        if any(f"{record.name}.".startswith(f"{name}.") for name in self._ignored):
            return
        where = f"a log record of {record.name}"
        self._list.append((where, text_of(record, self.format)))
        self._list.append((f"the arguments of {where}", text_of(record.args)))
        if record.exc_info is not None and record.exc_info[1] is not None:
            self._list += [(f"{place} in {where}", text) for place, text in exception_texts(record.exc_info[1])]


@contextmanager
def _everything_logged(handler: logging.Handler) -> Generator[None]:
    """Pass every record of every logger to the handler inside the block; restore all loggers afterwards."""
    root = logging.getLogger()
    for name in ("httpx", "httpcore", "auth_core", "asyncio", "hpack"):
        logging.getLogger(name)
    known = [logger for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    before = [(logger, logger.level, logger.disabled) for logger in (root, *known)]
    ends = [logger for logger, *_ in before if logger is root or not logger.propagate]
    disabled_below = root.manager.disable
    logging.disable(logging.NOTSET)
    for logger, *_ in before:
        logger.setLevel(logging.DEBUG)
        logger.disabled = False
    for logger in ends:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in ends:
            logger.removeHandler(handler)
        for logger, level, disabled in before:
            logger.setLevel(level)
            logger.disabled = disabled
        logging.disable(disabled_below)


def _forms(value: str) -> set[str]:
    """The encodings in which a secret may appear."""
    escaped = json.dumps(value)[1:-1]
    as_bytes = value.encode().decode("latin-1")
    return {value, escaped, repr(value)[1:-1], as_bytes, quote(value, safe=""), quote_plus(value), *_in_base64(value)}


def _in_base64(value: str) -> list[str]:
    """The base64 forms of a value inside a longer text, at each possible offset (``user:password``)."""
    forms: list[str] = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + value.encode()).decode()
        whole = (offset + len(value.encode())) * 8 // 6  # characters that do not depend on the bytes after the value
        forms.append(encoded[-(-offset * 8 // 6) : whole])
    return forms

"""A canary for secrets: marked values, and everything a program shows while it uses them.

::

    canary = Canary()
    password = canary.secret("password")
    with canary.watching():
        ...                                  # run the client at DEBUG for every library
    canary.show(client, repr(response))        # things a person may see
    canary.search_below(folder)                # files
    canary.check()

For pytest there is a fixture, ``canary``, in every test where this package is installed.
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

from .inspection import Shown, child_texts, exception_texts, file_texts, on_child_start, text_of

__all__ = ["Canary"]


class Canary:
    """Hands out secrets and looks for them in what was shown."""

    def __init__(self) -> None:
        self.skipped: list[str] = []
        """What could not be looked at on this system, and why."""
        self._secrets: dict[str, str] = {}
        self._shown: list[Shown] = []
        self._ignored: set[str] = set()

    def secret(self, name: str) -> str:
        """A secret that can be told from everything else."""
        return self.add(name, f"canary-{secrets.token_hex(8)}")

    def add(self, name: str, value: str) -> str:
        """Watch a secret that was made elsewhere (a token)."""
        self._secrets[name] = value
        return value

    # --- look -------------------------------------------------------------------------------------------------------

    @contextmanager
    def watching(self) -> Generator[None]:
        """Record every log record of every library at DEBUG, and what every process is started with."""
        with ExitStack() as stack:
            stack.callback(on_child_start(self._shown.append))
            stack.enter_context(_everything_logged(_Listener(self._shown, self._ignored)))
            yield

    def ignore_loggers(self, *names: str) -> None:
        """Do not record these loggers, nor those below them: of a server that runs in the same process."""
        self._ignored.update(names)

    def show(self, *things: object) -> None:
        """Look at objects as a person or a tool would: str, repr, format, pickle.

        Of exceptions also at whatever is behind them (causes, contexts, groups, notes) and at the locals of all their
        frames, except those of the functions that are looking.
        """
        for thing in things:
            name = type(thing).__name__
            self._shown.append((f"repr of {name}", text_of(thing)))
            self._shown.append((f"str of {name}", text_of(thing, format)))
            with suppress(Exception):  # what refuses to be pickled leaks nothing
                self._shown.append((f"pickle of {name}", pickle.dumps(thing).decode("latin-1")))
            if isinstance(thing, BaseException):
                self._shown += exception_texts(thing)

    def record(self, where: str, text: str) -> None:
        """Look at a text that was shown somewhere else: a response, a page, a cassette."""
        self._shown.append((where, text))

    def search_below(self, *folders: str | Path, private_is_fine: bool = False) -> None:
        """Look at the names and contents of all files below the folders.

        Args:
            private_is_fine: for the folder of a token store: its files hold tokens, but nobody except their owner may
                have access to them.
        """
        if private_is_fine and os.name == "nt":
            self.skipped.append("the modes of files: this system has other means")
            return
        for folder in folders:
            self._shown += file_texts(Path(folder), private_is_fine=private_is_fine)

    def inspect_processes(self) -> None:
        """Look at the arguments of this process, and at arguments and environments of all that run below it."""
        try:
            self._shown += child_texts()
        except OSError as error:
            self.skipped.append(f"the list of processes: {error}")

    # --- and tell ---------------------------------------------------------------------------------------------------

    def leaks(self) -> list[str]:
        """One line per secret and place where it was shown. Empty is good."""
        found: dict[str, None] = {}
        for name, value in self._secrets.items():
            forms = _forms(value)
            for where, text in tuple(self._shown):
                if any(form in text for form in forms):
                    found[f"{name} in {where}"] = None
        return list(found)

    def check(self) -> None:
        """Raises ``AssertionError`` with all leaks, if there are any."""
        leaks = self.leaks()
        if leaks:
            raise AssertionError("secrets were shown:\n" + "\n".join(f"  {leak}" for leak in leaks))

    def seen(self) -> str:
        """Everything that was shown: for checking that the canary looked at anything at all."""
        return "\n".join(text for _, text in self._shown)


class _Listener(logging.Handler):
    """Takes down what a handler, or a tool that collects errors, gets of a log record."""

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
    """Every logger passes every record to the handler; afterwards all are as they were."""
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
    """How a secret may look where it is shown."""
    escaped = json.dumps(value)[1:-1]
    as_bytes = value.encode().decode("latin-1")
    return {value, escaped, repr(value)[1:-1], as_bytes, quote(value, safe=""), quote_plus(value), *_in_base64(value)}


def _in_base64(value: str) -> list[str]:
    """What a value looks like inside a longer base64 text, wherever it begins there (``user:password``)."""
    forms: list[str] = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + value.encode()).decode()
        whole = (offset + len(value.encode())) * 8 // 6  # characters that depend on nothing that follows
        forms.append(encoded[-(-offset * 8 // 6) : whole])
    return forms

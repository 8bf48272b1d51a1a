"""Terminal output and prompts."""

from __future__ import annotations

import getpass
import io
import os
import sys


class NotShown(Exception):
    """Standard output cannot be written: the reader closed the pipe, or the disk is full."""


class PersonLeft(Exception):
    """The user ended the input (Ctrl-D)."""


class Terminal:
    """Writes results to standard output and everything else to standard error, so that a token can be piped.

    Characters that the output's encoding lacks are written as escapes (``\\xeb``) instead of raising an error.
    """

    def __init__(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")

    def show(self, text: str) -> None:
        """Print a result. Raises :class:`NotShown` with the reason if that fails."""
        try:
            print(text, flush=True)  # noqa: T201  # a command line prints
        except OSError as error:
            # Flushing the rest of the buffer at exit would fail again, with a traceback.
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
            raise NotShown(error.strerror) from None

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr)  # noqa: T201

    @property
    def interactive(self) -> bool:
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, name: str, *, secret: bool) -> str:
        """Prompt until a line is not empty; a secret is not echoed. Raises :class:`PersonLeft` at the end of input."""
        typed = ""
        while not typed:
            typed = self._line(name, secret=secret)
        return typed

    def _line(self, name: str, *, secret: bool) -> str:
        if secret:
            try:
                return getpass.getpass(f"{name}: ", stream=sys.stderr)
            except EOFError:
                raise PersonLeft from None
        print(f"{name}: ", end="", file=sys.stderr, flush=True)  # noqa: T201
        line = sys.stdin.readline()
        if not line:
            raise PersonLeft
        return line.rstrip("\r\n")

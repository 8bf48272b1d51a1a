"""What a person sees and types."""

from __future__ import annotations

import getpass
import os
import sys


class NotShown(Exception):
    """Standard output takes nothing: who reads the pipe has left, or the disk is full."""


class PersonLeft(Exception):
    """Somebody ended the input (Ctrl-D) instead of replying."""


class Terminal:
    """Results go to standard output, everything else to standard error, so that a token can be piped."""

    def show(self, text: str) -> None:
        """Print a response. Raises :class:`NotShown`, with the reason, where it does not arrive."""
        try:
            print(text, flush=True)  # noqa: T201  # this is what a command line is for
        except OSError as error:
            # What is left in the buffer would fail once more, with a traceback, when the interpreter ends.
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), sys.stdout.fileno())
            raise NotShown(error.strerror) from None

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr)  # noqa: T201

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, name: str, *, secret: bool) -> str:
        """What somebody types; a secret is not echoed. Asks again after an empty line.

        Raises:
            PersonLeft: the input has ended.
        """
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

"""What a person sees and types."""

from __future__ import annotations

import getpass
import sys

__all__ = ["Terminal"]


class Terminal:
    """Answers go to standard output, everything else to standard error, so that a token can be piped."""

    def show(self, text: str) -> None:
        print(text)  # noqa: T201  # this is what a command line is for

    def tell(self, text: str) -> None:
        print(text, file=sys.stderr)  # noqa: T201

    @property
    def interactive(self) -> bool:
        """Whether there is somebody to ask."""
        return sys.stdin is not None and sys.stdin.isatty()

    def ask(self, name: str, *, secret: bool) -> str:
        """What somebody types; a secret is not echoed."""
        if secret:
            return getpass.getpass(f"{name}: ", stream=sys.stderr)
        print(f"{name}: ", end="", file=sys.stderr, flush=True)  # noqa: T201
        return sys.stdin.readline().rstrip("\r\n")

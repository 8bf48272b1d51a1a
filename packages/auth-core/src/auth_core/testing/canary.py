"""A canary for secrets: marked values, and everything a program shows while it uses them.

::

    canary = Canary()
    password = canary.secret("password")
    with canary.watching():
        ...                                  # run the client at DEBUG for every library
    canary.show(client, repr(answer))        # things a person may see
    assert canary.leaks() == []
"""

from __future__ import annotations

import base64
import io
import logging
import pickle
import secrets
import traceback
from collections.abc import Generator
from contextlib import contextmanager, suppress
from urllib.parse import quote, quote_plus

__all__ = ["Canary"]


class Canary:
    """Hands out secrets and looks for them in what was shown."""

    def __init__(self) -> None:
        self._secrets: dict[str, str] = {}
        self._shown: list[tuple[str, str]] = []

    def secret(self, name: str) -> str:
        """A secret that can be told from everything else."""
        return self.add(name, f"canary-{secrets.token_hex(8)}")

    def add(self, name: str, value: str) -> str:
        """Watch a secret that was made elsewhere (a token)."""
        self._secrets[name] = value
        return value

    @contextmanager
    def watching(self) -> Generator[None]:
        """Record every log record of every library at DEBUG."""
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
        root = logging.getLogger()
        noisy = [root, *(logging.getLogger(name) for name in ("httpx", "httpcore", "auth_core", "asyncio", "hpack"))]
        levels = [logger.level for logger in noisy]
        root.addHandler(handler)
        for logger in noisy:
            logger.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.removeHandler(handler)
            for logger, level in zip(noisy, levels, strict=True):
                logger.setLevel(level)
            self._shown.append(("a log", stream.getvalue()))

    def show(self, *things: object) -> None:
        """Look at objects as a person or a tool would: str, repr, format, pickle; for exceptions also all frames."""
        for thing in things:
            name = type(thing).__name__
            self._shown.append((f"repr of {name}", repr(thing)))
            self._shown.append((f"str of {name}", f"{thing}"))
            with suppress(Exception):  # what refuses to be pickled leaks nothing
                self._shown.append((f"pickle of {name}", pickle.dumps(thing).decode("latin-1")))
            if isinstance(thing, BaseException):
                shown = traceback.TracebackException.from_exception(thing, capture_locals=True)
                self._shown.append((f"traceback of {name}", "".join(shown.format())))

    def leaks(self) -> list[str]:
        """One line per secret that was shown: which, and where. Empty is good."""
        found: list[str] = []
        for name, value in self._secrets.items():
            forms = {value, quote(value, safe=""), quote_plus(value), *_in_base64(value)}
            found += [f"{name} in {where}" for where, text in self._shown if any(form in text for form in forms)]
        return found

    def seen(self) -> str:
        """Everything that was shown: for checking that the canary looked at anything at all."""
        return "\n".join(text for _, text in self._shown)


def _in_base64(value: str) -> list[str]:
    """What a value looks like inside a longer base64 text, wherever it begins there (``user:password``)."""
    forms: list[str] = []
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + value.encode()).decode()
        whole = (offset + len(value.encode())) * 8 // 6  # characters that depend on nothing that follows
        forms.append(encoded[-(-offset * 8 // 6) : whole])
    return forms

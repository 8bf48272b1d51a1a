"""Texts in the system's keyring, cut to what every keyring takes.

A text is kept in pieces under one of two sets, and a head says which set holds, how many pieces, and what they amount
to. Writing fills the set that does not hold, then turns the head, then empties the other set: at every moment the head
names a whole text, the old or the new one. Pieces are written from the first and deleted from the last. So those of a
set have no gap, also after a writer was killed, and the next one finds all that was left behind.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from ..errors import StoreUnavailable

PIECE_CHARACTERS = 1200
"""The Windows Credential Manager takes 2560 bytes, in UTF-16; all texts here are ASCII."""
USERNAME = "auth-core"
OTHER_SET = {"a": "b", "b": "a"}

T = TypeVar("T")


class Keyring(Protocol):
    """What is used of a ``keyring.backend.KeyringBackend``."""

    @property
    def name(self) -> str: ...
    @property
    def priority(self) -> float: ...
    def get_password(self, service: str, username: str) -> str | None: ...
    def set_password(self, service: str, username: str, password: str) -> None: ...
    def delete_password(self, service: str, username: str) -> None: ...


class KeyringDocuments:
    """Documents in one keyring.

    Args:
        backend: the keyring.
        service: what entries are called in it. Each piece is a service of its own with the same user name: Windows
            keeps one user name per service, and moves entries about for a second.
    """

    def __init__(self, backend: Keyring, service: str) -> None:
        self._backend = backend
        self._service = service

    def read(self, name: str) -> bytes | None:
        head = self._get(name)
        if head is None:
            return None
        holding, count, digest = _parse_head(head)
        pieces = [self._get(_piece(name, holding, index)) for index in range(count)]
        content = "".join(piece or "" for piece in pieces).encode()
        # What is not whole is no text of ours: it is handed on as it is, and not understood there.
        return content if _digest(content) == digest else b""

    def replace(self, name: str, content: bytes) -> None:
        text = content.decode("ascii")
        head = self._get(name)
        holding = _parse_head(head)[0] if head is not None else "b"
        filled = OTHER_SET[holding]
        pieces = [text[start : start + PIECE_CHARACTERS] for start in range(0, len(text), PIECE_CHARACTERS)]
        for index, piece in enumerate(pieces):
            self._set(_piece(name, filled, index), piece)
        self._set(name, json.dumps([filled, len(pieces), _digest(content)]))
        self._empty(name, holding, 0)
        self._empty(name, filled, len(pieces))

    def remove(self, name: str) -> None:
        if self._get(name) is not None:
            self._delete(name)
        for pieces in OTHER_SET:
            self._empty(name, pieces, 0)

    def remove_unfinished(self) -> None:
        """Nothing to do: what was left behind is overwritten, or deleted, when its document is written next."""

    def shown(self, name: str) -> str:
        return f"the keyring's entry {self._service}/{name}"

    def _empty(self, name: str, pieces: str, first: int) -> None:
        """Delete the pieces of a set from ``first`` on."""
        end = first
        while self._get(_piece(name, pieces, end)) is not None:
            end += 1
        for index in reversed(range(first, end)):
            self._delete(_piece(name, pieces, index))

    def _get(self, entry: str) -> str | None:
        return self._ask(lambda: self._backend.get_password(f"{self._service}/{entry}", USERNAME))

    def _set(self, entry: str, text: str) -> None:
        self._ask(lambda: self._backend.set_password(f"{self._service}/{entry}", USERNAME, text))

    def _delete(self, entry: str) -> None:
        self._ask(lambda: self._backend.delete_password(f"{self._service}/{entry}", USERNAME))

    def _ask(self, act: Callable[[], T]) -> T:
        from keyring.errors import KeyringError

        try:
            return act()
        except KeyringError as error:
            message = f"the keyring ({self._backend.name}) refuses: {type(error).__name__}: {error}"
        except Exception as error:  # each backend has errors of its own, whose text may hold anything
            message = f"the keyring ({self._backend.name}) fails: {type(error).__name__}"
        raise StoreUnavailable(message)


def _piece(name: str, pieces: str, index: int) -> str:
    return f"{name}.{pieces}{index}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _parse_head(head: str) -> tuple[str, int, str]:
    """Which set holds, the number of its pieces, their digest. What is no head of ours names an empty set."""
    try:
        holding, count, digest = cast("list[object]", json.loads(head))
    except (ValueError, TypeError, RecursionError):
        return "b", 0, ""
    if holding not in ("a", "b") or not isinstance(count, int) or not isinstance(digest, str):
        return "b", 0, ""
    return str(holding), count, digest

"""Documents in the system's keyring, split into pieces that every keyring accepts.

The pieces of a document belong to one of two sets; a head entry names the active set, the number of pieces and their
digest. A write fills the inactive set, then switches the head, then empties the other set: the head always names a
complete document, the old or the new one. Pieces are written from the first and deleted from the last, so a set has no
gaps, even after a writer was killed, and the next writer finds all leftovers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from ..errors import StoreUnavailable

PIECE_CHARACTERS = 1200
"""The Windows Credential Manager takes 2560 bytes, in UTF-16; all documents are ASCII."""
USERNAME = "auth-core"
OTHER_SET = {"a": "b", "b": "a"}

T = TypeVar("T")


class Keyring(Protocol):
    """The part of ``keyring.backend.KeyringBackend`` that is used."""

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
        service: prefix of the entries. Each piece is a separate service with the same user name: Windows keeps one user
            name per service, and moves the entry when there is a second one.
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
        # An incomplete document is returned as empty, which no decoder accepts.
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
        """Nothing to do: the next write of a document overwrites or deletes leftovers."""

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
            message = f"the keyring ({self._backend.name}) refused: {type(error).__name__}: {error}"
        except Exception as error:  # backends raise their own errors, whose text may hold secrets
            message = f"the keyring ({self._backend.name}) failed: {type(error).__name__}"
        raise StoreUnavailable(message)


def _piece(name: str, pieces: str, index: int) -> str:
    return f"{name}.{pieces}{index}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _parse_head(head: str) -> tuple[str, int, str]:
    """The active set, the number of its pieces and their digest. An unreadable head counts as an empty set."""
    try:
        holding, count, digest = cast("list[object]", json.loads(head))
    except (ValueError, TypeError, RecursionError):
        return "b", 0, ""
    if holding not in ("a", "b") or not isinstance(count, int) or not isinstance(digest, str):
        return "b", 0, ""
    return str(holding), count, digest

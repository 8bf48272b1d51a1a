"""The interface of a token store."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import frozen

from ..credentials import fingerprint
from ..policy import Refusal
from ..token import Secret, Token


@frozen
class RefreshIntent:
    """The journal entry: a rotating refresh token that was about to be presented.

    It is in the record from before the request until the response is saved. A renewal that finds it must assume that
    the refresh token is spent, and logs in instead: a server treats a spent refresh token as stolen and revokes all
    tokens of the same login (RFC 9700 section 4.14).
    """

    refresh_token_digest: str
    """A keyed hash of the refresh token."""
    at_wall: float
    """Seconds since the Unix epoch."""
    process_id: int


@frozen
class TokenRecord:
    """The record of one key. ``generation`` only increases, even when the token is forgotten."""

    token: Token | None = None
    generation: int = 0
    intent: RefreshIntent | None = None


def refresh_token_digest(salt: bytes, refresh_token: Secret) -> str:
    """The hash of a refresh token in the journal."""
    return fingerprint(salt, "refresh token", refresh_token.reveal())


class RenewalLease(Protocol):
    """The exclusive right to renew the token of one key."""

    def load(self) -> TokenRecord:
        """The record as it is now. Raises :class:`~auth_core.StoreUnavailable`."""
        ...

    def save(self, record: TokenRecord) -> None:
        """Save the record atomically, unless the token was forgotten since the lease was acquired.

        Raises :class:`~auth_core.LeaseLost` if the lease has ended and another process may hold it, and
        :class:`~auth_core.StoreUnavailable` if the record cannot be saved.
        """
        ...


class TokenStore(Protocol):
    """Keeps tokens. Methods must be thread-safe; they may block, so they are never called on an event loop.

    Every method raises :class:`~auth_core.StoreUnavailable` if the store cannot be reached. ``str()`` returns a short
    description without secrets.
    """

    @property
    def salt(self) -> bytes:
        """A secret in every key and fingerprint, the same for all clients that share the store."""
        ...

    def read(self, key: str) -> TokenRecord:
        """The current record, without waiting for a renewal in progress."""
        ...

    def lease(self, key: str, *, wait_seconds: float) -> AbstractContextManager[RenewalLease]:
        """Wait for the renewal lock of ``key``. Raises ``TimeoutError`` if it is not free in time.

        The end of the block releases the lock and never raises.
        """
        ...

    def forget(self, key: str) -> None:
        """Drop the token at once. A lease that is held by another process can then save nothing."""
        ...

    def login_turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> AbstractContextManager[object]:
        """Wait until fewer than ``at_most`` logins with these credentials are in progress; then count as one of them.

        Each login in progress may be refused; this limit keeps many clients within the budget. Raises ``TimeoutError``
        if no turn is free in time. A store may also allow only one at a time.
        """
        ...

    def refusals(self, fingerprint: str) -> Sequence[Refusal]:
        """The refused logins with these credentials, oldest first."""
        ...

    def add_refusal(self, fingerprint: str, refusal: Refusal) -> None:
        """Record a refused login, in addition to those of other clients."""
        ...

    def forget_refusals(self, fingerprint: str) -> None:
        """Drop the refused logins: the credentials were accepted, or the user asked for it."""
        ...

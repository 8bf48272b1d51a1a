"""What a store must do."""

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
    """The journal: a rotating refresh token that was about to be presented when this was written.

    It stands in the record from before the request until its response is kept. Who finds it there knows that the
    refresh token may be spent, whatever became of the process that wrote it, and logs in instead: a server takes a
    spent refresh token for a stolen one and revokes everything that descends from the same login (RFC 9700 section
    4.14).
    """

    refresh_token_digest: str
    """A keyed hash of it; gives nothing away."""
    at_wall: float
    """Seconds since the Unix epoch."""
    process_id: int


@frozen
class TokenRecord:
    """What a store keeps under one key. ``generation`` only grows, also when the token is forgotten."""

    token: Token | None = None
    generation: int = 0
    intent: RefreshIntent | None = None


def refresh_token_digest(salt: bytes, refresh_token: Secret) -> str:
    """What the journal says of a refresh token."""
    return fingerprint(salt, "refresh token", refresh_token.reveal())


class RenewalLease(Protocol):
    """The right to renew the token of one key; nobody else holds it at the same time."""

    def load(self) -> TokenRecord:
        """The record as it is now. Raises :class:`~auth_core.StoreUnavailable`."""
        ...

    def save(self, record: TokenRecord) -> None:
        """Keep the record, whole or not at all.

        Nothing is kept when the token was forgotten since the lease was taken. Raises
        :class:`~auth_core.LeaseLost` when the lease has ended and another may hold it,
        :class:`~auth_core.StoreUnavailable` when the record cannot be kept.
        """
        ...


class TokenStore(Protocol):
    """Keeps tokens. All methods may be called from any thread; they may block, so event loops never call them.

    Every method raises :class:`~auth_core.StoreUnavailable` when the store cannot be reached. ``str()`` of a store says
    in a few words what it is, for people; it holds no secret.
    """

    @property
    def salt(self) -> bytes:
        """Goes into every key and fingerprint: equal for all who share the store, unknown to everybody else."""
        ...

    def read(self, key: str) -> TokenRecord:
        """The record as it is now, without waiting for anybody: a renewal may be under way."""
        ...

    def lease(self, key: str, *, wait_seconds: float) -> AbstractContextManager[RenewalLease]:
        """Wait for the renewal lock of ``key``. Raises ``TimeoutError`` when it is not free in time.

        The end of the block releases the lock and raises nothing of its own.
        """
        ...

    def forget(self, key: str) -> None:
        """Drop the token at once, also while somebody else holds the lease: what that one saves is not kept."""
        ...

    def login_turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> AbstractContextManager[object]:
        """Wait until fewer than ``at_most`` logins with these credentials are under way; then be one of them.

        A login whose outcome is not known yet may be a refused one: so many clients together stay within the budget.
        Raises ``TimeoutError`` when no turn comes in time. A store that lets one at a time is right too.
        """
        ...

    def refusals(self, fingerprint: str) -> Sequence[Refusal]:
        """The refused logins with these credentials, oldest first."""
        ...

    def add_refusal(self, fingerprint: str, refusal: Refusal) -> None:
        """Remember a refused login, next to those of others."""
        ...

    def forget_refusals(self, fingerprint: str) -> None:
        """The credentials were accepted, or somebody knows better."""
        ...

"""What a store must do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from attrs import frozen

from ..policy import Refusal
from ..token import Token

__all__ = ["RenewalLease", "TokenRecord", "TokenStore"]


@frozen
class TokenRecord:
    """What a store keeps under one key. ``generation`` only grows, also when the token is forgotten."""

    token: Token | None = None
    generation: int = 0


class RenewalLease(Protocol):
    """The right to renew the token of one key; nobody else holds it at the same time."""

    def load(self) -> TokenRecord:
        """The record as it is now."""
        ...

    def save(self, record: TokenRecord) -> None:
        """Keep the record, whole or not at all."""
        ...


class TokenStore(Protocol):
    """Keeps tokens. All methods may be called from any thread."""

    @property
    def salt(self) -> bytes:
        """Goes into every key and fingerprint: equal for all who share the store, unknown to everybody else."""
        ...

    def lease(self, key: str, *, wait_seconds: float) -> AbstractContextManager[RenewalLease]:
        """Wait for the renewal lock of ``key``. Raises ``TimeoutError`` when it is not free in time."""
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
        """Remember a refused login."""
        ...

    def forget_refusals(self, fingerprint: str) -> None:
        """The credentials were accepted, or somebody knows better."""
        ...

"""What is remembered of refused logins with one set of credentials, so that no account is locked.

Twice: in the memory of the process, which cannot fail, and in the store, for all who share it. The stricter one counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, suppress

from attrs import frozen

from .clock import Clock
from .errors import StoreUnavailable
from .policy import RefreshPolicy, Refusal
from .store import TokenStore

__all__ = ["RefusedLogins"]


@frozen
class RefusedLogins:
    """One login, as those know it who remember its refusals.

    Attributes:
        books: each with the fingerprint of the login there: the process's own first, the one that all share last.
    """

    books: Sequence[tuple[TokenStore, str]]
    policy: RefreshPolicy
    clock: Clock

    def turn(self) -> AbstractContextManager[object]:
        """Wait until the login may be tried. Raises ``TimeoutError``, and :class:`~auth_core.StoreUnavailable`.

        Each that is under way may be refused, and all together stay within the budget. Without a pause after a refusal
        nothing but their number holds logins back: then one follows the other.
        """
        book, login = self.books[-1]
        left = self.policy.refused_login_budget - len(book.refusals(login))
        at_most = max(1, left) if self.policy.refused_login_pause_seconds > 0 else 1
        return book.login_turn(login, at_most=at_most, wait_seconds=self.policy.store_wait_seconds)

    def pause_seconds(self) -> float:
        """How long the login must not be tried; 0 when it may be now. :class:`~auth_core.StoreUnavailable`."""
        return max(self._pause_seconds(book, login) for book, login in self.books)

    def add(self, refusal: Refusal) -> tuple[float, StoreUnavailable | None]:
        """Remember a refusal. The pause before the next login, in seconds, and what kept the store from it.

        No trouble with the store makes the login a second one.
        """
        pauses: list[float] = []
        failure: StoreUnavailable | None = None
        for book, login in self.books:
            try:
                book.add_refusal(login, refusal)
                pauses.append(self._pause_seconds(book, login))
            except StoreUnavailable as error:
                failure = error
        return max(pauses), failure

    def clear(self) -> None:
        """The login was accepted. Where the store cannot be told, what it remembers ages by itself."""
        with suppress(StoreUnavailable):
            for book, login in self.books:
                book.forget_refusals(login)

    def _pause_seconds(self, book: TokenStore, login: str) -> float:
        return self.policy.login_pause_seconds(book.refusals(login), self.clock.wall())

"""One login: what stores know it by, whether its credentials are spent, and trying it within the budget of refusals."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress

from .credentials import fingerprint, resolve
from .errors import LoginRefused, LoginRequired, StoreUnavailable
from .events import EventKind, EventRecorder
from .exchange import TokenExchange
from .policy import RefreshPolicy, Refusal
from .store import TokenStore
from .token import TokenParts


class Login:
    """A grant with its credentials.

    Args:
        own_refusals: the process's own memory of refused logins, which cannot fail.
        key: what a store keeps the token under; default: a fingerprint.
    """

    def __init__(
        self,
        exchange: TokenExchange,
        policy: RefreshPolicy,
        recorder: EventRecorder,
        own_refusals: TokenStore,
        key: str | None,
    ) -> None:
        self._exchange = exchange
        self._policy = policy
        self._recorder = recorder
        self._own_refusals = own_refusals
        self._key = key
        # What a callable will bring is not known beforehand: its tokens are shared with no other client.
        self._owner = None if self._values() is not None else secrets.token_hex(16)
        self._spent = False
        self._latest: dict[int, str] = {}
        """Fingerprint of the last login, by the identity of the store that records refusals of it."""

    # --- names for a store. The salt comes first: where the store fails, no frame of the error holds a credential. ---

    @property
    def has_shared_key(self) -> bool:
        """Whether another client can know what the token is kept under."""
        return self._owner is None or self._key is not None

    def token_key(self, store: TokenStore) -> str:
        """What a store keeps the token under."""
        return self._key or self._fingerprint(store.salt, "token", self._values(), self._owner)

    def fingerprint(self, store: TokenStore) -> str | None:
        """What a store records refusals under, as far as it is known without calling for a credential."""
        salt, values = store.salt, self._values()
        return self._latest.get(id(store)) if values is None else self._fingerprint(salt, "login", values)

    def _fingerprint(self, salt: bytes, *parts: object) -> str:
        lifecycle, grant, urls = self._exchange.lifecycle, self._exchange.grant, self._exchange.token_urls
        return fingerprint(salt, lifecycle.vendor, lifecycle.scheme, grant.name, urls, *parts)

    def _values(self) -> dict[str, str] | None:
        """The credentials, if there is none to be called for."""
        values = self._exchange.text_credentials()
        return values if len(values) == len(self._exchange.credentials) else None

    # --- log in -----------------------------------------------------------------------------------------------------

    @property
    def spent(self) -> list[str]:
        """Names of credentials for one use that have been used: no login is possible with them."""
        if not self._spent:
            return []
        given = self._exchange.text_credentials()
        return [item.name for item in self._exchange.grant.credentials if item.single_use and item.name in given]

    @contextmanager
    def attempt(self, refusals: TokenStore) -> Generator[TokenParts]:
        """Log in; the block keeps the token. A refusal is recorded in the process and in ``refusals``.

        Raises :class:`LoginRequired`, :class:`LoginRefused` (also a remembered one), ``TimeoutError`` when no turn
        comes in time, and what a login and the store raise.
        """
        exchange, policy = self._exchange, self._policy
        if self.spent:
            message = (
                f"{exchange.name}: a new login is needed, but {', '.join(self.spent)} can be used once and has been "
                f"used; build a client with a new one, or give a callable that brings one for each login"
            )
            raise LoginRequired(message)
        values = resolve(exchange.credentials) if exchange.custom is None else exchange.text_credentials()
        books = [self._own_refusals] if refusals is self._own_refusals else [self._own_refusals, refusals]
        memories = [(book, self._fingerprint(book.salt, "login", values)) for book in books]
        self._latest |= {id(book): login for book, login in memories}
        book, login = memories[-1]
        at_most = policy.logins_at_once(book.refusals(login))
        with book.login_turn(login, at_most=at_most, wait_seconds=policy.store_wait_seconds):
            pause = max(self._pause_seconds(*memory) for memory in memories)  # the stricter memory counts
            if pause > 0:
                text = "the same credentials were refused a short while ago"
                self._recorder.record(EventKind.LOGIN_HELD_BACK, text)
                raise self._refusal(f"{exchange.name}: the same login was refused a short while ago", pause)
            yield self._log_in(values, memories)
            with suppress(StoreUnavailable):  # what it records ages by itself
                for book, login in memories:
                    book.forget_refusals(login)

    def _log_in(self, values: Mapping[str, str], memories: Sequence[tuple[TokenStore, str]]) -> TokenParts:
        before, self._spent = self._spent, True  # in a child that is forked meanwhile, too
        try:
            return self._exchange.log_in(values)
        except LoginRefused as error:
            raise self._recorded(error, memories) from None
        except BaseException:
            self._spent = before
            raise

    def _recorded(self, error: LoginRefused, memories: Sequence[tuple[TokenStore, str]]) -> LoginRefused:
        """The refusal, once it is recorded: only then is anybody told, who may raise anything.

        No trouble with the store makes the login a second one.
        """
        refusal = Refusal(self._exchange.clock.wall(), error.status or 0, error.code)
        pauses: list[float] = []
        failure: StoreUnavailable | None = None
        for book, login in memories:
            try:
                book.add_refusal(login, refusal)
                pauses.append(self._pause_seconds(book, login))
            except StoreUnavailable as trouble:
                failure = trouble
        self._recorder.tell(EventKind.LOGIN_REFUSED, str(error))
        if failure is not None:
            self._recorder.tell(EventKind.STORE_UNAVAILABLE, f"the refused login could not be kept: {failure}")
        return self._refusal(str(error), max(pauses), error)

    def _pause_seconds(self, book: TokenStore, login: str) -> float:
        return self._policy.login_pause_seconds(book.refusals(login), self._exchange.clock.wall())

    def _refusal(self, text: str, pause: float, error: LoginRefused | None = None) -> LoginRefused:
        return LoginRefused(
            f"{text}. It is not tried again for {pause:.0f} s with the same credentials; "
            f"check {self._exchange.variables}",
            request_sent=error is not None,
            retry_after_seconds=pause,
            status=error.status if error else None,
            code=error.code if error else None,
        )

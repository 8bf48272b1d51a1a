"""One login: its keys in stores, whether its credentials are spent, and attempts within the refusal budget."""

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
        own_refusals: record of refused logins in the memory of this process, which cannot fail.
        key: the token's key in a store; default: a fingerprint.
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
        # The value of a callable is unknown in advance, so its tokens are not shared with other clients.
        self._owner = None if self._values() is not None else secrets.token_hex(16)
        self._spent = False
        self._latest: dict[int, str] = {}
        """Fingerprint of the last login, by the identity of the store with its refusals."""

    # --- keys in a store. The salt is read first: if the store fails, no frame of the error holds a credential. -----

    @property
    def has_shared_key(self) -> bool:
        """Whether another client can compute the token's key."""
        return self._owner is None or self._key is not None

    def token_key(self, store: TokenStore) -> str:
        """The token's key in a store."""
        return self._key or self._fingerprint(store.salt, "token", self._values(), self._owner)

    def fingerprint(self, store: TokenStore) -> str | None:
        """The key of refusals in a store; ``None`` if unknown before a credential callable is called."""
        salt, values = store.salt, self._values()
        return self._latest.get(id(store)) if values is None else self._fingerprint(salt, "login", values)

    def _fingerprint(self, salt: bytes, *parts: object) -> str:
        lifecycle, grant, urls = self._exchange.lifecycle, self._exchange.grant, self._exchange.token_urls
        return fingerprint(salt, lifecycle.vendor, lifecycle.scheme, grant.name, urls, *parts)

    def _values(self) -> dict[str, str] | None:
        """The credential values, if none is a callable."""
        values = self._exchange.text_credentials()
        return values if len(values) == len(self._exchange.credentials) else None

    # --- log in -----------------------------------------------------------------------------------------------------

    @property
    def spent(self) -> list[str]:
        """Names of single-use credentials that have been used: no login is possible with them."""
        if not self._spent:
            return []
        given = self._exchange.text_credentials()
        return [item.name for item in self._exchange.grant.credentials if item.single_use and item.name in given]

    @contextmanager
    def attempt(self, refusals: TokenStore) -> Generator[TokenParts]:
        """Log in; the block saves the token. A refusal is recorded in this process and in ``refusals``.

        Raises :class:`LoginRequired`, :class:`LoginRefused` (also for a recorded refusal), ``TimeoutError`` if no turn
        is free in time, and the errors of the login and the store.
        """
        exchange, policy = self._exchange, self._policy
        if self.spent:
            message = (
                f"{exchange.name}: a new login is needed, but {', '.join(self.spent)} can be used only once and has "
                "been used; create a client with a new one, or pass a callable that returns a new one for each login"
            )
            raise LoginRequired(message)
        values = resolve(exchange.credentials) if exchange.custom is None else exchange.text_credentials()
        books = [self._own_refusals] if refusals is self._own_refusals else [self._own_refusals, refusals]
        memories = [(book, self._fingerprint(book.salt, "login", values)) for book in books]
        self._latest |= {id(book): login for book, login in memories}
        book, login = memories[-1]
        at_most = policy.logins_at_once(book.refusals(login))
        with book.login_turn(login, at_most=at_most, wait_seconds=policy.store_wait_seconds):
            pause = max(self._pause_seconds(*memory) for memory in memories)  # the longer pause counts
            if pause > 0:
                text = "the same credentials were refused recently"
                self._recorder.record(EventKind.LOGIN_HELD_BACK, text)
                raise self._refusal(f"{exchange.name}: the same login was refused recently", pause)
            yield self._log_in(values, memories)
            with suppress(StoreUnavailable):  # its records expire
                for book, login in memories:
                    book.forget_refusals(login)

    def _log_in(self, values: Mapping[str, str], memories: Sequence[tuple[TokenStore, str]]) -> TokenParts:
        before, self._spent = self._spent, True  # set before the request, for a child that is forked during it
        try:
            return self._exchange.log_in(values)
        except LoginRefused as error:
            raise self._recorded(error, memories) from None
        except BaseException:
            self._spent = before
            raise

    def _recorded(self, error: LoginRefused, memories: Sequence[tuple[TokenStore, str]]) -> LoginRefused:
        """Record a refusal, then log it: a listener may raise anything. A failing store does not repeat the login."""
        refusal = Refusal(self._exchange.clock.wall(), error.status or 0, error.code)
        pauses: list[float] = []
        failure: StoreUnavailable | None = None
        for book, login in memories:
            try:
                book.add_refusal(login, refusal)
                pauses.append(self._pause_seconds(book, login))
            except StoreUnavailable as trouble:
                failure = trouble
        self._recorder.log(EventKind.LOGIN_REFUSED, str(error))
        if failure is not None:
            self._recorder.log(EventKind.STORE_UNAVAILABLE, f"the refused login could not be recorded: {failure}")
        return self._refusal(str(error), max(pauses), error)

    def _pause_seconds(self, book: TokenStore, login: str) -> float:
        return self._policy.login_pause_seconds(book.refusals(login), self._exchange.clock.wall())

    def _refusal(self, text: str, pause: float, error: LoginRefused | None = None) -> LoginRefused:
        return LoginRefused(
            f"{text}. The same credentials are not tried again for {pause:.0f} s; check {self._exchange.variables}",
            request_sent=error is not None,
            retry_after_seconds=pause,
            status=error.status if error else None,
            code=error.code if error else None,
        )

"""One login: its keys in stores, whether its credentials are spent, and attempts within the refusal budget."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress

from attrs import frozen

from .credentials import fingerprint, resolve
from .errors import LoginRefused, LoginRequired, StoreUnavailable
from .events import EventKind, EventRecorder
from .exchange import TokenExchange
from .failures import spends_credential
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
        given = exchange.text_credentials()
        # The value of a callable is unknown in advance, so its tokens are not shared with other clients.
        self._owner = None if len(given) == len(exchange.credentials) else secrets.token_hex(16)
        self._single_use = [item.name for item in exchange.grant.credentials if item.single_use]
        self._spent = False
        self._latest: dict[int, str] = {}
        """Fingerprint of the last login with the values of its callables, by ``id()`` of the store of refusals."""

    # --- keys in a store. The salt is read first: if the store fails, no frame of the error holds a credential. -----

    @property
    def has_shared_key(self) -> bool:
        """Whether another client can compute the token's key."""
        return self._owner is None or self._key is not None

    def token_key(self, store: TokenStore) -> str:
        """The token's key in a store."""
        return self._key or self._fingerprint(store.salt, "token", self._values(), self._owner)

    def fingerprints(self, store: TokenStore) -> list[str]:
        """The keys of refusals in a store: without the values of callables, and with their last values."""
        first = self._fingerprint(store.salt, "login", self._exchange.text_credentials())
        return [first, *filter(None, [self._latest.get(id(store))])]

    def _values(self) -> dict[str, str] | None:
        """The credential values, if none is a callable."""
        return self._exchange.text_credentials() if self._owner is None else None

    def _fingerprint(self, salt: bytes, *parts: object) -> str:
        lifecycle, grant, urls = self._exchange.lifecycle, self._exchange.grant, self._exchange.token_urls
        return fingerprint(salt, lifecycle.vendor, lifecycle.scheme, grant.name, urls, *parts)

    def _record(self, store: TokenStore, values: Mapping[str, str]) -> _Record:
        salt, given = store.salt, self._exchange.text_credentials()
        one_time = {name: value for name, value in values.items() if name in self._single_use}
        return _Record(
            store=store,
            login=self._fingerprint(salt, "login", given),
            values=self._fingerprint(salt, "login", given | {name: values[name] for name in values.keys() - one_time}),
            used=self._fingerprint(salt, "used", one_time) if one_time else None,
            called=self._fingerprint(salt, "used", {}),
            is_called=not one_time.keys() <= given.keys(),
        )

    def _records(self, refusals: TokenStore, values: Mapping[str, str]) -> list[_Record]:
        """The records in this process and in a store, in this order."""
        own = self._own_refusals
        return [self._record(store, values) for store in ([own] if refusals is own else [own, refusals])]

    # --- log in -----------------------------------------------------------------------------------------------------

    def spent(self, refusals: TokenStore) -> list[str]:
        """Names of single-use credentials that have been used: no login is possible with them.

        Raises :class:`StoreUnavailable`. The next value of a callable is unknown, so its credential is not included.
        """
        given = self._exchange.text_credentials()
        names = [name for name in self._single_use if name in given]
        known = names and (self._spent or any(record.is_spent() for record in self._records(refusals, given)))
        return names if known else []

    @contextmanager
    def attempt(self, refusals: TokenStore) -> Generator[TokenParts]:
        """Log in; the block saves the token. A refusal is recorded in this process and in ``refusals``.

        Raises :class:`LoginRequired`, :class:`LoginRefused` (also for a recorded refusal), ``TimeoutError`` if no turn
        is free in time, and the errors of the login and the store.
        """
        exchange, policy = self._exchange, self._policy
        self._require_unspent(self.spent(refusals))
        values = resolve(exchange.credentials) if exchange.custom is None else exchange.text_credentials()
        records = self._records(refusals, values)
        self._latest |= {id(record.store): record.values for record in records}
        book, login = records[-1].store, records[-1].login
        at_most = 1 if self._single_use else policy.logins_at_once(book.refusals(login))
        with book.login_turn(login, at_most=at_most, wait_seconds=policy.store_wait_seconds):
            if any(record.is_spent() for record in records):
                self._require_unspent(self._single_use)
            pause = max(self._pause_seconds(record) for record in records)  # the longer pause counts
            if pause > 0:
                self._recorder.record(EventKind.LOGIN_HELD_BACK, "the same credentials were refused recently")
                known = [refusal for record in records for refusal in record.refusals()]
                last = max(known, key=lambda refusal: refusal.at_wall)
                text = f"{exchange.name}: the same login was refused recently ({last})"
                raise self._refusal(text, pause, last)
            yield self._log_in(values, records)
            with suppress(StoreUnavailable):  # its records expire
                for record in records:
                    record.forget_refusals()

    def _require_unspent(self, spent: Sequence[str]) -> None:
        if spent:
            message = (
                f"{self._exchange.name}: a new login is needed, but {', '.join(spent)} can be used only once and has "
                "been used; create a client with a new one, or pass a callable that returns a new one for each login"
            )
            raise LoginRequired(message)

    def _log_in(self, values: Mapping[str, str], records: Sequence[_Record]) -> TokenParts:
        before, self._spent = self._spent, True  # set before the request, for a child that is forked during it
        try:
            parts = self._exchange.log_in(values)
        except LoginRefused as error:
            self._spent = before or spends_credential(error)
            raise self._recorded(error, records) from None
        except BaseException:
            self._spent = before
            raise
        for record in records:
            with suppress(StoreUnavailable):
                record.add_spent(self._exchange.clock.wall())
        return parts

    def _recorded(self, error: LoginRefused, records: Sequence[_Record]) -> LoginRefused:
        """Record a refusal, then log it: a listener may raise anything. A failing store does not repeat the login."""
        refusal = Refusal(self._exchange.clock.wall(), error.status or 0, error.code)
        pauses: list[float] = []
        failure: StoreUnavailable | None = None
        for record in records:
            try:
                record.add_refusal(refusal)
                pauses.append(self._pause_seconds(record))
                if spends_credential(error):
                    record.add_spent(refusal.at_wall)
            except StoreUnavailable as trouble:
                failure = trouble
        self._recorder.log(EventKind.LOGIN_REFUSED, str(error))
        if failure is not None:
            self._recorder.log(EventKind.STORE_UNAVAILABLE, f"the refused login could not be recorded: {failure}")
        return self._refusal(str(error), max(pauses), refusal, request_sent=True)

    def _pause_seconds(self, record: _Record) -> float:
        policy, wall = self._policy, self._exchange.clock.wall()
        pause = policy.login_pause_seconds(record.store.refusals(record.values), wall)
        if record.values == record.login:
            return pause
        return max(pause, policy.login_pause_seconds(record.store.refusals(record.login), wall, same=False))

    def _refusal(self, text: str, pause: float, refusal: Refusal, *, request_sent: bool = False) -> LoginRefused:
        return LoginRefused(
            f"{text}. The same credentials are not tried again for {pause:.0f} s; check {self._exchange.variables}",
            request_sent=request_sent,
            retry_after_seconds=pause,
            status=refusal.status or None,
            code=refusal.code,
        )


@frozen(kw_only=True)
class _Record:
    """The record of a login in one store.

    Attributes:
        login: key of the refusals with any values of callables, so that new assertions do not extend the budget.
        values: key of the refusals of exactly these values, without single-use ones from a callable.
        used: digest of the single-use credentials, if any. Once used, it is stored like a refusal: under itself as the
            key, or under ``called``, a bounded list, if a callable returned a single-use credential (``is_called``).
    """

    store: TokenStore
    login: str
    values: str
    used: str | None
    called: str
    is_called: bool

    def is_spent(self) -> bool:
        if self.used is None:
            return False
        entries = (*self.store.refusals(self.used), *self.store.refusals(self.called))
        return any(entry.code == self.used for entry in entries)

    def add_spent(self, at_wall: float) -> None:
        if self.used is not None:
            self.store.add_refusal(self.called if self.is_called else self.used, Refusal(at_wall, 0, self.used))

    def refusals(self) -> list[Refusal]:
        return [refusal for key in {self.login, self.values} for refusal in self.store.refusals(key)]

    def add_refusal(self, refusal: Refusal) -> None:
        for key in {self.login, self.values}:
            self.store.add_refusal(key, refusal)

    def forget_refusals(self) -> None:
        for key in {self.login, self.values}:
            self.store.forget_refusals(key)

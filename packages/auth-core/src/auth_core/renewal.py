"""How a source obtains tokens: by a grant of a declared lifecycle, from a static credential, or by a custom renewer.

Each renewal runs on a separate thread (``single_flight.py``), under the store's lease (``transaction.py``).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack, nullcontext
from typing import Protocol

from attrs import Factory, define, field

from .clock import now
from .errors import AuthError, LeaseLost, StoreUnavailable, TokenUnavailable
from .events import EventKind, EventRecorder, utc
from .exchange import TokenExchange
from .login import Login
from .policy import RefreshPolicy, Refusal
from .process_life import joined_at_exit
from .store import MemoryStore, RenewalLease, TokenRecord, TokenStore
from .token import Token
from .transaction import Stores, Transaction

LEASE_POLL_SECONDS = 0.2
"""How often a process that waits for the renewal of another one reads the store."""


class Renewer(Protocol):
    """Obtains tokens; write a custom one for a vendor whose grant cannot be declared. Called on a renewal's thread."""

    @property
    def renewable(self) -> bool:
        """Whether a second call can return a different token."""
        ...

    def renew(self, stale_generation: int) -> Token:
        """Return a token of a later generation than the stale one (0: any token). Raises :class:`AuthError`."""
        ...

    def revoke(self, token: Token) -> None:
        """Revoke the token where the vendor has a logout."""
        ...

    def forget(self) -> None:
        """Drop the token from the store."""
        ...

    def forget_failures(self) -> None:
        """Drop the recorded refused logins."""
        ...

    def explain(self) -> Sequence[str]:
        """Describe the grant, the store and refused logins, one per line. Holds no secret."""
        ...


class StaticRenewer:
    """Serves a credential that is the token itself. Requests and stores nothing."""

    def __init__(self, exchange: TokenExchange) -> None:
        self._exchange = exchange
        self.renewable = any(callable(value) for value in exchange.credentials.values())

    def renew(self, stale_generation: int) -> Token:
        exchange = self._exchange
        return Token(
            access_token=exchange.static_token(),
            issued=now(exchange.clock),
            generation=stale_generation + 1,
            grant=exchange.grant.name,
        )

    def revoke(self, token: Token) -> None:
        self._exchange.revoke(token)

    def forget(self) -> None:
        """There is nothing to forget."""

    forget_failures = forget

    def explain(self) -> Sequence[str]:
        return [f"the token is a static credential ({self._exchange.grant.name}); nothing is requested or stored"]


@define(kw_only=True, repr=False, eq=False)
class LifecycleRenewer:
    """Runs one grant of a declared lifecycle, and shares its tokens through a store.

    Attributes:
        key: the token's key in the store; default: a fingerprint of servers, grant and credentials.
        log_in_always: never refresh, to verify the credentials.
    """

    renewable = True
    exchange: TokenExchange
    policy: RefreshPolicy
    store: TokenStore
    recorder: EventRecorder = Factory(
        lambda self: EventRecorder(self.exchange.name, self.exchange.clock), takes_self=True
    )
    key: str | None = None
    log_in_always: bool = False
    _login: Login = field(init=False)
    _shared: Stores = field(init=False)
    """Used while the store can be reached."""
    _alone: Stores = field(init=False)
    """Used while it cannot: the tokens and refused logins of this process."""
    _unkept: tuple[int, Token] | None = field(init=False, default=None)
    """A token that the store could not save, and the id of the process that obtained it."""

    def __attrs_post_init__(self) -> None:
        memory = self.store if isinstance(self.store, MemoryStore) else MemoryStore()
        self._login = Login(self.exchange, self.policy, self.recorder, memory, self.key)
        # A token that no other client could find is kept in this renewer; refused logins are still shared.
        shared = self._login.has_shared_key
        own = memory if shared or memory is not self.store else MemoryStore(refusals=memory.book)
        self._alone = Stores(own, memory)
        self._shared = Stores(self.store if shared else own, self.store)

    @property
    def store_key(self) -> str:
        return self._login.token_key(self.store)

    def renew(self, stale_generation: int) -> Token:
        try:
            with nullcontext() if self._shared.tokens is self._alone.tokens else joined_at_exit():
                try:
                    return self._renew_in(self._shared, stale_generation)
                except LeaseLost:
                    return self._renew_in(self._shared, stale_generation)
        except StoreUnavailable as error:
            self.recorder.log(EventKind.STORE_UNAVAILABLE, f"{error}; this process renews on its own")
            return self._renew_in(self._alone, stale_generation)

    def revoke(self, token: Token) -> None:
        self.exchange.revoke(token)

    def forget(self) -> None:
        self._unkept = None
        for store in _both(self._alone.tokens, self._shared.tokens):
            store.forget(self._login.token_key(store))

    def forget_failures(self) -> None:
        for store in _both(self._alone.refusals, self._shared.refusals):
            for login in self._login.fingerprints(store):
                store.forget_refusals(login)

    def explain(self) -> Sequence[str]:
        refresh, urls = self.exchange.lifecycle.refresh, self.exchange.token_urls
        renewal = "by logging in again" if refresh is None else "by a refresh token"
        if refresh is not None and refresh.rotates:
            renewal += " that rotates"
        where = f" at {', then '.join(urls)}" if urls else ""
        return [
            f"logs in by {self.exchange.grant.name}{where}; renews {renewal}",
            f"store: {self.store}",
            self._described_refusals(),
        ]

    def refused_logins(self) -> tuple[Sequence[Refusal], float]:
        """The recorded refused logins, and for how many seconds the next login is held back."""
        refusals = self.store.refusals(self._login.fingerprints(self.store)[0])
        return refusals, self.policy.login_pause_seconds(refusals, self.exchange.clock.wall())

    def _described_refusals(self) -> str:
        try:
            refusals, pause = self.refused_logins()
        except AuthError as error:
            return f"refused logins: unknown: {error}"
        if not refusals:
            return "no refused login is recorded"
        last = refusals[-1]
        held_back = f"; held back for {pause:.0f} s" if pause > 0 else ""
        return f"refused logins recorded: {len(refusals)}, the last at {utc(last.at_wall)} UTC ({last}){held_back}"

    def _renew_in(self, stores: Stores, stale_generation: int) -> Token:
        store, waits = stores.tokens, self.policy.store_wait_seconds
        key = self._login.token_key(store)
        with ExitStack() as stack:
            while True:
                kept = store.read(key).token
                if kept is not None and self.policy.spares_renewal(kept, stale_generation, now(self.exchange.clock)):
                    self.recorder.record(EventKind.ADOPTED, f"token {kept.generation} from {store}")
                    return kept
                try:
                    # Read the store between attempts: a token saved by another process ends the wait at once.
                    lease = stack.enter_context(store.lease(key, wait_seconds=min(waits, LEASE_POLL_SECONDS)))
                    break
                except TimeoutError as error:
                    waits -= LEASE_POLL_SECONDS
                    if waits <= 0:
                        raise self._lease_timed_out(error, store) from None
            try:
                return Transaction(
                    exchange=self.exchange,
                    login=self._login,
                    policy=self.policy,
                    recorder=self.recorder,
                    stores=stores,
                    lease=lease,
                    record=self._loaded(lease),
                    refresh=None if self.log_in_always else self.exchange.lifecycle.refresh,
                    stale_generation=stale_generation,
                    unkept=self._remember_unkept,
                ).run()
            except TimeoutError as error:  # waiting for a turn to log in
                raise self._lease_timed_out(error, stores.refusals) from None

    def _lease_timed_out(self, error: TimeoutError, store: TokenStore) -> TokenUnavailable:
        seconds = self.policy.store_wait_seconds
        return TokenUnavailable(f"{self.exchange.name}: {error} (waited {seconds:g} s for the renewal lock of {store})")

    def _remember_unkept(self, token: Token) -> None:
        self._unkept = os.getpid(), token

    def _loaded(self, lease: RenewalLease) -> TokenRecord:
        """The record, including a token that could not be saved earlier, unless it was renewed since."""
        record = lease.load()
        if self._unkept is not None:
            process_id, token = self._unkept
            if process_id == os.getpid() and token.generation > record.generation:
                record = TokenRecord(token, token.generation)
                lease.save(record)
            self._unkept = None
        return record


def _both(own: TokenStore, shared: TokenStore) -> list[TokenStore]:
    """The distinct stores; the memory store, which cannot fail, comes first."""
    return [own] if own is shared else [own, shared]

"""One renewal, from the store's lease to the new token: refresh where possible, else log in.

The *renewal* is under the store's lock, not just the write: whoever gets the lease reads the record again and may find
the work done. Before a rotating refresh token is presented, the journal says so; who finds that entry later, after a
crash or an answer that was lost, logs in instead of presenting it a second time.

Runs on a thread of its own (``source.py``).
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, nullcontext, suppress
from typing import Protocol

from attrs import define, evolve, field, frozen

from .at_exit import awaited_at_exit
from .clock import Clock, now
from .credentials import CredentialValue, fingerprint, resolve
from .errors import (
    AuthError,
    ConfigurationError,
    LeaseLost,
    LoginRefused,
    LoginRequired,
    MalformedTokenAnswer,
    StoreUnavailable,
    TokenUnavailable,
)
from .events import EventKind, utc
from .exchange import TokenExchange, blames_the_request, certainly_unspent
from .grant import HandwrittenGrant
from .interpret import TokenParts
from .lifecycle import Grant, Refresh, TokenLifecycle
from .policy import Decision, RefreshPolicy, Refusal
from .refused_logins import RefusedLogins
from .store import MemoryStore, RefreshIntent, RenewalLease, TokenRecord, TokenStore, refresh_token_digest
from .token import Token
from .wire import TokenSender

__all__ = ["LifecycleRenewer", "Renewer"]

logger = logging.getLogger("auth_core")

LOOK_AGAIN_SECONDS = 0.2
"""A fleet that waits for one renewal finds its token this soon, and asks the store five times a second at most."""
CLOCK_SKEW_WORTH_TELLING_SECONDS = 60.0
"""Below a minute, the windows absorb it."""


class Renewer(Protocol):
    """Gets tokens; a hand-written one serves vendors whose way cannot be declared. Called on a renewal's thread."""

    @property
    def renewable(self) -> bool:
        """Whether a second call can bring another token than the first."""
        ...

    def renew(self, stale_generation: int) -> Token:
        """A token of a later generation than the stale one (0: any will do); raises :class:`AuthError`."""
        ...

    def give_back(self, token: Token) -> None:
        """Tell the vendor that the token is no longer used, where the vendor wants to know."""
        ...

    def forget(self) -> None:
        """Drop what is kept in a store."""
        ...

    def forget_failures(self) -> None:
        """Drop the memory of refused logins."""
        ...

    def explain(self) -> Sequence[str]:
        """Lines for people: how tokens are got, where they are kept, which logins were refused. Nothing secret."""
        ...


def _unheard(kind: EventKind, text: str = "") -> None:
    """Where nobody records what happens."""


@frozen
class _Place:
    """Where tokens are kept, and where refused logins are remembered; mostly the same store."""

    tokens: TokenStore
    refusals: TokenStore


@define(kw_only=True, repr=False, eq=False)
class LifecycleRenewer:
    """Runs one grant of a declared lifecycle."""

    lifecycle: TokenLifecycle
    grant: Grant
    credentials: Mapping[str, CredentialValue]
    servers: Mapping[str, str]
    member_names: Mapping[str, str]
    send: TokenSender
    policy: RefreshPolicy
    store: TokenStore
    clock: Clock
    record: Callable[[EventKind, str], None] = _unheard
    key: str | None = None
    """What the store keeps the token under; default: a fingerprint of servers, grant and credentials."""
    handwritten: HandwrittenGrant | None = None
    """The grant, if it is one that is not declared."""
    log_in_always: bool = False
    """Never refresh: somebody wants to see whether the credentials are right."""
    _exchange: TokenExchange = field(init=False)
    _alone: _Place = field(init=False)
    """While the store cannot be reached: what this process got for itself, and what was refused to it."""
    _owner: str | None = field(init=False)
    _shared: _Place = field(init=False)
    """Where everything is kept while the store can be reached."""
    _logins: dict[int, str] = field(init=False, factory=dict[int, str])
    """Fingerprint of the last login, by the identity of the store that remembers refusals of it."""
    _unkept: tuple[int, Token] | None = field(init=False, default=None)
    """A token that the store could not keep when it came, and the process that got it."""
    _spent: bool = field(init=False, default=False)
    _told: set[EventKind] = field(init=False, factory=set[EventKind])

    def __attrs_post_init__(self) -> None:
        self._exchange = TokenExchange(
            lifecycle=self.lifecycle,
            grant=self.grant,
            credentials=self.credentials,
            servers=self.servers,
            member_names=self.member_names,
            send=self.send,
            timeout_seconds=self.policy.token_timeout_seconds,
            clock=self.clock,
            handwritten=self.handwritten,
        )
        memory = self.store if isinstance(self.store, MemoryStore) else MemoryStore()
        # What a callable will bring is not known beforehand: its tokens are shared with nobody and go with this
        # renewer. Refused logins are remembered in the store all the same.
        self._owner = None if self._texts() is not None else secrets.token_hex(16)
        keeps = self._owner is None or self.key is not None
        own = memory if keeps or memory is not self.store else MemoryStore(refusals=memory.book)
        self._alone = _Place(own, memory)
        self._shared = _Place(self.store if keeps else own, self.store)

    @property
    def name(self) -> str:
        return self._exchange.name

    @property
    def renewable(self) -> bool:
        return self.grant.static is None or any(callable(value) for value in self.credentials.values())

    # --- what a source asks for -------------------------------------------------------------------------------------

    def renew(self, stale_generation: int) -> Token:
        if self.grant.static is not None:
            return self._static_token(stale_generation)
        try:
            with nullcontext() if self._shared.tokens is self._alone.tokens else awaited_at_exit():
                try:
                    return self._renew_in(self._shared, stale_generation)
                except LeaseLost:
                    return self._renew_in(self._shared, stale_generation)
        except StoreUnavailable as error:
            self._tell(EventKind.STORE_UNAVAILABLE, f"{error}; going on alone")
            return self._renew_in(self._alone, stale_generation)

    def give_back(self, token: Token) -> None:
        self._exchange.give_back(token)

    def forget(self) -> None:
        self._unkept = None
        if self.grant.static is None:
            for store in _both(self._alone.tokens, self._shared.tokens):
                store.forget(self._key(store))

    def forget_failures(self) -> None:
        for store in _both(self._alone.refusals, self._shared.refusals):
            login = self._known_login(store)
            if login is not None:
                store.forget_refusals(login)

    def explain(self) -> Sequence[str]:
        if self.grant.static is not None:
            return [f"the token is a credential itself ({self.grant.name}); nothing is requested or kept"]
        refresh = self.lifecycle.refresh
        renewal = "by logging in again" if refresh is None else "by a refresh token"
        if refresh is not None and refresh.rotates:
            renewal += " that is new each time"
        try:
            refusals, pause = self.refused_logins()
            refused = "no refused login is remembered"
            if refusals:
                last = refusals[-1]
                told = " ".join(filter(None, (f"HTTP {last.status}", last.code)))
                refused = f"refused logins remembered: {len(refusals)}, the last at {utc(last.at_wall)} UTC ({told})"
            if pause > 0:
                refused += f"; held back for {pause:.0f} s"
        except AuthError as error:
            refused = f"refused logins unknown: {error}"
        where = f" at {', then '.join(self._exchange.token_urls)}" if self._exchange.token_urls else ""
        return [
            f"logs in by {self.grant.name}{where}; renews {renewal}",
            f"store: {self.store}",
            refused,
        ]

    def refused_logins(self) -> tuple[Sequence[Refusal], float]:
        """What the store remembers of refused logins, and for how many seconds the next one is held back."""
        login = self._known_login(self.store)
        refusals = self.store.refusals(login) if login is not None else ()
        return refusals, self.policy.login_pause_seconds(refusals, self.clock.wall())

    @property
    def store_key(self) -> str:
        """What the store keeps the token under."""
        return self._key(self.store)

    # --- under the store's lease ------------------------------------------------------------------------------------

    def _renew_in(self, place: _Place, stale_generation: int) -> Token:
        store, waits = place.tokens, self.policy.store_wait_seconds
        key = self._key(store)
        with ExitStack() as stack:
            while True:
                kept = store.read(key).token
                if kept is not None and self._will_do(kept, stale_generation):
                    return self._adopted(kept)
                try:
                    # Who waits looks now and then: a token that is there need not be waited for in a queue.
                    lease = stack.enter_context(store.lease(key, wait_seconds=min(waits, LOOK_AGAIN_SECONDS)))
                    break
                except TimeoutError as error:
                    waits -= LOOK_AGAIN_SECONDS
                    if waits <= 0:
                        raise self._waited_in_vain(error, store) from None
            try:
                return self._renew_under(lease, place, stale_generation)
            except TimeoutError as error:  # of a login's turn
                raise self._waited_in_vain(error, place.refusals) from None

    def _waited_in_vain(self, error: TimeoutError, store: TokenStore) -> TokenUnavailable:
        seconds = self.policy.store_wait_seconds
        return TokenUnavailable(f"{self.name}: {error} (waited {seconds:g} s for the renewal lock of {store})")

    def _renew_under(self, lease: RenewalLease, place: _Place, stale_generation: int) -> Token:
        record = self._loaded(lease)
        kept = record.token if record.token is not None and record.token.generation > stale_generation else None
        if kept is not None and self._will_do(kept, stale_generation):
            return self._adopted(kept)
        record = evolve(record, generation=max(record.generation, stale_generation))
        try:
            return self._obtain(record, place, lease)
        except (ConfigurationError, StoreUnavailable):
            raise
        except AuthError as error:
            if kept is None or self._left(kept) <= 0:
                raise
            self._tell(EventKind.SERVED_AFTER_FAILURE, f"{error}; the store's token still lives")
            return kept

    def _loaded(self, lease: RenewalLease) -> TokenRecord:
        """The record, with the token that could not be kept when it came, where nobody has renewed since."""
        record, unkept = lease.load(), self._unkept
        if unkept is not None:
            process_id, token = unkept
            if process_id == os.getpid() and token.generation > record.generation:
                record = TokenRecord(token, token.generation)
                lease.save(record)
            self._unkept = None
        return record

    def _obtain(self, record: TokenRecord, place: _Place, lease: RenewalLease) -> Token:
        refresh, old = self.lifecycle.refresh, record.token
        if self.log_in_always or refresh is None or old is None or old.refresh_token is None:
            return self._log_in(record, place, lease)
        if refresh.rotates:
            digest = refresh_token_digest(place.tokens.salt, old.refresh_token)
            intent = record.intent
            if intent is not None and intent.refresh_token_digest == digest and not self._last_hope(intent, old):
                self._tell(
                    EventKind.REFRESH_TOKEN_IN_DOUBT,
                    f"process {intent.process_id} was about to present it at {utc(intent.at_wall)} UTC; logging in",
                )
                return self._log_in(_without_refresh_token(record, old), place, lease)
            lease.save(evolve(record, intent=RefreshIntent(digest, self.clock.wall(), os.getpid())))
        return self._refresh(refresh, old, record, place, lease)

    def _refresh(self, refresh: Refresh, old: Token, record: TokenRecord, place: _Place, lease: RenewalLease) -> Token:
        try:
            parts = self._exchange.refresh(refresh, old)
        except (LoginRefused, MalformedTokenAnswer) as error:
            # Not a refusal of the credentials: the refresh token has ended, was revoked or is spent; or somebody
            # renewed in spite of the lock (a network file system may know it on one host only).
            now_kept = lease.load().token
            if now_kept is not None and self._will_do(now_kept, record.generation):
                return self._adopted(now_kept)
            self._tell(EventKind.REFRESH_REFUSED, f"{error}; logging in again")
            without = _without_refresh_token(record, old)
            lease.save(without)
            return self._log_in(without, place, lease)
        except TokenUnavailable as error:
            if refresh.rotates and certainly_unspent(error):
                lease.save(evolve(record, intent=None))
            if not blames_the_request(error) or self._left(old) > 0 or self._spent_credentials():
                raise
            self._tell(EventKind.REFRESH_REFUSED, f"{error}; logging in, since the token has ended")
            return self._log_in(record, place, lease)
        return self._keep(self._token(parts, record.generation, "refresh"), parts, old, place, lease)

    def _log_in(self, record: TokenRecord, place: _Place, lease: RenewalLease) -> Token:
        self._require_unspent()
        texts = resolve(self.credentials) if self.handwritten is None else self._own_texts()
        refused = self._refused_logins(texts, place)
        with refused.turn():
            pause = refused.pause_seconds()
            if pause > 0:
                self.record(EventKind.LOGIN_HELD_BACK, "the same credentials were refused a short while ago")
                raise self._refusal(f"{self.name}: the same login was refused a short while ago", pause)
            before, self._spent = self._spent, True  # in a child that is forked meanwhile, too
            try:
                parts = self._exchange.log_in(texts)
            except LoginRefused as error:
                raise self._remembered(error, refused) from None
            except BaseException:
                self._spent = before
                raise
            token = self._token(parts, record.generation, self.grant.name)
            token = self._keep(token, parts, record.token, place, lease)
            refused.clear()
            return token

    def _keep(self, token: Token, parts: TokenParts, before: Token | None, place: _Place, lease: RenewalLease) -> Token:
        """The token, kept in the store. It was paid for, so that no trouble with the store takes it away.

        Kept first, then told: a listener or a handler of log records may raise anything.
        """
        failure: Exception | None = None
        try:
            lease.save(TokenRecord(token, token.generation))
        except Exception as error:  # of a store of the user's, anything
            failure = error
            self._unkept = os.getpid(), token
        self._tell_about(token, parts, before)
        if isinstance(failure, LeaseLost):
            self._tell(EventKind.LEASE_LOST, str(failure))
            with suppress(StoreUnavailable):
                newer = place.tokens.read(self._key(place.tokens)).token
                if newer is not None and self._will_do(newer, token.generation - 1):
                    return self._adopted(newer)
        elif failure is not None:
            why = str(failure) if isinstance(failure, AuthError) else type(failure).__name__
            self._tell(EventKind.STORE_UNAVAILABLE, f"the new token could not be kept: {why}")
        return token

    # --- parts of it ------------------------------------------------------------------------------------------------

    def _static_token(self, stale_generation: int) -> Token:
        secret = self._exchange.static_token(resolve(self.credentials))
        return Token(
            access_token=secret, issued=now(self.clock), generation=stale_generation + 1, grant=self.grant.name
        )

    def _token(self, parts: TokenParts, generation: int, grant: str) -> Token:
        assert parts.access_token is not None
        return Token(
            access_token=parts.access_token,
            refresh_token=parts.refresh_token,
            extras=parts.extras,
            issued=parts.issued,
            lifetime=self.policy.unknown_lifetime_seconds if parts.lifetime is None else parts.lifetime,
            generation=generation + 1,
            grant=grant,
            server_offset=parts.server_offset,
        )

    def _tell_about(self, token: Token, parts: TokenParts, before: Token | None) -> None:
        """What is odd about a new token; most of it once."""
        if before is not None and before.access_token == token.access_token:
            self._tell(EventKind.SAME_TOKEN, "the server handed out the token at hand again")
        if parts.lifetime is None and EventKind.UNKNOWN_LIFETIME not in self._told:
            self._told.add(EventKind.UNKNOWN_LIFETIME)
            text = f"no answer says how long the token lives; taken to be {token.lifetime:g} s"
            self._tell(EventKind.UNKNOWN_LIFETIME, text)
        offset = parts.server_offset or 0.0
        if abs(offset) >= CLOCK_SKEW_WORTH_TELLING_SECONDS and EventKind.CLOCK_SKEW not in self._told:
            self._told.add(EventKind.CLOCK_SKEW)
            side = "behind" if offset > 0 else "ahead of"
            self._tell(EventKind.CLOCK_SKEW, f"this machine's clock is {abs(offset):.0f} s {side} the token server's")

    def _spent_credentials(self) -> list[str]:
        return [
            definition.name
            for definition in self.grant.credentials
            if self._spent and definition.single_use and isinstance(self.credentials.get(definition.name), str)
        ]

    def _last_hope(self, intent: RefreshIntent, old: Token) -> bool:
        """Whether there is nothing left to lose: no login can follow, the access token has ended too.

        Never with another process's refresh token: that one may live on by it.
        """
        return intent.process_id == os.getpid() and bool(self._spent_credentials()) and self._left(old) <= 0

    def _require_unspent(self) -> None:
        spent = self._spent_credentials()
        if spent:
            message = (
                f"{self.name}: a new login is needed, but {', '.join(spent)} can be used once and has been used; "
                f"build a client with a new one, or give a callable that brings one for each login"
            )
            raise LoginRequired(message)

    def _refused_logins(self, texts: Mapping[str, str], place: _Place) -> RefusedLogins:
        books = _both(self._alone.refusals, place.refusals)
        logins = [(book, self._fingerprint(book.salt, "login", texts)) for book in books]
        self._logins |= {id(book): login for book, login in logins}
        return RefusedLogins(logins, self.policy, self.clock)

    def _remembered(self, error: LoginRefused, refused: RefusedLogins) -> LoginRefused:
        """The refusal, once it is remembered: only then is anybody told, who may raise anything."""
        pause, failure = refused.add(Refusal(self.clock.wall(), error.status or 0, error.code))
        self._tell(EventKind.LOGIN_REFUSED, str(error))
        if failure is not None:
            self._tell(EventKind.STORE_UNAVAILABLE, f"the refused login could not be kept: {failure}")
        return self._refusal(str(error), pause, error)

    def _refusal(self, text: str, pause: float, error: LoginRefused | None = None) -> LoginRefused:
        return LoginRefused(
            f"{text}. It is not tried again for {pause:.0f} s with the same credentials; "
            f"check {self._exchange.variables}",
            request_sent=error is not None,
            retry_after_seconds=pause,
            status=error.status if error else None,
            code=error.code if error else None,
        )

    def _will_do(self, token: Token, stale_generation: int) -> bool:
        """Whether a token somebody else got spares us a request."""
        if token.generation <= stale_generation:
            return False
        decision = self.policy.decide(self.policy.windows(token, 0.0), now(self.clock))
        return decision in {Decision.SERVE, Decision.SERVE_AND_RENEW}

    def _left(self, token: Token) -> float:
        """Seconds of life."""
        return float("inf") if token.ends is None else now(self.clock).until(token.ends)

    def _adopted(self, token: Token) -> Token:
        self.record(EventKind.ADOPTED, f"token {token.generation} of {self.store}")
        return token

    def _tell(self, kind: EventKind, text: str) -> None:
        self.record(kind, text)
        level = logging.INFO if kind is EventKind.REFRESH_REFUSED else logging.WARNING
        logger.log(level, "%s: %s", self.name, text)

    # --- names for the store ----------------------------------------------------------------------------------------

    def _own_texts(self) -> dict[str, str]:
        return {name: value for name, value in self.credentials.items() if isinstance(value, str)}

    def _texts(self) -> dict[str, str] | None:
        """The credentials, if none has to be asked for."""
        texts = self._own_texts()
        return texts if len(texts) == len(self.credentials) else None

    # The salt is asked for first: where the store fails, no frame of the error holds a credential.

    def _key(self, store: TokenStore) -> str:
        return self.key or self._fingerprint(store.salt, "token", self._texts(), self._owner)

    def _known_login(self, store: TokenStore) -> str | None:
        """The fingerprint of a login with these credentials, as far as it is known without asking for any."""
        salt, texts = store.salt, self._texts()
        return self._logins.get(id(store)) if texts is None else self._fingerprint(salt, "login", texts)

    def _fingerprint(self, salt: bytes, *parts: object) -> str:
        lifecycle, urls = self.lifecycle, self._exchange.token_urls
        return fingerprint(salt, lifecycle.vendor, lifecycle.scheme, self.grant.name, urls, *parts)


def _without_refresh_token(record: TokenRecord, old: Token) -> TokenRecord:
    return evolve(record, token=evolve(old, refresh_token=None), intent=None)


def _both(own: TokenStore, shared: TokenStore) -> list[TokenStore]:
    """Two stores, or the one that is both: the one that cannot fail comes first."""
    return [own] if own is shared else [own, shared]

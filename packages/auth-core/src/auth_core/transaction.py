"""One renewal under the store's lease: from the stored record to the record with the new token.

A rotating refresh token is written to the journal before it is presented. A renewal that finds this entry later, after
a crash or a lost response, logs in instead of presenting the refresh token a second time.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from typing import assert_never

from attrs import define, evolve, frozen

from .clock import Moment, now
from .errors import AuthError, ConfigurationError, LeaseLost, LoginRefused, StoreUnavailable, TokenUnavailable
from .events import EventKind, EventRecorder, utc
from .exchange import TokenExchange
from .failures import (
    NextRequest,
    RefreshTokenState,
    logs_in_after,
    next_request,
    refresh_token_after,
    served_after,
)
from .lifecycle import Refresh
from .login import Login
from .policy import RefreshPolicy
from .store import RefreshIntent, RenewalLease, TokenRecord, TokenStore, refresh_token_digest
from .token import Token, TokenParts

CLOCK_SKEW_REPORTED_SECONDS = 60.0
"""Smaller differences are absorbed by the windows."""


@frozen
class Stores:
    """The store of tokens and the store of refused logins; usually the same one."""

    tokens: TokenStore
    refusals: TokenStore


@define(kw_only=True, repr=False, eq=False)
class Transaction:
    """A renewal that holds the lease.

    Attributes:
        record: the stored record, updated by this renewal.
        refresh: how tokens are refreshed; ``None``: always log in.
        unkept: called with a token that the store could not save.
    """

    exchange: TokenExchange
    login: Login
    policy: RefreshPolicy
    recorder: EventRecorder
    stores: Stores
    lease: RenewalLease
    record: TokenRecord
    refresh: Refresh | None
    stale_generation: int
    unkept: Callable[[Token], None]

    def run(self) -> Token:
        """Return a later token than the stale one, saved in the store; another client's if that is good enough."""
        record = self.record
        kept = record.token if record.token is not None and record.token.generation > self.stale_generation else None
        if kept is not None and self.policy.spares_renewal(kept, self.stale_generation, self._now()):
            return self._adopted(kept)
        self.record = evolve(record, generation=max(record.generation, self.stale_generation))
        try:
            return self._obtain()
        except (ConfigurationError, StoreUnavailable):
            raise
        except AuthError as error:
            if served_after(error, kept, self._now()) is error:
                raise
            assert kept is not None
            self.recorder.log(
                EventKind.SERVED_AFTER_FAILURE, f"{error}; serving the store's token, which has not expired"
            )
            return kept

    # --- request a token --------------------------------------------------------------------------------------------

    def _obtain(self) -> Token:
        refresh, old, intent = self.refresh, self.record.token, self.record.intent
        digest = ""
        if refresh is not None and refresh.rotates and old is not None and old.refresh_token is not None:
            digest = refresh_token_digest(self.stores.tokens.salt, old.refresh_token)
        presented = intent if intent is not None and intent.refresh_token_digest == digest else None
        request = next_request(
            refresh,
            old,
            self._now(),
            presented_by=presented.process_id if presented is not None else None,
            this_process=os.getpid(),
            can_log_in=not self.login.spent(self.stores.refusals),
        )
        match request:
            case NextRequest.LOGIN:
                return self._log_in()
            case NextRequest.LOGIN_IN_DOUBT:
                assert presented is not None
                self.recorder.log(
                    EventKind.REFRESH_TOKEN_IN_DOUBT,
                    f"the refresh token may be spent: process {presented.process_id} was about to present it at "
                    f"{utc(presented.at_wall)} UTC; logging in",
                )
                self._drop_refresh_token()
                return self._log_in()
            case NextRequest.JOURNALED_REFRESH:
                wall = self.exchange.clock.wall()
                self.lease.save(evolve(self.record, intent=RefreshIntent(digest, wall, os.getpid())))
            case NextRequest.REFRESH:
                pass
            case _:
                assert_never(request)
        assert refresh is not None
        assert old is not None
        return self._refresh(refresh, old)

    def _refresh(self, refresh: Refresh, old: Token) -> Token:
        try:
            parts = self.exchange.refresh(refresh, old)
        except (LoginRefused, TokenUnavailable) as error:
            state = refresh_token_after(error)
            match state:
                case RefreshTokenState.SPENT:
                    # Or another client renewed despite the lock: on a network file system it may work on one host only.
                    newer = self.lease.load().token
                    if newer is not None and self.policy.spares_renewal(newer, self.record.generation, self._now()):
                        return self._adopted(newer)
                case RefreshTokenState.UNTOUCHED:
                    if refresh.rotates:
                        self.lease.save(evolve(self.record, intent=None))
                case RefreshTokenState.IN_DOUBT:
                    pass  # keep the journal entry
                case _:
                    assert_never(state)
            if not logs_in_after(error, old, self._now(), can_log_in=not self.login.spent(self.stores.refusals)):
                raise
            if state is RefreshTokenState.SPENT:
                self.recorder.log(EventKind.REFRESH_REFUSED, f"{error}; logging in again", logging.INFO)
                self._drop_refresh_token()
                self.lease.save(self.record)
            else:
                text = f"{error}; logging in, since the token has expired"
                self.recorder.log(EventKind.REFRESH_REFUSED, text, logging.INFO)
            return self._log_in()
        return self._keep(parts, "refresh")

    def _log_in(self) -> Token:
        with self.login.attempt(self.stores.refusals) as parts:
            return self._keep(parts, self.exchange.grant.name)

    def _drop_refresh_token(self) -> None:
        token = self.record.token
        self.record = evolve(self.record, token=token and evolve(token, refresh_token=None), intent=None)

    # --- save the token ---------------------------------------------------------------------------------------------

    def _keep(self, parts: TokenParts, grant: str) -> Token:
        """Save the token, and return it even if the store fails.

        It is saved before events are reported: a listener or log handler may raise anything.
        """
        generation, unknown = self.record.generation + 1, self.policy.unknown_lifetime_seconds
        token = Token.of(parts, generation=generation, grant=grant, unknown_lifetime=unknown)
        failure: Exception | None = None
        try:
            self.lease.save(TokenRecord(token, token.generation))
        except Exception as error:  # a custom store may raise anything
            failure = error
            self.unkept(token)
        self._report_on(token, parts)
        if isinstance(failure, LeaseLost):
            self.recorder.log(EventKind.LEASE_LOST, str(failure))
            with suppress(StoreUnavailable):
                newer = self.stores.tokens.read(self.login.token_key(self.stores.tokens)).token
                if newer is not None and self.policy.spares_renewal(newer, token.generation - 1, self._now()):
                    return self._adopted(newer)
        elif failure is not None:
            why = str(failure) if isinstance(failure, AuthError) else type(failure).__name__
            self.recorder.log(EventKind.STORE_UNAVAILABLE, f"the new token could not be saved: {why}")
        return token

    def _report_on(self, token: Token, parts: TokenParts) -> None:
        """Log anomalies of a new token, most of them only once."""
        log, before = self.recorder.log, self.record.token
        if before is not None and before.access_token == token.access_token:
            log(EventKind.SAME_TOKEN, "the server returned the current token again")
        if parts.lifetime is None and not self.recorder.counts().get(EventKind.UNKNOWN_LIFETIME):
            text = f"no response states the token's lifetime; assuming {token.lifetime:g} s"
            log(EventKind.UNKNOWN_LIFETIME, text)
        offset = parts.server_offset or 0.0
        if abs(offset) >= CLOCK_SKEW_REPORTED_SECONDS and not self.recorder.counts().get(EventKind.CLOCK_SKEW):
            side = "behind" if offset > 0 else "ahead of"
            log(EventKind.CLOCK_SKEW, f"this machine's clock is {abs(offset):.0f} s {side} the token server's")

    def _adopted(self, token: Token) -> Token:
        self.recorder.record(EventKind.ADOPTED, f"token {token.generation} from {self.stores.tokens}")
        return token

    def _now(self) -> Moment:
        return now(self.exchange.clock)

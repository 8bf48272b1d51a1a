"""One renewal under the store's lease, from the record as it is to the record with the new token.

Before a rotating refresh token is presented, the journal says so; who finds that entry later, after a crash or a
response that was lost, logs in instead of presenting it a second time.
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
"""Below a minute, the windows absorb it."""


@frozen
class Stores:
    """Where tokens are kept, and where refused logins are recorded; mostly the same store."""

    tokens: TokenStore
    refusals: TokenStore


@define(kw_only=True, repr=False, eq=False)
class Transaction:
    """A renewal that holds the lease.

    Attributes:
        record: as it is in the store, and as this renewal changes it.
        refresh: how tokens are refreshed; ``None``: a new one comes by a login.
        unkept: called with a token that the store could not keep.
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
        """A later token than the stale one, and kept; another client's, where that will do."""
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
            self.recorder.tell(EventKind.SERVED_AFTER_FAILURE, f"{error}; the store's token still lives")
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
            can_log_in=not self.login.spent,
        )
        match request:
            case NextRequest.LOGIN:
                return self._log_in()
            case NextRequest.LOGIN_IN_DOUBT:
                assert presented is not None
                self.recorder.tell(
                    EventKind.REFRESH_TOKEN_IN_DOUBT,
                    f"process {presented.process_id} was about to present it at {utc(presented.at_wall)} UTC; "
                    f"logging in",
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
                    # Or another client renewed in spite of the lock: a network file system may know it on one host.
                    newer = self.lease.load().token
                    if newer is not None and self.policy.spares_renewal(newer, self.record.generation, self._now()):
                        return self._adopted(newer)
                case RefreshTokenState.UNTOUCHED:
                    if refresh.rotates:
                        self.lease.save(evolve(self.record, intent=None))
                case RefreshTokenState.IN_DOUBT:
                    pass  # the journal's entry stays
                case _:
                    assert_never(state)
            if not logs_in_after(error, old, self._now(), can_log_in=not self.login.spent):
                raise
            if state is RefreshTokenState.SPENT:
                self.recorder.tell(EventKind.REFRESH_REFUSED, f"{error}; logging in again", logging.INFO)
                self._drop_refresh_token()
                self.lease.save(self.record)
            else:
                text = f"{error}; logging in, since the token has ended"
                self.recorder.tell(EventKind.REFRESH_REFUSED, text, logging.INFO)
            return self._log_in()
        return self._keep(parts, "refresh")

    def _log_in(self) -> Token:
        with self.login.attempt(self.stores.refusals) as parts:
            return self._keep(parts, self.exchange.grant.name)

    def _drop_refresh_token(self) -> None:
        token = self.record.token
        self.record = evolve(self.record, token=token and evolve(token, refresh_token=None), intent=None)

    # --- keep it ----------------------------------------------------------------------------------------------------

    def _keep(self, parts: TokenParts, grant: str) -> Token:
        """The token, kept in the store. It was paid for, so that no trouble with the store takes it away.

        Kept first, then told: a listener or a handler of log records may raise anything.
        """
        generation, unknown = self.record.generation + 1, self.policy.unknown_lifetime_seconds
        token = Token.of(parts, generation=generation, grant=grant, unknown_lifetime=unknown)
        failure: Exception | None = None
        try:
            self.lease.save(TokenRecord(token, token.generation))
        except Exception as error:  # of a store of the user's, anything
            failure = error
            self.unkept(token)
        self._report_on(token, parts)
        if isinstance(failure, LeaseLost):
            self.recorder.tell(EventKind.LEASE_LOST, str(failure))
            with suppress(StoreUnavailable):
                newer = self.stores.tokens.read(self.login.token_key(self.stores.tokens)).token
                if newer is not None and self.policy.spares_renewal(newer, token.generation - 1, self._now()):
                    return self._adopted(newer)
        elif failure is not None:
            why = str(failure) if isinstance(failure, AuthError) else type(failure).__name__
            self.recorder.tell(EventKind.STORE_UNAVAILABLE, f"the new token could not be kept: {why}")
        return token

    def _report_on(self, token: Token, parts: TokenParts) -> None:
        """What is odd about a new token; most of it once."""
        tell, before = self.recorder.tell, self.record.token
        if before is not None and before.access_token == token.access_token:
            tell(EventKind.SAME_TOKEN, "the server handed out the token at hand again")
        if parts.lifetime is None and not self.recorder.counts().get(EventKind.UNKNOWN_LIFETIME):
            text = f"no response states how long the token lives; taken to be {token.lifetime:g} s"
            tell(EventKind.UNKNOWN_LIFETIME, text)
        offset = parts.server_offset or 0.0
        if abs(offset) >= CLOCK_SKEW_REPORTED_SECONDS and not self.recorder.counts().get(EventKind.CLOCK_SKEW):
            side = "behind" if offset > 0 else "ahead of"
            tell(EventKind.CLOCK_SKEW, f"this machine's clock is {abs(offset):.0f} s {side} the token server's")

    def _adopted(self, token: Token) -> Token:
        self.recorder.record(EventKind.ADOPTED, f"token {token.generation} of {self.stores.tokens}")
        return token

    def _now(self) -> Moment:
        return now(self.exchange.clock)

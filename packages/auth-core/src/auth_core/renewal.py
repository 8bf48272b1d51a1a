"""One renewal, from the store's lease to the new token: refresh where possible, else log in. Does the I/O.

Runs on a thread of its own (``source.py``). Nothing that is raised here reaches a caller with its frames: these hold
credentials in clear text.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import define, evolve, field

from .clock import Clock, now
from .credentials import CredentialValue, fingerprint, resolve
from .errors import InvalidCredentials, LoginRefused, LoginRequired, MalformedTokenAnswer, TokenUnavailable
from .interpret import (
    Inputs,
    TokenParts,
    basic_token,
    build_request,
    check_answer,
    credential_names,
    is_visible_ascii,
    place_token,
    read_parts,
    require_access_token,
)
from .lifecycle import (
    AnswerCondition,
    BasicAuthentication,
    ExtraValue,
    Grant,
    Refresh,
    TokenLifecycle,
    TokenRequest,
)
from .placement import placement_for
from .policy import RefreshPolicy, Refusal
from .store import RenewalLease, TokenRecord, TokenStore
from .token import Secret, Token
from .wire import TokenHttpRequest, TokenHttpResponse, TokenSender, TokenSendError

__all__ = ["LifecycleRenewer", "Renewer"]

logger = logging.getLogger("auth_core")


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


@define(kw_only=True, repr=False)
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
    _key: str = field(init=False)
    _login_fingerprint: str | None = field(init=False, default=None)
    _spent: bool = field(init=False, default=False)
    _told_unknown_lifetime: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        texts = {name: value for name, value in self.credentials.items() if isinstance(value, str)}
        # What a callable will bring is not known beforehand, so its tokens are shared with nobody.
        owner = None if len(texts) == len(self.credentials) else secrets.token_hex(16)
        self._key = self._fingerprint("token", texts, owner)

    @property
    def name(self) -> str:
        return f"{self.lifecycle.vendor}: {self.grant.name}"

    @property
    def renewable(self) -> bool:
        return self.grant.static is None or any(callable(value) for value in self.credentials.values())

    # --- what a source asks for -------------------------------------------------------------------------------------

    def renew(self, stale_generation: int) -> Token:
        try:
            with self.store.lease(self._key, wait_seconds=self.policy.wait_timeout_seconds) as lease:
                record = lease.load()
                kept = record.token
                if kept is not None and kept.generation > stale_generation and not self._has_ended(kept):
                    return kept
                record = evolve(record, generation=max(record.generation, stale_generation))
                token = self._obtain(record, lease)
                lease.save(TokenRecord(token, token.generation))
                return token
        except TimeoutError as error:
            message = f"{self.name}: {error} (waited {self.policy.wait_timeout_seconds:g} s)"
            raise TokenUnavailable(message) from None

    def give_back(self, token: Token) -> None:
        logout = self.lifecycle.logout
        if logout is None:
            return
        inputs = self._inputs(logout, {}, _parts_of(token).clear())
        request = build_request(logout, inputs, timeout_seconds=self.policy.token_timeout_seconds)
        if logout.authenticated:
            placement = placement_for(self.lifecycle.placements, request.method)
            request = place_token(request, placement, token.access_token.reveal())
        self._check(self._send(request), logout, (), self._secrets(inputs))

    def forget(self) -> None:
        self.store.forget(self._key)

    def forget_failures(self) -> None:
        if self._login_fingerprint is not None:
            self.store.forget_refusals(self._login_fingerprint)

    # --- the two ways to a token ------------------------------------------------------------------------------------

    def _obtain(self, record: TokenRecord, lease: RenewalLease) -> Token:
        refresh, old = self.lifecycle.refresh, record.token
        if refresh is None or old is None or old.refresh_token is None:
            return self._log_in(record.generation)
        try:
            return self._refresh(refresh, old, record.generation)
        except (LoginRefused, MalformedTokenAnswer) as error:
            # Not a refusal of the credentials: the refresh token has ended, was revoked or is spent.
            logger.info("%s: %s; logging in again", self.name, error)
            lease.save(evolve(record, token=evolve(old, refresh_token=None)))
            return self._log_in(record.generation)
        except TokenUnavailable as error:
            answer_lost = error.request_sent and error.status is None
            if answer_lost and refresh.rotates and not self._spent_credentials():
                # The next refresh token may have been in it. A server takes a spent one for a stolen one.
                lease.save(evolve(record, token=evolve(old, refresh_token=None)))
            raise

    def _refresh(self, refresh: Refresh, old: Token, generation: int) -> Token:
        before = evolve(_parts_of(old), access_token=None, lifetime=None)
        parts = self._step(refresh.request, refresh.refused, {}, before, _parts_of(old).clear())
        return self._token(parts, generation, "refresh")

    def _log_in(self, generation: int) -> Token:
        self._require_unspent()
        texts = resolve(self.credentials)
        if self.grant.static is not None:
            return self._static_token(texts, generation)
        self._login_fingerprint = login = self._fingerprint("login", texts)
        at_most = max(1, self.policy.refused_login_budget - len(self.store.refusals(login)))
        with self.store.login_turn(login, at_most=at_most, wait_seconds=self.policy.wait_timeout_seconds):
            pause = self._login_pause(login)
            if pause > 0:
                raise self._refusal(f"{self.name}: the same login was refused a short while ago", pause)
            try:
                parts = self._login_steps(texts)
            except LoginRefused as error:
                self._spent = True
                self.store.add_refusal(login, Refusal(self.clock.wall(), error.status or 0, error.code))
                raise self._refusal(str(error), self._login_pause(login), error) from None
            self._spent = True
            self.store.forget_refusals(login)
        return self._token(parts, generation, self.grant.name)

    def _login_pause(self, login: str) -> float:
        return self.policy.login_pause_seconds(self.store.refusals(login), self.clock.wall())

    def _login_steps(self, texts: Mapping[str, str]) -> TokenParts:
        parts: TokenParts | None = None
        for step in self.grant.requests:
            try:
                parts = self._step(step, self.grant.refused, texts, parts, parts.clear() if parts else {})
            except (LoginRefused, TokenUnavailable) as error:
                if not step.optional:
                    raise
                logger.warning("%s: going on without the optional %s: %s", self.name, step.operation_id, error)
        return require_access_token(parts, self.name)

    def _step(
        self,
        step: TokenRequest,
        refused: Sequence[AnswerCondition],
        texts: Mapping[str, str],
        so_far: TokenParts | None,
        parts: Mapping[str, ExtraValue],
    ) -> TokenParts:
        inputs = self._inputs(step, texts, parts)
        request = build_request(step, inputs, timeout_seconds=self.policy.token_timeout_seconds)
        sent = now(self.clock)
        response = self._send(request)
        self._check(response, step, refused, self._secrets(inputs))
        return read_parts(step.answer, response, sent=sent, so_far=so_far)

    # --- parts of it ------------------------------------------------------------------------------------------------

    def _inputs(self, request: TokenRequest, texts: Mapping[str, str], parts: Mapping[str, ExtraValue]) -> Inputs:
        wanted = {
            name: self.credentials[name]
            for name in credential_names(request)
            if name not in texts and name in self.credentials
        }
        credentials = {**texts, **resolve(wanted)}
        return Inputs(servers=self.servers, credentials=credentials, parts=parts, member_names=self.member_names)

    def _send(self, request: TokenHttpRequest) -> TokenHttpResponse:
        try:
            return self.send(request)
        except TokenSendError as error:
            message = f"{self.name}: no answer from {request.method} {request.shown_url}: {error}"
            raise TokenUnavailable(message, request_sent=error.request_sent) from None

    def _check(
        self,
        response: TokenHttpResponse,
        request: TokenRequest,
        refused: Sequence[AnswerCondition],
        secret_texts: Sequence[str],
    ) -> None:
        check_answer(
            response,
            what=f"{self.name}: {request.operation_id}",
            refused=refused,
            answers=self.lifecycle.answers,
            secrets=secret_texts,
            now_wall=self.clock.wall(),
        )

    def _token(self, parts: TokenParts, generation: int, grant: str) -> Token:
        access_token = require_access_token(parts, f"{self.name}: {grant}").access_token
        assert access_token is not None
        if parts.lifetime is None and not self._told_unknown_lifetime:
            self._told_unknown_lifetime = True
            assumed = self.policy.unknown_lifetime_seconds
            logger.warning("%s: no answer says how long the token lives; taken to be %g s", self.name, assumed)
        return Token(
            access_token=access_token,
            refresh_token=parts.refresh_token,
            extras=parts.extras,
            issued=parts.issued,
            lifetime=self.policy.unknown_lifetime_seconds if parts.lifetime is None else parts.lifetime,
            generation=generation + 1,
            grant=grant,
        )

    def _static_token(self, texts: Mapping[str, str], generation: int) -> Token:
        static = self.grant.static
        if isinstance(static, BasicAuthentication):
            text = basic_token(static, Inputs(servers=self.servers, credentials=texts))
        else:
            text = texts.get(static.name, "") if static is not None else ""
        if not is_visible_ascii(text):
            variables = ", ".join(definition.environment for definition in self.grant.credentials)
            message = f"{self.name}: the token is empty or holds characters that cannot be sent; check {variables}"
            raise InvalidCredentials(message)
        return Token(
            access_token=Secret(text), issued=now(self.clock), generation=generation + 1, grant=self.grant.name
        )

    def _spent_credentials(self) -> list[str]:
        return [
            definition.name
            for definition in self.grant.credentials
            if self._spent and definition.single_use and isinstance(self.credentials.get(definition.name), str)
        ]

    def _require_unspent(self) -> None:
        spent = self._spent_credentials()
        if spent:
            message = (
                f"{self.name}: a new login is needed, but {', '.join(spent)} can be used once and has been used; "
                f"build a client with a new one, or give a callable that brings one for each login"
            )
            raise LoginRequired(message)

    def _refusal(self, text: str, pause: float, error: LoginRefused | None = None) -> LoginRefused:
        variables = ", ".join(definition.environment for definition in self.grant.credentials)
        return LoginRefused(
            f"{text}. It is not tried again for {pause:.0f} s with the same credentials; check {variables}",
            request_sent=error is not None,
            retry_after_seconds=pause,
            status=error.status if error else None,
            code=error.code if error else None,
        )

    def _secrets(self, inputs: Inputs) -> list[str]:
        """What is masked should a server repeat it. Open extras are not: a tenant number `4` would mask every 4."""
        open_names = {definition.name for definition in self.grant.credentials if not definition.secret}
        for step in (*self.grant.requests, *([self.lifecycle.refresh.request] if self.lifecycle.refresh else [])):
            open_names |= {name for name, extra in step.answer.extras.items() if not extra.secret}
        sent = (*inputs.credentials.items(), *inputs.parts.items())
        return [str(value) for name, value in sent if name not in open_names]

    def _has_ended(self, token: Token) -> bool:
        return token.ends is not None and now(self.clock).until(token.ends) <= 0

    def _fingerprint(self, *parts: object) -> str:
        urls = [self.servers.get(request.server, "") + request.path for request in self.grant.requests]
        return fingerprint(self.store.salt, self.lifecycle.vendor, self.lifecycle.scheme, self.grant.name, urls, *parts)


def _parts_of(token: Token) -> TokenParts:
    return TokenParts(
        access_token=token.access_token,
        refresh_token=token.refresh_token,
        extras=token.extras,
        issued=token.issued,
        lifetime=token.lifetime,
    )

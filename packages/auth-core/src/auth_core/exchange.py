"""Send the token requests of one grant: login, refresh, logout. When to send them is decided elsewhere.

Runs on the renewal's thread. Exceptions reach callers without their frames, which hold credentials in clear text.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import evolve, field, frozen

from .clock import Clock, now
from .credentials import CredentialValue, all_concealed, damage, resolve
from .errors import InvalidCredentials, LoginRefused, MalformedTokenResponse, TokenUnavailable
from .failures import Asks
from .grant import CustomGrant
from .lifecycle import (
    NOTHING,
    BasicAuthentication,
    ExtraValue,
    Grant,
    Refresh,
    ResponseCondition,
    TokenLifecycle,
    TokenRequest,
)
from .masking import mask_secrets
from .placement import placement_for
from .token import Secret, Token, TokenParts, is_visible_ascii
from .token_requests import Inputs, basic_token, build_request, credential_names, place_token
from .token_responses import check_response, lifetime_seconds, malformed, read_parts, require_access_token
from .wire import TokenHttpRequest, TokenHttpResponse, TokenSender, TokenSendError

logger = logging.getLogger("auth_core")


@frozen(kw_only=True, repr=False)
class TokenExchange:
    """One grant of a lifecycle with its credentials and servers.

    Attributes:
        credentials: strings and callables by name.
        servers: URL by constructor argument.
        member_names: renames members of token requests.
        encoding: encoding of token requests; ``None``: the one in the lifecycle.
        custom: the custom grant, if it is one.
    """

    lifecycle: TokenLifecycle
    grant: Grant
    credentials: Mapping[str, CredentialValue] = field(converter=all_concealed)
    servers: Mapping[str, str]
    send: TokenSender
    clock: Clock
    timeout_seconds: float = 30.0
    member_names: Mapping[str, str] = NOTHING
    encoding: Literal["json", "form"] | None = None
    custom: CustomGrant | None = None

    @property
    def name(self) -> str:
        return f"{self.lifecycle.vendor}: {self.grant.name}"

    @property
    def variables(self) -> str:
        """The environment variables of the credentials, for error messages; with what looks wrong with a value."""
        found = {item.environment: damage(self.credentials.get(item.name)) for item in self.grant.credentials}
        return ", ".join(f"{name} ({what})" if what else name for name, what in found.items())

    @property
    def token_urls(self) -> list[str]:
        """URL of each login step."""
        return [self.servers.get(request.server, "") + request.path for request in self.grant.requests]

    def text_credentials(self) -> dict[str, str]:
        """The credentials that are not callables."""
        return {name: value.reveal() for name, value in self.credentials.items() if isinstance(value, Secret)}

    # --- requests ---------------------------------------------------------------------------------------------------

    def log_in(self, credential_values: Mapping[str, str]) -> TokenParts:
        """Run every step of the grant and combine the responses.

        Raises:
            LoginRefused: a required step was refused.
            TokenUnavailable: there was no response, or another failure.
        """
        if self.custom is not None:
            return self._ask(self.custom)
        ready, parts = evolve(self, credentials=credential_values), TokenParts(issued=now(self.clock))
        single_use = {definition.name for definition in self.grant.credentials if definition.single_use}
        for step in self.grant.requests:
            try:
                repeatable = not credential_names(step) & single_use
                parts = ready._step(step, "login", self.grant.refused, parts, parts.clear(), repeatable=repeatable)
            except (LoginRefused, TokenUnavailable) as error:
                if not step.optional:
                    raise
                logger.warning("%s: continuing without the optional step %s: %s", self.name, step.operation_id, error)
        return require_access_token(parts, self.name)

    def refresh(self, refresh: Refresh, old: Token) -> TokenParts:
        """Refresh the token; values missing from the response (refresh token, extras) are kept. Raises like a login."""
        before = TokenParts(
            refresh_token=old.refresh_token, extras=old.extras, issued=old.issued, server_offset=old.server_offset
        )
        repeatable = not refresh.rotates
        parts = self._step(refresh.request, "refresh", refresh.refused, before, old.clear(), repeatable=repeatable)
        return require_access_token(parts, f"{self.name}: refresh")

    def static_token(self) -> Secret:
        """The credential that is the token itself. Raises :class:`InvalidCredentials` if it cannot be sent."""
        static, credential_values = self.grant.static, resolve(self.credentials)
        if isinstance(static, BasicAuthentication):
            text = basic_token(static, Inputs(servers=self.servers, credentials=credential_values))
        else:
            text = credential_values.get(static.name, "") if static is not None else ""
        if not is_visible_ascii(text):
            message = f"{self.name}: the token is empty or has characters that cannot be sent; check {self.variables}"
            raise InvalidCredentials(message)
        return Secret(text)

    def revoke(self, token: Token) -> None:
        """Send the vendor's logout request, if it has one."""
        logout = self.lifecycle.logout
        if logout is None:
            return
        inputs = self._inputs(logout, token.clear())
        request = build_request(logout, inputs, timeout_seconds=self.timeout_seconds)
        if logout.authenticated:
            placement = placement_for(self.lifecycle.placements, request.method)
            request = place_token(request, placement, token.access_token.reveal())
        self._respond(request, inputs)

    def _ask(self, grant: CustomGrant) -> TokenParts:
        sent = now(self.clock)
        granted = grant.request_token(self.send)
        if not is_visible_ascii(granted.access_token.reveal()):
            message = f"{self.name}: the custom grant returned a token that is empty or cannot be sent"
            raise MalformedTokenResponse(message, request_sent=True)
        return TokenParts(
            access_token=granted.access_token,
            refresh_token=granted.refresh_token,
            extras=granted.extras,
            issued=sent,
            lifetime=lifetime_seconds(granted.lifetime),
        )

    # --- helpers ----------------------------------------------------------------------------------------------------

    def _step(
        self,
        step: TokenRequest,
        asks: Asks,
        refused: Sequence[ResponseCondition],
        so_far: TokenParts,
        parts: Mapping[str, ExtraValue],
        *,
        repeatable: bool,
    ) -> TokenParts:
        inputs = self._inputs(step, parts)
        request = evolve(build_request(step, inputs, timeout_seconds=self.timeout_seconds), repeatable=repeatable)
        sent = now(self.clock)
        response = self._respond(request, inputs, refused, asks)
        merged = read_parts(step.response, response, sent=sent, received=now(self.clock), so_far=so_far)
        if step.response.access_token and merged.access_token is None:  # stop here: each step sends the password
            what, responses = f"{self.name}: {request.operation_id}", self.lifecycle.responses
            raise malformed(response, what, responses=responses, secrets=self._secrets(inputs))
        return merged

    def _inputs(self, request: TokenRequest, parts: Mapping[str, ExtraValue]) -> Inputs:
        names = credential_names(request)  # a callable is called only if it is needed
        needed = {name: value for name, value in self.credentials.items() if name in names or not callable(value)}
        optional = {definition.name for definition in self.grant.credentials if not definition.required}
        return Inputs(
            servers=self.servers,
            credentials={name: value for name, value in resolve(needed).items() if value or name not in optional},
            parts=parts,
            member_names=self.member_names,
            encoding=self.encoding,
        )

    def _respond(
        self, request: TokenHttpRequest, inputs: Inputs, refused: Sequence[ResponseCondition] = (), asks: Asks = None
    ) -> TokenHttpResponse:
        """Send a request; return its response if successful, else raise."""
        try:
            response = self.send(request)
        except TokenSendError as error:
            reason = mask_secrets(str(error), self._secrets(inputs))  # httpx quotes an invalid `Location`
            message = f"{self.name}: no response from {request.method} {request.shown_url}: {reason}"
            raise TokenUnavailable(message, request_sent=error.request_sent) from None
        check_response(
            response,
            what=f"{self.name}: {request.operation_id}",
            url=request.shown_url,
            refused=refused,
            responses=self.lifecycle.responses,
            secrets=self._secrets(inputs),
            now_wall=self.clock.wall(),
            asks=asks,
        )
        return response

    def _secrets(self, inputs: Inputs) -> list[str]:
        """Values to mask in server messages. Without non-secret ones: a tenant number `4` would mask every 4."""
        open_names = {definition.name for definition in self.grant.credentials if not definition.secret}
        for step in (*self.grant.requests, *([self.lifecycle.refresh.request] if self.lifecycle.refresh else [])):
            open_names |= {name for name, extra in step.response.extras.items() if not extra.secret}
        sent = (*inputs.credentials.items(), *inputs.parts.items())
        return [str(value) for name, value in sent if name not in open_names]

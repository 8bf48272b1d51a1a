"""A scripted provider for any declared :class:`~auth_core.TokenLifecycle`, such as those in a client's ``auth.py``.

::

    provider = LifecycleProvider(LIFECYCLES["bearerAuth"], clock=clock)
    with provider.serve() as url:
        authenticator = Authenticator(
            LIFECYCLES, [provider.credentials_for("password")], provider.servers(url), send=…, clock=clock
        )

It recognises the declared token requests and checks their values, responds with every declared part where the
lifecycle reads it, rotates and revokes tokens, and has an API that requires the token at its declared place. It checks
a client against the lifecycle, not the lifecycle against the vendor: for that, use a server built from the vendor's
own documentation, such as the vendor sandbox.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from attrs import field, frozen, make_class
from auth_core.clock import Clock, Moment, SystemClock
from auth_core.credentials import Credentials
from auth_core.errors import ConfigurationError
from auth_core.lifecycle import (
    NOTHING,
    BasicAuthentication,
    Candidate,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    Extra,
    ExtraValue,
    FromCredential,
    Grant,
    JwtClaim,
    ResponseCondition,
    TokenLifecycle,
    TokenRequest,
    TokenResponse,
)
from auth_core.placement import placement_for
from auth_core.token_requests import Inputs, basic_token, credential_names
from auth_core.token_responses import read_parts
from auth_core.wire import TokenHttpResponse

from .compose import Composition, compose_condition, compose_success
from .exchange import ProviderRequest, ProviderResponse
from .faults import Handling
from .issuer import IssuedToken, TokenIssuer, TokenProblem
from .recognise import Bindings, is_for, recognise, shown_token
from .scripted import Refused, Scripted, ScriptedProvider

__all__ = ["REFRESH", "UNRECOGNISED", "LifecycleProvider"]

REFRESH = "refresh"
"""The name of a refresh in :meth:`LifecycleProvider.grants`."""
UNRECOGNISED = "unrecognised"
"""The name, in :meth:`LifecycleProvider.grants`, of a request that the lifecycle does not declare."""

DEFAULT_LIFETIME_SECONDS = 3600.0
EXPIRED = ResponseCondition(status=(401,))
"""The response to an expired token when the lifecycle declares none."""

C = TypeVar("C", bound=Credentials)


@frozen
class _Call:
    """A received token request. ``grant`` is ``None`` for a refresh."""

    request: TokenRequest
    bindings: Bindings
    grant: Grant | None = None
    step: int = 0


class LifecycleProvider(ScriptedProvider):
    """A provider that implements everything a lifecycle declares. Thread-safe.

    Args:
        lifecycle: the lifecycle of one security scheme.
        credentials: the accepted credential values by grant; default: synthetic, see :attr:`credentials`.
        clock: the server's clock.
        lifetime: of access tokens, in seconds; default: the lifecycle's documented lifetime, else an hour.
        candidate: index of the declared place to use where there are several; the last one where there are fewer.
        refusal: index of the declared refusal to use; default: the last one, which is the most general.
        extras: values of the token's extras by name; default: synthetic.
        member_names: other names for members of token requests, as configured in the client.
        faults: applied to every token request.

    The token issuer is :attr:`issuer`; its ``reuse_grace``, ``single_session`` and so on can be changed there.
    """

    def __init__(
        self,
        lifecycle: TokenLifecycle,
        *,
        credentials: Mapping[str, Mapping[str, str]] | None = None,
        clock: Clock | None = None,
        lifetime: float | None = None,
        candidate: int = 0,
        refusal: int = -1,
        extras: Mapping[str, ExtraValue] = NOTHING,
        member_names: Mapping[str, str] = NOTHING,
        faults: Iterable[Scripted] = (),
    ) -> None:
        self.lifecycle = lifecycle
        self.candidate = candidate
        self.refusal = refusal
        self.extras = dict(extras)
        self.member_names = dict(member_names)
        self._responses = [step.response for step in _steps(lifecycle)]
        super().__init__(self._new_issuer(clock or SystemClock(), lifetime))
        self.credentials: dict[str, dict[str, str]] = {}
        """The accepted credential values by grant; of single-use ones the newest."""
        self._unspent: set[tuple[str, str, str]] = set()
        self._session_of: dict[str, str] = {}
        self._intermediate: set[str] = set()
        self._static_tokens_end = False
        for grant in lifecycle.grants:
            given = (credentials or {}).get(grant.name, {})
            self._accept(grant, {item.name: given.get(item.name) or _fake(item.name) for item in grant.credentials})
        self.respond_always(*faults)

    # --- for a client -----------------------------------------------------------------------------------------------

    def servers(self, url: str) -> dict[str, str]:
        """The URLs for a client's constructor: every server that the lifecycle names has this URL."""
        named = [request.server for request in _steps(self.lifecycle)]
        named += [self.lifecycle.logout.server] if self.lifecycle.logout else []
        return dict.fromkeys(["base_url", *named], url)

    def new_credentials(self, grant: str) -> dict[str, str]:
        """Return the accepted credential values of a grant, with new values for single-use credentials."""
        declared = self.lifecycle.grant(grant)
        single_use = {item.name: _fake(item.name) for item in declared.credentials if item.single_use}
        self._accept(declared, {**self.credentials[grant], **single_use})
        return dict(self.credentials[grant])

    def credentials_for(self, grant: str, kind: type[C] | None = None, **changed: Any) -> Credentials:
        """Return a credentials object with the accepted values, some of them changed.

        Args:
            kind: the credentials class, from a client's ``auth.py``; default: a generated one.
            changed: credential values that replace the accepted ones.
        """
        values = {**self.credentials[grant], **changed}
        if kind is not None:
            return kind(**values)
        return _credentials_class(self.lifecycle, self.lifecycle.grant(grant))(**values)

    def grants(self) -> list[str]:
        """The grant of each token request so far, or :data:`REFRESH`, or :data:`UNRECOGNISED`."""
        calls = [self._recognise(request) for request in self.token_requests]
        return [UNRECOGNISED if call is None else call.grant.name if call.grant else REFRESH for call in calls]

    # --- the end of tokens ------------------------------------------------------------------------------------------

    def expire_tokens(self) -> None:
        """End every access token issued so far, and static tokens given as credentials; refresh tokens stay valid."""
        self.issuer.expire_access_tokens()
        self._static_tokens_end = True

    def expired_response(self) -> ProviderResponse:
        """The API's response to an expired token: as declared, else 401."""
        condition = self.lifecycle.expired[0] if self.lifecycle.expired else EXPIRED
        text = "the token is no longer valid"
        return compose_condition(condition, self.lifecycle.responses, code="expired", message=text)

    # --- recognise --------------------------------------------------------------------------------------------------

    def _is_token_request(self, request: ProviderRequest) -> bool:
        return any(is_for(step, request) for step in _steps(self.lifecycle))

    def _is_logout(self, request: ProviderRequest) -> bool:
        logout = self.lifecycle.logout
        return logout is not None and is_for(logout, request) and self._recognise(request) is None

    def _recognise(self, request: ProviderRequest) -> _Call | None:
        refresh = self.lifecycle.refresh
        found = None if refresh is None else self._read(refresh.request, request, _optional(self.lifecycle.grants))
        renewal = None if refresh is None or found is None else _Call(refresh.request, found)
        # A grant with a refresh token as credential sends the same request as a refresh: it is a refresh if this
        # provider issued the token.
        if renewal is not None and all(part in self._session_of for part in renewal.bindings.parts.values()):
            return renewal
        for grant in self.lifecycle.grants:
            for number, step in enumerate(grant.requests):
                found = self._read(step, request, _optional([grant]))
                if found is not None:
                    return _Call(step, found, grant, number)
        return renewal

    def _read(self, declared: TokenRequest, request: ProviderRequest, optional: frozenset[str]) -> Bindings | None:
        return recognise(declared, request, optional=optional, member_names=self.member_names)

    # --- token requests ---------------------------------------------------------------------------------------------

    def _token_response(self, request: ProviderRequest, handling: Handling) -> ProviderResponse:
        call = self._recognise(request)
        if call is None:
            raise Refused(ProviderResponse.json({"error": "invalid_request"}, 400))
        if call.grant is None:
            return self._refresh(call, handling)
        return self._log_in(call, call.grant, handling)

    def _log_in(self, call: _Call, grant: Grant, handling: Handling) -> ProviderResponse:
        given = call.bindings.credentials
        with self._lock:
            right = all(self._is_right(grant, name, value) for name, value in given.items())
            right = right and all(part in self._session_of for part in call.bindings.parts.values())
            account = " ".join([grant.name, *_open_values(grant, given)])
            self._admit(account, handling, credentials_are_right=right)
            later = grant.requests[call.step + 1 :]
            for item in grant.credentials:
                if item.single_use and not any(item.name in credential_names(step) for step in later):
                    self._unspent.discard((grant.name, item.name, given.get(item.name, "")))
            issued = self.issuer.issue(account, claims=self._claims(call.request.response, handling))
            if any(step.response.access_token and not step.optional for step in later):
                self._intermediate.add(issued.access_token)
        with_refresh_token = not any(step.response.refresh_token for step in later)
        return self._success(call, issued, handling, with_refresh_token=with_refresh_token)

    def _refresh(self, call: _Call, handling: Handling) -> ProviderResponse:
        known = {pair for values in self.credentials.values() for pair in values.items()}
        sessions = [self._session_of.get(part) for part in call.bindings.parts.values()]
        session = self._session_of.get(call.bindings.parts.get("refresh_token", "")) or next(iter(sessions), None)
        if session is None or None in sessions or not set(call.bindings.credentials.items()) <= known:
            raise Refused
        try:
            issued = self.issuer.refresh(session, claims=self._claims(call.request.response, handling))
        except TokenProblem:
            raise Refused from None
        return self._success(call, issued, handling, with_refresh_token=True)

    def _refusal(self, request: ProviderRequest) -> ProviderResponse:
        call = self._recognise(request)
        refused: Sequence[ResponseCondition] = ()
        if call is not None and call.grant is not None:
            refused = call.grant.refused
        elif self.lifecycle.refresh is not None:
            refused = self.lifecycle.refresh.refused
        if not refused:
            raise ConfigurationError(f"the lifecycle of {self.lifecycle.vendor} declares no `refused` response")
        condition = refused[min(self.refusal, len(refused) - 1)]
        return compose_condition(condition, self.lifecycle.responses, message="the credentials are wrong")

    def _is_right(self, grant: Grant, name: str, value: str) -> bool:
        single_use = any(item.single_use for item in grant.credentials if item.name == name)
        if single_use:
            return (grant.name, name, value) in self._unspent
        return self.credentials[grant.name].get(name) == value

    def _accept(self, grant: Grant, values: dict[str, str]) -> None:
        self.credentials[grant.name] = values
        self._unspent |= {(grant.name, item.name, values[item.name]) for item in grant.credentials if item.single_use}

    # --- successful responses ---------------------------------------------------------------------------------------

    def _success(
        self, call: _Call, issued: IssuedToken, handling: Handling, *, with_refresh_token: bool
    ) -> ProviderResponse:
        session = issued.refresh_token or ""
        issued = self._deliver(issued, handling)
        declared, composition = call.request.response, Composition()
        delivered: list[str] = []
        if declared.access_token:
            composition.put(self._place(declared.access_token).expression, issued.access_token)
            delivered.append(issued.access_token)
        if declared.refresh_token and with_refresh_token:
            composition.put(self._place(declared.refresh_token).expression, session)
        delivered.append(session)
        self._say_when_it_ends(composition, declared, issued, handling)
        for name, extra in declared.extras.items():
            value = self._extra(name, extra)
            if composition.put(self._place(extra.candidates).expression, value):
                delivered.append(str(value))
        with self._lock:
            self._session_of.update(dict.fromkeys(delivered, session))
        refused = call.grant.refused if call.grant else self.lifecycle.refresh.refused if self.lifecycle.refresh else ()
        response = compose_success(composition, (*refused, *self.lifecycle.responses.failed))
        self._require_readable(call.request, response, issued)
        return response

    def _say_when_it_ends(
        self, composition: Composition, declared: TokenResponse, issued: IssuedToken, handling: Handling
    ) -> None:
        for source in declared.expires:
            if isinstance(source, ExpiresIn):
                scale = 1000 if source.unit == "milliseconds" else 1
                value = handling.lifetime(issued.lifetime * scale)
            elif isinstance(source, ExpiresAt):
                value = _moment(handling, issued, 1000 if source.unit == "milliseconds" else 1)
            else:
                continue
            if value is not None:
                composition.put(source.expression, value)

    def _claims(self, declared: TokenResponse, handling: Handling) -> dict[str, Any]:
        claims = {**(self._place(declared.access_token).jwt_claims or {})} if declared.access_token else {}
        now = self.issuer.clock.wall()
        for source in declared.expires:
            if isinstance(source, JwtClaim):
                stated = handling.lifetime(self.issuer.lifetime)
                claims[source.claim] = stated
                if handling.lifetime_form == "text" and handling.lifetime_instead is None:
                    claims[source.claim] = str(int(now + self.issuer.lifetime))
                elif _is_number(stated):
                    claims[source.claim] = int(now + stated)
        return claims

    def _extra(self, name: str, extra: Extra) -> ExtraValue:
        place = self._place(extra.candidates)
        if name in self.extras:
            return self.extras[name]
        if place.jwt_claims is not None:
            return self.issuer.sign({"jti": secrets.token_hex(8), **place.jwt_claims})
        return _fake(name) if extra.secret else f"{name}-1"

    def _place(self, candidates: Sequence[Candidate]) -> Candidate:
        return candidates[min(self.candidate, len(candidates) - 1)]

    def _require_readable(self, request: TokenRequest, view: ProviderResponse, issued: IssuedToken) -> None:
        """Check that the lifecycle reads the issued token from the response; else its declared places conflict."""
        headers = {name.lower(): value for name, value in view.headers.items()}
        response = TokenHttpResponse(status=view.status, headers=headers, content=view.content)
        parts = read_parts(request.response, response, sent=Moment(issued.issued_at, 0.0))
        if request.response.access_token and (
            parts.access_token is None or parts.access_token.reveal() != issued.access_token
        ):
            message = (
                f"{self.lifecycle.vendor}: {request.operation_id}: the access token at "
                f"{self._place(request.response.access_token).expression} is not the one that the lifecycle reads"
            )
            raise ConfigurationError(message)

    def _new_issuer(self, clock: Clock, lifetime: float | None) -> TokenIssuer:
        places = [self._place(response.access_token) for response in self._responses if response.access_token]
        sources = [source for response in self._responses for source in response.expires]
        is_read = any(isinstance(source, JwtClaim) for source in sources) or any(place.jwt_claims for place in places)
        renewals = [self._place(response.refresh_token) for response in self._responses if response.refresh_token]
        claims = next((place.jwt_claims for place in renewals if place.jwt_claims is not None), None)
        documented = next((source.seconds for source in sources if isinstance(source, DefaultLifetime)), None)
        refresh = self.lifecycle.refresh
        return TokenIssuer(
            clock=clock,
            lifetime=lifetime or documented or DEFAULT_LIFETIME_SECONDS,
            rotates=refresh is not None and refresh.rotates,
            access_format="jwt" if is_read and not any(place.not_jwt for place in places) else "opaque",
            refresh_format="opaque" if claims is None else "jwt",
            refresh_claims=claims,
        )

    # --- the API ----------------------------------------------------------------------------------------------------

    def _api_response(self, request: ProviderRequest) -> ProviderResponse:
        subject = self._subject(request)
        if subject is None:
            return self.expired_response()
        echo = Composition()
        echo.put("$response.body#/sub", subject)
        echo.put("$response.body#/path", request.path)
        return compose_success(echo, (*self.lifecycle.expired, *self.lifecycle.responses.failed))

    def _log_out(self, request: ProviderRequest) -> ProviderResponse:
        logout = self.lifecycle.logout
        assert logout is not None
        if logout.authenticated and self._subject(request) is None:
            return self.expired_response()
        shown = self._shown(request)
        place = placement_for(self.lifecycle.placements, request.method) if logout.authenticated else None
        found = recognise(logout, request, member_names=self.member_names, shown_at=place)
        for text in [*(found.parts.values() if found else ()), *([shown] if shown else [])]:
            self.issuer.revoke(text)
        return compose_success(Composition(), self.lifecycle.responses.failed)

    def _subject(self, request: ProviderRequest) -> str | None:
        """The subject of the token at its declared place in the request; ``None`` if the token is not accepted."""
        token = self._shown(request)
        if token is None or token in self._intermediate:
            return None
        if token in self._static_tokens():
            return None if self._static_tokens_end else "static"
        try:
            return str(self.issuer.verify(token)["sub"])
        except TokenProblem:
            return None

    def _shown(self, request: ProviderRequest) -> str | None:
        try:
            placement = placement_for(self.lifecycle.placements, request.method)
        except ConfigurationError:  # requests with this method carry no token
            return None
        return shown_token(request, placement)

    def _static_tokens(self) -> set[str]:
        found: set[str] = set()
        for grant in self.lifecycle.grants:
            values = self.credentials[grant.name]
            if isinstance(grant.static, BasicAuthentication):
                found.add(basic_token(grant.static, Inputs(servers={}, credentials=values)))
            elif isinstance(grant.static, FromCredential):
                found.add(values[grant.static.name])
        return found


# --- helpers ----------------------------------------------------------------------------------------------------


def _steps(lifecycle: TokenLifecycle) -> list[TokenRequest]:
    """Every declared token request."""
    logins = [request for grant in lifecycle.grants for request in grant.requests]
    return [*logins, *([lifecycle.refresh.request] if lifecycle.refresh else [])]


def _optional(grants: Sequence[Grant]) -> frozenset[str]:
    return frozenset(item.name for grant in grants for item in grant.credentials if not item.required)


def _open_values(grant: Grant, given: Mapping[str, str]) -> list[str]:
    """The values of the credentials that are not secret, such as user names."""
    return [given[item.name] for item in grant.credentials if not item.secret and item.name in given]


def _fake(name: str) -> str:
    return f"{name}-{secrets.token_hex(8)}"


def _moment(handling: Handling, issued: IssuedToken, scale: int) -> Any:
    """The stated expiry time of a token: seconds since the epoch, or as text an RFC 3339 date-time."""
    stated = handling.lifetime(issued.lifetime)
    if stated is None:
        return None
    if handling.lifetime_instead is not None:
        return (issued.issued_at + stated) * scale if _is_number(stated) else stated
    if handling.lifetime_form == "text":
        return datetime.fromtimestamp(issued.expires_at, UTC).isoformat()
    return int(issued.expires_at * scale)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _credentials_class(lifecycle: TokenLifecycle, grant: Grant) -> type[Credentials]:
    """A credentials class for a grant, like those in a generated ``auth.py``."""
    attributes = {item.name: field(default=None) for item in grant.credentials}
    body = {"lifecycle": lifecycle, "scheme": lifecycle.scheme, "grant": grant.name}
    return make_class(
        "Credentials", attributes, bases=(Credentials,), class_body=body, frozen=True, kw_only=True, repr=False
    )

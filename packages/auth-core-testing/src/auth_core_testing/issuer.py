"""The token issuer of an identity provider: issue, verify, rotate and revoke tokens. No HTTP, no I/O.

The scripted providers of this package and the vendor sandbox both use it. Access tokens are signed JWTs (RFC 7519)
that any JOSE library can verify with :meth:`TokenIssuer.jwks`; refresh tokens are opaque or JWTs.
"""

from __future__ import annotations

import itertools
import math
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen
from auth_core.clock import Clock, SystemClock

if TYPE_CHECKING:
    from joserfc.jwk import OctKey, RSAKey

__all__ = ["IssuedToken", "ListedToken", "TokenIssuer", "TokenProblem"]

TokenState = Literal["valid", "expired", "revoked", "spent"]
RefusalReason = Literal["malformed", "bad_signature", "unknown", "expired", "revoked", "reused"]


class TokenProblem(Exception):
    """Raised when the issuer does not accept a token. Servers choose their response by ``reason``."""

    def __init__(self, reason: RefusalReason) -> None:
        super().__init__(reason)
        self.reason: RefusalReason = reason


@frozen(kw_only=True)
class IssuedToken:
    """The tokens issued by one login or one refresh."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    subject: str
    family: str
    """All tokens that descend from one login share it."""
    claims: Mapping[str, Any]
    issued_at: float
    """Seconds since the Unix epoch, on the issuer's clock."""
    expires_at: float
    lifetime: float
    """Seconds."""


@frozen(kw_only=True)
class ListedToken:
    """The issuer's record of a token, without the token itself."""

    kind: Literal["access", "refresh"]
    subject: str
    family: str
    """All tokens that descend from one login share it."""
    issued_at: float
    """Seconds since the Unix epoch, on the issuer's clock."""
    expires_at: float | None
    """``None``: never."""
    lifetime: float | None
    """Seconds."""
    state: TokenState
    ending: str
    """The token's last four characters."""
    number: int = 0
    """The number of the token among those of this issuer."""


@define
class _AccessState:
    subject: str
    family: str
    issued_at: float
    expires_at: float
    ending: str
    number: int
    revoked: bool = False
    ended: bool = False
    """Ended early, by ``expire_access_tokens``."""


@define
class _RefreshState:
    subject: str
    family: str
    issued_at: float
    expires_at: float | None
    claims: Mapping[str, Any]
    ending: str
    number: int
    spent_at: float | None = None


class TokenIssuer:
    """Issues tokens that expire, rotate and can be revoked. Thread-safe.

    Args:
        clock: the server's clock; move a ``FakeClock`` to let tokens expire.
        lifetime: of access tokens, in seconds; may be changed at any time.
        refresh_lifetime: of refresh tokens, in seconds; ``None``: they never expire.
        algorithm: ``HS256`` or ``RS256``.
        key: HMAC secret for ``HS256`` (at least 32 bytes); default: random. RSA keys are generated when needed.
        issuer: the ``iss`` claim.
        rotates: whether a refresh returns a new refresh token and invalidates the old one.
        reuse_grace: seconds for which a used refresh token is still accepted.
        reuse_revokes: whether reuse after the grace period revokes the token's family (RFC 9700 section 4.14).
        single_session: whether a new login of a subject revokes the earlier ones.
        access_format: ``jwt`` or ``opaque``.
        refresh_format: ``opaque`` or ``jwt``.
        refresh_claims: additional claims of refresh tokens that are JWTs.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        lifetime: float = 3600.0,
        refresh_lifetime: float | None = None,
        algorithm: Literal["HS256", "RS256"] = "HS256",
        key: bytes | None = None,
        issuer: str = "https://idp.example",
        rotates: bool = True,
        reuse_grace: float = 0.0,
        reuse_revokes: bool = True,
        single_session: bool = False,
        access_format: Literal["opaque", "jwt"] = "jwt",
        refresh_format: Literal["opaque", "jwt"] = "opaque",
        refresh_claims: Mapping[str, Any] | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.lifetime = lifetime
        self.refresh_lifetime = refresh_lifetime
        self.algorithm = algorithm
        self.issuer = issuer
        self.rotates = rotates
        self.reuse_grace = reuse_grace
        self.reuse_revokes = reuse_revokes
        self.single_session = single_session
        self.access_format = access_format
        self.refresh_format = refresh_format
        self.refresh_claims = dict(refresh_claims or {})
        self.on_token: Callable[[ListedToken], object] = lambda token: None
        """Called with each issued token while the issuer's lock is held: it must not call the issuer."""
        self.reuse_events = 0
        """How often a used refresh token was presented after its grace period."""
        self._secret = key or secrets.token_bytes(32)
        self._key: OctKey | RSAKey | None = None
        self._key_lock = threading.Lock()
        self._lock = threading.Lock()
        self._refresh: dict[str, _RefreshState] = {}
        self._opaque: dict[str, Mapping[str, Any]] = {}
        self._access: dict[str, _AccessState] = {}
        self._subject_of: dict[str, str] = {}
        self._revoked_families: set[str] = set()
        self._numbers = itertools.count(1)

    # --- issue and renew --------------------------------------------------------------------------------------------

    def issue(
        self,
        subject: str,
        *,
        claims: Mapping[str, Any] | None = None,
        refresh: bool = True,
        lifetime: float | None = None,
    ) -> IssuedToken:
        """Issue the tokens of a login: a new family.

        ``claims`` add to or replace the standard claims of the access token; ``None`` removes one. An ``exp`` given
        here changes only what the token states; the issuer still ends it after its lifetime.
        """
        with self._lock:
            family = self._new_family(subject)
            refresh_token = self._new_refresh_token(subject, family, claims or {}) if refresh else None
            return self._issue(subject, family, claims or {}, refresh_token, lifetime)

    def issue_refresh_token(
        self, subject: str, *, claims: Mapping[str, Any] | None = None, family: str | None = None
    ) -> str:
        """Issue a refresh token alone, for a later step of the login that began ``family``; default: a new login."""
        with self._lock:
            return self._new_refresh_token(subject, family or self._new_family(subject), claims or {})

    def refresh(
        self, refresh_token: str, *, claims: Mapping[str, Any] | None = None, lifetime: float | None = None
    ) -> IssuedToken:
        """Refresh. Raises :class:`TokenProblem` for a token that is unknown, expired, revoked or reused."""
        with self._lock:
            now = self.clock.wall()
            state = self._refresh.get(refresh_token)
            if state is None:
                raise TokenProblem("unknown")
            if state.family in self._revoked_families:
                raise TokenProblem("revoked")
            if state.expires_at is not None and now >= state.expires_at:
                raise TokenProblem("expired")
            if state.spent_at is not None and now - state.spent_at >= self.reuse_grace:
                self.reuse_events += 1
                if self.reuse_revokes:
                    self._revoked_families.add(state.family)
                raise TokenProblem("reused")
            all_claims = {**state.claims, **(claims or {})}
            successor: str | None = refresh_token
            if self.rotates:
                state.spent_at = now if state.spent_at is None else state.spent_at
                successor = self._new_refresh_token(state.subject, state.family, all_claims)
            return self._issue(state.subject, state.family, all_claims, successor, lifetime)

    # --- verify and revoke ------------------------------------------------------------------------------------------

    def verify(self, access_token: str) -> dict[str, Any]:
        """Return the claims of an access token. Raises :class:`TokenProblem` if it is not valid now."""
        claims = self.decode(access_token)
        with self._lock:
            state = self._access.get(str(claims.get("jti")))
            if state is None:
                raise TokenProblem("unknown")
            if state.revoked or state.family in self._revoked_families:
                raise TokenProblem("revoked")
        if state.ended or self.clock.wall() >= int(state.expires_at):  # whole seconds, as in the claim
            raise TokenProblem("expired")
        return claims

    def revoke(self, token: str) -> bool:
        """Revoke a refresh token with its family, or one access token; ``False`` if this issuer did not issue it."""
        with self._lock:
            state = self._refresh.get(token)
            if state is not None:
                self._revoked_families.add(state.family)
                return True
        try:
            jti = self.decode(token).get("jti")
        except TokenProblem:
            return False
        with self._lock:
            access = self._access.get(str(jti))
            if access is not None:
                access.revoked = True
            return access is not None

    def revoke_family(self, family: str) -> None:
        """Revoke all tokens that descend from one login."""
        with self._lock:
            self._revoked_families.add(family)

    def expire_access_tokens(self) -> None:
        """End every access token issued so far; refresh tokens stay valid."""
        with self._lock:
            for state in self._access.values():
                state.ended = True

    def expire_refresh_tokens(self) -> None:
        """End every refresh token issued so far."""
        with self._lock:
            for state in self._refresh.values():
                state.expires_at = self.clock.wall()

    def expire_token(self, number: int) -> ListedToken | None:
        """End one token; return what is listed of it, ``None`` if this issuer did not issue it."""
        with self._lock:
            for access in self._access.values():
                if access.number == number:
                    access.ended = True
                    return self._listed(access)
            for refresh in self._refresh.values():
                if refresh.number == number:
                    refresh.expires_at = min(self.clock.wall(), refresh.expires_at or math.inf)
                    return self._listed(refresh)
        return None

    # --- list -------------------------------------------------------------------------------------------------------

    def tokens(self) -> list[ListedToken]:
        """List every token issued so far, oldest first."""
        with self._lock:
            listed = [self._listed(state) for state in self._access.values()]
            listed += [self._listed(state) for state in self._refresh.values()]
        return sorted(listed, key=lambda token: token.issued_at)

    # --- sign -------------------------------------------------------------------------------------------------------

    def sign(self, claims: Mapping[str, Any]) -> str:
        """Sign a JWT with this issuer's key, such as an ID token or an assertion."""
        from joserfc import jwt

        return jwt.encode({"alg": self.algorithm, "kid": self._signing_key().kid}, dict(claims), self._signing_key())

    def decode(self, token: str) -> dict[str, Any]:
        """Return the claims of a JWT signed with this issuer's key, or of an opaque token, expired or not.

        Raises:
            TokenProblem: the token is not one of this issuer's.
        """
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, JoseError

        if token in self._opaque:
            return dict(self._opaque[token])
        try:
            return dict(jwt.decode(token, self._signing_key(), algorithms=[self.algorithm]).claims)
        except BadSignatureError:
            raise TokenProblem("bad_signature") from None
        except (JoseError, ValueError, TypeError):
            raise TokenProblem("malformed") from None

    def jwks(self) -> dict[str, Any]:
        """The JSON Web Key Set that verifies this issuer's tokens; with ``HS256`` it contains the secret itself."""
        private = self.algorithm == "HS256"
        return {"keys": [dict(self._signing_key().as_dict(private=private))]}

    def _signing_key(self) -> OctKey | RSAKey:
        with self._key_lock:
            if self._key is None:
                from joserfc.jwk import OctKey, RSAKey

                parameters: Any = {"alg": self.algorithm, "use": "sig", "kid": secrets.token_hex(4)}
                if self.algorithm == "HS256":
                    self._key = OctKey.import_key(self._secret, parameters)
                else:
                    self._key = RSAKey.generate_key(2048, parameters)
            return self._key

    # --- under the lock ---------------------------------------------------------------------------------------------

    def _issue(
        self,
        subject: str,
        family: str,
        claims: Mapping[str, Any],
        refresh_token: str | None,
        lifetime: float | None,
    ) -> IssuedToken:
        now = self.clock.wall()
        life = self.lifetime if lifetime is None else lifetime
        jti = secrets.token_hex(8)
        standard = {"iss": self.issuer, "sub": subject, "iat": int(now), "exp": int(now + life), "jti": jti}
        all_claims = {name: value for name, value in {**standard, **claims}.items() if value is not None}
        if self.access_format == "opaque":
            access_token = secrets.token_urlsafe(32)
            self._opaque[access_token] = all_claims
        else:
            access_token = self.sign(all_claims)
        access = _AccessState(subject, family, now, now + life, access_token[-4:], next(self._numbers))
        self._access[str(all_claims["jti"])] = access
        self.on_token(self._listed(access))
        return IssuedToken(
            access_token=access_token,
            refresh_token=refresh_token,
            subject=subject,
            family=family,
            claims=all_claims,
            issued_at=now,
            expires_at=now + life,
            lifetime=life,
        )

    def _new_family(self, subject: str) -> str:
        if self.single_session:
            self._revoked_families |= {family for family, owner in self._subject_of.items() if owner == subject}
        family = secrets.token_hex(8)
        self._subject_of[family] = subject
        return family

    def _listed(self, state: _AccessState | _RefreshState) -> ListedToken:
        revoked, expired, spent = state.family in self._revoked_families, False, False
        if isinstance(state, _AccessState):
            revoked, expired = revoked or state.revoked, state.ended
        else:
            spent = state.spent_at is not None
        expired = expired or (state.expires_at is not None and self.clock.wall() >= state.expires_at)
        condition: TokenState = "revoked" if revoked else "expired" if expired else "spent" if spent else "valid"
        return ListedToken(
            kind="access" if isinstance(state, _AccessState) else "refresh",
            subject=state.subject,
            family=state.family,
            issued_at=state.issued_at,
            expires_at=state.expires_at,
            lifetime=None if state.expires_at is None else state.expires_at - state.issued_at,
            state=condition,
            ending=state.ending,
            number=state.number,
        )

    def _new_refresh_token(self, subject: str, family: str, claims: Mapping[str, Any]) -> str:
        now = self.clock.wall()
        ends = None if self.refresh_lifetime is None else now + self.refresh_lifetime
        token = secrets.token_urlsafe(32)
        if self.refresh_format == "jwt":
            times = {"iat": int(now)} if ends is None else {"iat": int(now), "exp": int(ends)}
            standard = {"iss": self.issuer, "sub": subject, "jti": secrets.token_hex(8), **times}
            token = self.sign({**standard, **self.refresh_claims})
        state = self._refresh[token] = _RefreshState(
            subject, family, now, ends, dict(claims), token[-4:], next(self._numbers)
        )
        self.on_token(self._listed(state))
        return token

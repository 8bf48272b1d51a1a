"""A scripted OAuth 2.0 identity provider (RFC 6749) with a small API behind it.

The same object works as an httpx transport (sync and async) and as a real server on a loopback socket::

    provider = IdentityProvider(users={"alice": "secret"})
    with provider.serve() as url:
        ...
    assert len(provider.token_requests) == 1

====================  =======================================================================================
``POST /token``       grants ``password``, ``client_credentials``, ``refresh_token``, ``code`` (each code once);
                      form or JSON; HTTP Basic counts as ``client_id`` and ``client_secret``
``POST /logout``      revokes the token in the member ``token``
``/forbidden``        401, even for a valid token (as Cinchy returns for "not permitted")
anything else         200 with a JSON echo for a valid token, else 401; the token may be in ``Authorization``,
                      in ``X-Token``, or as ``token`` in the query, in a cookie or in the JSON body
====================  =======================================================================================

The faults that it can simulate are in ``faults.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auth_core.clock import Clock, SystemClock

from .exchange import ProviderRequest, ProviderResponse
from .faults import Handling
from .issuer import IssuedToken, TokenIssuer, TokenProblem
from .scripted import Refused, Scripted, ScriptedProvider

__all__ = ["IdentityProvider"]


class IdentityProvider(ScriptedProvider):
    """A scripted identity provider with users, clients and single-use codes. Thread-safe.

    Args:
        issuer: the token issuer; default: a new one that uses ``clock``.
        clock: the server's clock.
        users: passwords by user name.
        clients: secrets by client id; ``None``: every client is accepted.
        codes: single-use codes for the grant ``code``.
        refresh_tokens: whether logins return refresh tokens.
        faults: applied to every token request.
    """

    def __init__(
        self,
        *,
        issuer: TokenIssuer | None = None,
        clock: Clock | None = None,
        users: Mapping[str, str] | None = None,
        clients: Mapping[str, str] | None = None,
        codes: tuple[str, ...] = (),
        refresh_tokens: bool = True,
        faults: Iterable[Scripted] = (),
    ) -> None:
        super().__init__(issuer or TokenIssuer(clock=clock or SystemClock()))
        self.users = dict(users or {"alice": "correct horse"})
        self.clients = None if clients is None else dict(clients)
        self.codes = set(codes)
        self.refresh_tokens = refresh_tokens
        self.respond_always(*faults)

    def grants(self) -> list[str]:
        """The grant types of the token requests so far."""
        return [str(request.form.get("grant_type")) for request in self.token_requests]

    # --- responses ----------------------------------------------------------------------------------------------------

    def _is_token_request(self, request: ProviderRequest) -> bool:
        return request.path.endswith("/token")

    def _is_logout(self, request: ProviderRequest) -> bool:
        return request.path.endswith("/logout")

    def _log_out(self, request: ProviderRequest) -> ProviderResponse:
        return ProviderResponse.json({"revoked": self.issuer.revoke(str(request.form.get("token", "")))})

    def _refusal(self, request: ProviderRequest) -> ProviderResponse:
        return ProviderResponse.json({"error": "invalid_grant"}, 400)

    def _api_response(self, request: ProviderRequest) -> ProviderResponse:
        if request.path.endswith("/forbidden"):
            return ProviderResponse.html(401)
        try:
            claims = self.issuer.verify(shown_token(request) or "")
        except TokenProblem as problem:
            return ProviderResponse.json({"error": "invalid_token", "reason": problem.reason}, 401)
        echo = {"sub": claims["sub"], "path": request.path, "length": len(request.content)}
        return ProviderResponse.json(echo)

    def _token_response(self, request: ProviderRequest, handling: Handling) -> ProviderResponse:
        client = {} if request.basic is None else dict(zip(("client_id", "client_secret"), request.basic, strict=True))
        try:
            issued = self._deliver(self._issue({**client, **request.form}, handling), handling)
        except TokenProblem as problem:
            response = ProviderResponse.json({"error": "invalid_grant", "error_description": problem.reason}, 400)
            raise Refused(handling.refused_as or response) from None
        body = {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": handling.lifetime(issued.lifetime),
            "refresh_token": issued.refresh_token,
        }
        return ProviderResponse.json({name: value for name, value in body.items() if value is not None})

    def _issue(self, form: Mapping[str, Any], handling: Handling) -> IssuedToken:
        client_id = str(form.get("client_id"))
        known = self.clients is None or self.clients.get(client_id) == form.get("client_secret")
        match form.get("grant_type"):
            case "password":
                user = str(form.get("username"))
                right = known and user in self.users and self.users[user] == form.get("password")
                self._admit(user, handling, credentials_are_right=right)
                return self.issuer.issue(user, refresh=self.refresh_tokens)
            case "client_credentials":
                self._admit(client_id, handling, credentials_are_right=known)
                return self.issuer.issue(client_id, refresh=False)
            case "code" if known and form.get("code") in self.codes:
                self.codes.discard(str(form["code"]))
                return self.issuer.issue("code", refresh=self.refresh_tokens)
            case "refresh_token" if known:
                return self.issuer.refresh(str(form.get("refresh_token")))
            case _:
                raise TokenProblem("unknown")


def shown_token(request: ProviderRequest) -> str | None:
    """The token of a request, from any of the supported locations."""
    authorization = request.headers.get("authorization", "")
    if authorization:
        return authorization.removeprefix("Bearer ")
    in_body = request.form.get("token") if request.is_json else None
    found = request.headers.get("x-token") or request.query.get("token") or request.cookie("token") or in_body
    return None if found is None else str(found)

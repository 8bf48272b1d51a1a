"""Athena behind Cynopsis's CRM: an OAuth token endpoint with the password and the refresh grant.

Facts that no OpenAPI document states:

- The fields come as a form or as JSON, without a client secret and without a scope (documented samples).
- ``expires_in`` is 86399, ``token_type`` ``bearer``, ``scope`` separated by a comma, ``iss`` not a URL; the response
  repeats ``sub``, ``iss``, ``identifier_provider`` and ``jti`` (documented sample).
- Every response has a new refresh token (documented sample); the old one becomes invalid, and reusing it revokes all
  tokens of that login (assumed: RFC 9700 section 4.14.2).
- Errors are those of RFC 6749; an expired refresh token is ``invalid_token`` with 401 (assumed: servers of this kind).
"""

from __future__ import annotations

from auth_core_testing import IssuedToken, TokenIssuer, TokenProblem

from vendor_sandbox.json_values import object_of
from vendor_sandbox.messages import Response, json_response
from vendor_sandbox.quirks.athena import AthenaQuirks
from vendor_sandbox.quirks.base import Call, issues_tokens

__all__ = ["VENDOR", "AthenaCrmQuirks"]


class AthenaCrmQuirks(AthenaQuirks):
    """See the module."""

    wire_values = {
        "body/client_id": "sandbox-application",
        "body/username": "sandbox.user",
        "body/password": "correct horse battery staple",
    }

    def new_issuer(self) -> TokenIssuer:
        """See the module's facts; 30 days for the refresh token (assumed)."""
        return TokenIssuer(
            clock=self.clock,
            lifetime=86399,
            refresh_lifetime=30 * 24 * 3600,
            algorithm="RS256",
            issuer="https://crm",
            rotates=True,
            reuse_revokes=True,
        )

    @issues_tokens("POST", "/oauth/token")
    def issue_token(self, call: Call) -> Response:
        """The token endpoint."""
        fields = call.request.form
        if call.request.media_type == "application/json":
            fields = [(name, str(value)) for name, value in object_of(call.request.json).items()]
        if not fields or len(dict(fields)) != len(fields):
            return _oauth_error(400, "invalid_request", "Missing grant type")
        form = dict(fields)
        if form.get("client_id") != self.wire_values["body/client_id"]:
            return _oauth_error(401, "invalid_client", "Bad client credentials")
        match form.get("grant_type"):
            case "password":
                if any(form.get(name) != self.wire_values[f"body/{name}"] for name in ("username", "password")):
                    return _oauth_error(400, "invalid_grant", "Bad credentials")
                return self._tokens(self.issuer.issue(form["username"], claims={"scope": "read,write"}))
            case "refresh_token":
                try:
                    return self._tokens(self.issuer.refresh(form.get("refresh_token", "")))
                except TokenProblem as problem:
                    if problem.reason == "expired":
                        return _oauth_error(401, "invalid_token", "Invalid refresh token (expired)")
                    return _oauth_error(400, "invalid_grant", "Invalid refresh token")
            case other:
                return _oauth_error(400, "unsupported_grant_type", f"Unsupported grant type: {other or 'none'}")

    def locked_out(self, call: Call) -> Response:
        """The error of a wrong password (assumed: servers of this kind)."""
        return _oauth_error(400, "invalid_grant", "User account is locked")

    def _tokens(self, token: IssuedToken) -> Response:
        data = {
            "access_token": token.access_token,
            "token_type": "bearer",
            "refresh_token": token.refresh_token,
            "expires_in": int(token.lifetime),
            "scope": "read,write",
            "sub": token.subject,
            "iss": token.claims["iss"],
            "identifier_provider": "CRM",
            "jti": token.claims["jti"],
        }
        return json_response(200, data).with_header("Cache-Control", "no-store")


def _oauth_error(status: int, error: str, description: str) -> Response:
    response = json_response(status, {"error": error, "error_description": description})
    return response.with_header("Cache-Control", "no-store")


VENDOR = AthenaCrmQuirks

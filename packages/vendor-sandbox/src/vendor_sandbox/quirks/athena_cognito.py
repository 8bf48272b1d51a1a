"""Athena behind Amazon Cognito: a wrapper service with one call for each token.

Facts that no OpenAPI document states:

- The access token is called ``token``; no response states a lifetime, only the JWT's ``exp`` (documented).
- Access tokens have ``token_use``: ``access``, ``client_id`` and ``username``; ID tokens have ``aud`` and
  ``cognito:username`` (Amazon's documentation). RS256, one hour (Amazon's defaults).
- The documented response of the refresh has no access token but a ``refresh_token``; ``refresh_response`` chooses
  between the ``likely`` form (``token``) and the ``documented`` one, in which ``refresh_token`` is the access token.
- Refresh tokens do not rotate (Amazon's default) and are opaque; they live 30 days (Amazon's default). With rotation
  configured, the ``likely`` response has the next one in addition to the access token (assumed, after Amazon's).
- Errors are not documented: those of the framework behind the main API are used (assumed).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from auth_core_testing import TokenIssuer, TokenProblem

from vendor_sandbox.json_values import JsonObject, object_of
from vendor_sandbox.messages import Response, json_response
from vendor_sandbox.quirks.athena import AthenaQuirks
from vendor_sandbox.quirks.base import Call, issues_tokens

__all__ = ["VENDOR", "AthenaCognitoQuirks"]

SUBJECT = "2c8a4d10-6b3f-4c7e-9a51-8e0d1f2a3b44"
POOL_URL = "https://cognito-idp.ap-southeast-1.amazonaws.com/ap-southeast-1_Sandbox"
LOGIN_MEMBERS = ("username", "password", "user_pool_id", "client_id")


class AthenaCognitoQuirks(AthenaQuirks):
    """See the module."""

    wire_values = {
        "body/username": "sandbox.user@athena.example",
        "body/password": "correct horse battery staple",
        "body/user_pool_id": "ap-southeast-1_Sandbox",
        "body/client_id": "sandbox-application",
    }
    variants = {"refresh_response": ("likely", "documented")}
    login_begun: str | None = None
    """The token family of a login that has completed its first step."""

    def new_issuer(self) -> TokenIssuer:
        """See the module's facts."""
        return TokenIssuer(
            clock=self.clock,
            lifetime=3600,
            refresh_lifetime=30 * 24 * 3600,
            algorithm="RS256",
            issuer=POOL_URL,
            rotates=False,
        )

    @issues_tokens("POST", "/auth/get-access-token-by-username")
    def access_token(self, call: Call) -> Response:
        """First step of a login."""
        problem = self._login_problem(call)
        if problem is not None:
            return problem
        token = self.issuer.issue(SUBJECT, claims=self._access_claims(), refresh=False)
        self.login_begun = token.family
        return json_response(200, {"token": token.access_token, "id_token": self._id_token()})

    @issues_tokens("POST", "/auth/get-refresh-token")
    def refresh_token(self, call: Call) -> Response:
        """Second step of a login: the password again."""
        problem = self._login_problem(call)
        if problem is not None:
            return problem
        family, self.login_begun = self.login_begun, None
        token = self.issuer.issue_refresh_token(SUBJECT, claims=self._access_claims(), family=family)
        return json_response(200, {"refresh_token": token, "id_token": self._id_token()})

    @issues_tokens("POST", "/auth/get-access-token-by-refresh-token")
    def refresh(self, call: Call) -> Response:
        """A new access token for a refresh token; the user pool is not named."""
        body, problem = self._body(call, ("refresh_token", "client_id"))
        if problem is not None:
            return problem
        if body["client_id"] != self.wire_values["body/client_id"]:
            return _detail(400, "Invalid client.")
        try:
            token = self.issuer.refresh(str(body["refresh_token"]), claims=self._access_claims())
        except TokenProblem:
            return _detail(401, "Refresh Token has been revoked or has expired.")
        member = "token" if self.chosen["refresh_response"] == "likely" else "refresh_token"
        members = {member: token.access_token, "id_token": self._id_token()}
        if self.issuer.rotates and member == "token":
            members["refresh_token"] = token.refresh_token or ""
        return json_response(200, members)

    @issues_tokens("POST", "/auth/authenticate-token")
    def authenticate_token(self, call: Call) -> Response:
        """The claims of a valid token."""
        body, problem = self._body(call, ("token", "pool_url", "client_id"))
        if problem is not None:
            return problem
        if (body["pool_url"], body["client_id"]) != (POOL_URL, self.wire_values["body/client_id"]):
            return _detail(400, "Invalid user pool or client.")
        try:
            return json_response(200, self.issuer.verify(str(body["token"])))
        except TokenProblem:
            return _detail(401, "Custom bearer token is not valid")

    def locked_out(self, call: Call) -> Response:
        """Amazon's sentence in the form of the other errors (assumed)."""
        return _detail(401, "Password attempts exceeded")

    def _login_problem(self, call: Call) -> Response | None:
        body, problem = self._body(call, LOGIN_MEMBERS)
        if problem is not None:
            return problem
        if any(body[name] != self.wire_values[f"body/{name}"] for name in LOGIN_MEMBERS):
            return _detail(401, "Incorrect username or password.")
        return None

    def _body(self, call: Call, needed: Sequence[str]) -> tuple[JsonObject, Response | None]:
        if call.request.media_type != "application/json":
            return {}, _detail(415, f'Unsupported media type "{call.request.media_type}" in request.')
        body = object_of(call.request.json)
        missing = {name: ["This field is required."] for name in needed if not isinstance(body.get(name), str)}
        return body, json_response(400, missing) if missing else None

    def _access_claims(self) -> Mapping[str, Any]:
        return {
            "origin_jti": "6d8f7c1e-2b3a-4d5e-8f90-a1b2c3d4e5f6",
            "event_id": "0f1e2d3c-4b5a-4678-9a8b-7c6d5e4f3a2b",
            "token_use": "access",
            "scope": "aws.cognito.signin.user.admin",
            "auth_time": int(self.clock.wall()),
            "client_id": self.wire_values["body/client_id"],
            "username": self.wire_values["body/username"],
        }

    def _id_token(self) -> str:
        now = int(self.clock.wall())
        return self.issuer.sign(
            {
                "sub": SUBJECT,
                "iss": POOL_URL,
                "aud": self.wire_values["body/client_id"],
                "token_use": "id",
                "auth_time": now,
                "iat": now,
                "exp": now + int(self.issuer.lifetime),
                "cognito:username": self.wire_values["body/username"],
                "email": self.wire_values["body/username"],
            }
        )


def _detail(status: int, text: str) -> Response:
    return json_response(status, {"detail": text})


VENDOR = AthenaCognitoQuirks

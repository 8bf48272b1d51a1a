"""The declared lifecycle of :class:`IdentityProvider`, and credentials for it: what a generated ``auth.py`` holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from attrs import field, frozen
from auth_core.credentials import ConcealedValue, Credentials, CredentialValue, concealed
from auth_core.lifecycle import (
    Candidate,
    CredentialDefinition,
    ExpiresIn,
    FromCredential,
    FromToken,
    Grant,
    Placement,
    Refresh,
    ResponseCondition,
    TokenLifecycle,
    TokenRequest,
    TokenResponse,
    ValueCondition,
)

__all__ = ["BEARER", "CodeCredentials", "PasswordCredentials", "StaticCredentials", "oauth_lifecycle"]

BEARER = Placement("header", "Authorization", "Bearer ")

RESPONSE = TokenResponse(
    access_token=(Candidate("$response.body#/access_token"),),
    refresh_token=(Candidate("$response.body#/refresh_token"),),
    expires=(ExpiresIn("$response.body#/expires_in"),),
)
REFUSED = (ResponseCondition(status=(400, 401), body={"/error": ValueCondition(any_of=("invalid_grant",))}),)


def token_request(body: Mapping[str, Any]) -> TokenRequest:
    return TokenRequest(
        operation_id="createToken",
        method="POST",
        server="base_url",
        path="/token",
        encoding="form",
        body=body,
        response=RESPONSE,
    )


def oauth_lifecycle(
    *,
    placements: Sequence[Placement] = (BEARER,),
    expired: Sequence[ResponseCondition] = (ResponseCondition(status=(401,)),),
    refresh: bool = True,
    logout: bool = False,
) -> TokenLifecycle:
    """The lifecycle of the provider's tokens: grants ``password``, ``code`` and ``static``.

    Args:
        placements: where requests carry the token; the provider's API accepts it anywhere.
        expired: responses that mean that the token is no longer valid.
        refresh: whether tokens are renewed with a refresh token; else with a new login.
        logout: whether the lifecycle declares a logout request.
    """
    password = {
        "grant_type": "password",
        "username": FromCredential("username"),
        "password": FromCredential("password"),
    }
    refresh_request = token_request({"grant_type": "refresh_token", "refresh_token": FromToken("refresh_token")})
    return TokenLifecycle(
        vendor="provider",
        scheme="oauth",
        grants=(
            Grant(
                "password",
                (
                    CredentialDefinition("username", "PROVIDER_USERNAME"),
                    CredentialDefinition("password", "PROVIDER_PASSWORD", secret=True),
                ),
                (token_request(password),),
                refused=REFUSED,
            ),
            Grant(
                "code",
                (CredentialDefinition("code", "PROVIDER_CODE", secret=True, single_use=True),),
                (token_request({"grant_type": "code", "code": FromCredential("code")}),),
                refused=REFUSED,
            ),
            Grant(
                "static",
                (CredentialDefinition("token", "PROVIDER_TOKEN", secret=True),),
                static=FromCredential("token"),
            ),
        ),
        placements=tuple(placements),
        refresh=Refresh(refresh_request, rotates=True, refused=REFUSED) if refresh else None,
        expired=tuple(expired),
        logout=TokenRequest(
            operation_id="logout",
            method="POST",
            server="base_url",
            path="/logout",
            encoding="json",
            body={"token": FromToken("access_token")},
            authenticated=True,
        )
        if logout
        else None,
    )


@frozen(kw_only=True, repr=False)
class PasswordCredentials(Credentials):
    """A user name and a password."""

    lifecycle: ClassVar[TokenLifecycle] = oauth_lifecycle()
    scheme: ClassVar[str] = "oauth"
    grant: ClassVar[str] = "password"
    username: CredentialValue
    password: ConcealedValue = field(converter=concealed)


@frozen(kw_only=True, repr=False)
class CodeCredentials(Credentials):
    """A code that can be used once."""

    lifecycle: ClassVar[TokenLifecycle] = oauth_lifecycle()
    scheme: ClassVar[str] = "oauth"
    grant: ClassVar[str] = "code"
    code: ConcealedValue = field(converter=concealed)


@frozen(kw_only=True, repr=False)
class StaticCredentials(Credentials):
    """A token obtained elsewhere."""

    lifecycle: ClassVar[TokenLifecycle] = oauth_lifecycle()
    scheme: ClassVar[str] = "oauth"
    grant: ClassVar[str] = "static"
    token: ConcealedValue = field(converter=concealed)

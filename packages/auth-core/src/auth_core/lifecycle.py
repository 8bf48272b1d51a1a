"""The token lifecycle of an API, as plain values.

A generated client's ``auth.py`` holds one :class:`TokenLifecycle` per security scheme, made from the
``x-token-lifecycle`` of the vendor's spec.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from attrs import frozen

__all__ = [
    "BasicAuthentication",
    "Candidate",
    "CredentialDefinition",
    "DefaultLifetime",
    "ExpiresAt",
    "ExpiresIn",
    "ExpirySource",
    "Extra",
    "ExtraValue",
    "FromCredential",
    "FromToken",
    "Grant",
    "JwtClaim",
    "Placement",
    "Refresh",
    "RequestValue",
    "ResponseCondition",
    "ResponseDetails",
    "TokenLifecycle",
    "TokenRequest",
    "TokenResponse",
    "ValueCondition",
]

NOTHING: Final[Mapping[str, Any]] = {}
"""An empty mapping, shared as a default; nobody changes it."""


# --- what a token request sends -------------------------------------------------------------------------------------


@frozen
class FromCredential:
    """The value of the credential called ``name``; an optional one that was not given leaves its member out."""

    name: str


@frozen
class FromToken:
    """A part of the token: ``access_token``, ``refresh_token`` or the name of an extra."""

    name: str


RequestValue: TypeAlias = (
    "str | int | float | bool | FromCredential | FromToken | Mapping[str, RequestValue] | Sequence[RequestValue] | None"
)


@frozen
class BasicAuthentication:
    """HTTP Basic authentication (RFC 7617) of a token request; left out when its user name was not given."""

    username: RequestValue
    password: RequestValue = ""


# --- where a token response has what ----------------------------------------------------------------------------------


@frozen
class Candidate:
    """A place in a response (OpenAPI runtime expression), taken only if the condition on the value holds."""

    expression: str
    jwt_claims: Mapping[str, object] | None = None
    """Take the value only if it is a JWT with these claims."""
    not_jwt: bool = False
    """Take the value only if it is no JWT."""


@frozen
class ExpiresIn:
    """A lifetime, counted from before the request was sent (RFC 6749 section 5.1)."""

    expression: str
    unit: Literal["seconds", "milliseconds"] = "seconds"


@frozen
class ExpiresAt:
    """A moment: Unix epoch in ``unit``, or an RFC 3339 date-time."""

    expression: str
    unit: Literal["seconds", "milliseconds"] = "seconds"


@frozen
class JwtClaim:
    """A claim of the access token that holds the epoch second of its end (RFC 7519 section 4.1.4)."""

    claim: str = "exp"


@frozen
class DefaultLifetime:
    """The lifetime the vendor documents, for responses that state none."""

    seconds: float


ExpirySource: TypeAlias = ExpiresIn | ExpiresAt | JwtClaim | DefaultLifetime


ExtraValue: TypeAlias = str | int | float | bool


@frozen
class Extra:
    """Something else in the response that is worth keeping next to the token: a JSON scalar; as
    text if it is secret.
    """

    candidates: tuple[Candidate, ...]
    secret: bool = True


@frozen
class TokenResponse:
    """Where a response of the token endpoint has what. Of several candidates the first that is present counts."""

    access_token: tuple[Candidate, ...] = ()
    refresh_token: tuple[Candidate, ...] = ()
    expires: tuple[ExpirySource, ...] = ()
    extras: Mapping[str, Extra] = NOTHING


# --- what a response means -------------------------------------------------------------------------------------------


@frozen
class ValueCondition:
    """A condition on one value of a response. Exactly one member is set."""

    any_of: tuple[object, ...] | None = None
    none_of: tuple[object, ...] | None = None
    present: bool | None = None


@frozen
class ResponseCondition:
    """A condition on a response; every part that is given must hold."""

    status: tuple[int | str, ...] = ()
    """Status codes (``401``) or classes (``"5XX"``)."""
    body: Mapping[str, ValueCondition] = NOTHING
    """JSON Pointer (RFC 6901) to condition."""
    headers: Mapping[str, ValueCondition] = NOTHING


@frozen
class ResponseDetails:
    """``x-responses``: failures under a success status, and where a response has the vendor's code and message."""

    failed: tuple[ResponseCondition, ...] = ()
    code: tuple[str, ...] = ()
    message: tuple[str, ...] = ()


REFUSED_BY_DEFAULT = (ResponseCondition(status=(400, 401, 403)),)


# --- requests, grants, placements -----------------------------------------------------------------------------------


@frozen
class TokenRequest:
    """One call of a token endpoint. Method, path, server and encoding are those of the spec's operation."""

    operation_id: str
    method: str
    server: str
    """The constructor argument that holds the server's URL: ``base_url``, ``sso_url``."""
    path: str
    encoding: Literal["json", "form"] | None = None
    """How ``body`` is sent; ``None``: the request has no body."""
    body: Mapping[str, RequestValue] = NOTHING
    query: Mapping[str, RequestValue] = NOTHING
    headers: Mapping[str, RequestValue] = NOTHING
    cookies: Mapping[str, RequestValue] = NOTHING
    path_parameters: Mapping[str, RequestValue] = NOTHING
    basic: BasicAuthentication | None = None
    response: TokenResponse = TokenResponse()
    optional: bool = False
    """A failure of this step still leaves a usable token."""
    authenticated: bool = False
    """The operation itself wants the access token, placed like any other call's (a logout)."""


@frozen
class CredentialDefinition:
    """One input of a grant. ``environment`` is the whole variable name: ``CINCHY_CLIENT_ID``."""

    name: str
    environment: str
    secret: bool = False
    required: bool = True
    single_use: bool = False


@frozen
class Grant:
    """One way to get a token: requests to make, or a credential that is the token (``static``)."""

    name: str
    credentials: tuple[CredentialDefinition, ...]
    requests: tuple[TokenRequest, ...] = ()
    static: FromCredential | BasicAuthentication | None = None
    """The access token itself; a ``BasicAuthentication`` gives the base64 text of RFC 7617."""
    refused: tuple[ResponseCondition, ...] = REFUSED_BY_DEFAULT


@frozen
class Refresh:
    """How a token is renewed without the credentials."""

    request: TokenRequest
    rotates: bool = False
    """The vendor hands out a new refresh token each time and the old one is spent."""
    refused: tuple[ResponseCondition, ...] = REFUSED_BY_DEFAULT


@frozen
class Placement:
    """Where a request shows the token. ``methods`` empty: every HTTP method."""

    location: Literal["header", "query", "cookie", "body"] = "header"
    name: str = "Authorization"
    prefix: str = ""
    methods: tuple[str, ...] = ()


@frozen
class TokenLifecycle:
    """Everything the refresh policy must know of one security scheme of one vendor."""

    vendor: str
    scheme: str
    grants: tuple[Grant, ...]
    placements: tuple[Placement, ...]
    refresh: Refresh | None = None
    expired: tuple[ResponseCondition, ...] = ()
    """Responses which mean that the token is no longer valid; empty: nothing is known, age alone decides."""
    responses: ResponseDetails = ResponseDetails()
    logout: TokenRequest | None = None

    def grant(self, name: str) -> Grant:
        """The grant of that name; ``KeyError`` when there is none."""
        return {grant.name: grant for grant in self.grants}[name]

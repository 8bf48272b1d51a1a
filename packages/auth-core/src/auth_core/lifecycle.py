"""The token lifecycle of an API, as data classes.

A generated client's ``auth.py`` has one :class:`TokenLifecycle` per security scheme, generated from
``x-token-lifecycle`` in the vendor's spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, Literal, TypeAlias

from attrs import field, frozen

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
"""Shared empty default; must not be modified."""


# --- what a token request sends -------------------------------------------------------------------------------------


@frozen
class FromCredential:
    """The value of a credential; the member is omitted if an optional credential was not given."""

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
    """HTTP Basic authentication (RFC 7617) of a token request; omitted if the user name was not given."""

    username: RequestValue
    password: RequestValue = ""
    form_encoded: bool = False
    """User name and password are form-encoded first (RFC 6749 section 2.3.1)."""


# --- locations in a token response ----------------------------------------------------------------------------------


@frozen
class Candidate:
    """A location in a response (OpenAPI runtime expression), used only if the value meets the condition."""

    expression: str
    jwt_claims: Mapping[str, object] | None = None
    """Use the value only if it is a JWT with these claims."""
    not_jwt: bool = False
    """Use the value only if it is not a JWT."""


@frozen
class ExpiresIn:
    """A lifetime, counted from before the request was sent (RFC 6749 section 5.1)."""

    expression: str
    unit: Literal["seconds", "milliseconds"] = "seconds"


@frozen
class ExpiresAt:
    """An absolute time: Unix epoch in ``unit``, or an RFC 3339 date-time."""

    expression: str
    unit: Literal["seconds", "milliseconds"] = "seconds"


@frozen
class JwtClaim:
    """A claim of the access token with its expiry in epoch seconds (RFC 7519 section 4.1.4)."""

    claim: str = "exp"


@frozen
class DefaultLifetime:
    """The lifetime the vendor documents, for responses that state none."""

    seconds: float


ExpirySource: TypeAlias = ExpiresIn | ExpiresAt | JwtClaim | DefaultLifetime


ExtraValue: TypeAlias = str | int | float | bool


@frozen
class Extra:
    """An additional value in the response, kept with the token: a JSON scalar; as text if it is secret."""

    candidates: tuple[Candidate, ...]
    secret: bool = True


@frozen
class TokenResponse:
    """Locations of values in a token response. The first candidate that is present is used."""

    access_token: tuple[Candidate, ...] = ()
    refresh_token: tuple[Candidate, ...] = ()
    expires: tuple[ExpirySource, ...] = ()
    extras: Mapping[str, Extra] = NOTHING


# --- conditions on responses ----------------------------------------------------------------------------------------


@frozen
class ValueCondition:
    """A condition on one value of a response. Exactly one member is set."""

    any_of: tuple[object, ...] | None = None
    none_of: tuple[object, ...] | None = None
    present: bool | None = None


def _conditions(given: Mapping[str, ValueCondition | object]) -> Mapping[str, ValueCondition]:
    return {
        name: value if isinstance(value, ValueCondition) else ValueCondition(any_of=(value,))
        for name, value in given.items()
    }


def _statuses(given: int | str | Iterable[int | str]) -> tuple[int | str, ...]:
    statuses = (given,) if isinstance(given, int | str) else tuple(given)
    for status in statuses:
        if not re.fullmatch(r"[1-5]([0-9]{2}|XX)", str(status).upper()):
            message = f"a status is a number from 100 to 599 or a class such as '4XX', not {status!r}"
            raise ValueError(message)
    return statuses


@frozen
class ResponseCondition:
    """A condition on a response; all given parts must hold. Raises ``ValueError`` for an invalid status."""

    status: tuple[int | str, ...] = field(default=(), converter=_statuses)
    """Status codes (``401``) or classes (``"5XX"``); one or several."""
    body: Mapping[str, ValueCondition] = field(default=NOTHING, converter=_conditions)
    """JSON Pointer (RFC 6901) to condition; a plain value means: equal to it."""
    headers: Mapping[str, ValueCondition] = field(default=NOTHING, converter=_conditions)
    advice: str = ""
    """What the user can do about it; ends the error message if this condition refuses a login."""


@frozen
class ResponseDetails:
    """``x-responses``: failures with a success status, and the locations of the vendor's code and message.

    A request that was ``throttled`` was not processed.
    """

    failed: tuple[ResponseCondition, ...] = ()
    throttled: tuple[ResponseCondition, ...] = ()
    code: tuple[str, ...] = ()
    message: tuple[str, ...] = ()


REFUSED_BY_DEFAULT = (ResponseCondition(status=(400, 401, 403)),)


# --- requests, grants, placements -----------------------------------------------------------------------------------


@frozen
class TokenRequest:
    """One call of a token endpoint. Method, path, server and encoding come from the spec's operation."""

    operation_id: str
    method: str
    server: str
    """The constructor argument with the server's URL: ``base_url``, ``sso_url``."""
    path: str
    encoding: Literal["json", "form"] | None = None
    """Encoding of ``body``; ``None``: no body."""
    body: Mapping[str, RequestValue] = NOTHING
    query: Mapping[str, RequestValue] = NOTHING
    headers: Mapping[str, RequestValue] = NOTHING
    cookies: Mapping[str, RequestValue] = NOTHING
    path_parameters: Mapping[str, RequestValue] = NOTHING
    basic: BasicAuthentication | None = None
    response: TokenResponse = TokenResponse()
    optional: bool = False
    """If this step fails, the token is still usable."""
    authenticated: bool = False
    """The operation requires the access token, placed as in any other call (a logout)."""


@frozen
class CredentialDefinition:
    """One credential of a grant. ``environment`` is the full variable name: ``CINCHY_CLIENT_ID``."""

    name: str
    environment: str
    secret: bool = False
    required: bool = True
    single_use: bool = False


@frozen
class Grant:
    """A grant: token requests, or a credential that is the token itself (``static``)."""

    name: str
    credentials: tuple[CredentialDefinition, ...]
    requests: tuple[TokenRequest, ...] = ()
    static: FromCredential | BasicAuthentication | None = None
    """The access token; for ``BasicAuthentication``, the base64 text of RFC 7617."""
    refused: tuple[ResponseCondition, ...] = REFUSED_BY_DEFAULT


@frozen
class Refresh:
    """How a token is renewed without the credentials."""

    request: TokenRequest
    rotates: bool = False
    """Each refresh returns a new refresh token and invalidates the old one."""
    refused: tuple[ResponseCondition, ...] = REFUSED_BY_DEFAULT


@frozen
class Placement:
    """Where a request carries the token. Empty ``methods``: all HTTP methods."""

    location: Literal["header", "query", "cookie", "body"] = "header"
    name: str = "Authorization"
    prefix: str = ""
    methods: tuple[str, ...] = ()


@frozen
class TokenLifecycle:
    """The token lifecycle of one security scheme of one vendor."""

    vendor: str
    scheme: str
    grants: tuple[Grant, ...]
    placements: tuple[Placement, ...]
    refresh: Refresh | None = None
    expired: tuple[ResponseCondition, ...] = ()
    """Responses that mean that the token is no longer valid; empty: unknown, only its age counts."""
    responses: ResponseDetails = ResponseDetails()
    logout: TokenRequest | None = None

    def grant(self, name: str) -> Grant:
        """The grant of that name. Raises ``KeyError`` if there is none."""
        return {grant.name: grant for grant in self.grants}[name]

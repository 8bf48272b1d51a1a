"""Everything auth_core raises.

::

    AuthError
    ├── ConfigurationError          nothing was sent: change the program or its environment
    │   ├── MissingCredentials      the credentials satisfy no security alternative of the operation
    │   ├── AmbiguousCredentials    several credentials fit, and none is selected
    │   ├── InvalidCredentials      a credential value cannot be used, or its callable failed
    │   ├── InsecureServer          http to a host that is not this machine
    │   ├── InsecureStore           others could read or change the tokens in a store
    │   └── ForeignOrigin           the request goes to a server that the token is not for
    ├── LoginRequired               nothing was sent: the credentials are for one use and spent; new ones are needed
    ├── LoginRefused                the token server refused the credentials, now or (nothing sent) recently
    └── TokenUnavailable            try later: the token server failed or could not be reached
        ├── MalformedTokenResponse  it responded with success but without a usable token
        ├── RefreshTimeout          the in-flight renewal took longer than this caller may wait
        └── StoreUnavailable        the token store cannot be reached; renewals continue without it
            └── LeaseLost           another process has taken over the renewal

No error holds a secret, or a request or frame with one. The caller's API request was not sent, or got the
response "expired".
"""

from __future__ import annotations

from typing import Self


class AuthError(Exception):
    """The request cannot be authenticated.

    Attributes:
        request_sent: whether a token request may have reached the token server.
        retry_after_seconds: do not repeat the same attempt for this long; ``None`` if unknown.
        status: HTTP status of the token server's response, if any.
        code: the server's error code (``invalid_grant``), if any.
    """

    def __init__(
        self,
        message: str,
        *,
        request_sent: bool = False,
        retry_after_seconds: float | None = None,
        status: int | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.request_sent = request_sent
        self.retry_after_seconds = retry_after_seconds
        self.status = status
        self.code = code

    def __copy__(self) -> Self:
        """Copy the error without frames, causes and notes; bypasses the constructors of subclasses."""
        other = type(self).__new__(type(self))
        other.args = self.args
        vars(other).update({name: value for name, value in vars(self).items() if name != "__notes__"})
        return other


class ConfigurationError(AuthError):
    """The program or its environment must be changed. Nothing was sent."""


class MissingCredentials(ConfigurationError):
    """The given credentials satisfy no security alternative of the operation."""


class AmbiguousCredentials(ConfigurationError):
    """Several credentials fit the same security scheme, and none is selected."""


class InvalidCredentials(ConfigurationError):
    """A credential value cannot be used, or the callable that provides it failed."""


class InsecureServer(ConfigurationError):
    """A server URL would send tokens in clear text over a network."""


class InsecureStore(ConfigurationError):
    """Others could read or change a token store; the message explains how to fix it."""


class ForeignOrigin(ConfigurationError):
    """The request goes to a server that is not one of the client's; tokens are not sent there."""


class LoginRequired(AuthError):
    """New credentials are needed: the given ones are for one use and have been used."""


class LoginRefused(AuthError):
    """The token server refused the credentials. While this is recorded, the same login is not tried again."""


class TokenUnavailable(AuthError):
    """No token can be obtained now; the credentials may be correct."""


class MalformedTokenResponse(TokenUnavailable):
    """The token server responded with success, but without a usable token."""


class RefreshTimeout(TokenUnavailable):
    """The in-flight renewal took longer than this caller may wait. The renewal itself continues."""


class StoreUnavailable(TokenUnavailable):
    """A token store cannot be reached, read or written. Each process continues to renew on its own."""


class LeaseLost(StoreUnavailable):
    """The lease ended before the renewal did: another process may have taken over. The token was not saved."""

"""Everything auth_core raises.

::

    AuthError
    ├── ConfigurationError        nothing was sent: change the program or its environment
    │   ├── MissingCredentials    no security alternative of the operation can be satisfied
    │   ├── AmbiguousCredentials  several credentials fit and nothing says which
    │   ├── InvalidCredentials    a value cannot be used as it stands, or its callable failed
    │   ├── InsecureServer        http to a host that is not this machine
    │   ├── InsecureStore         others could read or change what a token store keeps
    │   └── ForeignOrigin         the request goes to a server that the token is not for
    ├── LoginRequired             nothing was sent: new credentials are needed, the ones at hand are spent
    ├── LoginRefused              the token server refused the credentials, now or (nothing sent) a moment ago
    └── TokenUnavailable          try later: the token server failed or could not be reached
        ├── MalformedTokenResponse  it responded with success without a usable token
        ├── RefreshTimeout        the renewal under way took longer than this caller may wait
        └── StoreUnavailable      the token store cannot be reached; renewals go on without it
            └── LeaseLost         another has taken over the renewal meanwhile

No error holds a secret, a request or a frame that held one. ``request_sent`` says whether this error's token request
may have reached the token server; the API request of the caller was not sent, or got "expired".
"""

from __future__ import annotations

from typing import Self


class AuthError(Exception):
    """The request cannot be authenticated.

    Attributes:
        request_sent: whether a token request may have reached the token server.
        retry_after_seconds: how long the same attempt is not worth repeating; ``None`` when nothing is known.
        status: HTTP status of the token server's response, if there was one.
        code: the server's own error code (``invalid_grant``), if it gave one.
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
        """The same error without frames, causes and notes, whatever the constructor of a subclass takes."""
        other = type(self).__new__(type(self))
        other.args = self.args
        vars(other).update({name: value for name, value in vars(self).items() if name != "__notes__"})
        return other


class ConfigurationError(AuthError):
    """The program or its environment must change; nothing was sent."""


class MissingCredentials(ConfigurationError):
    """No security alternative of the operation can be satisfied with the credentials that were given."""


class AmbiguousCredentials(ConfigurationError):
    """Several credentials fit the same security scheme and nothing says which to use."""


class InvalidCredentials(ConfigurationError):
    """A credential cannot be used as it stands, or the callable that should bring it failed."""


class InsecureServer(ConfigurationError):
    """A server URL would show tokens in clear text on a network."""


class InsecureStore(ConfigurationError):
    """A token store lies where others could read or change it; the text says how to fix that."""


class ForeignOrigin(ConfigurationError):
    """The request goes to a server which is none of the client's own; tokens are not shown there."""


class LoginRequired(AuthError):
    """New credentials are needed: those at hand can be used once and have been used."""


class LoginRefused(AuthError):
    """The token server refused the credentials. While this is recorded, the same login is not tried again."""


class TokenUnavailable(AuthError):
    """No token could be had now; the credentials may well be right."""


class MalformedTokenResponse(TokenUnavailable):
    """The token server responded with success, but without a token that can be used."""


class RefreshTimeout(TokenUnavailable):
    """The renewal under way took longer than this caller may wait. The renewal itself goes on."""


class StoreUnavailable(TokenUnavailable):
    """A token store cannot be reached, read or written. Renewals go on without it, each process for itself."""


class LeaseLost(StoreUnavailable):
    """The right to renew has ended before the renewal: another may have taken over. What was saved is not kept."""

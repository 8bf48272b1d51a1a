"""Everything that a call of this client raises: ``except ClientError`` catches all of it.

::

    ClientError
    ├── ApiError                        the API responded, and not with success
    │   ├── BadRequestError             400
    │   ├── AuthenticationError         401: the request went out, and the API did not let it in
    │   ├── PermissionDeniedError       403
    │   ├── NotFoundError               404
    │   ├── ConflictError               409
    │   ├── UnprocessableEntityError    422
    │   ├── RateLimitError              429
    │   ├── ServerError                 5xx
    │   ├── RedirectError               3xx that is not followed
    │   └── UnexpectedResponseError       2xx that the API's description does not have
    ├── TransportError                  no response, or half of one
    │   └── TransportTimeoutError       ... in time; a built-in TimeoutError too
    ├── DecodeError                     a success whose body is not what the API's description says; a ValueError too
    ├── AuthError                       there is no token to call the API with
    │   ├── ConfigurationError          nothing was sent: change the program or its environment
    │   │   ├── MissingCredentials      none were given that the operation can be called with
    │   │   ├── AmbiguousCredentials    several fit, and nothing says which
    │   │   ├── InvalidCredentials      a value cannot be used as it stands, or its function failed
    │   │   ├── InsecureServer          http to a host that is not this machine
    │   │   ├── InsecureStore           others could read or change what a token store keeps
    │   │   └── ForeignOrigin           the request goes to a server that the token is not for
    │   ├── LoginRequired               nothing was sent: the credentials at hand are spent, give new ones
    │   ├── LoginRefused                the token server refused the credentials, now or a moment ago
    │   └── TokenUnavailable            try later: the token server failed or could not be reached
    │       ├── MalformedTokenResponse    it responded with success without a usable token
    │       ├── RefreshTimeout          the renewal under way took longer than this caller may wait
    │       └── StoreUnavailable        the token store cannot be reached
    │           └── LeaseLost           another has taken over the renewal meanwhile
    └── UsageError                      the call cannot be made like this
        ├── InvalidArgument             an argument has a value that cannot be sent; a ValueError too
        ├── WrongArgumentType           an argument has a type that cannot be sent; a TypeError too
        ├── UnreadableFile              a file to upload cannot be read; an OSError too
        └── ClientClosed                the client was closed before; a RuntimeError too

A status without a class of its own raises ``ApiError``. No error shows a token: not in its text, not in its attributes.

Each error of ``auth_core`` has the class here that is called like it and is one of its kind, so that
``except auth_core.LoginRefused``, which fits every client, catches it too.

Outside the tree stays what is not about the call: arguments that a method does not have (``TypeError``), a client that
cannot be pickled (``TypeError``), an interruption (``KeyboardInterrupt``, ``asyncio.CancelledError``), and whatever
code of your own raises while it is called (an event listener, a hook or transport of your httpx client, an open file).
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from time import time
from typing import Any, cast

import auth_core.contract as core


class ClientError(Exception):
    """Base of all errors of this client: what a call raises is one of them."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


class ApiError(ClientError):
    """The API responded, and not with success.

    Attributes:
        status_code: HTTP status; it can be 200 where the API reports failures in the body.
        code: The API's own code of the failure, if it gave one.
        message: The API's own explanation, if it gave one.
        error: The body: as a model where the API's description has one, else as the JSON value it is, else ``None``.
        headers: Headers of the response.
        excerpt: The beginning of the body, with what looks like a secret masked.
        operation_id: The operation, as the API's description calls it.
        method: HTTP method.
        path_template: The path without the values of its parameters.
    """

    def __init__(
        self,
        *,
        status_code: int,
        code: str | None,
        message: str | None,
        error: object | None,
        headers: Mapping[str, str],
        excerpt: str,
        operation_id: str,
        method: str,
        path_template: str,
    ) -> None:
        said = ": ".join(part for part in (code, message) if part)
        super().__init__(f"{status_code} from {operation_id} ({method} {path_template}){': ' if said else ''}{said}")
        self.status_code = status_code
        self.code = code
        self.message = message
        self.error = error
        self.headers = headers
        self.excerpt = excerpt
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template

    @property
    def retry_after_seconds(self) -> float | None:
        """How long the API asks to wait (``Retry-After``), if it does."""
        return core.retry_after_seconds(self.headers, time())


class BadRequestError(ApiError):
    """400: the request is wrong."""


class AuthenticationError(ApiError):
    """401: the API does not accept the token, even a new one; or wants one that it did not get.

    The request was sent and the API responded it. Where there is no token to send, it is an :class:`AuthError`.

    Attributes:
        lacks_credentials: ``True`` if the request went without a token, because none of the given credentials suit it.
    """

    lacks_credentials: bool = False

    def __str__(self) -> str:
        hint = ": sent without a token, since none of the given credentials suit this operation"
        return f"{super().__str__()}{hint}" if self.lacks_credentials else super().__str__()


class PermissionDeniedError(ApiError):
    """403: these credentials may not do this."""


class NotFoundError(ApiError):
    """404: there is no such thing."""


class ConflictError(ApiError):
    """409: the request contradicts the present state."""


class UnprocessableEntityError(ApiError):
    """422: the request is well formed and makes no sense."""


class RateLimitError(ApiError):
    """429: too many requests; ``retry_after_seconds`` may say how long to wait."""


class ServerError(ApiError):
    """5xx: the API failed."""


class RedirectError(ApiError):
    """3xx: the API points to another host, or in a loop, or would have a body sent again that is gone.

    Attributes:
        target: Origin of the other host, if there is one.
    """

    target: str | None = None

    def __str__(self) -> str:
        return f"{super().__str__()}: redirected to {self.target}, not followed" if self.target else super().__str__()


class UnexpectedResponseError(ApiError):
    """2xx: a success that the API's description does not have, so that there is no telling what it holds."""


class TransportError(ClientError):
    """There is no response, or only half of one.

    Attributes:
        request_sent: ``False`` if the request certainly did not reach the API; it can be repeated then.
        operation_id: The operation, as the API's description calls it.
        method: HTTP method.
        path_template: The path without the values of its parameters.
    """

    def __init__(self, reason: str, *, request_sent: bool, operation_id: str, method: str, path_template: str) -> None:
        super().__init__(f"{operation_id} ({method} {path_template}): {reason}")
        self.request_sent = request_sent
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template


class TransportTimeoutError(TransportError, builtins.TimeoutError):
    """The response did not come in time."""


class DecodeError(ClientError, ValueError):
    """A success whose body is not what the API's description says.

    Attributes:
        path: Where in the body, as a JSON path: ``$.results[3].status``.
        reason: What is wrong there.
        operation_id: The operation, as the API's description calls it.
        method: HTTP method.
        path_template: The path without the values of its parameters.
        status_code: HTTP status.
        headers: Headers of the response.
        excerpt: The beginning of the body, with what looks like a secret masked.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason
        self.operation_id: str | None = None
        self.method: str | None = None
        self.path_template: str | None = None
        self.status_code: int | None = None
        self.headers: Mapping[str, str] = {}
        self.excerpt = ""

    def locate(
        self,
        *,
        operation_id: str,
        method: str,
        path_template: str,
        status_code: int,
        headers: Mapping[str, str],
        excerpt: str,
    ) -> None:
        """Say which response it was."""
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template
        self.status_code = status_code
        self.headers = headers
        self.excerpt = excerpt

    def __str__(self) -> str:
        where = f"{self.operation_id} ({self.method} {self.path_template}), " if self.operation_id else ""
        return f"{where}{self.path}: {self.reason}"


class AuthError(ClientError, core.AuthError):
    """There is no token to call the API with.

    The request of the call was not sent, or the API responded it with "expired". A token that the API does not accept
    is an :class:`AuthenticationError`.

    Attributes:
        request_sent: Whether a token request may have reached the token server.
        retry_after_seconds: How long the same attempt is not worth repeating; ``None`` when nothing is known.
        status: HTTP status of the token server's response, if there was one.
        code: The token server's own error code (``invalid_grant``), if it gave one.
    """


class ConfigurationError(AuthError, core.ConfigurationError):
    """The program or its environment must change; nothing was sent."""


class MissingCredentials(ConfigurationError, core.MissingCredentials):
    """No credentials were given that the operation can be called with."""


class AmbiguousCredentials(ConfigurationError, core.AmbiguousCredentials):
    """Several credentials fit, and nothing says which to use."""


class InvalidCredentials(ConfigurationError, core.InvalidCredentials):
    """A credential cannot be used as it stands, or the function that should bring it failed."""


class InsecureServer(ConfigurationError, core.InsecureServer):
    """The address of a server would show tokens in clear text on a network."""


class InsecureStore(ConfigurationError, core.InsecureStore):
    """A token store lies where others could read or change it."""


class ForeignOrigin(ConfigurationError, core.ForeignOrigin):
    """The request goes to a server which is none of the client's own; tokens are not shown there."""


class LoginRequired(AuthError, core.LoginRequired):
    """New credentials are needed: those at hand can be used once and have been used."""


class LoginRefused(AuthError, core.LoginRefused):
    """The token server refused the credentials. While this is recorded, the same login is not tried again."""


class TokenUnavailable(AuthError, core.TokenUnavailable):
    """No token could be had now; the credentials may well be right."""


class MalformedTokenResponse(TokenUnavailable, core.MalformedTokenResponse):
    """The token server responded with success, but without a token that can be used."""


class RefreshTimeout(TokenUnavailable, core.RefreshTimeout):
    """The renewal under way took longer than this caller may wait. The renewal itself goes on."""


class StoreUnavailable(TokenUnavailable, core.StoreUnavailable):
    """A token store cannot be reached, read or written."""


class LeaseLost(StoreUnavailable, core.LeaseLost):
    """The right to renew has ended before the renewal: another may have taken over."""


class UsageError(ClientError):
    """The call cannot be made like this."""


class InvalidArgument(UsageError, ValueError):
    """An argument has a value that cannot be sent."""


class WrongArgumentType(UsageError, TypeError):
    """An argument has a type that cannot be sent."""


class UnreadableFile(UsageError, OSError):
    """A file to upload cannot be read, or has become shorter while it was sent."""

    def __reduce__(self) -> tuple[Any, ...]:
        return cast("tuple[Any, ...]", OSError.__reduce__(self))  # which knows of the name of the file


class ClientClosed(UsageError, RuntimeError):
    """The client, or the httpx client that it was given, was closed before."""


_BY_STATUS: dict[int, type[ApiError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    409: ConflictError,
    422: UnprocessableEntityError,
    429: RateLimitError,
    **dict.fromkeys(range(300, 400), RedirectError),
    **dict.fromkeys(range(500, 600), ServerError),
}


def api_error_class(status_code: int) -> type[ApiError]:
    """The class of a failure with this status."""
    return _BY_STATUS.get(status_code, ApiError)


def _with_variants(kind: type[AuthError]) -> Iterator[type[AuthError]]:
    yield kind
    for variant in kind.__subclasses__():
        yield from _with_variants(variant)


_OF_THIS_CLIENT = {
    base: kind
    for kind in _with_variants(AuthError)
    for base in kind.__bases__
    if issubclass(base, core.AuthError) and not issubclass(base, ClientError)
}
"""For each error of ``auth_core`` the class here that is one of its kind."""


def is_of_this_client(error: BaseException) -> bool:
    """Whether ``except ClientError`` would catch it."""
    return isinstance(error, ClientError)


def of_this_client(error: core.AuthError) -> AuthError:
    """An error of ``auth_core`` as one of this client's: a new object, since others may be given the same one.

    It says and has what the error does. One of a class that ``auth_core`` does not have, such as that of a custom
    grant, becomes the closest one that it has, with the error as its cause.
    """
    known = next(kind for kind in type(error).__mro__ if kind in _OF_THIS_CLIENT)
    own = _OF_THIS_CLIENT[known].__new__(_OF_THIS_CLIENT[known])
    own.args = error.args
    vars(own).update({name: list(value) if name == "__notes__" else value for name, value in vars(error).items()})
    own.__cause__ = error.__cause__ if type(error) is known else error
    own.__suppress_context__ = error.__suppress_context__ or type(error) is not known
    return own


def _restore(kind: type[BaseException], args: tuple[Any, ...], attributes: dict[str, Any]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error

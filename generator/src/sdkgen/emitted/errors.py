"""The exceptions of this client; ``except ClientError`` catches all of them.

::

    ClientError
    ├── ApiError                        the API responded with a failure
    │   ├── BadRequestError             400
    │   ├── AuthenticationError         401: the API rejected the token, or the request had none
    │   ├── PermissionDeniedError       403
    │   ├── NotFoundError               404
    │   ├── ConflictError               409
    │   ├── UnprocessableEntityError    422
    │   ├── RateLimitError              429
    │   ├── ServerError                 5xx
    │   ├── RedirectError               3xx that is not followed
    │   └── UnexpectedResponseError     2xx that the API's description does not document
    ├── TransportError                  no response, or only part of one
    │   └── TransportTimeoutError       no response within the timeout; also a built-in TimeoutError
    ├── DecodeError                     a success whose body does not match the API's description; also a ValueError
    ├── AuthError                       no usable token could be obtained
    │   ├── ConfigurationError          nothing was sent; change the program or its environment
    │   │   ├── MissingCredentials      none of the given credentials can be used for the operation
    │   │   ├── AmbiguousCredentials    several credentials match, and none was selected
    │   │   ├── InvalidCredentials      a credential value is invalid, or its function failed
    │   │   ├── InsecureServer          http to a host other than this machine
    │   │   ├── InsecureStore           other users could read or change the token store
    │   │   └── ForeignOrigin           the request goes to a server that the token is not for
    │   ├── LoginRequired               nothing was sent; single-use credentials are spent, give new ones
    │   ├── LoginRefused                the token server refused the credentials, now or recently
    │   └── TokenUnavailable            the token server failed or cannot be reached; try again later
    │       ├── MalformedTokenResponse  it responded with success, but without a usable token
    │       ├── RefreshTimeout          the in-flight renewal took longer than this caller can wait
    │       └── StoreUnavailable        the token store cannot be reached
    │           └── LeaseLost           another process may have taken over the renewal
    └── UsageError                      the client was used incorrectly
        ├── InvalidArgument             an argument has a value that cannot be sent; also a ValueError
        ├── WrongArgumentType           an argument has a type that cannot be sent; also a TypeError
        ├── UnreadableFile              a file to upload cannot be read; also an OSError
        ├── MissingPackage              a package that the method requires is not installed; also an ImportError
        └── ClientClosed                the client is closed; also a RuntimeError

A status without a class of its own raises ``ApiError``. Errors contain no tokens, neither in the message nor in the
attributes.

Each error class of ``auth_core`` has a subclass of the same name here. ``except auth_core.LoginRefused`` therefore
catches the ``LoginRefused`` of every client.

Some exceptions are not part of the tree: unknown arguments of a method (``TypeError``), a client that cannot be pickled
(``TypeError``), interruptions (``KeyboardInterrupt``, ``asyncio.CancelledError``), and exceptions raised by your own
code (an event listener, a hook or transport of your httpx client, a file object that you pass).
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping
from time import time
from typing import Any, cast

import auth_core.contract as core


class ClientError(Exception):
    """Base class of all errors that this client raises."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


class ApiError(ClientError):
    """The API responded with a failure.

    Attributes:
        status_code: HTTP status; it can be 200 where the API reports failures in the body.
        code: The API's own error code, if the response has one.
        message: The API's own error message, if the response has one.
        error: The body: a model where the API's description has one, else the JSON value; ``None`` if it is not JSON.
        headers: Headers of the response.
        excerpt: The beginning of the body, with likely secrets masked.
        operation_id: The ``operationId`` of the API's description.
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
        reason = ": ".join(part for part in (code, message) if part)
        super().__init__(
            f"{status_code} from {operation_id} ({method} {path_template}){': ' if reason else ''}{reason}"
        )
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
        """Seconds to wait before another attempt (``Retry-After``); ``None`` if the response does not have them."""
        return core.retry_after_seconds(self.headers, time())


class BadRequestError(ApiError):
    """400: the request is malformed."""


class AuthenticationError(ApiError):
    """401: the API rejected the token, even after a renewal, or requires one and the request had none.

    The request was sent and the API responded. If no token could be obtained, an :class:`AuthError` is raised instead.

    Attributes:
        lacks_credentials: ``True`` if the request was sent without a token, because none of the given credentials
            apply to the operation.
    """

    lacks_credentials: bool = False

    def __str__(self) -> str:
        hint = ": sent without a token, since none of the given credentials apply to this operation"
        return f"{super().__str__()}{hint}" if self.lacks_credentials else super().__str__()


class PermissionDeniedError(ApiError):
    """403: the credentials do not permit this operation."""


class NotFoundError(ApiError):
    """404: the resource does not exist."""


class ConflictError(ApiError):
    """409: the request conflicts with the current state of the resource."""


class UnprocessableEntityError(ApiError):
    """422: the request is well formed, but its content is invalid."""


class RateLimitError(ApiError):
    """429: too many requests; see ``retry_after_seconds``."""


class ServerError(ApiError):
    """5xx: the API failed."""


class RedirectError(ApiError):
    """3xx: a redirect that is not followed: to another origin, too many of them, or with a body that cannot be resent.

    Attributes:
        target: The other origin, if the redirect leads to one.
    """

    target: str | None = None

    def __str__(self) -> str:
        return f"{super().__str__()}: redirected to {self.target}, not followed" if self.target else super().__str__()


class UnexpectedResponseError(ApiError):
    """2xx: a success that the API's description does not document; its body is not decoded."""


class TransportError(ClientError):
    """No response was received, or only part of one.

    Attributes:
        request_sent: ``False`` if the request certainly did not reach the API and can safely be repeated.
        operation_id: The ``operationId`` of the API's description.
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
    """No complete response was received within the timeout."""


class DecodeError(ClientError, ValueError):
    """The body of a successful response does not match the API's description.

    Attributes:
        path: Location in the body, as a JSON path: ``$.results[3].status``.
        reason: What is wrong there.
        wrong_type: Whether the value has another type than documented, rather than another value.
        operation_id: The ``operationId`` of the API's description.
        method: HTTP method.
        path_template: The path without the values of its parameters.
        status_code: HTTP status.
        headers: Headers of the response.
        excerpt: The beginning of the body, with likely secrets masked.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason
        self.wrong_type = False
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
        """Record which response could not be decoded."""
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
    """No usable token could be obtained for the call.

    The request of the call was not sent, or the API responded that the token has expired. A token that the API rejects
    otherwise raises an :class:`AuthenticationError`.

    Attributes:
        request_sent: Whether a token request may have reached the token server.
        retry_after_seconds: Seconds to wait before the same attempt can succeed; ``None`` if unknown.
        status: HTTP status of the token server's response, if there was one.
        code: The token server's own error code (``invalid_grant``), if the response has one.
    """


class ConfigurationError(AuthError, core.ConfigurationError):
    """The program or its environment must be changed; nothing was sent."""


class MissingCredentials(ConfigurationError, core.MissingCredentials):
    """None of the given credentials can be used for the operation."""


class AmbiguousCredentials(ConfigurationError, core.AmbiguousCredentials):
    """Several credentials match, and none was selected."""


class InvalidCredentials(ConfigurationError, core.InvalidCredentials):
    """A credential value is invalid, or the function that provides it failed."""


class InsecureServer(ConfigurationError, core.InsecureServer):
    """The server's URL would send tokens over a network in clear text."""


class InsecureStore(ConfigurationError, core.InsecureStore):
    """Other users could read or change the token store."""


class ForeignOrigin(ConfigurationError, core.ForeignOrigin):
    """The request goes to an origin that is not one of the client's servers; tokens are not sent there."""


class LoginRequired(AuthError, core.LoginRequired):
    """New credentials are required: the given ones are single-use and have been used."""


class LoginRefused(AuthError, core.LoginRefused):
    """The token server refused the credentials. The same login is not repeated while the refusal is recorded."""


class TokenUnavailable(AuthError, core.TokenUnavailable):
    """No token can be obtained at present; the credentials may be valid. Try again later."""


class MalformedTokenResponse(TokenUnavailable, core.MalformedTokenResponse):
    """The token server responded with success, but without a usable token."""


class RefreshTimeout(TokenUnavailable, core.RefreshTimeout):
    """The in-flight renewal took longer than this caller can wait. The renewal itself continues."""


class StoreUnavailable(TokenUnavailable, core.StoreUnavailable):
    """A token store cannot be reached, read or written."""


class LeaseLost(StoreUnavailable, core.LeaseLost):
    """The lease ended before the renewal did; another process may have taken it over."""


class UsageError(ClientError):
    """The client was used incorrectly: an argument, a file, a closed client or an event loop that is not asyncio's."""


class InvalidArgument(UsageError, ValueError):
    """An argument has a value that cannot be sent."""


class WrongArgumentType(UsageError, TypeError):
    """An argument has a type that cannot be sent."""


class UnreadableFile(UsageError, OSError):
    """A file to upload cannot be read, or became shorter while it was sent."""

    def __reduce__(self) -> tuple[Any, ...]:
        return cast("tuple[Any, ...]", OSError.__reduce__(self))  # it keeps the file name


class MissingPackage(UsageError, ImportError):
    """A package that the method requires is not installed."""


class ClientClosed(UsageError, RuntimeError):
    """The client, or the httpx client that it was given, is closed."""


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
    """Return the exception class for a failed status."""
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
"""The subclass in this module for each error class of ``auth_core``."""


def is_of_this_client(error: BaseException) -> bool:
    """Return whether the error is a :class:`ClientError`."""
    return isinstance(error, ClientError)


def of_this_client(error: core.AuthError) -> AuthError:
    """Convert an error of ``auth_core`` to this client's class: a new object, since callers may share the original.

    Message and attributes are copied. An error of a class that ``auth_core`` does not define, such as that of a custom
    grant, becomes the closest class that it defines, with the original error as the cause.
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

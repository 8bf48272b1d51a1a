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
        ├── UnwritableFile              a file to download to cannot be written; also an OSError
        ├── StreamClosed                a streamed body was already read, or is closed; also a RuntimeError
        ├── MissingPackage              a package that the method requires is not installed; also an ImportError
        └── ClientClosed                the client is closed; also a RuntimeError

A status without a class of its own raises ``ApiError``. Errors contain no tokens, neither in the message nor in the
attributes. ``to_dict()`` returns an error for a log; the notes of an error (PEP 678) say what to do.

Each error class of ``auth_core`` has a subclass of the same name here. ``except auth_core.LoginRefused`` therefore
catches the ``LoginRefused`` of every client.

Some exceptions are not part of the tree: unknown arguments of a method (``TypeError``), a client that cannot be pickled
(``TypeError``), interruptions (``KeyboardInterrupt``, ``asyncio.CancelledError``), and exceptions raised by your own
code (an event listener, a hook or transport of your httpx client, a file object that you pass).
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from time import time
from typing import TYPE_CHECKING, Any, ClassVar, cast

import auth_core.contract as core

from ._error_details import TRANSIENT_STATUSES, TypedBody, logged, request_id

if TYPE_CHECKING:
    from . import _error_bodies as _error_bodies


class ClientError(Exception):
    """Base class of all errors that this client raises.

    Attributes:
        attempts: How often the call was tried: 1, and each retry.
        elapsed_seconds: Seconds from the start of the call to the error; ``None`` if it was not measured.
    """

    attempts: int = 1
    elapsed_seconds: float | None = None

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later and can be repeated without doing its work twice."""
        return False

    def to_dict(self) -> dict[str, Any]:
        """Return the error for a log: JSON values without secrets, under the same keys for every error.

        It has the text of the error, but neither headers nor body. What does not apply to an error is ``None``.
        """
        return logged(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


class ApiError(ClientError):
    """The API responded with a failure.

    Attributes:
        status_code: HTTP status; it can be 200 where the API reports failures in the body.
        code: The API's own error code, if the response has one.
        message: The API's own error message, if the response has one.
        reason: What the body says: the message and the errors of single fields, else its beginning.
        error: The body as the API's description has it for this status; ``None`` if it has none, or the body another
            form. Each subclass has the type of it for its statuses, as a union over all operations.
        body: The body: a JSON value, else the beginning of the text; ``None`` if it is empty.
        headers: Headers of the response.
        excerpt: The beginning of the body on one line.
        operation_id: The ``operationId`` of the API's description.
        method: HTTP method.
        path_template: The path without the values of its parameters.
        url: The URL of the request.
        request_sent: ``True``.

    The request's credentials are masked in all of them; in texts, also what looks like a secret.
    """

    error = TypedBody["_error_bodies.ERROR"]()
    request_sent: bool = True

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
        url: str = "",
        body: object | None = None,
        reason: str = "",
        repeatable: bool = False,
    ) -> None:
        reason = reason or message or ""
        said = ": ".join(part for part in dict.fromkeys((code, reason)) if part)
        super().__init__(f"{status_code} from {operation_id} ({method} {path_template}){': ' if said else ''}{said}")
        self.status_code = status_code
        self.code = code
        self.message = message
        self.reason = reason
        self.body = body
        self.headers = headers
        self.excerpt = excerpt
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template
        self.url = url
        self._error = error
        self._repeatable = repeatable

    @property
    def request_id(self) -> str | None:
        """The id that the API gave the request (``X-Request-Id`` and the like), for its support; ``None`` without."""
        return request_id(self.headers)

    @property
    def retryable(self) -> bool:
        """Whether the failure can pass (408, 425, 429, 500, 502-504, 520-524) and the operation may be sent again."""
        return self._repeatable and self.status_code in TRANSIENT_STATUSES

    @property
    def retry_after_seconds(self) -> float | None:
        """Seconds to wait before another attempt (``Retry-After``); ``None`` if the response does not have them."""
        return core.retry_after_seconds(self.headers, time())


class BadRequestError(ApiError):
    """400: the request is malformed."""

    error = TypedBody["_error_bodies.ERROR_400"]()


class AuthenticationError(ApiError):
    """401: the API rejected the token, even after a renewal, or requires one and the request had none.

    The request was sent and the API responded. If no token could be obtained, an :class:`AuthError` is raised instead.

    Attributes:
        lacks_credentials: ``True`` if the request was sent without a token, because none of the given credentials
            apply to the operation.
    """

    lacks_credentials: bool = False

    error = TypedBody["_error_bodies.ERROR_401"]()

    def __str__(self) -> str:
        hint = ": sent without a token, since none of the given credentials apply to this operation"
        return f"{super().__str__()}{hint}" if self.lacks_credentials else super().__str__()


class PermissionDeniedError(ApiError):
    """403: the credentials do not permit this operation."""

    error = TypedBody["_error_bodies.ERROR_403"]()


class NotFoundError(ApiError):
    """404: the resource does not exist."""

    error = TypedBody["_error_bodies.ERROR_404"]()


class ConflictError(ApiError):
    """409: the request conflicts with the current state of the resource."""

    error = TypedBody["_error_bodies.ERROR_409"]()


class UnprocessableEntityError(ApiError):
    """422: the request is well formed, but its content is invalid."""

    error = TypedBody["_error_bodies.ERROR_422"]()


class RateLimitError(ApiError):
    """429: too many requests; see ``retry_after_seconds``."""

    error = TypedBody["_error_bodies.ERROR_429"]()


class ServerError(ApiError):
    """5xx: the API failed."""

    error = TypedBody["_error_bodies.ERROR_5XX"]()


class RedirectError(ApiError):
    """3xx: a redirect that is not followed: to another origin, too many of them, or with a body that cannot be resent.

    Attributes:
        target: The other origin, if the redirect leads to one.
    """

    target: str | None = None

    error = TypedBody["_error_bodies.ERROR_3XX"]()

    def __str__(self) -> str:
        return f"{super().__str__()}: redirected to {self.target}, not followed" if self.target else super().__str__()


class UnexpectedResponseError(ApiError):
    """2xx: a success that the API's description does not document; its body is not decoded."""

    error = TypedBody["_error_bodies.ERROR_2XX"]()


class TransportError(ClientError):
    """No response was received, or only part of one.

    Attributes:
        request_sent: ``False`` if the request certainly did not reach the API and can safely be repeated.
        operation_id: The ``operationId`` of the API's description.
        method: HTTP method.
        path_template: The path without the values of its parameters.
        bytes_read: How many bytes of a streamed body were received before.
        url: The URL of the request, with likely secrets masked.
    """

    bytes_read: int = 0

    def __init__(
        self,
        reason: str,
        *,
        request_sent: bool,
        operation_id: str,
        method: str,
        path_template: str,
        url: str = "",
        repeatable: bool = False,
    ) -> None:
        super().__init__(f"{operation_id} ({method} {path_template}): {reason}")
        self.request_sent = request_sent
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template
        self.url = url
        self._repeatable = repeatable

    @property
    def retryable(self) -> bool:
        """Whether the request was not sent, or the operation may be sent again."""
        return self._repeatable or not self.request_sent


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
        url: The URL of the request.
        status_code: HTTP status.
        headers: Headers of the response.
        body: The body: a JSON value, else the beginning of the text; ``None`` if it is empty.
        excerpt: The beginning of the body on one line.
        request_sent: Whether the body is that of a response; a model can also be read from other values.

    The request's credentials are masked in all of them; in texts, also what looks like a secret.
    """

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason
        self.wrong_type = False
        self.operation_id: str | None = None
        self.method: str | None = None
        self.path_template: str | None = None
        self.url: str | None = None
        self.status_code: int | None = None
        self.headers: Mapping[str, str] = {}
        self.body: object | None = None
        self.excerpt = ""
        self.request_sent = False

    def locate(
        self,
        *,
        operation_id: str,
        method: str,
        path_template: str,
        status_code: int,
        headers: Mapping[str, str],
        excerpt: str,
        url: str = "",
        body: object | None = None,
    ) -> None:
        """Record which response could not be decoded."""
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template
        self.url = url
        self.status_code = status_code
        self.headers = headers
        self.body = body
        self.excerpt = excerpt
        self.request_sent = True

    @property
    def request_id(self) -> str | None:
        """The id that the API gave the request (``X-Request-Id`` and the like), for its support; ``None`` without."""
        return request_id(self.headers)

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

    what_to_do: ClassVar[str] = ""
    """What to do, where the message does not say it."""

    @property
    def status_code(self) -> int | None:
        """The same as ``status``."""
        return self.status


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

    what_to_do = "Correct the credentials. If they are right by now, `forget_failures()` allows the same login at once."


class TokenUnavailable(AuthError, core.TokenUnavailable):
    """No token can be obtained at present; the credentials may be valid. Try again later."""

    what_to_do = "Try again later. `explain_tokens()` returns what has happened to the token."

    @property
    def retryable(self) -> bool:
        """``True``: the API did not process the request."""
        return True


class MalformedTokenResponse(TokenUnavailable, core.MalformedTokenResponse):
    """The token server responded with success, but without a usable token."""

    what_to_do = "Check the URL of the token server. `explain_tokens()` returns what has happened to the token."


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


class UnwritableFile(UsageError, OSError):
    """A file to download to cannot be written."""

    def __reduce__(self) -> tuple[Any, ...]:
        return cast("tuple[Any, ...]", OSError.__reduce__(self))  # it keeps the file name


class StreamClosed(UsageError, RuntimeError):
    """The body of a streamed response was already read, at least partly, or the response is closed."""


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


def is_of_this_client(error: BaseException) -> bool:
    """Return whether the error is a :class:`ClientError`."""
    return isinstance(error, ClientError)


def _restore(kind: type[BaseException], args: tuple[Any, ...], attributes: dict[str, Any]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error

"""Everything that a call raises.

::

    ClientError
    ├── ApiError                        the API answered, and not with success
    │   ├── BadRequestError             400
    │   ├── AuthenticationError         401
    │   ├── PermissionDeniedError       403
    │   ├── NotFoundError               404
    │   ├── ConflictError               409
    │   ├── UnprocessableEntityError    422
    │   ├── RateLimitError              429
    │   ├── ServerError                 5xx
    │   ├── RedirectError               3xx that is not followed
    │   └── UnexpectedAnswerError       2xx that the API's description does not have
    ├── TransportError                  no answer, or half of one
    │   └── TransportTimeoutError       ... in time; a built-in TimeoutError too
    └── DecodeError                     a success whose body is not what the API's description says

    auth_core.AuthError                 the request could not be authenticated (its tree: ``auth_core.errors``)

A status without a class of its own raises ``ApiError``. No error shows a token: not in its text, not in its attributes.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from time import time
from typing import Any

from auth_core.contract import retry_after_seconds


class ClientError(Exception):
    """Base of all errors of this client, except for those of ``auth_core``."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__)


class ApiError(ClientError):
    """The API answered, and not with success.

    Attributes:
        status_code: HTTP status; it can be 200 where the API reports failures in the body.
        code: The API's own code of the failure, if it gave one.
        message: The API's own explanation, if it gave one.
        error: The body: as a model where the API's description has one, else as the JSON value it is, else ``None``.
        headers: Headers of the answer.
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
        return retry_after_seconds(self.headers, time())


class BadRequestError(ApiError):
    """400: the request is wrong."""


class AuthenticationError(ApiError):
    """401: the API does not accept the token, even a new one; or wants one that it did not get.

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
    """3xx: the API points to another host, or in circles, or would have a body sent again that is gone.

    Attributes:
        target: Origin of the other host, if there is one.
    """

    target: str | None = None

    def __str__(self) -> str:
        return f"{super().__str__()}: redirected to {self.target}, not followed" if self.target else super().__str__()


class UnexpectedAnswerError(ApiError):
    """2xx: a success that the API's description does not have, so that there is no telling what it holds."""


class TransportError(ClientError):
    """There is no answer, or only half of one.

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
    """The answer did not come in time."""


class DecodeError(ClientError, ValueError):
    """A success whose body is not what the API's description says.

    Attributes:
        path: Where in the body, as a JSON path: ``$.results[3].status``.
        reason: What is wrong there.
        operation_id: The operation, as the API's description calls it.
        method: HTTP method.
        path_template: The path without the values of its parameters.
        status_code: HTTP status.
        headers: Headers of the answer.
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
        """Say which answer it was."""
        self.operation_id = operation_id
        self.method = method
        self.path_template = path_template
        self.status_code = status_code
        self.headers = headers
        self.excerpt = excerpt

    def __str__(self) -> str:
        where = f"{self.operation_id} ({self.method} {self.path_template}), " if self.operation_id else ""
        return f"{where}{self.path}: {self.reason}"


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


def _restore(kind: type[BaseException], args: tuple[Any, ...], attributes: dict[str, Any]) -> BaseException:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(attributes)
    return error

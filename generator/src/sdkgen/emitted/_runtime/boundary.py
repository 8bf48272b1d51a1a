"""Where a call begins and ends: whatever is raised inside leaves as an error of this client, and is seen once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import TracebackType
from typing import ParamSpec, TypeVar

import httpx
from auth_core.contract import AuthError as AnyAuthError

from ..errors import InvalidArgument, UnreadableFile, WrongArgumentType, is_of_this_client, of_this_client
from .request import Operation

P = ParamSpec("P")
T = TypeVar("T")

_WRONG_TYPES = (TypeError, AttributeError)
_WRONG_VALUES = (ValueError, LookupError, ArithmeticError, RecursionError, httpx.InvalidURL)


class OwnErrors:
    """``with`` it, errors of ``auth_core`` leave as errors of this client. Other errors leave as they are."""

    def own(self, error: BaseException) -> Exception | None:
        """The error that leaves in place of this one; ``None``: this one."""
        if isinstance(error, AnyAuthError) and not is_of_this_client(error):
            return of_this_client(error)
        return None

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        own = None if error is None else self.own(error)
        if error is None or own is None:
            return
        before = error.__context__
        try:
            raise own.with_traceback(traceback)
        finally:
            own.__context__ = before  # and not the error that it stands for
            del own, error  # which this frame is part of


own_errors = OwnErrors()


class WrongArguments(OwnErrors):
    """``with`` it, also what Python or httpx says of arguments leaves as an error of this client.

    Args:
        call: What the arguments were given to.
    """

    def __init__(self, call: str) -> None:
        self._call = call

    def own(self, error: BaseException) -> Exception | None:
        if is_of_this_client(error):
            return None
        found: Exception
        if isinstance(error, OSError):
            found = UnreadableFile(error.errno, error.strerror, error.filename)
        elif isinstance(error, _WRONG_TYPES):
            found = WrongArgumentType(self._text(error))
        elif isinstance(error, _WRONG_VALUES):
            found = InvalidArgument(self._text(error))
        else:
            return super().own(error)
        found.__cause__ = error
        return found

    def _text(self, error: Exception) -> str:
        return f"{self._call} cannot do with the arguments that were given: {type(error).__name__}: {error}"


def wrong_arguments(operation: Operation) -> WrongArguments:
    """For the arguments of a call."""
    return WrongArguments(f"{operation.operation_id} ({operation.method} {operation.path})")


def checks_arguments(operation: Operation) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let the builder of an operation's requests say so in errors of this client when arguments make no request."""

    def decorate(build: Callable[P, T]) -> Callable[P, T]:
        boundary = wrong_arguments(operation)

        @wraps(build)
        def checked(*arguments: P.args, **keywords: P.kwargs) -> T:
            with boundary:
                return build(*arguments, **keywords)

        return checked

    return decorate

"""Context managers around each call, which convert exceptions to errors of this client."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar

from auth_core.contract import AuthError as AnyAuthError
from auth_core.contract import http_errors

from .._given import argument
from ..errors import AuthError, InvalidArgument, UnreadableFile, UsageError, WrongArgumentType, is_of_this_client
from .request import Operation
from .whole_body import check_one_way

T = TypeVar("T")

_NO_LOOP = "no running event loop"  # raised by asyncio
_GIVEN = object()
"""No default: the argument is always checked."""

_WRONG_TYPES = (TypeError, AttributeError)
_WRONG_VALUES = (ValueError, LookupError, ArithmeticError, RecursionError)


def _with_variants(kind: type[AuthError]) -> Iterator[type[AuthError]]:
    yield kind
    for variant in kind.__subclasses__():
        yield from _with_variants(variant)


_OF_THIS_CLIENT = {
    base: kind
    for kind in _with_variants(AuthError)
    for base in kind.__bases__
    if issubclass(base, AnyAuthError) and not issubclass(base, AuthError)
}
"""The subclass in ``errors.py`` for each error class of ``auth_core``."""


def of_this_client(error: AnyAuthError) -> AuthError:
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
    if own.what_to_do:
        own.add_note(own.what_to_do)
    return own


class OwnErrors:
    """Context manager that converts errors of ``auth_core`` and asyncio's error for a missing event loop."""

    def own(self, error: BaseException) -> Exception | None:
        """Return the error to raise instead of this one; ``None`` to let this one propagate."""
        if isinstance(error, AnyAuthError) and not is_of_this_client(error):
            return of_this_client(error)
        if isinstance(error, RuntimeError) and str(error) == _NO_LOOP:
            message = "the async client requires asyncio; it was used in another event loop, such as trio's, or in none"
            return UsageError(message)
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
            own.__context__ = before  # not the error that it replaces
            del own, error  # they refer to this frame: break the reference cycle


own_errors = OwnErrors()


class WrongArguments(OwnErrors):
    """Context manager that also converts exceptions which Python or httpx raise for invalid arguments.

    Args:
        call: The operation or class that received the arguments, for messages.
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
        elif isinstance(error, _WRONG_VALUES + http_errors("InvalidURL")):
            found = InvalidArgument(self._text(error))
        else:
            return super().own(error)
        found.__cause__ = error
        return found

    def _text(self, error: BaseException) -> str:
        return f"{self._call} was called with invalid arguments: {type(error).__name__}: {error}"


def wrong_arguments(operation: Operation) -> WrongArguments:
    """Return the context manager for the arguments of an operation."""
    return WrongArguments(f"{operation.operation_id} ({operation.method} {operation.path})")


def checks_arguments(
    operation: Operation, members: tuple[str, ...] = (), /, **decoders: Callable[[Any], object]
) -> Callable[[Callable[..., T]], Callable[..., T]]:
    """Decorate an operation's request builder: it gets checked arguments, and raises errors of this client.

    Args:
        operation: The operation.
        members: The arguments that stand for members of the body, which may be passed whole instead.
        decoders: What an argument is checked and converted with, by its name. A value that is the default passes
            unchecked, since it stands for an argument that was not given.
    """

    def decorate(build: Callable[..., T]) -> Callable[..., T]:
        boundary = wrong_arguments(operation)
        defaults = build.__kwdefaults__ or {}
        names = build.__code__.co_varnames[: build.__code__.co_argcount]

        @wraps(build)
        def checked(*arguments: Any, **keywords: Any) -> T:
            with boundary:
                if members:
                    check_one_way(keywords, members, defaults)
                positional = [
                    argument(name, value, decoders[name]) if name in decoders else value
                    for name, value in zip(names, arguments, strict=False)
                ]
                for name, value in keywords.items():
                    if name in decoders and value is not defaults.get(name, _GIVEN):
                        keywords[name] = argument(name, value, decoders[name])
                return build(*positional, *arguments[len(positional) :], **keywords)

        return checked

    return decorate

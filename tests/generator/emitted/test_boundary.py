"""Where a call begins and ends: what leaves is an error of this client, a new object that is seen once."""

from __future__ import annotations

import inspect
import pickle
import traceback

import pytest
from auth_core import errors as of_auth_core

from sdkgen.emitted import errors
from sdkgen.emitted._decoding import boolean, integer
from sdkgen.emitted._runtime.boundary import WrongArguments, checks_arguments, own_errors
from sdkgen.emitted._runtime.request import Operation
from sdkgen.emitted.errors import DecodeError, InvalidArgument, LoginRefused


def test_an_error_of_another_client_becomes_one_of_this_client() -> None:
    other = type("OtherError", (Exception,), {})
    of_another = type("LoginRefused", (other, of_auth_core.LoginRefused), {})("no")
    with pytest.raises(LoginRefused) as caught, own_errors:
        raise of_another
    assert caught.value.__cause__ is of_another


def refused() -> None:
    raise of_auth_core.LoginRefused("no")


def test_an_error_appears_once_with_the_line_that_raised_it() -> None:
    with pytest.raises(LoginRefused) as caught, own_errors:
        refused()
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.count("LoginRefused: no") == 1
    assert 'raise of_auth_core.LoginRefused("no")' in shown
    assert "another exception" not in shown
    assert "direct cause" not in shown
    assert caught.value.__context__ is None


def test_what_an_error_was_caused_by_stays_its_cause() -> None:
    cause = KeyError("k")
    with pytest.raises(LoginRefused) as caught, own_errors:
        raise of_auth_core.LoginRefused("no") from cause
    assert caught.value.__cause__ is cause


@pytest.mark.parametrize(
    "error", [LoginRefused("no"), DecodeError("$", "no"), ZeroDivisionError(), KeyboardInterrupt()]
)
def test_other_errors_leave_as_they_are(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, own_errors:
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    ("error", "kind", "also"),
    [
        (ValueError("v"), errors.InvalidArgument, ValueError),
        (KeyError("v"), errors.InvalidArgument, ValueError),
        (OverflowError("v"), errors.InvalidArgument, ValueError),
        (RecursionError("v"), errors.InvalidArgument, ValueError),
        (TypeError("v"), errors.WrongArgumentType, TypeError),
        (AttributeError("v"), errors.WrongArgumentType, TypeError),
        (of_auth_core.InsecureServer("v"), errors.InsecureServer, of_auth_core.InsecureServer),
    ],
)
def test_what_arguments_raise_says_whose_they_were(
    error: Exception, kind: type[Exception], also: type[Exception]
) -> None:
    with pytest.raises(kind) as caught, WrongArguments("runQuery"):
        raise error
    assert type(caught.value) is kind
    assert isinstance(caught.value, also)
    if not isinstance(error, of_auth_core.AuthError):
        assert str(caught.value).startswith("runQuery was called with invalid arguments: ")
        assert caught.value.__cause__ is error


def test_a_missing_file_keeps_its_errno_and_name() -> None:
    with pytest.raises(errors.UnreadableFile) as caught, WrongArguments("upload"):
        raise FileNotFoundError(2, "No such file or directory", "a.txt")
    assert (caught.value.errno, caught.value.filename) == (2, "a.txt")
    twin = pickle.loads(pickle.dumps(caught.value))
    assert (twin.errno, str(twin)) == (2, str(caught.value))


def test_a_builder_of_requests_keeps_its_signature() -> None:
    @checks_arguments(Operation("getThing", "GET", "/things/{id}"))
    def build(id_: str, *, deep: bool = False) -> str:
        """Docs."""
        return f"{id_.upper()} {deep}"

    assert build("a", deep=True) == "A True"
    assert str(inspect.signature(build)) == "(id_: 'str', *, deep: 'bool' = False) -> 'str'"
    with pytest.raises(
        errors.WrongArgumentType, match=r"^getThing \(GET /things/\{id\}\) was called with invalid arguments"
    ):
        build(7)  # type: ignore[arg-type]


def test_arguments_are_checked_by_name_whichever_are_not() -> None:
    @checks_arguments(Operation("getThing", "GET", "/things/{any}/{size}"), size=integer, deep=boolean)
    def build(any_: object, size: int, *, deep: bool = False) -> tuple[object, int, bool]:
        return any_, size, deep

    assert build({"a": 1}, 2.0, deep=True) == ({"a": 1}, 2, True)  # type: ignore[arg-type]
    for size, found in (("y", "a string"), ({}, "an object"), ([], "an array")):
        with pytest.raises(errors.WrongArgumentType, match=rf"^`size`: expected an integer, found {found}$"):
            build(1, size)  # type: ignore[arg-type]
    with pytest.raises(errors.WrongArgumentType, match="takes 2 positional arguments"):
        build("x", 1, True)  # type: ignore[misc]


def test_an_argument_that_was_refused_in_words_is_not_wrapped() -> None:
    with pytest.raises(InvalidArgument, match=r"^too long$") as caught, WrongArguments("x"):
        raise InvalidArgument("too long")
    assert caught.value.__cause__ is None

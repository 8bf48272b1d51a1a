"""The tree of a client's errors: drawn as it is, one class for each of auth_core's, and new objects at the boundary."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
import traceback
from collections.abc import Iterator

import pytest
from auth_core import errors as of_auth_core

from sdkgen.emitted import errors
from sdkgen.emitted._runtime.boundary import WrongArguments, checks_arguments, own_errors
from sdkgen.emitted._runtime.request import Operation
from sdkgen.emitted.errors import AuthError, ClientError, DecodeError, InvalidArgument, LoginRefused, of_this_client

SHARED: list[type[of_auth_core.AuthError]] = [
    kind for _, kind in inspect.getmembers(of_auth_core, inspect.isclass) if kind.__module__ == of_auth_core.__name__
]
"""Every error of auth_core."""


def drawn() -> Iterator[tuple[str, str]]:
    """Each class of the drawing and the one above it."""
    above: list[str] = []
    for line in (errors.__doc__ or "").partition("::\n\n")[2].partition("\n\nA status")[0].splitlines():
        found = re.fullmatch(r" {4}([│├└─ ]*)(\w+)( .*)?", line)
        assert found is not None, line
        depth = len(found[1]) // 4
        del above[depth:]
        yield found[2], above[-1] if above else "Exception"
        above.append(found[2])


def test_the_drawing_is_the_tree() -> None:
    classes = {
        kind.__name__: kind.__bases__[0].__name__
        for kind in vars(errors).values()
        if inspect.isclass(kind) and issubclass(kind, ClientError)
    }
    lines = list(drawn())
    assert dict(lines) == classes
    assert len(lines) == len(classes)


@pytest.mark.parametrize("kind", SHARED)
def test_each_error_of_auth_core_has_a_class_that_is_one_of_its_kind_too(kind: type[of_auth_core.AuthError]) -> None:
    own = getattr(errors, kind.__name__)
    assert issubclass(own, ClientError)
    assert [base for base in own.__bases__ if base in SHARED] == [kind]
    parent = next(base for base in kind.__bases__)
    assert own.__bases__[0].__name__ == (parent.__name__ if parent in SHARED else "ClientError")
    assert type(of_this_client(kind("x"))) is own


def test_the_error_of_this_client_is_another_object_that_says_the_same() -> None:
    error = of_auth_core.LoginRefused(
        "no", request_sent=True, retry_after_seconds=7.0, status=400, code="invalid_grant"
    )
    error.add_note("seen at noon")
    own = of_this_client(error)
    own.add_note("and at one")
    assert type(own) is LoginRefused
    assert (own.args, own.request_sent, own.retry_after_seconds, own.status, own.code) == (
        ("no",),
        True,
        7.0,
        400,
        "invalid_grant",
    )
    assert own.__notes__ == ["seen at noon", "and at one"]
    assert error.__notes__ == ["seen at noon"]
    assert type(error) is of_auth_core.LoginRefused


@pytest.mark.parametrize(
    "error", [of_this_client(kind("no", code="c")) for kind in SHARED], ids=lambda e: type(e).__name__
)
def test_it_is_copied_and_pickled(error: AuthError) -> None:
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is type(error)
        assert (str(twin), twin.code, twin.request_sent) == ("no", "c", False)


class Locked(of_auth_core.LoginRefused):
    """Of a custom grant."""

    def __init__(self, minutes: int) -> None:
        super().__init__(f"locked for {minutes} minutes", request_sent=True)
        self.minutes = minutes


def test_an_error_that_auth_core_does_not_have_becomes_the_closest_one_and_stays_at_hand() -> None:
    error = Locked(5)
    own = of_this_client(error)
    assert type(own) is LoginRefused
    assert str(own) == "locked for 5 minutes"
    assert vars(own)["minutes"] == 5
    assert own.__cause__ is error


def test_an_error_of_another_client_becomes_one_of_this_client() -> None:
    other = type("OtherError", (Exception,), {})
    of_another = type("LoginRefused", (other, of_auth_core.LoginRefused), {})("no")
    with pytest.raises(LoginRefused) as caught, own_errors:
        raise of_another
    assert caught.value.__cause__ is of_another


def refused() -> None:
    raise of_auth_core.LoginRefused("no")


def test_it_is_seen_once_and_with_the_line_that_raised_it() -> None:
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
        assert str(caught.value).startswith("runQuery cannot do with the arguments that were given: ")
        assert caught.value.__cause__ is error


def test_a_file_that_is_not_there_keeps_its_number_and_name() -> None:
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
    with pytest.raises(errors.WrongArgumentType, match=r"^getThing \(GET /things/\{id\}\) cannot do with"):
        build(7)  # type: ignore[arg-type]


def test_an_argument_that_was_refused_in_words_is_not_wrapped() -> None:
    with pytest.raises(InvalidArgument, match=r"^too long$") as caught, WrongArguments("x"):
        raise InvalidArgument("too long")
    assert caught.value.__cause__ is None

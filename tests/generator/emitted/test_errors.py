"""The tree of a client's errors, one class for each of auth_core's; what errors say; that they can be copied."""

from __future__ import annotations

import copy
import inspect
import pickle
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from auth_core import errors as of_auth_core

from sdkgen.emitted import errors
from sdkgen.emitted._runtime.boundary import of_this_client
from sdkgen.emitted.errors import AuthError, ClientError, LoginRefused

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
def test_each_auth_core_error_has_a_subclass_of_its_kind(kind: type[of_auth_core.AuthError]) -> None:
    own = getattr(errors, kind.__name__)
    assert issubclass(own, ClientError)
    assert [base for base in own.__bases__ if base in SHARED] == [kind]
    parent = next(base for base in kind.__bases__)
    assert own.__bases__[0].__name__ == (parent.__name__ if parent in SHARED else "ClientError")
    assert type(of_this_client(kind("x"))) is own


def test_the_clients_error_is_another_object_with_the_same_message() -> None:
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
    assert own.__notes__ == ["seen at noon", LoginRefused.what_to_do, "and at one"]
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


def test_an_unknown_auth_core_error_becomes_the_closest_known_one() -> None:
    """The original stays available."""
    error = Locked(5)
    own = of_this_client(error)
    assert type(own) is LoginRefused
    assert str(own) == "locked for 5 minutes"
    assert vars(own)["minutes"] == 5
    assert own.__cause__ is error


PLACE = {"operation_id": "sendThing", "method": "POST", "path_template": "/things"}


def failure(status: int, **given: Any) -> errors.ApiError:
    details = {"code": None, "message": None, "error": None, "headers": {}, "excerpt": "", **PLACE, **given}
    return errors.api_error_class(status)(status_code=status, **details)


@pytest.mark.parametrize(
    ("code", "message", "reported"),
    [
        (None, None, ""),
        ("E7", None, ": E7"),
        (None, "too late", ": too late"),
        ("E7", "too late", ": E7: too late"),
        ("too late", "too late", ": too late"),
    ],
)
def test_a_failure_says_what_the_api_says(code: str | None, message: str | None, reported: str) -> None:
    assert str(failure(404, code=code, message=message)) == f"404 from sendThing (POST /things){reported}"


def test_a_redirect_that_is_not_followed_says_where_it_leads() -> None:
    error = failure(307)
    assert isinstance(error, errors.RedirectError)
    error.target = "https://b.example"
    assert str(error).endswith(": redirected to https://b.example, not followed")


def test_a_refused_request_without_a_token_says_why() -> None:
    error = failure(401)
    assert isinstance(error, errors.AuthenticationError)
    error.lacks_credentials = True
    assert str(error).endswith(": sent without a token, since none of the given credentials apply to this operation")


def test_a_decode_error_names_the_body_path_and_the_response() -> None:
    error = errors.DecodeError("$.a[3]", "expected a text")
    assert str(error) == "$.a[3]: expected a text"
    error.locate(status_code=200, headers={}, excerpt="{}", **PLACE)
    assert str(error) == "sendThing (POST /things), $.a[3]: expected a text"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "\N{FULLWIDTH DIGIT ONE}"}, None),
        ({"Retry-After": "Sun, 15 Jun 2025 15:00:40 GMT", "Date": "Sun, 15 Jun 2025 15:00:00 GMT"}, 40.0),
        ({"Retry-After": "Sun, 15 Jun 2025 15:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
    ],
)
def test_how_long_the_api_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    given = httpx.Headers([(name.encode(), value.encode()) for name, value in headers.items()])
    assert failure(429, headers=given).retry_after_seconds == seconds


def decode_error() -> errors.DecodeError:
    error = errors.DecodeError("$", "expected JSON")
    error.locate(status_code=200, headers={"a": "b"}, excerpt="<html>", **PLACE)
    return error


@pytest.mark.parametrize(
    "error",
    [
        failure(401, error={"a": 1}, headers={"a": "b"}, excerpt="{}"),
        errors.TransportTimeoutError("no response", request_sent=True, **PLACE),
        decode_error(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_survives_a_pickle(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))

"""What errors say and hold, and that they survive a pickle."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest

from sdkgen.emitted import errors

PLACE = {"operation_id": "sendThing", "method": "POST", "path_template": "/things"}


def failure(status: int, **given: Any) -> errors.ApiError:
    details = {"code": None, "message": None, "error": None, "headers": {}, "excerpt": "", **PLACE, **given}
    return errors.api_error_class(status)(status_code=status, **details)


@pytest.mark.parametrize(
    ("code", "message", "said"),
    [(None, None, ""), ("E7", None, ": E7"), (None, "too late", ": too late"), ("E7", "too late", ": E7: too late")],
)
def test_a_failure_says_what_the_api_says(code: str | None, message: str | None, said: str) -> None:
    assert str(failure(404, code=code, message=message)) == f"404 from sendThing (POST /things){said}"


def test_a_redirect_that_is_not_followed_says_where_it_leads() -> None:
    error = failure(307)
    assert isinstance(error, errors.RedirectError)
    error.target = "https://b.example"
    assert str(error).endswith(": redirected to https://b.example, not followed")


def test_a_refused_request_without_a_token_says_why() -> None:
    error = failure(401)
    assert isinstance(error, errors.AuthenticationError)
    error.lacks_credentials = True
    assert str(error).endswith(": sent without a token, since none of the given credentials suit this operation")


def test_a_decode_error_says_where_in_the_body_and_of_which_answer() -> None:
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
        errors.TransportTimeoutError("no answer", request_sent=True, **PLACE),
        decode_error(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_error_survives_a_pickle(error: Exception) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), vars(again)) == (type(error), str(error), vars(error))

"""The notes of an error say what to do about it."""

from __future__ import annotations

from typing import Any

import pytest

from generator.emitted.test_errors import PLACE, failure
from sdkgen.emitted import errors
from sdkgen.emitted._runtime.advice import after_failure, after_missing_response, after_wrong_body

SERVER = "`base_url` (or SHOP_BASE_URL), now https://a.example/wrong"
URL = "https://a.example/wrong/things"


@pytest.mark.parametrize(
    ("status", "is_documented", "given", "notes"),
    [
        (
            404,
            False,
            {},
            [
                f"The body is not an error of this API. The request went to {URL}."
                f" If other calls fail like this, the path of {SERVER}, is wrong."
            ],
        ),
        (404, True, {}, []),
        (404, None, {}, []),
        (500, False, {"repeatable": True}, []),
        (503, None, {}, ["The API may have processed the request: check that before you repeat the call."]),
        (302, None, {}, [f"If the API has moved, change {SERVER}."]),
        (
            429,
            True,
            {"headers": {"retry-after": "7"}},
            ["The API asks to wait 7 s before the next request (`retry_after_seconds`)."],
        ),
    ],
)
def test_a_failure(status: int, is_documented: bool | None, given: dict[str, Any], notes: list[str]) -> None:
    assert list(after_failure(failure(status, url=URL, **given), SERVER, is_documented=is_documented)) == notes


@pytest.mark.parametrize(
    ("kind", "sent", "repeatable", "notes"),
    [
        (
            errors.TransportTimeoutError,
            False,
            False,
            [f"The request was not sent, so the call can be repeated. Check that the API can be reached at {SERVER}."],
        ),
        (
            errors.TransportTimeoutError,
            True,
            True,
            [
                "If the API is only slow, raise `timeout`, of this call or of the client.",
                "The API may have processed the request; the operation can be repeated nevertheless.",
            ],
        ),
        (
            errors.TransportError,
            True,
            False,
            ["The API may have processed the request: check that before you repeat the call."],
        ),
    ],
)
def test_no_response(kind: type[errors.TransportError], sent: bool, repeatable: bool, notes: list[str]) -> None:
    error = kind("gone", request_sent=sent, repeatable=repeatable, **PLACE)
    assert list(after_missing_response(error, SERVER)) == notes


@pytest.mark.parametrize("is_html", [False, True])
def test_a_success_that_cannot_be_decoded(is_html: bool) -> None:
    error = errors.DecodeError("$", "expected JSON")
    error.locate(status_code=200, headers={}, excerpt="", url=URL, **PLACE)
    notes = list(after_wrong_body(error, SERVER, is_html=is_html))
    assert notes[-1] == "`with_raw_response` returns the response undecoded."
    assert [note for note in notes if SERVER in note and URL in note] == notes[:-1]
    assert len(notes) == 1 + is_html

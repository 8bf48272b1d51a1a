"""What all errors have: a form for logs, the id of the request, a typed body."""

from __future__ import annotations

import json

import pytest
from auth_core import errors as of_auth_core

from generator.emitted.test_errors import PLACE, SHARED, decode_error, failure
from sdkgen.emitted import errors
from sdkgen.emitted._error_details import request_id
from sdkgen.emitted._runtime.boundary import of_this_client

RETRIED = failure(503, code="E7", message="down", headers={"X-Request-Id": "r1", "retry-after": "7"}, repeatable=True)
RETRIED.attempts, RETRIED.elapsed_seconds = 3, 1.5
RETRIED.add_note("wait")


def test_the_form_for_logs_is_json_with_the_same_keys_for_every_error() -> None:
    every: list[errors.ClientError] = [
        RETRIED,
        decode_error(),
        errors.TransportTimeoutError("late", request_sent=True, **PLACE),
        errors.InvalidArgument("no"),
        errors.UnreadableFile(2, "no such file", "a.txt"),
        *(of_this_client(kind("no", status=400, code="c", request_sent=True)) for kind in SHARED),
    ]
    forms = [error.to_dict() for error in every]
    assert json.loads(json.dumps(forms)) == forms
    assert {tuple(form) for form in forms} == {tuple(forms[0])}
    assert forms[0] == {
        "type": "ServerError",
        "message": "503 from sendThing (POST /things): E7: down",
        "operation_id": "sendThing",
        "method": "POST",
        "path_template": "/things",
        "url": "",
        "status_code": 503,
        "code": "E7",
        "request_id": "r1",
        "path": None,
        "request_sent": True,
        "retryable": True,
        "retry_after_seconds": 7.0,
        "attempts": 3,
        "elapsed_seconds": 1.5,
        "notes": ["wait"],
    }
    assert [(form["status_code"], form["code"]) for form in forms[5:]] == [(400, "c")] * len(SHARED)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"X-REQUEST-ID": "a"}, "a"),
        ({"cf-ray": "b", "Request-Id": "a"}, "a"),
        ({"X-Amzn-RequestId": "a", "x-request-id": ""}, "a"),
        ({"x-requested": "a"}, None),
    ],
)
def test_the_request_id_is_in_the_usual_headers(headers: dict[str, str], found: str | None) -> None:
    assert request_id(headers) == found
    assert failure(500, headers=headers).request_id == found


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        *((failure(status, repeatable=True), status != 501) for status in (408, 425, 429, 500, 501, 502, 503, 504)),
        (failure(400, repeatable=True), False),
        (failure(503), False),
        (errors.TransportError("x", request_sent=False, **PLACE), True),
        (errors.TransportError("x", request_sent=True, **PLACE), False),
        (errors.TransportError("x", request_sent=True, repeatable=True, **PLACE), True),
        (decode_error(), False),
        (errors.InvalidArgument("x"), False),
        (of_this_client(of_auth_core.LoginRefused("x")), False),
        (of_this_client(of_auth_core.RefreshTimeout("x")), True),
    ],
)
def test_what_can_be_repeated(error: errors.ClientError, retryable: bool) -> None:
    assert error.retryable is retryable


def test_the_typed_body_is_read_only_and_its_class_attribute_shows_what_it_is() -> None:
    assert failure(404, error={"a": 1}).error == {"a": 1}
    assert type(errors.NotFoundError.error) is type(errors.ApiError.error)

"""What a failure's body says is wrong, in each form that APIs use."""

from __future__ import annotations

from typing import Any

import pytest

from sdkgen.emitted._runtime.reasons import field_errors, reason

BODIES: list[tuple[str, Any, str]] = [
    (
        "RFC 9457",
        {
            "type": "https://example.net/validation-error",
            "title": "Your request is not valid.",
            "errors": [
                {"detail": "must be a positive integer", "pointer": "#/age"},
                {"detail": "must be 'green', 'red' or 'blue'", "pointer": "#/profile/color"},
            ],
        },
        "Your request is not valid. age: must be a positive integer; profile.color: must be 'green', 'red' or 'blue'",
    ),
    ("RFC 9457 detail", {"title": "Forbidden", "status": 403, "detail": "Your balance is 30."}, "Your balance is 30."),
    (
        "RFC 7807",
        {"title": "Invalid.", "invalid-params": [{"name": "age", "reason": "too low"}]},
        "Invalid. age: too low",
    ),
    (
        "JSON:API",
        {
            "errors": [
                {
                    "status": "422",
                    "title": "Invalid",
                    "detail": "is blank",
                    "source": {"pointer": "/data/items/0/name"},
                },
                {"status": "400", "title": "Unknown filter", "source": {"parameter": "filter"}},
            ]
        },
        "data.items[0].name: is blank; filter: Unknown filter",
    ),
    (
        "Django REST framework",
        {
            "client_subject_id": ["should be non-empty"],
            "address": {"street": ["is required", "is too short"]},
            "lines": [{}, {"amount": ["A number is required."]}],
            "non_field_errors": ["The dates overlap."],
        },
        "client_subject_id: should be non-empty; address.street: is required; address.street: is too short; "
        "lines[1].amount: A number is required.; The dates overlap.",
    ),
    ("field and message", {"errors": [{"field": "email", "message": "is taken"}]}, "email: is taken"),
    (
        "FastAPI",
        {"detail": [{"loc": ["body", "lines", 0, "amount"], "msg": "Field required", "type": "missing"}]},
        "body.lines[0].amount: Field required",
    ),
    ("Laravel", {"message": "Invalid.", "errors": {"email": ["is taken"]}}, "Invalid. email: is taken"),
    ("Rails", {"errors": {"name": "can't be blank"}}, "name: can't be blank"),
    ("texts", {"errors": ["No such table.", "No such column."]}, "No such table.; No such column."),
    ("Salesforce", [{"message": "Session expired", "errorCode": "INVALID_SESSION_ID"}], "Session expired"),
    (
        "Google",
        {"error": {"code": 400, "message": "Invalid.", "details": [{"field": "page", "description": "too large"}]}},
        "Invalid. page: too large",
    ),
    ("OAuth 2.0", {"error": "invalid_grant", "error_description": "expired"}, "expired"),
    ("already in the message", {"message": "email: is taken", "errors": {"email": "is taken"}}, "email: is taken"),
    ("no reason", {"status": 404, "data": {"tags": ["a"], "n": 1}}, ""),
    ("no reason in texts", {"id": "a", "state": "b"}, ""),
    ("a number", 7, ""),
    ("a text", "gone", ""),
    ("nothing", None, ""),
]


@pytest.mark.parametrize(("body", "found"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_each_form_of_a_body_has_its_reason(body: Any, found: str) -> None:
    assert reason(body, None) == found


def test_the_declared_message_comes_first() -> None:
    assert reason({"message": "other", "errors": [{"field": "a", "message": "b"}]}, "declared") == "declared: a: b"


def test_a_long_list_is_cut_and_a_deep_body_ends() -> None:
    assert reason({"errors": [f"e{number}" for number in range(99)]}, None).endswith("e8; e9; …")
    deep: Any = ["too deep"]
    for _ in range(50):
        deep = {"a": deep}
    assert list(field_errors(deep)) == []

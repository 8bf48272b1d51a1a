"""Responses of a token endpoint: accepted, refused or failed, and the parts of a token in them."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
from auth_core import LoginRefused, Moment, TokenUnavailable
from auth_core.expressions import retry_after_seconds
from auth_core.lifecycle import (
    Candidate,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    Extra,
    JwtClaim,
    ResponseCondition,
    ResponseDetails,
    TokenResponse,
    ValueCondition,
)
from auth_core.token_responses import check_response, read_parts
from auth_core.wire import TokenHttpResponse
from auth_core_testing import TokenIssuer

SENT = Moment(wall=1_750_000_000.0, monotonic=1.0)
# --- what a response means -------------------------------------------------------------------------------------------


REFUSED = (
    ResponseCondition(status=(400, 401), body={"/error": ValueCondition(any_of=("invalid_grant",))}),
    ResponseCondition(body={"/error": ValueCondition(any_of=("invalid_scope",))}, advice="Permit the scope."),
)
DETAILS = ResponseDetails(
    failed=(ResponseCondition(body={"/status/code": ValueCondition(none_of=("OK",))}),),
    code=("$response.body#/status/code",),
    message=("$response.body#/status/description",),
)


def check(status: int, body: Any, **response: Any) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    check_response(
        TokenHttpResponse(status=status, content=content, **response),
        what="acme: createToken",
        url="https://acme.example/token",
        refused=REFUSED,
        responses=DETAILS,
        secrets=["s3cret", "s3cret-with-an-end"],
        now_wall=SENT.wall,
    )


@pytest.mark.parametrize("body", [{}, {"status": {"code": "OK"}}, b"text"])
def test_a_success_is_silent(body):
    check(200, body)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_grant"}, LoginRefused),
        (400, {"error": "invalid_request"}, TokenUnavailable),
        (403, {"error": "invalid_grant"}, TokenUnavailable),
        (500, {"error": "invalid_grant"}, TokenUnavailable),
        (200, {"status": {"code": "E1"}}, TokenUnavailable),
        (302, {}, TokenUnavailable),
        (401, b"<html>", TokenUnavailable),
    ],
)
def test_refused_and_failed_are_told_apart_by_the_spec(status, body, error):
    with pytest.raises(error) as failure:
        check(status, body)
    assert (type(failure.value), failure.value.status, failure.value.request_sent) == (error, status, True)


@pytest.mark.parametrize(
    ("code", "end"),
    [("invalid_scope", "HTTP 400 invalid_scope. Permit the scope."), ("invalid_grant", "invalid_grant")],
)
def test_a_refusal_ends_with_the_advice_of_its_condition(code, end):
    with pytest.raises(LoginRefused) as failure:
        check(400, {"error": code})
    assert str(failure.value).endswith(end)


@pytest.mark.parametrize("status", [302, 404, 405])
def test_a_missing_token_endpoint_is_named_in_the_error(status):
    with pytest.raises(TokenUnavailable, match=r"from https://acme\.example/token; check the URL of the server$"):
        check(status, b"<html>")


def test_a_server_that_merely_fails_has_the_right_address():
    with pytest.raises(TokenUnavailable, match=r"^acme: createToken failed: HTTP 503$"):
        check(503, b"<html>")


def test_the_error_has_the_vendors_code_and_message_without_secrets():
    """Both are on one line."""
    with pytest.raises(TokenUnavailable) as failure:
        check(200, {"status": {"code": "E1", "description": "bad\n\x1b s3cret " + "x" * 500}})

    assert failure.value.code == "E1"
    assert str(failure.value).startswith("acme: createToken failed: HTTP 200 E1 (bad **** xxx")
    assert len(str(failure.value)) < 300


@pytest.fixture
def far_from_greenwich(monkeypatch):
    """This machine's time zone is nothing to a server."""
    with monkeypatch.context() as patched:
        patched.setenv("TZ", "Asia/Kolkata")
        getattr(time, "tzset", bool)()  # Windows has none
        yield
    getattr(time, "tzset", bool)()


@pytest.mark.parametrize(
    ("reported", "shown"),
    [
        ("s3cret-with-an-end", "(****)"),  # of two secrets that begin alike the longer one is masked first
        ("x" * 197 + "s3cret", "xxx***)"),  # the cut, after 200 characters, leaves no half of a secret
        (("s3cret " * 200), "(**** **** "),
    ],
)
def test_truncation_and_masking_leave_no_part_of_a_secret(reported, shown):
    with pytest.raises(TokenUnavailable) as failure:
        check(200, {"status": {"code": "E1", "description": reported}})

    assert shown in str(failure.value)
    assert not re.search("s3|cret|end", str(failure.value))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("Sun, 15 Jun 2025 15:07:20 GMT", 40.0),
        ("Sun, 15 Jun 2025 15:00:00 GMT", 0.0),
        ("Sun Jun 15 15:07:20 2025", 40.0),  # of asctime, which RFC 9110 section 5.6.7 allows still: it is GMT
        ("1000000000000", 100_000_000.0),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("1.5", None),
        ("\uff11", None),
        ("Sun, 99 Jun 2025 15:00:00 GMT", None),
        ("Sun, 15 Jun 99999 15:00:00 GMT", None),
        ("Sun, 15 Jun 2025 15:00:00 +99999", None),
    ],
)
@pytest.mark.usefixtures("far_from_greenwich")
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry_after_seconds({"retry-after": text}, SENT.wall) == seconds


# --- parts of a token -----------------------------------------------------------------------------------------------

ISSUER = TokenIssuer(lifetime=500)


def parts(response: TokenResponse, body: Any, **more: Any):
    return read_parts(response, TokenHttpResponse(status=200, content=json.dumps(body).encode()), sent=SENT, **more)


def at(pointer: str, **conditions: Any) -> tuple[Candidate, ...]:
    return (Candidate(f"$response.body#/{pointer}", **conditions),)


@pytest.mark.parametrize(
    ("sources", "body", "lifetime"),
    [
        ((ExpiresIn("$response.body#/e"),), {"e": 60}, 60),
        ((ExpiresIn("$response.body#/e"),), {"e": "60"}, 60),
        ((ExpiresIn("$response.body#/e", "milliseconds"),), {"e": 60_000}, 60),
        ((ExpiresAt("$response.body#/e"),), {"e": SENT.wall + 90}, 90),
        ((ExpiresAt("$response.body#/e", "milliseconds"),), {"e": (SENT.wall + 90) * 1000}, 90),
        ((ExpiresAt("$response.body#/e"),), {"e": "2025-06-15T15:07:50Z"}, 70),
        ((ExpiresAt("$response.body#/e"),), {"e": "2025-06-15T17:07:50+02:00"}, 70),
        ((ExpiresIn("$response.body#/e"), DefaultLifetime(30)), {"e": 0}, 30),
        ((ExpiresIn("$response.body#/e"), DefaultLifetime(30)), {"e": -1}, 30),
        ((ExpiresIn("$response.body#/e"), ExpiresIn("$response.body#/f")), {"f": 5}, 5),
        ((ExpiresAt("$response.body#/e"),), {"e": SENT.wall - 1}, None),
        ((ExpiresAt("$response.body#/e"),), {"e": "tomorrow"}, None),
        ((JwtClaim(),), {}, None),
        ((), {"e": 60}, None),
    ],
)
def test_the_first_readable_positive_source_sets_the_lifetime(sources, body, lifetime):
    response = TokenResponse(access_token=at("a"), expires=sources)

    assert parts(response, {"a": "opaque", **body}).lifetime == lifetime


@pytest.mark.parametrize("exp", [int(SENT.wall) + 500, str(int(SENT.wall) + 500), SENT.wall + 500.0])
def test_a_claim_counts_as_a_number_or_a_numeric_string(exp):
    response = TokenResponse(access_token=at("a"), expires=(JwtClaim(),))

    assert parts(response, {"a": ISSUER.sign({"exp": exp})}).lifetime == 500


def test_claims_are_read_where_declared_only():
    response = TokenResponse(access_token=at("a"), expires=(DefaultLifetime(7),))

    assert parts(response, {"a": ISSUER.sign({"exp": SENT.wall + 500})}).lifetime == 7


def test_of_several_candidates_the_first_that_is_present_counts():
    response = TokenResponse(access_token=(*at("null"), *at("empty"), *at("number"), *at("here"), *at("later")))
    body = {"null": None, "empty": "", "number": 5, "here": "H", "later": "L"}

    assert parts(response, body).clear()["access_token"] == "H"


def test_a_candidate_may_require_jwt_claims_or_exclude_jwts():
    access, other = ISSUER.sign({"token_use": "access"}), ISSUER.sign({"token_use": "id"})
    response = TokenResponse(
        access_token=(*at("a", jwt_claims={"token_use": "access"}), *at("b", jwt_claims={"token_use": "access"})),
        refresh_token=(*at("a", not_jwt=True), *at("c", not_jwt=True)),
    )

    found = parts(response, {"a": other, "b": access, "c": "opaque"})

    assert found.clear() == {"access_token": access, "refresh_token": "opaque"}


def test_a_later_response_wins_where_it_has_a_value():
    response = TokenResponse(
        access_token=at("a"),
        refresh_token=at("r"),
        expires=(ExpiresIn("$response.body#/e"),),
        extras={"id": Extra(at("i")), "open": Extra(at("o"), secret=False)},
    )
    first = parts(response, {"a": "A1", "r": "R1", "e": 60, "i": "I1", "o": 5})
    second = parts(response, {"r": "R2", "i": None}, so_far=first)
    third = parts(response, {"a": "A3"}, so_far=second)

    assert second.clear() == {"access_token": "A1", "refresh_token": "R2", "id": "I1", "open": 5}
    assert (second.lifetime, third.lifetime) == (60, None)
    assert "I1" not in repr(second)
    assert "'open': 5" in repr(second)

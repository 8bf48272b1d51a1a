"""From lifecycle values to HTTP requests, and from answers to parts of a token: tables over pure functions."""

from __future__ import annotations

import base64
import json
import re
import time
from typing import Any

import pytest
from auth_core import ConfigurationError, InvalidCredentials, LoginRefused, Moment, TokenUnavailable
from auth_core.conditions import matches, possible_statuses
from auth_core.expressions import ABSENT, Answer, evaluate, jwt_claims, resolve_pointer
from auth_core.http_dates import retry_after_seconds
from auth_core.interpret import Inputs, build_request, check_answer, read_parts
from auth_core.lifecycle import (
    AnswerCondition,
    AnswerDetails,
    BasicAuthentication,
    Candidate,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    Extra,
    FromCredential,
    FromToken,
    JwtClaim,
    TokenAnswer,
    TokenRequest,
    ValueCondition,
)
from auth_core.wire import TokenHttpResponse
from auth_core_testing import TokenIssuer

SENT = Moment(wall=1_750_000_000.0, monotonic=1.0)
INPUTS = Inputs(
    servers={"base_url": "https://api.example/v1/", "sso_url": "https://sso.example"},
    credentials={"user": "alice@x", "key": "k&=ø"},
    parts={"refresh_token": "R"},
)


def request(**parts: Any) -> TokenRequest:
    return TokenRequest(**{"operation_id": "op", "method": "post", "server": "base_url", "path": "/token", **parts})


def headers(built) -> dict[str, str]:
    return dict(built.headers)


# --- requests -------------------------------------------------------------------------------------------------------


def test_a_json_body_keeps_the_types_of_its_values():
    body = {
        "grant_type": "x",
        "number": 1,
        "flag": False,
        "none": None,
        "deep": {"user": FromCredential("user"), "list": ["a", FromToken("refresh_token")]},
        "absent": FromCredential("unit"),
    }
    built = build_request(request(encoding="json", body=body), INPUTS)

    assert json.loads(built.content) == {
        "grant_type": "x",
        "number": 1,
        "flag": False,
        "none": None,
        "deep": {"user": "alice@x", "list": ["a", "R"]},
    }
    assert headers(built)["Content-Type"] == "application/json"
    assert (built.method, built.url) == ("POST", "https://api.example/v1/token")


def test_a_form_is_encoded_and_a_list_repeats_its_name():
    body = {"k": FromCredential("key"), "flag": True, "scope": ["a", "b c"], "none": None, "absent": FromToken("extra")}
    built = build_request(request(encoding="form", body=body), INPUTS)

    assert built.content == b"k=k%26%3D%C3%B8&flag=true&scope=a&scope=b+c"
    assert headers(built)["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_form_holds_no_object():
    with pytest.raises(ConfigurationError, match="'deep'"):
        build_request(request(encoding="form", body={"deep": {"a": 1}}), INPUTS)


def test_path_query_and_headers_are_filled_in_and_the_shown_url_has_no_values():
    built = build_request(
        request(
            method="GET",
            server="sso_url",
            path="/users/{user}/token",
            path_parameters={"user": FromCredential("user")},
            query={"key": FromCredential("key")},
            headers={"X-Refresh": FromToken("refresh_token")},
        ),
        INPUTS,
    )

    assert built.url == "https://sso.example/users/alice%40x/token?key=k%26%3D%C3%B8"
    assert built.shown_url == "https://sso.example/users/{user}/token"
    assert headers(built)["X-Refresh"] == "R"
    assert built.content == b""


def test_a_user_may_rename_members_wherever_they_stand_in_a_body():
    inputs = Inputs(servers=INPUTS.servers, credentials=INPUTS.credentials, member_names={"user": "email"})
    body = {"user": FromCredential("user"), "deep": {"user": "x"}}
    built = build_request(request(encoding="json", body=body, headers={"user": "h"}), inputs)

    assert json.loads(built.content) == {"email": "alice@x", "deep": {"email": "x"}}
    assert headers(built)["user"] == "h"


@pytest.mark.parametrize(
    ("basic", "text"),
    [
        (BasicAuthentication("key"), "key:"),
        (BasicAuthentication(FromCredential("user"), FromCredential("key")), "alice@x:k&=ø"),
    ],
)
def test_basic_authentication_is_rfc_7617_in_utf_8(basic, text):
    value = headers(build_request(request(basic=basic), INPUTS))["Authorization"]

    assert base64.b64decode(value.removeprefix("Basic ")).decode() == text


def test_without_its_optional_user_name_basic_authentication_is_left_out():
    built = build_request(request(basic=BasicAuthentication(FromCredential("unit"))), INPUTS)

    assert "Authorization" not in headers(built)


def test_cookies_go_as_the_server_set_them():
    cookies = {"sid": "a%2Fb+/==", "quoted": '"x"', "user": FromCredential("user"), "unit": FromCredential("unit")}
    built = build_request(request(cookies=cookies), INPUTS)

    assert headers(built)["Cookie"] == 'sid=a%2Fb+/==; quoted="x"; user=alice@x'


@pytest.mark.parametrize("value", ["a b", "a;b", "a,b", 'a"b', '"a', "a\\b", "ä", "a\n", "\0"])
def test_what_a_cookie_cannot_hold_is_refused_and_not_shown(value):
    with pytest.raises(InvalidCredentials, match="the cookie sid holds characters that a cookie cannot") as refused:
        build_request(request(cookies={"sid": value}), INPUTS)
    assert value not in str(refused.value).replace("the value for the cookie sid", "") or value == "a b"


@pytest.mark.parametrize(
    "wrong",
    [
        {"basic": BasicAuthentication("a:b")},
        {"headers": {"X": "line\nbreak"}},
    ],
)
def test_what_a_header_cannot_hold_is_refused(wrong):
    with pytest.raises(InvalidCredentials):
        build_request(request(**wrong), INPUTS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": "other_url"},
        {"path": "/{unit}", "path_parameters": {"unit": FromCredential("unit")}},
        {"basic": BasicAuthentication("user", FromCredential("unit"))},
    ],
)
def test_what_is_missing_for_a_request_is_named(wrong):
    with pytest.raises(ConfigurationError, match=r"other_url|unit|password"):
        build_request(request(**wrong), INPUTS)


# --- looking into answers -------------------------------------------------------------------------------------------

# The document and the values of RFC 6901 section 5.
RFC_6901 = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", RFC_6901),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
        ("/foo/2", ABSENT),
        ("/foo/-1", ABSENT),
        ("/foo/x", ABSENT),
        ("/nope/deeper", ABSENT),
    ],
)
def test_pointers_are_those_of_rfc_6901(pointer, value):
    assert resolve_pointer(RFC_6901, pointer) == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("$response.body", '{"a":[{"b":"c"}]}'),
        ("$response.body#/a/0/b", "c"),
        ("$response.body#", {"a": [{"b": "c"}]}),
        ("$response.header.X-Token", "h"),
        ("$response.header.Absent", ABSENT),
    ],
)
def test_runtime_expressions(expression, value):
    assert evaluate(expression, Answer(200, {"x-token": "h"}, b'{"a":[{"b":"c"}]}\n')) == value


def test_an_expression_that_is_none_is_an_error():
    with pytest.raises(ConfigurationError, match=r"\$request"):
        evaluate("$request.body", Answer(200, {}, b""))


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "a.b.c.d.e", "ä.ö.ü", "..", f"x.{base64.b64encode(b'[]').decode()}.y"]
)
def test_what_is_no_jwt_has_no_claims(text):
    assert jwt_claims(text) is None


# --- conditions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (AnswerCondition(), True),
        (AnswerCondition(status=(400, 401)), True),
        (AnswerCondition(status=("4XX",)), True),
        (AnswerCondition(status=("5xx", 403)), False),
        (AnswerCondition(body={"/error": ValueCondition(any_of=("invalid_grant",))}), True),
        (AnswerCondition(body={"/error": ValueCondition(any_of=("other",))}), False),
        (AnswerCondition(body={"/error": ValueCondition(none_of=("OK",))}), True),
        (AnswerCondition(body={"/absent": ValueCondition(none_of=("OK",))}), False),
        (AnswerCondition(body={"/null": ValueCondition(present=True)}), False),
        (AnswerCondition(body={"/absent": ValueCondition(present=False)}), True),
        (AnswerCondition(body={"/one": ValueCondition(any_of=(True,))}), False),
        (AnswerCondition(body={"/one": ValueCondition(any_of=(1,))}), True),
        (AnswerCondition(headers={"X-Error": ValueCondition(present=True)}), True),
        (AnswerCondition(headers={"X-Error": ValueCondition(any_of=("no",))}), False),
        (AnswerCondition(status=(400,), headers={"X-Error": ValueCondition(present=True)}), False),
    ],
)
def test_all_members_of_a_condition_must_hold(condition, holds):
    answer = Answer(401, {"x-error": "boom"}, b'{"error": "invalid_grant", "null": null, "one": 1}')

    assert matches([condition], answer) is holds
    assert matches([], answer) is False


def test_possible_statuses_are_a_superset_of_what_can_hold():
    conditions = [AnswerCondition(status=(401, "5XX"))]

    assert possible_statuses(conditions) == {401, *range(500, 600)}
    assert len(possible_statuses([AnswerCondition(body={"/a": ValueCondition(present=True)})])) == 500
    assert possible_statuses([]) == frozenset()


# --- what an answer means -------------------------------------------------------------------------------------------


REFUSED = (AnswerCondition(status=(400, 401), body={"/error": ValueCondition(any_of=("invalid_grant",))}),)
DETAILS = AnswerDetails(
    failed=(AnswerCondition(body={"/status/code": ValueCondition(none_of=("OK",))}),),
    code=("$response.body#/status/code",),
    message=("$response.body#/status/description",),
)


def check(status: int, body: Any, **response: Any) -> None:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    check_answer(
        TokenHttpResponse(status=status, content=content, **response),
        what="acme: createToken",
        url="https://acme.example/token",
        refused=REFUSED,
        answers=DETAILS,
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


@pytest.mark.parametrize("status", [302, 404, 405])
def test_where_the_token_server_has_no_such_address_the_error_names_it(status):
    with pytest.raises(TokenUnavailable, match=r"from https://acme\.example/token; check the address of the server$"):
        check(status, b"<html>")


def test_a_server_that_merely_fails_has_the_right_address():
    with pytest.raises(TokenUnavailable, match=r"^acme: createToken failed: HTTP 503$"):
        check(503, b"<html>")


def test_the_error_has_the_vendors_code_and_message_on_one_line_without_secrets():
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
    ("said", "shown"),
    [
        ("s3cret-with-an-end", "(****)"),  # of two secrets that begin alike the longer one is masked first
        ("x" * 197 + "s3cret", "xxx***)"),  # the cut, after 200 characters, leaves no half of a secret
        (("s3cret " * 200), "(**** **** "),
    ],
)
def test_no_part_of_a_secret_is_left_by_another_or_by_the_cut(said, shown):
    with pytest.raises(TokenUnavailable) as failure:
        check(200, {"status": {"code": "E1", "description": said}})

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


def parts(answer: TokenAnswer, body: Any, **more: Any):
    return read_parts(answer, TokenHttpResponse(status=200, content=json.dumps(body).encode()), sent=SENT, **more)


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
def test_the_first_source_that_is_readable_and_positive_ends_the_life(sources, body, lifetime):
    answer = TokenAnswer(access_token=at("a"), expires=sources)

    assert parts(answer, {"a": "opaque", **body}).lifetime == lifetime


@pytest.mark.parametrize("exp", [int(SENT.wall) + 500, str(int(SENT.wall) + 500), SENT.wall + 500.0])
def test_a_claim_counts_as_a_number_or_a_numeric_string(exp):
    answer = TokenAnswer(access_token=at("a"), expires=(JwtClaim(),))

    assert parts(answer, {"a": ISSUER.sign({"exp": exp})}).lifetime == 500


def test_claims_are_read_where_declared_only():
    answer = TokenAnswer(access_token=at("a"), expires=(DefaultLifetime(7),))

    assert parts(answer, {"a": ISSUER.sign({"exp": SENT.wall + 500})}).lifetime == 7


def test_of_several_candidates_the_first_that_is_present_counts():
    answer = TokenAnswer(access_token=(*at("null"), *at("empty"), *at("number"), *at("here"), *at("later")))
    body = {"null": None, "empty": "", "number": 5, "here": "H", "later": "L"}

    assert parts(answer, body).clear()["access_token"] == "H"


def test_a_candidate_may_ask_for_a_jwt_with_claims_or_for_none():
    access, other = ISSUER.sign({"token_use": "access"}), ISSUER.sign({"token_use": "id"})
    answer = TokenAnswer(
        access_token=(*at("a", jwt_claims={"token_use": "access"}), *at("b", jwt_claims={"token_use": "access"})),
        refresh_token=(*at("a", not_jwt=True), *at("c", not_jwt=True)),
    )

    found = parts(answer, {"a": other, "b": access, "c": "opaque"})

    assert found.clear() == {"access_token": access, "refresh_token": "opaque"}


def test_a_later_answer_wins_where_it_has_a_value():
    answer = TokenAnswer(
        access_token=at("a"),
        refresh_token=at("r"),
        expires=(ExpiresIn("$response.body#/e"),),
        extras={"id": Extra(at("i")), "open": Extra(at("o"), secret=False)},
    )
    first = parts(answer, {"a": "A1", "r": "R1", "e": 60, "i": "I1", "o": 5})
    second = parts(answer, {"r": "R2", "i": None}, so_far=first)
    third = parts(answer, {"a": "A3"}, so_far=second)

    assert second.clear() == {"access_token": "A1", "refresh_token": "R2", "id": "I1", "open": 5}
    assert (second.lifetime, third.lifetime) == (60, None)
    assert "I1" not in repr(second)
    assert "'open': 5" in repr(second)

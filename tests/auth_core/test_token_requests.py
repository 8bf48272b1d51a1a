"""Requests of a token endpoint: values in, requests out."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import unquote_plus

import pytest
from attrs import evolve
from auth_core import ConfigurationError, InvalidCredentials
from auth_core.lifecycle import (
    BasicAuthentication,
    FromCredential,
    FromToken,
    TokenRequest,
)
from auth_core.token_requests import Inputs, basic_token, build_request

INPUTS = Inputs(
    servers={"base_url": "https://api.example/v1/", "sso_url": "https://sso.example"},
    credentials={"user": "alice@x", "key": "k&=ø"},
    parts={"refresh_token": "R"},
)


def request(**parts: Any) -> TokenRequest:
    return TokenRequest(**{"operation_id": "op", "method": "post", "server": "base_url", "path": "/token", **parts})


def headers(built) -> dict[str, str]:
    return dict(built.headers)


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


def test_placeholders_are_filled_and_the_shown_url_has_no_values():
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


def test_a_user_may_rename_members_anywhere_in_a_body():
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


def test_form_encoded_basic_authentication_is_read_back_as_rfc_6749_says():
    given = Inputs(servers={}, credentials={"id": "app:1", "secret": "p+q 100%/:é"})
    basic = BasicAuthentication(FromCredential("id"), FromCredential("secret"), form_encoded=True)
    username, password = base64.b64decode(basic_token(basic, given)).decode("ascii").split(":")

    assert (unquote_plus(username), unquote_plus(password)) == ("app:1", "p+q 100%/:é")


def test_basic_authentication_of_nothing_is_refused_by_name():
    with pytest.raises(InvalidCredentials, match="the credential user is empty"):
        build_request(
            request(basic=BasicAuthentication(FromCredential("user"))), evolve(INPUTS, credentials={"user": ""})
        )


@pytest.mark.parametrize(
    ("declared", "chosen", "content"),
    [("form", "json", b'{"a":"1"}'), ("json", "form", b"a=1"), ("form", None, b"a=1"), (None, "json", b"")],
)
def test_a_user_may_choose_the_encoding_of_bodies(declared, chosen, content):
    assert (
        build_request(request(encoding=declared, body={"a": "1"}), evolve(INPUTS, encoding=chosen)).content == content
    )


def test_without_its_optional_user_name_basic_authentication_is_left_out():
    built = build_request(request(basic=BasicAuthentication(FromCredential("unit"))), INPUTS)

    assert "Authorization" not in headers(built)


def test_cookies_go_as_the_server_set_them():
    cookies = {"sid": "a%2Fb+/==", "quoted": '"x"', "user": FromCredential("user"), "unit": FromCredential("unit")}
    built = build_request(request(cookies=cookies), INPUTS)

    assert headers(built)["Cookie"] == 'sid=a%2Fb+/==; quoted="x"; user=alice@x'


@pytest.mark.parametrize("value", ["a b", "a;b", "a,b", 'a"b', '"a', "a\\b", "ä", "a\n", "\0"])
def test_what_a_cookie_cannot_hold_is_refused_and_not_shown(value):
    with pytest.raises(InvalidCredentials, match="the cookie sid has characters that a cookie cannot") as refused:
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

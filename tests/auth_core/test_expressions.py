"""Looking into a response, and the conditions on one."""

from __future__ import annotations

import base64

import pytest
from auth_core import ConfigurationError
from auth_core.conditions import matches, possible_statuses
from auth_core.expressions import ABSENT, ResponseView, evaluate, jwt_claims, resolve_pointer
from auth_core.lifecycle import (
    ResponseCondition,
    ValueCondition,
)

# --- looking into responses -------------------------------------------------------------------------------------------

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
    assert evaluate(expression, ResponseView(200, {"x-token": "h"}, b'{"a":[{"b":"c"}]}\n')) == value


def test_an_expression_that_is_none_is_an_error():
    with pytest.raises(ConfigurationError, match=r"\$request"):
        evaluate("$request.body", ResponseView(200, {}, b""))


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c", "a.b.c.d.e", "ä.ö.ü", "..", f"x.{base64.b64encode(b'[]').decode()}.y"]
)
def test_what_is_no_jwt_has_no_claims(text):
    assert jwt_claims(text) is None


# --- conditions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (ResponseCondition(), True),
        (ResponseCondition(status=(400, 401)), True),
        (ResponseCondition(status=401), True),
        (ResponseCondition(status="4XX", body={"/error": "invalid_grant"}), True),
        (ResponseCondition(status=400, body={"/error": "invalid_grant"}), False),
        (ResponseCondition(status=("4XX",)), True),
        (ResponseCondition(status=("5xx", 403)), False),
        (ResponseCondition(body={"/error": ValueCondition(any_of=("invalid_grant",))}), True),
        (ResponseCondition(body={"/error": ValueCondition(any_of=("other",))}), False),
        (ResponseCondition(body={"/error": ValueCondition(none_of=("OK",))}), True),
        (ResponseCondition(body={"/absent": ValueCondition(none_of=("OK",))}), False),
        (ResponseCondition(body={"/null": ValueCondition(present=True)}), False),
        (ResponseCondition(body={"/absent": ValueCondition(present=False)}), True),
        (ResponseCondition(body={"/one": ValueCondition(any_of=(True,))}), False),
        (ResponseCondition(body={"/one": ValueCondition(any_of=(1,))}), True),
        (ResponseCondition(headers={"X-Error": ValueCondition(present=True)}), True),
        (ResponseCondition(headers={"X-Error": ValueCondition(any_of=("no",))}), False),
        (ResponseCondition(status=(400,), headers={"X-Error": ValueCondition(present=True)}), False),
    ],
)
def test_all_members_of_a_condition_must_hold(condition, holds):
    response = ResponseView(401, {"x-error": "boom"}, b'{"error": "invalid_grant", "null": null, "one": 1}')

    assert matches([condition], response) is holds
    assert matches([], response) is False


@pytest.mark.parametrize("status", [0, 99, 600, "4X", "XX", "expired", (401, "no")])
def test_a_condition_on_what_is_no_status_is_refused(status):
    with pytest.raises(ValueError, match="a status is a number from 100 to 599 or a class such as '4XX', not "):
        ResponseCondition(status=status)


def test_possible_statuses_are_a_superset_of_what_can_hold():
    conditions = [ResponseCondition(status=(401, "5XX"))]

    assert possible_statuses(conditions) == {401, *range(500, 600)}
    assert len(possible_statuses([ResponseCondition(body={"/a": ValueCondition(present=True)})])) == 500
    assert possible_statuses([]) == frozenset()

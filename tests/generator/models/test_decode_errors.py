"""A response that is not as documented raises ``DecodeError``, which says where."""

from __future__ import annotations

import pytest

from support.packages import GenerateModels

PAGE = """
Page:
  type: object
  required: [results]
  properties:
    results: {type: array, items: {$ref: Item}}
    by-name: {type: object, additionalProperties: {$ref: Item}}
    grid: {type: array, items: {type: array, items: {type: integer}}}
    owner: {$ref: Item}
    pair: {type: array, prefixItems: [{type: string}, {type: integer}], items: false}
Item:
  type: object
  required: [status]
  properties:
    status: {type: string}
    amount: {type: number}
    count: {type: integer}
    done: {type: boolean}
    when: {type: string, format: date-time}
    day: {type: string, format: date}
    id: {type: string, format: uuid}
    kind: {const: item}
    data: {type: string, format: byte}
"""

GOOD = {"status": "ok"}


@pytest.mark.parametrize(
    ("value", "path", "reason"),
    [
        ({}, "$.results", "is missing"),
        ({"results": None}, "$.results", "expected an array, found null"),
        ({"results": {}}, "$.results", "expected an array, found an object"),
        ({"results": [GOOD, GOOD, GOOD, {}]}, "$.results[3].status", "is missing"),
        ({"results": [GOOD, {"status": 5}]}, "$.results[1].status", "expected a string, found an integer"),
        ({"results": [None]}, "$.results[0]", "expected an object, found null"),
        ({"results": [GOOD, "x"]}, "$.results[1]", "expected an object, found a string"),
        ({"results": [], "by-name": {"a b": {}}}, "$['by-name']['a b'].status", "is missing"),
        ({"results": [], "grid": [[1], [2, "x"]]}, "$.grid[1][1]", "expected an integer, found a string"),
        ({"results": [], "owner": []}, "$.owner", "expected an object, found an array"),
        ({"results": [], "pair": ["a"]}, "$.pair", "expected 2 items, found 1"),
        ({"results": [], "pair": ["a", "b"]}, "$.pair[1]", "expected an integer, found a string"),
        ([], "$", "expected an object, found an array"),
        (None, "$", "expected an object, found null"),
        ("text", "$", "expected an object, found a string"),
    ],
)
def test_the_path_leads_to_what_is_wrong(generate: GenerateModels, value: object, path: str, reason: str) -> None:
    package = generate(PAGE)
    with pytest.raises(package.decode_error) as caught:
        package.Page.from_dict(value)
    assert (caught.value.path, caught.value.reason) == (path, reason)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("amount", "3", "expected a number, found a string"),
        ("amount", True, "expected a number, found a boolean"),
        ("count", 3.5, "expected an integer, found a number"),
        ("count", True, "expected an integer, found a boolean"),
        ("done", 1, "expected a boolean, found an integer"),
        ("done", "true", "expected a boolean, found a string"),
        ("when", "yesterday", "expected a date-time (RFC 3339), found another text"),
        ("when", "2024-01-01", "expected a date-time (RFC 3339), found another text"),
        ("when", 1700000000, "expected a date-time (RFC 3339), found an integer"),
        ("day", "2024-02-30", "expected a date (RFC 3339), found another text"),
        ("id", "nobody", "expected a UUID, found another text"),
        ("kind", "other", "expected 'item', found a string"),
        ("data", "a?", "expected Base64, found another text"),
        ("data", "AA EC", "expected Base64, found another text"),
    ],
)
def test_a_value_of_another_type_is_refused(generate: GenerateModels, member: str, value: object, reason: str) -> None:
    package = generate(PAGE)
    with pytest.raises(package.decode_error) as caught:
        package.Item.from_dict({"status": "ok", member: value})
    assert (caught.value.path, caught.value.reason) == (f"$.{member}", reason)  # type: ignore[attr-defined]


@pytest.mark.parametrize("member", ["amount", "count", "done", "when", "day", "id", "kind", "data"])
def test_null_for_an_optional_member_is_no_error(generate: GenerateModels, member: str) -> None:
    item = generate(PAGE).Item.from_dict({"status": "ok", member: None})
    assert getattr(item, member) is None


def test_a_whole_number_written_with_a_point_is_an_integer(generate: GenerateModels) -> None:
    item = generate(PAGE).Item.from_dict({"status": "ok", "count": 5.0, "amount": 5})
    assert (item.count, type(item.count)) == (5, int)
    assert item.amount == 5


def test_an_error_never_repeats_what_it_read(generate: GenerateModels) -> None:
    package = generate(PAGE)
    with pytest.raises(package.decode_error) as caught:
        package.Item.from_dict({"status": "ok", "when": "hunter2", "data": "hunter2"})
    assert "hunter2" not in str(caught.value)

"""Formats, constants, tuples, maps, nulls and merged schemas."""

from __future__ import annotations

import datetime
import json
import uuid
from typing import get_type_hints

import pytest

from support.packages import GenerateModels

UTC = datetime.UTC
EAST = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("schema", "sent", "value"),
    [
        ("format: date-time", "2024-02-29T12:30:00Z", datetime.datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
        ("format: date-time", "2024-02-29T12:30:00.250Z", datetime.datetime(2024, 2, 29, 12, 30, 0, 250000, UTC)),
        ("format: date-time", "2024-02-29T12:30:00.000001+02:00", datetime.datetime(2024, 2, 29, 12, 30, 0, 1, EAST)),
        ("format: date-time-local", "2024-02-29T12:30:00", datetime.datetime(2024, 2, 29, 12, 30)),
        ("format: date", "2024-02-29", datetime.date(2024, 2, 29)),
        ("format: uuid", "6f0a1b9e-32a5-4a8e-9d55-2f8d3c4b5a69", uuid.UUID("6f0a1b9e-32a5-4a8e-9d55-2f8d3c4b5a69")),
        ("format: byte", "AAEC", b"\0\1\2"),
        ("contentEncoding: base64", "AAEC", b"\0\1\2"),
        ("x-format: '%Y-%m-%dT%H:%M:%S'", "2024-02-29T12:30:00", datetime.datetime(2024, 2, 29, 12, 30)),
        ("x-format: '%Y-%m-%dT%H:%M:%S'", "some day", "some day"),
        ("x-format: '%d.%m.%Y'", "29.02.2024", datetime.date(2024, 2, 29)),
        ("format: decimal", "3.10", "3.10"),
    ],
)  # fmt: skip
def test_a_format_is_read_and_written(generate: GenerateModels, schema: str, sent: str, value: object) -> None:
    package = generate(f"A: {{type: object, required: [v], properties: {{v: {{type: string, {schema}}}}}}}")
    a = package.A.from_dict({"v": sent})
    assert a.v == value
    assert type(a.v) is type(value)
    assert a.to_dict(exclude_unset=True) == {"v": sent}


def test_a_naive_date_time_is_not_sent(generate: GenerateModels) -> None:
    package = generate("A: {type: object, required: [v], properties: {v: {type: string, format: date-time}}}")
    with pytest.raises(ValueError, match="has no time zone; pass an aware datetime"):
        package.A(v=datetime.datetime(2024, 2, 29)).to_dict(exclude_unset=True)


def test_an_aware_date_time_is_rejected_where_local_is_required(generate: GenerateModels) -> None:
    package = generate("A: {type: object, required: [v], properties: {v: {type: string, format: date-time-local}}}")
    with pytest.raises(ValueError, match="pass a naive datetime"):
        package.A(v=datetime.datetime(2024, 2, 29, tzinfo=UTC)).to_dict(exclude_unset=True)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("{type: string, format: date-time}", "2024-02-29T12:30:00"),
        ("{type: [string, 'null'], format: date-time}", "2024-02-29T12:30:00"),
        ("{type: array, items: {type: string, format: date-time}}", ["2024-02-29T12:30:00", "2024-02-29T12:30:00Z"]),
        ("{additionalProperties: {type: string, format: date-time}}", {"a": "2024-02-29T12:30:00"}),
        ("{oneOf: [{type: integer}, {type: string, format: date-time}]}", "2024-02-29T12:30:00"),
    ],
)
def test_a_date_time_that_came_without_an_offset_is_sent_without(
    generate: GenerateModels, schema: str, value: object
) -> None:
    package = generate(f"A: {{type: object, required: [v], properties: {{v: {schema}}}}}")
    a = package.A.from_dict({"v": value})
    assert a.to_dict(exclude_unset=True) == {"v": value}
    moment = datetime.datetime(2024, 2, 29, 12, 30)
    assert moment in (a.v, *(a.v if isinstance(a.v, list) else a.v.values() if isinstance(a.v, dict) else ()))


@pytest.mark.parametrize(
    "schema",
    [
        "{type: [string, 'null']}",
        "{type: string, nullable: true}",
        "{oneOf: [{type: string}, {type: 'null'}]}",
        "{anyOf: [{type: 'null'}, {$ref: Text}]}",
        "{allOf: [{$ref: Text}], nullable: true}",
        "{$ref: MaybeText}",
    ],
)
def test_every_spelling_of_null_means_null(generate: GenerateModels, schema: str) -> None:
    package = generate(
        f"""
        A: {{type: object, required: [v], properties: {{v: {schema}}}}}
        Text: {{type: string}}
        MaybeText: {{type: [string, 'null']}}
        """
    )
    assert get_type_hints(package.A)["v"] == str | None
    assert package.A.from_dict({"v": None}).to_dict(exclude_unset=True) == {"v": None}
    assert package.A.from_dict({"v": "x"}).to_dict(exclude_unset=True) == {"v": "x"}


@pytest.mark.parametrize("null", ["type: [object, 'null']", "type: object, nullable: true"])
def test_a_nullable_class_may_be_null_wherever_it_is_referenced(generate: GenerateModels, null: str) -> None:
    package = generate(
        f"""
        A: {{type: object, required: [b, c], properties: {{b: {{$ref: B}}, c: {{type: array, items: {{$ref: B}}}}}}}}
        B: {{{null}, properties: {{d: {{type: string}}}}}}
        """
    )
    value = {"b": None, "c": [{"d": "x"}, None]}
    a = package.A.from_dict(value)
    assert type(a.c[0]) is package.B
    assert a.to_dict(exclude_unset=True) == value


def test_an_enumeration_with_null_is_an_enumeration_or_null(generate: GenerateModels) -> None:
    package = generate(
        "A: {type: object, required: [v], properties: {v: {type: [string, 'null'], enum: [a, b, null]}}}"
    )
    assert [member.value for member in package.AV] == ["a", "b"]
    assert package.A.from_dict({"v": None}).v is None


def test_a_required_constant_need_not_be_given(generate: GenerateModels) -> None:
    package = generate("A: {type: object, required: [g, n], properties: {g: {const: password}, n: {type: integer}}}")
    assert package.A(n=1).to_dict(exclude_unset=True) == {"g": "password", "n": 1}


def test_an_optional_constant_is_sent_only_if_it_is_given(generate: GenerateModels) -> None:
    package = generate("A: {type: object, properties: {g: {const: password}}}")
    assert package.A().to_dict(exclude_unset=True) == {}
    assert package.A(g="password").to_dict(exclude_unset=True) == {"g": "password"}


def test_defaults_of_required_members_are_sent_and_others_omitted(
    generate: GenerateModels,
) -> None:
    package = generate(
        """
        A:
          type: object
          required: [r, e, n]
          properties:
            r: {type: integer, default: 3}
            e: {type: string, enum: [x, y], default: y}
            n: {type: [string, 'null'], default: null}
            o: {type: integer, default: 4}
        """
    )
    assert package.A().to_dict(exclude_unset=True) == {"r": 3, "e": "y", "n": None}
    assert "``4``" in package.source("a")


def test_items_of_a_fixed_array_have_a_type_each(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [p], properties: {p: {$ref: Pair}}}
        Pair: {type: array, prefixItems: [{type: string}, {type: string, format: date}], items: false}
        """
    )
    a = package.A.from_dict({"p": ["x", "2024-02-29"]})
    assert a.p == ("x", datetime.date(2024, 2, 29))
    assert a.to_dict(exclude_unset=True) == {"p": ["x", "2024-02-29"]}


def test_an_open_array_after_fixed_items_accepts_any_of_them(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [p], properties: {p: {$ref: List}}}
        List: {type: array, prefixItems: [{type: string}], items: {type: integer}}
        """
    )
    assert get_type_hints(package.A)["p"] == list[int | str]
    assert package.A.from_dict({"p": ["x", 1, 2]}).to_dict(exclude_unset=True) == {"p": ["x", 1, 2]}


def test_an_object_without_declared_members_is_a_dict(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [m, f], properties: {m: {$ref: Map}, f: {type: object}}}
        Map: {type: object, additionalProperties: {type: array, items: {type: string, format: date}}}
        """
    )
    assert get_type_hints(package.A)["m"] == dict[str, list[datetime.date]]
    value = {"m": {"x": ["2024-02-29"]}, "f": {"y": [1]}}
    assert package.A.from_dict(value).to_dict(exclude_unset=True) == value


def test_all_of_is_one_class_with_the_members_of_all(generate: GenerateModels) -> None:
    package = generate(
        """
        Base:
          type: object
          required: [id]
          properties:
            id: {type: integer}
            kind: {type: string}
            tags: {type: array, items: {type: object, properties: {t: {type: string}}}}
        Child:
          allOf:
            - {$ref: Base}
            - {type: object, required: [kind], properties: {kind: {const: child}, more: {type: string, format: date}}}
        Grandchild: {allOf: [{$ref: Child}, {properties: {last: {type: boolean}}}]}
        """
    )
    hints = get_type_hints(package.Grandchild)
    assert list(hints)[:5] == ["id", "kind", "tags", "more", "last"]
    value = {"id": 1, "kind": "child", "tags": [{"t": "x"}], "more": "2024-02-29", "last": True}
    child = package.Grandchild.from_dict(value)
    assert type(child.tags[0]) is type(package.Base.from_dict({"id": 1, "tags": [{}]}).tags[0])
    assert child.to_dict(exclude_unset=True) == value


def test_all_of_of_one_reference_is_that_reference(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [b], properties: {b: {allOf: [{$ref: B}], description: The b.}}}
        B: {type: object, properties: {c: {type: string}}}
        """
    )
    assert type(package.A.from_dict({"b": {}}).b) is package.B
    assert '"""The b."""' in package.source("a")


def test_parts_without_common_shape_are_a_loss_and_any_value(generate: GenerateModels) -> None:
    package = generate(
        "A: {type: object, properties: {v: {allOf: [{type: string}, {type: object, properties: {x: {}}}]}}}"
    )
    (problem,) = package.problems
    assert problem.rule == "all-of"
    assert "string" in problem.what
    assert package.A.from_dict({"v": 3}).to_dict(exclude_unset=True) == {"v": 3}


def test_a_schema_that_is_part_of_itself_is_a_loss(generate: GenerateModels) -> None:
    package = generate("A: {allOf: [{$ref: A}, {type: object, properties: {x: {type: string}}}]}")
    assert [problem.rule for problem in package.problems] == ["all-of"]


def test_a_recursive_list_is_read_at_every_depth(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [t], properties: {t: {$ref: Tree}}}
        Tree: {type: array, items: {$ref: Tree}}
        """
    )
    assert package.A.from_dict({"t": [[], [[]]]}).to_dict(exclude_unset=True) == {"t": [[], [[]]]}


def test_an_inline_class_is_named_after_its_location(generate: GenerateModels) -> None:
    package = generate(
        """
        A:
          type: object
          properties:
            b:
              type: object
              properties:
                c: {type: array, items: {type: object, properties: {d: {type: string, enum: [x]}}}}
        """
    )
    assert set(package.module("models").__all__) == {"A", "AB", "ABCItem", "ABCItemD"}
    value = {"b": {"c": [{"d": "x"}, {"d": "y"}]}}
    assert package.A.from_dict(value).to_dict(exclude_unset=True) == value


def test_values_of_several_kinds_are_no_enumeration(generate: GenerateModels) -> None:
    package = generate("A: {type: object, required: [v], properties: {v: {enum: [1, x, true]}}}")
    for value in (1, "x", True, "new"):
        assert package.A.from_dict({"v": value}).to_dict(exclude_unset=True) == {"v": value}


def test_an_enumeration_of_numbers_is_a_number(generate: GenerateModels) -> None:
    package = generate(
        """
        Share: {type: number, enum: [1, 1.5], description: How much}
        A:
          type: object
          required: [share, whole, untyped, fixed]
          properties:
            share: {$ref: Share}
            whole: {type: number, enum: [1, 2]}
            untyped: {enum: [0.5, 1]}
            fixed: {const: 1.5}
            maybe: {type: [number, 'null'], enum: [1, 2.5, null]}
            integer: {type: integer, enum: [1.0, 2.0]}
        """
    )
    value = {"share": 0.75, "whole": 1.5, "untyped": 3, "fixed": 1.5, "maybe": 2.25, "integer": 3}
    assert package.A.from_dict(value).to_dict(exclude_unset=True) == value
    with pytest.raises(package.decode_error, match=r"\$\.whole: expected a number, found a string"):
        package.A.from_dict({**value, "whole": "1"})
    assert '"""How much. One of 1, 1.5."""' in package.source("a")


def test_members_of_an_enumeration_keep_their_order_and_given_names(generate: GenerateModels) -> None:
    package = generate(
        """
        E: {type: integer, enum: [20, 10, -1], x-enum-varnames: [High, Low, none]}
        S: {type: string, enum: [b, a, B, 'a-b', a_b, '', '1st', s]}
        """
    )
    assert list(package.S.__members__) == ["B", "A", "B_2", "A_B", "A_B_2", "EMPTY", "VALUE_1ST", "S_2"]
    assert list(package.E.__members__) == ["HIGH", "LOW", "NONE"]
    assert [member.value for member in package.S] == ["b", "a", "B", "a-b", "a_b", "", "1st", "s"]
    assert json.dumps([package.E.LOW, package.S.EMPTY]) == '[10, ""]'


@pytest.mark.parametrize(
    ("schemas", "rule"),
    [
        ("{A: {type: object, properties: {t: {$ref: T}}}, T: {type: array, items: {$ref: T}}}", "endless-type"),
        (
            "{A: {properties: {x: {}}, oneOf: [{type: string}, {type: object}]}}",
            "union-with-properties",
        ),
        ("{A: {type: object, properties: {x: {}, y: {}}, oneOf: [{required: [x]}, {required: [y]}]}}", None),
    ],
)  # fmt: skip
def test_what_has_no_type_is_a_loss(generate: GenerateModels, schemas: str, rule: str | None) -> None:
    assert [problem.rule for problem in generate(schemas).problems] == ([rule] if rule else [])

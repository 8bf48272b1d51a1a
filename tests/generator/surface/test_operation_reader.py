"""What is decided about one operation, by the smallest document that shows it."""

from __future__ import annotations

from typing import Any

import pytest

from sdkgen.code import Code
from sdkgen.facts.operation_reader import OperationReader
from sdkgen.facts.operations import OperationFact
from sdkgen.models.reader import SchemaTypes

TEXT = {"type": "string"}
Reports = list[tuple[str, str, str]]


def read(
    operation: dict[str, Any], *, item: dict[str, Any] | None = None, **root: Any
) -> tuple[OperationFact, Reports]:
    """The facts of ``GET /things/{id}/{part}``, and what is reported."""
    document: dict[str, Any] = {"paths": {"/things/{id}/{part}": {**(item or {}), "get": operation}}, **root}
    reports: Reports = []
    types = SchemaTypes(document, {})
    reader = OperationReader(document, types, frozenset({"key"}), lambda *report: reports.append(report))
    fact = reader.fact("/things/{id}/{part}", "get", Code("get_thing"))
    assert fact is not None
    return fact, reports


def parameter(name: str, location: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "schema": TEXT, **more}


def test_parameters_of_the_path_come_first_and_in_its_order() -> None:
    declared = [parameter("q", "query"), parameter("part", "path"), parameter("X-A", "header"), parameter("id", "path")]
    fact, _ = read({"parameters": declared})
    assert [(one.location, one.python) for one in fact.parameters] == [
        ("path", "id"),
        ("path", "part"),
        ("query", "q"),
        ("header", "x_a"),
    ]


def test_an_operations_own_parameter_goes_before_that_of_its_path() -> None:
    fact, _ = read(
        {"parameters": [parameter("q", "query", description="own")]},
        item={"parameters": [parameter("q", "query", description="shared"), parameter("r", "query")]},
    )
    assert [(one.name, one.description) for one in fact.parameters] == [("q", "own"), ("r", "")]


@pytest.mark.parametrize(
    "ignored",
    [
        parameter("Accept", "header"),
        parameter("CONTENT-TYPE", "header"),
        parameter("authorization", "header"),
        parameter("b", "body"),
        parameter("l", "elsewhere"),
        {"in": "query", "schema": TEXT},
        "no object",
    ],
)
def test_what_openapi_ignores_is_no_parameter(ignored: object) -> None:
    assert read({"parameters": [ignored]}) == (read({})[0], [])


def test_an_optional_parameter_that_cannot_be_written_is_left_out() -> None:
    fact, reports = read({"parameters": [parameter("q", "query", style="matrix")]})
    assert fact.parameters == ()
    what = "the optional parameter `q` needs style `matrix` of a parameter in `query`"
    assert reports == [("/paths/~1things~1{id}~1{part}/get", what, "It is left out.")]


def test_references_are_followed() -> None:
    fact, _ = read(
        {
            "parameters": [{"$ref": "#/components/parameters/Q"}],
            "responses": {200: {"$ref": "#/components/responses/R"}},
        },
        components={"parameters": {"Q": parameter("q", "query")}, "responses": {"R": {"description": "The thing"}}},
    )
    assert [one.name for one in fact.parameters] == ["q"]
    assert fact.returns == "The thing."


@pytest.mark.parametrize(
    ("declared", "served", "reported"),
    [
        ([{"key": []}], (("key",),), []),
        ([{"other": []}, {"key": []}], (("key",),), []),
        ([{"key": [], "other": []}, {}], ((),), []),
        ([], (), []),
        ([{"other": []}, {"key": [], "another": []}], (), ["no client can authenticate by `another`, `key`, `other`"]),
    ],
)
def test_only_security_that_the_client_can_serve_counts(declared: list[Any], served: Any, reported: list[str]) -> None:
    fact, reports = read({"security": declared}, security=[{"never": []}])
    assert fact.security == served
    assert [what for _, what, _ in reports] == reported


def test_media_types_that_are_not_offered_are_reported() -> None:
    content = {"application/json": {"schema": TEXT}, "text/plain": {"schema": TEXT}}
    fact, reports = read({"requestBody": {"content": content}})
    assert fact.body is not None
    assert fact.body.content_type == "application/json"
    assert reports == [
        (
            "/paths/~1things~1{id}~1{part}/get/requestBody",
            "the body is offered as `application/json` only, not as `text/plain`",
            "",
        )
    ]


def test_extensions_among_the_responses_are_no_responses() -> None:
    fact, _ = read({"responses": {"x-note": {"description": "no"}, "404": {"description": "gone"}}})
    assert [(error.status, error.error) for error in fact.errors] == [("404", "NotFoundError")]

"""Each spec is read twice: what sdkgen renders against what openapi-python-client's parser finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from openapi_python_client.parser import GeneratorData

from sdkgen.bundle import Bundle, bundle
from sdkgen.code import Code
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts
from sdkgen.models import ModelsFacts
from sdkgen.models.model_facts import ModelFacts
from sdkgen.problems import ProblemsFound
from sdkgen.second_reading import KnownDifferences, compare, ours, read_known_differences, theirs
from sdkgen.second_reading.reading import Reading
from support.repository import SPECS

SPEC = """\
openapi: 3.1.0
info: {title: Acme, version: "1"}
servers: [{url: "https://acme.example"}]
paths:
  /widgets/{widgetId}:
    post:
      operationId: changeWidget
      tags: [widgets]
      security: [{key: []}]
      parameters:
        - {name: widgetId, in: path, required: true, schema: {type: string}}
        - {name: dry run, in: query, schema: {type: boolean}}
        - {name: X-Reason, in: header, required: true, schema: {type: string}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Change"}}}
      responses:
        200: {description: Changed., content: {application/json: {schema: {$ref: "#/components/schemas/Widget"}}}}
        404: {description: There is none.}
        5XX: {description: A fault.}
        default: {description: Anything else.}
components:
  securitySchemes:
    key:
      type: http
      scheme: bearer
      x-token-lifecycle:
        grants: {key: {credentials: {key: {secret: true}}, access_token: {credential: key}}}
        placements: [{in: body, name: token, methods: [POST]}]
  schemas:
    Change:
      type: object
      required: [token, size]
      properties: {token: {type: string}, size: {type: integer}, note: {type: string}}
    Widget:
      type: object
      required: [id]
      properties: {id: {type: string}, size: {type: [integer, "null"]}, parts: {type: array, items: {type: string}}}
"""

OPERATION = "operation POST /widgets/{widgetId}"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "specs/acme/openapi.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(SPEC, "utf-8")
    return path


def problems(spec: Path) -> list[str]:
    """What the two readings of a spec come to."""
    root = spec.parents[2]
    known = read_known_differences(spec, root)
    compared = compare(bundle(spec, root=root), known)
    assert compared.places > 10 or compared.problems
    return [str(problem) for problem in compared.problems]


def test_both_readers_read_the_same(spec: Path) -> None:
    assert problems(spec) == []


# --- a reader of ours that is broken ---------------------------------------------------------------------------------


def change(spec: OperationFact, name: str, **changes: Any) -> OperationFact:
    """The operation with one of its parameters changed."""
    return evolve(
        spec, parameters=tuple(evolve(one, **changes) if one.name == name else one for one in spec.parameters)
    )


LOST_MEDIA_TYPE = "operation POST /widgets/{widgetId}: body application/json"

BROKEN_OPERATIONS: Mapping[str, tuple[Callable[[OperationFact], OperationFact | None], str]] = {
    "a lost operation": (
        lambda _: None,
        f"`{OPERATION}` is read differently: nothing by sdkgen, called change_widget by openapi-python-client",
    ),
    "another method": (
        lambda fact: evolve(fact, method=Code("PUT")),
        "`operation PUT /widgets/{widgetId}` is read differently: called change_widget by sdkgen, nothing by",
    ),
    "another path": (
        lambda fact: evolve(fact, path="/widgets"),
        "`operation POST /widgets` is read differently: called change_widget by sdkgen, nothing by",
    ),
    "another id": (
        lambda fact: evolve(fact, operation_id="makeWidget"),
        f"`{OPERATION}` is read differently: called make_widget by sdkgen, called change_widget by",
    ),
    "a lost parameter": (
        lambda fact: evolve(fact, parameters=tuple(one for one in fact.parameters if one.name != "dry run")),
        f"`{OPERATION}: query parameter dry run` is read differently: nothing by sdkgen, optional by",
    ),
    "a parameter in another place": (
        lambda fact: change(fact, "X-Reason", location="cookie"),
        f"`{OPERATION}: cookie parameter X-Reason` is read differently: required by sdkgen, nothing by",
    ),
    "a parameter that is wrongly required": (
        lambda fact: change(fact, "dry run", required=True),
        f"`{OPERATION}: query parameter dry run` is read differently: required by sdkgen, optional by",
    ),
    "a parameter that is wrongly optional": (
        lambda fact: change(fact, "X-Reason", required=False),
        f"`{OPERATION}: header parameter X-Reason` is read differently: optional by sdkgen, required by",
    ),
    "a lost body": (
        lambda fact: evolve(fact, body=None),
        f"`{LOST_MEDIA_TYPE}` is read differently: nothing by sdkgen, taken by",
    ),
    "another media type": (
        lambda fact: evolve(fact, body=evolve(fact.body, content_type="text/json")) if fact.body else None,
        f"`{LOST_MEDIA_TYPE}` is read differently: nothing by sdkgen, taken by",
    ),
    "a lost success": (
        lambda fact: evolve(fact, responses=()),
        f"`{OPERATION}: status 200` is read differently: nothing by sdkgen, documented by",
    ),
    "a lost status": (
        lambda fact: evolve(fact, errors=tuple(one for one in fact.errors if one.status != "404")),
        f"`{OPERATION}: status 404` is read differently: nothing by sdkgen, documented by",
    ),
    "a token that is not placed": (
        lambda fact: evolve(fact, security=()),
        "`model Change: member token` is read differently: nothing by sdkgen, required by",
    ),
}


@pytest.mark.parametrize(("broken", "expected"), BROKEN_OPERATIONS.values(), ids=BROKEN_OPERATIONS)
def test_a_reader_that_reads_an_operation_wrongly_is_found(
    spec: Path,
    monkeypatch: pytest.MonkeyPatch,
    broken: Callable[[OperationFact], OperationFact | None],
    expected: str,
) -> None:
    read = ours.package_facts

    def read_wrongly(*arguments: Any) -> tuple[PackageFacts, Any]:
        facts, found = read(*arguments)
        resources = [
            evolve(resource, operations=tuple(filter(None, map(broken, resource.operations))))
            for resource in facts.resources
        ]
        return evolve(facts, resources=tuple(resources)), found

    monkeypatch.setattr(ours, "package_facts", read_wrongly)
    assert any(expected in problem for problem in problems(spec))
    assert all(problem.startswith("specs/acme/openapi.yaml:") for problem in problems(spec))


def without_member(model: ModelFacts, name: str) -> ModelFacts:
    return evolve(model, fields=tuple(field for field in model.fields if field.name != name))


def with_requirement(model: ModelFacts, name: str, required: bool) -> ModelFacts:
    fields = (evolve(field, required=required) if field.name == name else field for field in model.fields)
    return evolve(model, fields=tuple(fields))


BROKEN_MODELS: Mapping[str, tuple[Callable[[ModelFacts], ModelFacts | None], str]] = {
    "a lost model": (
        lambda model: None if model.name == "Widget" else model,
        "`model Widget` is read differently: nothing by sdkgen, a model by openapi-python-client",
    ),
    "a lost member": (
        lambda model: without_member(model, "parts"),
        "`model Widget: member parts` is read differently: nothing by sdkgen, optional by openapi-python-client",
    ),
    "a member that is wrongly required": (
        lambda model: with_requirement(model, "note", required=True),
        "`model Change: member note` is read differently: required by sdkgen, optional by openapi-python-client",
    ),
    "a member that is wrongly optional": (
        lambda model: with_requirement(model, "id", required=False),
        "`model Widget: member id` is read differently: optional by sdkgen, required by openapi-python-client",
    ),
}


@pytest.mark.parametrize(("broken", "expected"), BROKEN_MODELS.values(), ids=BROKEN_MODELS)
def test_a_reader_that_reads_a_model_wrongly_is_found(
    spec: Path, monkeypatch: pytest.MonkeyPatch, broken: Callable[[ModelFacts], ModelFacts | None], expected: str
) -> None:
    read = ours.models_facts

    def read_wrongly(*arguments: Any) -> ModelsFacts:
        facts = read(*arguments)
        return evolve(facts, models=tuple(filter(None, map(broken, facts.models))))

    monkeypatch.setattr(ours, "models_facts", read_wrongly)
    (problem,) = problems(spec)
    assert expected in problem
    assert problem.endswith("list the place in specs/acme/second-reading.yaml with the reason. [second-reading]")


# --- differences that are known --------------------------------------------------------------------------------------

CONSTRAINED = SPEC.replace("required: [id]", "oneOf: [{required: [id]}, {required: [size]}]")


def list_differences(spec: Path, text: str) -> None:
    spec.with_name("second-reading.yaml").write_text(text, "utf-8")


def test_a_difference_listed_with_its_reason_is_no_problem(spec: Path) -> None:
    spec.write_text(CONSTRAINED, "utf-8")
    assert len(problems(spec)) == 1
    list_differences(spec, "differences: [{reason: It takes it for a union., issue: 388, places: [model Widget]}]\n")
    assert problems(spec) == []


def test_a_listed_difference_that_is_none_is_a_problem(spec: Path) -> None:
    list_differences(spec, "differences:\n  - reason: It takes it for a union.\n    places: [model Widget]\n")
    assert problems(spec) == [
        "specs/acme/second-reading.yaml:3: `model Widget` is listed, but both readers read the same there."
        " Remove the entry. [second-reading]"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "differences: [{reason: It takes it for a union., places: [model A], isue: 1}]",
            "`isue` is not a key of an entry in second-reading.yaml. Did you mean `issue`?",
        ),
        ("differences: [{places: [model A]}]", "`reason` is missing in an entry in second-reading.yaml."),
        (
            "differences: [{reason: It takes it for a union., places: [model A, model A]}]",
            "`model A` is already listed in line 1. Keep one of them. [second-reading-entry]",
        ),
    ],
)
def test_a_list_that_is_written_wrongly_says_so(spec: Path, text: str, expected: str) -> None:
    list_differences(spec, text)
    with pytest.raises(ProblemsFound) as caught:
        problems(spec)
    assert expected in str(caught.value)


# --- the parser of openapi-python-client -----------------------------------------------------------------------------


def test_the_parser_gets_the_bundled_document_less_one_keyword(monkeypatch: pytest.MonkeyPatch) -> None:
    amino = bundle(SPECS / "amino/openapi.yaml", base=SPECS)
    given: list[Any] = []
    parse = GeneratorData.from_dict
    monkeypatch.setattr(
        GeneratorData, "from_dict", lambda data, *, config: given.append(data) or parse(data, config=config)
    )
    theirs.their_reading(amino.document)
    (document,) = given
    removed = without_false_items(amino.document)
    assert document == removed
    assert document != amino.document


def without_false_items(value: Any) -> Any:
    if isinstance(value, list):
        return [without_false_items(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: without_false_items(item) for key, item in value.items() if not (key == "items" and item is False)}


def test_the_parser_would_refuse_that_keyword(monkeypatch: pytest.MonkeyPatch) -> None:
    amino = bundle(SPECS / "amino/openapi.yaml", base=SPECS)
    monkeypatch.setattr(theirs, "readable", lambda document: document)
    (problem,) = compare(amino, KnownDifferences("second-reading.yaml", {})).problems
    assert "openapi-python-client's parser refuses the document" in problem.what


def test_what_the_parser_cannot_read_is_a_difference(spec: Path) -> None:
    spec.write_text(SPEC.replace("type: array, items: {type: string}", "type: array"), "utf-8")
    (problem,) = [one for one in problems(spec) if "`error " in one]
    assert "nothing by sdkgen" in problem


def test_a_document_that_cannot_be_read_ends_in_a_message(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: Bundle) -> Reading:
        raise TypeError("a list where an object is needed")

    monkeypatch.setattr("sdkgen.second_reading.gate.our_reading", fail)
    assert problems(spec) == [
        "specs/acme/openapi.yaml:1: it cannot be read twice: TypeError: a list where an object is needed."
        " Run `sdkgen lint`: it says what is wrong with the spec. [second-reading]"
    ]

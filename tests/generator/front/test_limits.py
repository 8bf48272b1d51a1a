"""Documents that unfold without end, or lead nowhere in a way of their own, end in a message with limit and place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sdkgen.jobs import Job, Outcome
from sdkgen.pipeline import run

REF = "#/components/schemas/A"


def outcome_of(schemas: dict[str, Any], folder: Path) -> Outcome:
    """What comes of a foreign document with these schemas, each on a line of its own."""
    document: dict[str, Any] = {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": {}}
    spec = folder / "x.json"
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(schema)}" for name, schema in schemas.items())
    spec.write_text(f'{json.dumps(document)[:-1]}, "components": {{"schemas": {{\n{lines}}}}}}}')
    return run(Job("x", spec, folder, folder, foreign=True, destination=folder / "out"))


def messages(outcome: Outcome) -> list[str]:
    assert not outcome.failed, outcome.problems
    return [str(problem) for problem in outcome.problems]


@pytest.mark.parametrize("beside", [{}, {"description": "D"}])
def test_a_chain_of_references_has_a_limit(beside: dict[str, str], tmp_path: Path) -> None:
    chain = {f"A{index}": {"$ref": f"{REF}{index + 1}", **beside} for index in range(60)}
    found = messages(outcome_of({**chain, "A60": {"type": "string"}}, tmp_path))
    step = "Refer to the definition itself."
    assert found[0] == f"x.json:2: `$ref: {REF}1` leads through more than 50 references. {step}"
    assert len(found) == 10


@pytest.mark.parametrize(
    ("bases", "steps", "bases_first"),
    [(["{next}"], 130, False), (["{next}"], 130, True), (["{next}", "{next}"], 30, False)],
    ids=["a chain", "a chain, bases first", "each base twice"],
)
def test_all_of_has_a_limit(bases: list[str], steps: int, bases_first: bool, tmp_path: Path) -> None:
    def schema(index: int) -> dict[str, Any]:
        own = {"type": "object", "properties": {f"p{index}": {"type": "string"}}}
        return {"allOf": [*({"$ref": base.format(next=f"{REF}{index + 1}")} for base in bases), own]}

    schemas = {**{f"A{index}": schema(index) for index in range(steps)}, f"A{steps}": {"type": "object"}}
    lines = [*schemas.items()][:: -1 if bases_first else 1]
    found = messages(outcome_of(dict(lines), tmp_path))
    what = "`allOf` cannot be one class: it is made of more than 10000 schemas, or of more than 100 in a row"
    refused, kept = (steps + 2, 3) if bases_first else (2, steps + 1)
    assert f"x.json:{refused}: {what}; any value is accepted. [all-of]" in found
    assert not any(message.startswith(f"x.json:{kept}: {what}") for message in found)


def test_a_reference_that_names_no_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    names = ["\0", "x\0.yaml#/a", "%00", "loop.yaml", "n" * 300 + ".yaml"]
    properties = {f"p{index}": {"$ref": name} for index, name in enumerate(names)}
    found = messages(outcome_of({"A": {"type": "object", "properties": properties}}, tmp_path))
    assert len(found) == len(names)
    assert sum("names no file. Name a file next to this one." in message for message in found) >= 4
    assert all(message.startswith("x.json:2: `$ref: ") for message in found)


def test_unions_that_hold_the_one_before_them_twice_have_a_limit(tmp_path: Path) -> None:
    """Forty of them are of 2**40 parts, be they of objects or not."""

    def either(*names: str) -> dict[str, Any]:
        return {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}

    texts: dict[str, Any] = {"T0": {"type": "string"}}
    objects: dict[str, Any] = {
        "M": {"type": "object", "properties": {"p": {"type": "string"}}},
        "U0": either("M", "V0"),
    }
    objects["V0"] = {"type": "object", "properties": {"q": {"type": "string"}}}
    for index in range(1, 40):
        before = either(f"T{index - 1}")["oneOf"][0]
        texts[f"T{index}"] = {"oneOf": [before, {"type": "array", "items": before}]}
        objects[f"U{index}"] = objects[f"V{index}"] = either(f"U{index - 1}", f"V{index - 1}")
    found = messages(outcome_of({**texts, **objects}, tmp_path))
    what = "it is made of more than 1000 schemas without a class; any value is accepted. [endless-type]"
    assert all(message.endswith(what) for message in found)
    places = [int(message.split(":")[1]) for message in found]
    assert any(10 <= line <= 13 for line in places)  # the first of those of texts and arrays
    assert any(line > 41 for line in places)
    assert min(places) >= 10


PATTERNS = [r"^\p{L}+(?<n>a)$", "(" * 5000, "a{99999999999999999999}", "^(a+)+$"]


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_regular_expressions_are_not_run(version: str, tmp_path: Path) -> None:
    """They are of ECMA-262, as deep, as large and as slow as a document's author likes. Keys called so are members."""
    spec = tmp_path / "x.json"
    texts = {f"T{i}": {"type": "string", "pattern": p, "default": "a" * 50 + "b"} for i, p in enumerate(PATTERNS)}
    by_name = {"patternProperties": {key: {"type": "string"} for key in PATTERNS}, "additionalProperties": False}
    schemas: dict[str, Any] = {
        **texts,
        "M": {"type": "object", "properties": {"pattern": {"type": "string"}}, "required": ["pattern"]},
        "N": {"type": "object", "default": {"a" * 50 + "b": "x"}, **(by_name if version == "3.1.0" else {})},
        "O": {"$ref": f"#/components/schemas/N/patternProperties/{PATTERNS[3]}"} if version == "3.1.0" else {},
    }
    about = {"openapi": version, "info": {"title": "T", "version": "1"}, "paths": {}}
    spec.write_text(json.dumps({**about, "components": {"schemas": schemas}}))
    found = messages(run(Job("x", spec, tmp_path, tmp_path, foreign=True, destination=tmp_path / "out")))
    assert {message.rpartition(" ")[2] for message in found} <= {"[unsupported-keyword]"}, found
    assert "pattern: str" in (tmp_path / "out/src/x_client/models/m.py").read_text()

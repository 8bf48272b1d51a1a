"""References inside a bundled document are followed in one way, by one module."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from sdkgen.references import destination, follow, object_at, referenced
from support.repository import ROOT

SDKGEN = ROOT / "generator/src/sdkgen"
ROW = {"type": "object"}
DOCUMENT: dict[str, Any] = {
    "components": {
        "schemas": {
            "Row": ROW,
            "a/b~c": ROW,
            "Alias": {"$ref": "#/components/schemas/Row"},
            "Alias of alias": {"$ref": "#/components/schemas/Alias", "description": "companions"},
            "Escaped": {"$ref": "#/components/schemas/a~1b~0c"},
            "Lost": {"$ref": "#/components/schemas/Nothing"},
            "Anchor": {"$ref": "#Row"},
            "Elsewhere": {"$ref": "other.yaml"},
            "One": {"$ref": "#/components/schemas/Other"},
            "Other": {"$ref": "#/components/schemas/One"},
            "Text": {"$ref": "#/components/schemas/Row/type"},
            "Misuse": {"$ref": 7},
        }
    }
}


def schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize(
    ("name", "place", "value"),
    [
        ("Row", "Row", ROW),
        ("Alias", "Row", ROW),
        ("Alias of alias", "Row", ROW),
        ("Escaped", "a~1b~0c", ROW),
        ("Lost", "Nothing", {}),
        ("Text", "Row/type", "object"),
        ("Elsewhere", "Elsewhere", {"$ref": "other.yaml"}),
        ("Misuse", "Misuse", {"$ref": 7}),
    ],
)
def test_a_place_leads_to_the_end_of_its_references(name: str, place: str, value: object) -> None:
    assert destination(DOCUMENT, f"/components/schemas/{name}") == (f"/components/schemas/{place}", value)


@pytest.mark.parametrize("name", ["Lost", "Anchor", "One", "Text"])
def test_what_leads_to_no_object_is_an_empty_one(name: str) -> None:
    assert object_at(DOCUMENT, f"/components/schemas/{name}") == {}
    assert follow(DOCUMENT, schema(name)) == {}


def test_a_value_is_itself_or_what_it_refers_to() -> None:
    inline = {"type": "string"}
    assert follow(DOCUMENT, inline) is inline
    assert follow(DOCUMENT, schema("Alias of alias")) is ROW
    assert follow(DOCUMENT, None) == {}


def test_the_target_of_one_reference_may_be_a_reference() -> None:
    assert referenced(DOCUMENT, "#/components/schemas/Alias") == schema("Row")
    assert referenced(DOCUMENT, "#/components/schemas/Nothing") == {}
    assert referenced(DOCUMENT, "#Row") == {}


def test_no_other_module_goes_from_a_reference_to_its_target() -> None:
    """That takes ``pointers.resolve``: the bundler has it for references between files, ``references`` for the rest."""
    users = {
        path.relative_to(SDKGEN).as_posix()
        for path in SDKGEN.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "sdkgen.pointers"
        if "resolve" in {alias.name for alias in node.names}
    }
    assert users == {"bundle.py", "references.py"}

"""What is published says what the code does: schemas, rules, keywords."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from sdkgen import keywords, losses
from sdkgen.folders import schemas_folder
from sdkgen.keywords import EXTENSIONS, KEYWORDS, NAMES, Fate
from sdkgen.lint import RULES
from sdkgen.lint.extensions import schemas
from sdkgen.pipeline import FAULT
from sdkgen.pointers import as_list, as_object
from sdkgen.structure import FIELDS
from support.repository import ROOT, SPECS

SCHEMAS = sorted((SPECS / "schemas").glob("*.schema.json"))


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def members(schema: Any, place: str = "#") -> Iterator[tuple[str, Any]]:
    """Every schema of a member, with its place."""
    for name, member in as_object(as_object(schema).get("properties")).items():
        yield f"{place}/properties/{name}", member
    for key, value in [*as_object(schema).items(), *enumerate(as_list(schema))]:
        if key not in ("if", "then"):
            yield from members(value, f"{place}/{key}")


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_each_schema_is_a_json_schema_of_draft_2020_12(path: Path) -> None:
    schema = read(path)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == path.name
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.stem)
def test_each_key_of_the_schemas_has_a_description(path: Path) -> None:
    schema = read(path)

    assert schema["description"]
    for place, member in members(schema):
        described = member.get("description") or member.get("$ref")
        assert described, f"{place} of {path.name} has no description"


def test_the_schemas_that_are_used_are_those_that_are_published() -> None:
    assert schemas_folder() == SPECS / "schemas"


def test_every_extension_has_a_row_in_the_documentation() -> None:
    text = (ROOT / "docs" / "spec-extensions.md").read_text(encoding="utf-8")

    assert set(re.findall(r"^\| `(x-[A-Za-z-]+)` \|", text, re.M)) == set(schemas())


def test_every_kind_of_object_that_an_extension_belongs_to_exists() -> None:
    assert {kind for schema in schemas().values() for kind in schema["x-objects"]} <= set(FIELDS)


def test_every_identifier_has_a_heading_and_every_heading_an_identifier() -> None:
    text = (ROOT / "docs" / "lint-rules.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `([a-z-]+)`$", text, re.M)

    sources = (ROOT / "generator" / "src" / "sdkgen").rglob("*.py")
    pattern = re.compile(r'\brule="([a-z-]+)"|_loss\(.*, "([a-z-]+)"\)$', re.M)
    found = (match for path in sources for match in pattern.finditer(path.read_text(encoding="utf-8")))
    written = {match[1] or match[2] for match in found}
    of_losses = {FAULT, losses.KEYWORD, losses.ENCODING, losses.SCHEME, losses.MEDIA_TYPE}
    assert sorted(headings) == sorted(written | of_losses | set(RULES))


def test_every_rule_says_in_one_sentence_what_it_wants() -> None:
    assert [name for name, rule in RULES.items() if not (rule.check.__doc__ or "").strip()] == []


def definitions(schema: Any) -> Iterator[tuple[str, set[str]]]:
    """Names of objects in a JSON Schema of OpenAPI, with their fields."""
    named = schema.get("$defs") or schema.get("definitions")
    for name, definition in named.items():
        yield re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower(), set(definition.get("properties", {}))


@pytest.mark.parametrize("validator", [OpenAPIV30SpecValidator, OpenAPIV31SpecValidator])
def test_the_fate_of_every_keyword_of_openapi_is_known(validator: Any) -> None:
    """The JSON Schemas of OpenAPI name its keywords; none is missing in the table."""
    for kind, fields in definitions(dict(validator.schema_validator.schema)):
        missing = fields - set(KEYWORDS.get(kind, fields)) - {"$ref"}

        assert not missing, f"{kind} has keywords whose fate is unknown"


def test_what_is_unsupported_says_what_that_means() -> None:
    unsupported = [word for table in KEYWORDS.values() for word in table.values() if word.fate is Fate.UNSUPPORTED]

    assert all(word.reason for word in unsupported)
    assert keywords.UNKNOWN.reason


def test_what_is_checked_says_who_checks_it() -> None:
    tables = [*KEYWORDS.values(), EXTENSIONS]

    assert all(word.reason for table in tables for word in table.values() if word.fate is Fate.CHECKED)


def test_every_kind_of_object_lists_its_keywords_or_has_none() -> None:
    assert set(FIELDS) == set(KEYWORDS) | NAMES
    assert not set(KEYWORDS) & NAMES


def test_the_fate_of_every_extension_is_known() -> None:
    assert set(schemas()) <= set(EXTENSIONS)

"""A reference may name a schema inside another one: inline, an item, a part of a union, in ``$defs``, below paths."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from sdkgen.problems import Severity
from support.packages import generate_foreign, generate_models

DAY = datetime.date(2024, 1, 2)
BELOW_PATHS = "#/paths/~1items~1{id}/get/responses/200/content/application~1json/schema"

SCHEMAS: dict[str, Any] = {
    "Holder": {
        "type": "object",
        "properties": {
            "inline": {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}},
            "nullable": {"type": ["object", "null"], "properties": {"day": {"type": "string", "format": "date"}}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"day": {"$ref": "Day"}}}},
            "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"$ref": "Day"}]},
            "alias": {"$ref": "#/components/schemas/Holder/properties/inline"},
            "below": {"type": "string", "$defs": {"Own": {"type": "object", "properties": {"day": {"$ref": "Day"}}}}},
        },
        "additionalProperties": {"type": "object", "properties": {"day": {"$ref": "Day"}}},
        "$defs": {
            "Day": {"type": "string", "format": "date"},
            "Self": {
                "type": "object",
                "properties": {"day": {"$ref": "Day"}, "again": {"$ref": "#/components/schemas/Holder/$defs/Self"}},
            },
        },
    },
    "Parts": {"allOf": [{"type": "object"}, {"type": "object", "properties": {"day": {"$ref": "Day"}}}]},
    "Either": {"oneOf": [{"type": "integer"}, {"anyOf": [{"type": "object", "properties": {"day": {"$ref": "Day"}}}]}]},
}
PATHS: dict[str, Any] = {
    "/items/{id}": {
        "get": {
            "operationId": "getItem",
            "responses": {
                "200": {
                    "description": "The item.",
                    "content": {
                        "application/json": {
                            "schema": {"type": "object", "properties": {"day": {"type": "string", "format": "date"}}}
                        }
                    },
                }
            },
        }
    }
}
BASE = "#/components/schemas"
CASES = [
    (f"{BASE}/Holder/properties/inline/properties/day", "2024-01-02", DAY),
    (f"{BASE}/Holder/properties/inline", {"day": "2024-01-02"}, "HolderInline"),
    (f"{BASE}/Holder/properties/nullable", {"day": "2024-01-02"}, "HolderNullable"),
    (f"{BASE}/Holder/properties/nullable", None, None),
    (f"{BASE}/Holder/properties/list/items", {"day": "2024-01-02"}, "HolderListItem"),
    (f"{BASE}/Holder/properties/list/items/properties/day", "2024-01-02", DAY),
    (f"{BASE}/Holder/properties/tuple/prefixItems/1", "2024-01-02", DAY),
    (f"{BASE}/Holder/properties/alias", {"day": "2024-01-02"}, "HolderInline"),
    (f"{BASE}/Holder/properties/below/$defs/Own", {"day": "2024-01-02"}, "HolderBelowOwn"),
    (f"{BASE}/Holder/additionalProperties", {"day": "2024-01-02"}, "HolderAdditionalProperty"),
    (f"{BASE}/Holder/$defs/Day", "2024-01-02", DAY),
    (f"{BASE}/Holder/$defs/Self", {"day": "2024-01-02"}, "HolderSelf"),
    (f"{BASE}/Parts/allOf/1/properties/day", "2024-01-02", DAY),
    (f"{BASE}/Either/oneOf/1/anyOf/0", {"day": "2024-01-02"}, "EitherType1Type0"),
    (BELOW_PATHS, {"day": "2024-01-02"}, "GetItemResponse200"),
    (f"{BELOW_PATHS}/properties/day", "2024-01-02", DAY),
]


def _with_full_references(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_full_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _with_full_references(item) for key, item in value.items()}
    return {**found, "$ref": f"{BASE}/Holder/$defs/Day"} if found.get("$ref") == "Day" else found


def test_a_reference_leads_to_the_schema_wherever_it_stands() -> None:
    members = {f"m{index}": {"$ref": reference} for index, (reference, _, _) in enumerate(CASES)}
    schemas = {"Page": {"type": "object", "properties": members}, **_with_full_references(SCHEMAS)}
    package = generate_models(schemas, PATHS)
    assert package.problems == ()

    page = package.Page.from_dict({f"m{index}": sent for index, (_, sent, _) in enumerate(CASES)})
    for index, (reference, _, expected) in enumerate(CASES):
        value = getattr(page, f"m{index}")
        got = type(value).__name__ if isinstance(expected, str) else value
        assert (reference, got) == (reference, expected)
        assert not isinstance(expected, str) or value.day == DAY
    again = package.HolderSelf.from_dict({"again": {"again": {"day": "2024-01-02"}}})
    assert again.again.again.day == DAY
    assert type(package.Holder.from_dict({"inline": {}}).inline).__name__ == "HolderInline"


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_references_below_paths_and_to_no_schema(version: str, tmp_path: Path) -> None:
    """A reference that is written with escapes is no problem of the document; one that leads to no schema is."""
    below = BELOW_PATHS.replace("{id}", "%7Bid%7D")
    spec = tmp_path / f"shop-{version[2]}.yaml"
    spec.write_text(f"""\
openapi: {version}
info: {{title: Shop, version: '1'}}
paths:
  /items/{{id}}:
    get:
      operationId: getItem
      parameters: [{{name: id, in: path, required: true, schema: {{type: string}}}}]
      responses: {{'200': {{description: D, content: {{application/json: {{schema:
          {{type: object, properties: {{a: {{type: string}}}}}}}}}}}}}}
    put:
      operationId: putItem
      parameters: [{{$ref: '#/paths/~1items~1%7Bid%7D/get/parameters/0'}}]
      requestBody: {{content: {{application/json: {{schema: {{$ref: '{below}'}}}}}}}}
      responses: {{'200': {{$ref: '#/paths/~1items~1%7Bid%7D/get/responses/200'}}}}
    post:
      operationId: postItem
      parameters: [{{$ref: '#/paths/~1items~1%7Bid%7D/get/parameters/0'}}]
      requestBody:
        content: {{application/json: {{schema: {{$ref: '#/paths/~1items~1%7Bid%7D/get/responses/200'}}}}}}
      responses: {{'200': {{description: D, content: {{application/json: {{schema: {{$ref: '#/info'}}}}}}}}}}
""")
    package = generate_foreign(spec)

    where = f"shop-{version[2]}.yaml"
    step = "Refer to a member of `components/schemas`."
    assert [str(problem) for problem in package.problems] == [
        f"{where}:19: `$ref: #/paths/~1items~1{{id}}/get/responses/200` leads to no schema. {step}",
        f"{where}:20: `$ref: #/info` leads to no schema. {step}",
    ]
    assert {problem.severity for problem in package.problems} == {Severity.LOSS}
    assert package.source("resources/default.py").count("-> GetItemResponse200:") == 8  # two overloads each

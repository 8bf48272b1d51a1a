"""Whatever the schemas are, the models import, resolve their annotations, and read JSON or refuse it properly."""

from __future__ import annotations

import json
import typing
from typing import Any

from attrs import has
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.examples import examples
from support.packages import Models, generate_models

COMPONENTS = ("A", "B", "C", "D")
MEMBERS = ("id", "kind", "class", "data", "a-b", "a_b")
REFERENCES = st.sampled_from([{"$ref": f"#/components/schemas/{name}"} for name in COMPONENTS])
LEAVES = REFERENCES | st.sampled_from(
    [
        {},
        {"type": "string"},
        {"type": "string", "format": "date"},
        {"type": "string", "format": "date-time"},
        {"type": "string", "format": "byte"},
        {"type": "integer"},
        {"type": "number", "nullable": True},
        {"type": ["boolean", "null"]},
        {"type": ["string", "array", "object"]},
        {"type": "object"},
        {"type": "array"},
        {"type": "null"},
        {"type": "string", "enum": ["a", "b", ""]},
        {"enum": ["a", None]},
        {"enum": [1, "a", True]},
        {"type": "integer", "enum": [1, 2]},
        {"const": "a"},
        {"const": None},
        {"const": {"deep": 1}},
    ]
)


def _around(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(inner, min_size=1, max_size=3)
    objects = st.builds(
        lambda properties, required, additional: {
            "type": "object",
            "properties": properties,
            "required": sorted(required),
            "additionalProperties": additional,
        },
        st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=3),
        st.sets(st.sampled_from(MEMBERS), max_size=2),
        st.booleans() | inner,
    )
    return (
        objects
        | inner.map(lambda schema: {"type": "array", "items": schema})
        | lists.map(lambda schemas: {"type": "array", "prefixItems": schemas, "items": False})
        | lists.map(lambda schemas: {"oneOf": schemas})
        | lists.map(lambda schemas: {"anyOf": schemas, "discriminator": {"propertyName": "kind"}})
        | lists.map(lambda schemas: {"allOf": schemas})
        | lists.map(lambda schemas: {"allOf": schemas, "nullable": True, "properties": {"own": schemas[0]}})
    )


SCHEMAS = st.recursive(LEAVES, _around, max_leaves=8)
VALUES: tuple[Any, ...] = (None, {}, [], "a", 1, {"kind": "A"}, {"id": None, "data": [None], "new": 1}, {"a-b": "a"})


def _read(package: Models, model: Any, value: Any) -> None:
    try:
        found = model.from_dict(value)
    except package.decode_error:
        return
    assert json.dumps(found.to_dict(exclude_unset=True), sort_keys=True) == json.dumps(value, sort_keys=True)


@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.too_slow], deadline=None, derandomize=True)
@given(schemas=st.fixed_dictionaries(dict.fromkeys(COMPONENTS, SCHEMAS)), response=SCHEMAS)
def test_the_models_of_any_schemas_work(schemas: dict[str, Any], response: dict[str, Any]) -> None:
    content = {"application/json": {"schema": response}}
    paths = {"/p": {"get": {"operationId": "get", "responses": {"200": {"description": "", "content": content}}}}}
    package = generate_models(schemas, paths)
    for name in package.module("models").__all__:
        model = getattr(package, name)
        if isinstance(model, type) and has(model):
            assert typing.get_type_hints(model)
            for value in VALUES:
                _read(package, model, value)

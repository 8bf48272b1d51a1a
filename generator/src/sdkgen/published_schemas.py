"""The JSON Schemas of ``specs/schemas`` as validators."""

from __future__ import annotations

import json
from functools import cache

from jsonschema import Draft202012Validator
from referencing import Resource
from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

from sdkgen.folders import schemas_folder

__all__ = ["SUFFIX", "schema_validator"]

SUFFIX = ".schema.json"


@cache
def schema_validator(name: str) -> Draft202012Validator:
    """The validator of ``specs/schemas/NAME.schema.json``, which may refer to the other schemas there."""
    resources = [
        (path.name, Resource.from_contents(json.loads(path.read_text(encoding="utf-8")), DRAFT202012))
        for path in sorted(schemas_folder().glob(f"*{SUFFIX}"))
    ]
    return Draft202012Validator({"$ref": f"{name}{SUFFIX}"}, registry=EMPTY_REGISTRY.with_resources(resources))

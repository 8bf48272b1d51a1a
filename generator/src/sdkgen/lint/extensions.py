"""Validation of our extensions: every ``x-`` key of a spec against the JSON Schemas of ``specs/schemas``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from sdkgen.bundle import Bundle
from sdkgen.folders import schemas_folder
from sdkgen.lint.json_schema import faults
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_list, child
from sdkgen.problems import did_you_mean
from sdkgen.published_schemas import SUFFIX, schema_validator
from sdkgen.structure import walk

__all__ = ["extension_findings", "lifecycle_findings", "schemas"]

_AUTHENTICATION = ("x-responses", "x-token-lifecycle")
_PATTERNED = frozenset({"security"})  # their keys are names chosen by the author


@cache
def schemas() -> Mapping[str, Mapping[str, Any]]:
    """The schema of every ``x-`` key; the file name is the key, ``x-objects`` lists the objects that may have it."""
    found = {path.name.removesuffix(SUFFIX): path for path in sorted(schemas_folder().glob(f"*{SUFFIX}"))}
    parsed = {f"x-{name}": json.loads(path.read_text(encoding="utf-8")) for name, path in found.items()}
    return {key: schema for key, schema in parsed.items() if "x-objects" in schema}


@rule("extension")
def extension_findings(whole: Bundle) -> Iterator[Finding]:
    """Every ``x-`` key is known, is on an object that may have it, and has a value that its schema allows."""
    known = schemas()
    for node in walk(whole.document):
        if node.kind in _PATTERNED:
            continue
        for key, value in node.value.items():
            if not key.startswith("x-"):
                continue
            pointer = child(node.pointer, key)
            schema = known.get(key)
            if schema is None:
                yield pointer, f"`{key}` is not a known extension", did_you_mean(key, known)
                continue
            places = as_list(schema["x-objects"])
            if node.kind not in places:
                where = ", ".join(str(place) for place in places)
                yield pointer, f"`{key}` is not allowed on {_named(node.kind)}", f"Allowed on: {where}."
                continue
            yield from _value_findings(key, value, pointer)


def lifecycle_findings(whole: Bundle) -> Iterator[Finding]:
    """The findings for a foreign document: only those about the extensions that define authentication."""
    for node in walk(whole.document):
        for key in _AUTHENTICATION:
            if key in node.value and node.kind in as_list(schemas()[key]["x-objects"]):
                yield from _value_findings(key, node.value[key], child(node.pointer, key))


def _value_findings(key: str, value: object, pointer: str) -> Iterator[Finding]:
    validator: Any = schema_validator(key.removeprefix("x-"))
    for fault in faults(validator.iter_errors(value), key):
        yield child(pointer, *fault.path), fault.what, fault.next_step


def _named(kind: str) -> str:
    return "the root" if kind == "openapi" else f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"

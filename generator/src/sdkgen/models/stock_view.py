"""The document that openapi-python-client is given: the same classes, reduced to what it decides about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.models.hoist import is_enumeration
from sdkgen.models.reader import SchemaTypes
from sdkgen.pointers import as_object

__all__ = ["stock_view"]


def stock_view(document: Mapping[str, Any], types: SchemaTypes) -> dict[str, Any]:
    """A document with one schema per class, under the name of the class.

    openapi-python-client parses it, names the files and renders our templates. Members and values are not in it: what
    is to be written about them is in :mod:`sdkgen.models.model_facts`, and what its parser cannot take (two values that
    differ in a hyphen, an array without items) must not stop the rest.
    """
    schemas: dict[str, Any] = {}
    for component, name in types.names.items():
        schema = types.schema(component)
        if is_enumeration(schema):
            schemas[str(name.name)] = {"type": "string", "enum": ["value"]}
        elif as_object(schema.get("properties")):
            schemas[str(name.name)] = {"type": "object", "properties": {"member": {}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": str(as_object(document.get("info")).get("title")), "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }

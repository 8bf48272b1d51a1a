"""Reads schemas into types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sdkgen.code import Code
from sdkgen.media_types import holds_bytes
from sdkgen.models import schema_types as types
from sdkgen.models.hoist import component_reference, is_enumeration, is_union_of_objects
from sdkgen.models.schema_types import ClassName, SchemaType
from sdkgen.models.variants import BASE
from sdkgen.pointers import as_list, as_object
from sdkgen.references import follow, referenced

__all__ = ["MAX_UNFOLDED", "SchemaTypes", "are_numbers", "only_constraints"]

MAX_UNFOLDED = 1000  # n unions that each contain the previous one twice have 2**n parts, and so has the annotation

_STRING_FORMATS: Mapping[str, SchemaType] = {
    "date-time": types.DATE_TIME,
    "date-time-local": types.LOCAL_DATE_TIME,
    "date": types.DATE,
    "uuid": types.UUID,
    "binary": types.FILE,
    "byte": types.BYTES,
}

_SIMPLE: Mapping[str, SchemaType] = {
    "integer": types.INTEGER,
    "number": types.NUMBER,
    "boolean": types.BOOLEAN,
    "null": types.NULL,
}


class SchemaTypes:
    """The types of the schemas of one prepared document."""

    def __init__(self, document: Mapping[str, Any], names: Mapping[str, ClassName]) -> None:
        self._document = document
        self.names = names
        """The class of each component that has one."""
        self._components = {name: component for component, name in names.items()}
        self._by_reference = {component_reference(component): component for component in names}
        self._open: dict[str, int] = {}
        """The references that are being unfolded, each with the lists and maps around it."""
        self._inside = 0
        self.recursive: dict[str, None] = {}
        """References of schemas without a class that contain themselves; their inner occurrence is ``Any``."""
        self.too_large: dict[str, None] = {}
        """References of schemas without a class that unfold to more than :data:`MAX_UNFOLDED`; they are ``Any``."""
        self._unfolded = 0

    def schema(self, component: str) -> dict[str, Any]:
        return referenced(self._document, component_reference(component))

    def of(self, schema: Mapping[str, Any]) -> SchemaType:
        """The type of a schema."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return self._referenced(reference)
        if "const" in schema:
            value = schema["const"]
            if isinstance(value, float) and "type" not in schema:
                return types.NUMBER
            return types.ConstType((value,)) if isinstance(value, str | int | bool) else self._shape(schema)
        if "enum" in schema:
            return self._values(schema)
        members = [*as_list(schema.get("anyOf")), *as_list(schema.get("oneOf"))]
        if members and not only_constraints(members):
            return types.union(self.of(as_object(member)) for member in members)
        return self._shape(schema)

    def resolved(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """The schema, references followed."""
        return follow(self._document, schema)

    def schema_of(self, model: types.ModelType) -> dict[str, Any]:
        """The schema of a model."""
        return self.schema(self._components[model.model])

    def _referenced(self, reference: str) -> SchemaType:
        component = self._by_reference.get(reference)
        if component is not None:
            return self._class(component)
        if reference in self._open:
            self.recursive[reference] = None
            return types.ANY
        return self._unfold(reference, lambda: self.of(referenced(self._document, reference)))

    def _unfold(self, reference: str, read: Callable[[], SchemaType]) -> SchemaType:
        """The type of a schema that is repeated at each reference to it; ``Any`` if it unfolds to too many schemas."""
        if reference in self.too_large or self._unfolded > MAX_UNFOLDED:
            return types.ANY
        self._open[reference] = self._inside
        self._unfolded += 1
        found = read()
        del self._open[reference]
        if self._open:
            return found
        if self._unfolded > MAX_UNFOLDED:
            self.too_large[reference], found = None, types.ANY
        self._unfolded = 0
        return found

    def _class(self, component: str) -> SchemaType:
        schema, name = self.schema(component), self.names[component]
        if is_enumeration(schema):
            python = Code("str" if isinstance(schema["enum"][0], str) else "int")
            return types.EnumType(name, python, open=schema.get("x-open") is not False)
        if not as_object(schema.get("properties")) and is_union_of_objects(schema):
            return self._union(component)
        return types.ModelType(name)

    def _union(self, component: str) -> SchemaType:
        reference = component_reference(component)
        if reference in self._open:
            if self._open[reference] == self._inside:  # a union that contains itself is the same without itself
                return types.NULL
            self.recursive[reference] = None
            return types.ANY
        return self._unfold(reference, lambda: self._union_of_members(component))

    def _union_of_members(self, component: str) -> SchemaType:
        schema = self.schema(component)
        members = [*as_list(schema.get("anyOf")), *as_list(schema.get("oneOf"))]
        found = [self.of(as_object(member)) for member in members]
        flat: dict[SchemaType, None] = {}
        null = False
        for member in found:
            null = null or member == types.NULL or member.admits_null
            inner = member.inner if isinstance(member, types.NullableType) else member
            parts = inner.members if isinstance(inner, types.TaggedUnion) else (inner,)
            flat.update(dict.fromkeys(part for part in parts if part != types.NULL))
        models = [member for member in flat if isinstance(member, types.ModelType)]
        if len(models) < 2:
            return types.union(found)
        rest = [member for member in flat if not isinstance(member, types.ModelType)]
        base = self._class(self._by_reference[schema[BASE]]) if BASE in schema else None
        union = types.TaggedUnion(self.names[component], (*models, *rest), base)
        return types.nullable(union) if null else union

    def _values(self, schema: Mapping[str, Any]) -> SchemaType:
        values = as_list(schema["enum"])
        if are_numbers(schema):
            return types.NUMBER
        if values and all(isinstance(value, str | bool | int) for value in values):
            return (
                types.ConstType(tuple(values))
                if schema.get("x-open") is False
                else types.union(map(_scalar_of, values))
            )
        return self._shape({key: value for key, value in schema.items() if key != "enum"})

    def _shape(self, schema: Mapping[str, Any]) -> SchemaType:
        kind = schema.get("type")
        if kind == "string":
            return _string(schema)
        if isinstance(kind, str) and kind in _SIMPLE:
            return _SIMPLE[kind]
        if kind == "array" or (kind is None and ("items" in schema or "prefixItems" in schema)):
            return self._array(schema)
        if kind == "object" or (kind is None and "additionalProperties" in schema):
            values = schema.get("additionalProperties")
            return types.MapType(
                types.ANY if values is None or isinstance(values, bool) else self._item(as_object(values))
            )
        return types.ANY

    def _array(self, schema: Mapping[str, Any]) -> SchemaType:
        first = [self._item(as_object(item)) for item in as_list(schema.get("prefixItems"))]
        if first and schema.get("maxItems") == len(first):
            return types.TupleType(tuple(first))
        rest = schema.get("items")
        return types.ListType(types.union([*first, self._item(as_object(rest)) if rest is not None else types.ANY]))

    def _item(self, schema: Mapping[str, Any]) -> SchemaType:
        self._inside += 1
        found = self.of(schema)
        self._inside -= 1
        return found


def _string(schema: Mapping[str, Any]) -> SchemaType:
    if schema.get("contentEncoding") == "base64":
        return types.BYTES
    if holds_bytes(schema):
        return types.FILE
    if "contentMediaType" in schema and "contentEncoding" not in schema and "contentSchema" not in schema:
        return types.STRING
    if types.FormattedText.can_have(schema.get("x-format")):
        return types.FormattedText(str(schema["x-format"]))
    return _STRING_FORMATS.get(str(schema.get("format")), types.STRING)


def are_numbers(schema: Mapping[str, Any]) -> bool:
    """Whether the values are numbers that need not be integers, which neither ``Literal`` nor ``IntEnum`` can hold."""
    values, kind = as_list(schema.get("enum")), schema.get("type")
    if not values or not all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return False
    return kind == "number" or (kind is None and any(isinstance(value, float) for value in values))


def _scalar_of(value: object) -> SchemaType:
    if isinstance(value, bool):
        return types.BOOLEAN
    return types.INTEGER if isinstance(value, int) else types.STRING


def only_constraints(members: list[Any]) -> bool:
    """Whether the members of ``anyOf`` only constrain which members an object has."""
    return all(set(as_object(member)) <= {"required", "description", "title", "not"} for member in members)

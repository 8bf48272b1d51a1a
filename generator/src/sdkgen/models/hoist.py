"""Hoisting: inline objects, enumerations and unions of objects become components, so that every class has a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import define, field
from openapi_python_client.strings import pascal_case

from sdkgen.models.all_of import alias_target
from sdkgen.models.normal_form import ANNOTATIONS, annotations_of, is_null
from sdkgen.pointers import as_list, as_object, child
from sdkgen.structure import METHODS

__all__ = ["Hoister", "bears_class", "component_reference"]


def component_reference(name: str) -> str:
    return child("#/components/schemas", name)


def bears_class(schema: dict[str, Any]) -> bool:
    """Whether a schema becomes a class or a union: an object with members, an enumeration, a union of objects."""
    if "$ref" in schema:
        return False
    if as_object(schema.get("properties")) and schema.get("type", "object") == "object":
        return True
    if is_enumeration(schema):
        return True
    if any(_may_be_object(as_object(part)) for part in as_list(schema.get("allOf"))):
        return alias_target(schema) is None
    return is_union_of_objects(schema)


def is_enumeration(schema: Mapping[str, Any]) -> bool:
    """Whether the schema becomes an enumeration class: its values are all strings, or all integers."""
    values = as_list(schema.get("enum"))
    kinds = {type(value).__name__ for value in values}
    return kinds in ({"str"}, {"int"}) and schema.get("type", "string") in {"string", "integer"}


def is_union_of_objects(schema: dict[str, Any]) -> bool:
    """Whether at least two members of a union may be objects with a class."""
    members = [*as_list(schema.get("anyOf")), *as_list(schema.get("oneOf"))]
    return sum(_may_be_object(as_object(member)) for member in members) > 1


def _may_be_object(schema: dict[str, Any]) -> bool:
    return "$ref" in schema or bool(as_object(schema.get("properties"))) or "allOf" in schema


@define
class Hoister:
    """Moves schemas of one document to its components, in document order."""

    document: dict[str, Any]
    origins: dict[str, str] = field(factory=dict[str, str])
    """The original pointer of each new component, by name."""
    components: dict[str, Any] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.components = self.document.setdefault("components", {}).setdefault("schemas", {})

    def run(self) -> None:
        for name in list(self.components):
            schema = as_object(self.components[name])
            if isinstance(self.components[name], dict):
                self.inside(name, schema, name if bears_class(schema) else "", child("/components/schemas", name))
        shared = as_object(self.document.get("components"))
        for name, parameter in as_object(shared.get("parameters")).items():
            self.contents(as_object(parameter), name, "", child("/components/parameters", name))
        for name, body in as_object(shared.get("requestBodies")).items():
            self.contents(as_object(body), name, "Body", child("/components/requestBodies", name))
        for name, response in as_object(shared.get("responses")).items():
            self.contents(as_object(response), name, "", child("/components/responses", name))
        for path, item in as_object(self.document.get("paths")).items():
            for key, value in as_object(item).items():
                pointer = child("/paths", path, key)
                if key in METHODS:
                    self.operation(as_object(value), path, key, pointer)
                elif key == "parameters":
                    self.parameters(as_list(value), pascal_case(path), pointer)

    def operation(self, operation: dict[str, Any], path: str, method: str, pointer: str) -> None:
        name = operation.get("operationId")
        owner = pascal_case(name if isinstance(name, str) else f"{method}_{path}")
        self.parameters(as_list(operation.get("parameters")), owner, child(pointer, "parameters"))
        self.contents(as_object(operation.get("requestBody")), owner, "Body", child(pointer, "requestBody"))
        for status, response in as_object(operation.get("responses")).items():
            self.contents(as_object(response), owner, f"Response {status}", child(pointer, "responses", status))

    def parameters(self, parameters: list[Any], owner: str, pointer: str) -> None:
        for index, parameter in enumerate(map(as_object, parameters)):
            self.contents(parameter, owner, str(parameter.get("name", "")), child(pointer, index))

    def contents(self, holder: dict[str, Any], owner: str, name: str, pointer: str) -> None:
        """Hoist the schemas of a parameter, a request body or a response."""
        if isinstance(holder.get("schema"), dict):
            holder["schema"] = self.place(owner, name, holder["schema"], child(pointer, "schema"))
        content = as_object(holder.get("content"))
        for media_type, value in content.items():
            if isinstance(as_object(value).get("schema"), dict):
                suffix = f" {media_type.rpartition('/')[2]}" if len(content) > 1 else ""
                where = child(pointer, "content", media_type, "schema")
                value["schema"] = self.place(owner, f"{name}{suffix}", value["schema"], where)

    def inside(self, owner: str, schema: dict[str, Any], name: str, pointer: str) -> None:
        """Hoist the schemas inside a schema. ``name``: its class, if any, the prefix of the names of nested classes."""
        for key in ("properties", "patternProperties"):
            for member, value in as_object(schema.get(key)).items():
                schema[key][member] = self.place(name or owner, member, as_object(value), child(pointer, key, member))
        own = "" if name else owner
        holder = name or ""
        if isinstance(schema.get("items"), dict):
            schema["items"] = self.place(holder, f"{own} item", schema["items"], child(pointer, "items"))
        if isinstance(schema.get("additionalProperties"), dict):
            where = child(pointer, "additionalProperties")
            schema["additionalProperties"] = self.place(
                holder,
                f"{own} additional property" if name else f"{own} value",
                as_object(schema["additionalProperties"]),
                where,
            )
        for index, part in enumerate(map(as_object, as_list(schema.get("allOf")))):
            self.inside(owner, part, name or owner, child(pointer, "allOf", index))
        for key in ("anyOf", "oneOf"):
            members = as_list(schema.get(key))
            single = sum(not is_null(member) for member in members) == 1
            for index, variant in enumerate(map(as_object, members)):
                suffix = own if single and own else f"{own} {variant.get('title') or f'type {index}'}"
                members[index] = self.place(holder, suffix, variant, child(pointer, key, index))
        for index, item in enumerate(map(as_object, as_list(schema.get("prefixItems")))):
            where = child(pointer, "prefixItems", index)
            schema["prefixItems"][index] = self.place(holder, f"{own} item {index}", item, where)

    def place(self, owner: str, name: str, schema: dict[str, Any], pointer: str) -> dict[str, Any]:
        """Hoist a schema; returns the schema, or a reference to the component that it became."""
        full = f"{pascal_case(owner)}{pascal_case(name)}"
        if not bears_class(schema):
            self.inside(full, schema, "", pointer)
            return schema
        title = schema.get("title")
        named = f"{pascal_case(owner)}{pascal_case(title)}" if isinstance(title, str) and pascal_case(title) else full
        component = self.free_name(named or "Schema", schema)
        known = component in self.components
        siblings = ("description", "default", "deprecated", "readOnly", "writeOnly")
        rest: dict[str, Any] = {key: schema[key] for key in siblings if key in schema}
        if not known:
            self.origins[component] = pointer
            self.components[component] = {
                key: value for key, value in schema.items() if key not in {"default", "title"}
            }
            self.inside(component, self.components[component], component, pointer)
        return {"$ref": component_reference(component), **rest}

    def free_name(self, name: str, schema: dict[str, Any]) -> str:
        """The name, numbered if another schema has it; identical enumerations share one component."""
        shape = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
        candidate, number = name, 1
        while candidate in self.components:
            known = as_object(self.components[candidate])
            if is_enumeration(schema) and {k: v for k, v in known.items() if k not in annotations_of(known)} == shape:
                return candidate
            number += 1
            candidate = f"{name}{number}"
        return candidate

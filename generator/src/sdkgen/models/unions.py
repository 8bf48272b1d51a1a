"""Unions of objects, and how their variants are distinguished."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from sdkgen.code import Code, joined, literal
from sdkgen.models import schema_types as types
from sdkgen.models.distribute import TAGS
from sdkgen.models.hoist import component_reference
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import Imports, ModelType, SchemaType
from sdkgen.pointers import as_list, as_object

__all__ = ["UnionFacts", "explicit_mapping", "union_facts"]

_DEPTH = 3
"""The maximum depth at which a tag is searched in a member."""


@frozen
class UnionFacts:
    """One module of a union."""

    name: Code
    module: Code
    doc: Code
    annotation: Code
    function: Code
    path: tuple[str, ...]
    """The path to the tag; empty: the members have none and are tried in turn."""
    variants: tuple[tuple[Code, Code], ...]
    """Tag and decoder of each variant."""
    others: SchemaType | None
    """The type of values that are not objects."""
    otherwise: Code
    """The decoder of an object that matches no variant."""
    has_base: bool
    imports: Imports

    @property
    def path_arguments(self) -> Code:
        return joined(", ", map(literal, self.path))

    @property
    def decode_others(self) -> Code:
        return self.others.decode(Code("value")) if self.others is not None else Code("")

    @property
    def decoders(self) -> Code:
        return joined(", ", (decoder for _, decoder in self.variants))


def explicit_mapping(schema: dict[str, Any], components: Mapping[str, Any]) -> None:
    """Complete the mapping of a discriminator in place: the default tag of a member is the name of its schema."""
    discriminator = as_object(schema.get("discriminator"))
    if not isinstance(discriminator.get("propertyName"), str):
        return
    mapping: dict[str, str] = {}
    for tag, target in as_object(discriminator.get("mapping")).items():
        if isinstance(target, str):
            mapping[str(tag)] = component_reference(target) if target in components else target
    for member in [*as_list(schema.get("oneOf")), *as_list(schema.get("anyOf"))]:
        reference = as_object(member).get("$ref")
        if isinstance(reference, str) and reference not in mapping.values():
            mapping.setdefault(reference.rpartition("/")[2], reference)
    schema["discriminator"] = {**discriminator, "mapping": mapping}


def union_facts(reader: SchemaTypes, component: str, union: types.TaggedUnion, doc: Code) -> UnionFacts:
    """The facts of a component that is a union of objects."""
    schema = reader.schema(component)
    models = [member for member in union.members if isinstance(member, ModelType)]
    rest = [member for member in union.members if not isinstance(member, ModelType)]
    schemas = {model: reader.schema_of(model) for model in models}
    path, tags = _declared(reader, schema, schemas) or _constants(reader, schemas) or ((), {})
    if path:
        variants = tuple((literal(tag), model.decoder) for tag, model in tags.items())
    else:
        ordered = sorted(models, key=lambda model: -len(as_list(schemas[model].get("required"))))
        variants = tuple((Code("None"), model.decoder) for model in ordered)
    others = types.union(rest) if rest else None
    otherwise = union.base or types.MapType(types.ANY)
    imports = types.imports_of(models, "decode_imports") | types.helper("tagged" if path else "best_match")
    imports |= otherwise.decode_imports
    if others is not None:
        imports |= others.decode_imports | others.annotation_imports | types.helper("is_object")
    return UnionFacts(
        name=union.name.name,
        module=union.name.module,
        doc=doc,
        annotation=union.annotation,
        function=union.function,
        path=path,
        variants=variants,
        others=others,
        otherwise=otherwise.decoder,
        has_base=union.base is not None,
        imports=imports,
    )


Tags = tuple[tuple[str, ...], dict[str | int, ModelType]]


def _declared(
    reader: SchemaTypes, schema: Mapping[str, Any], schemas: Mapping[ModelType, Mapping[str, Any]]
) -> Tags | None:
    """The tags of the union's discriminator or of one in a nested union, and the constants of the members."""
    discriminators = list(_discriminators(reader, schema))
    names = {str(discriminator["propertyName"]) for discriminator in discriminators}
    if len(names) != 1:
        return None
    (name,) = names
    found: dict[str | int, ModelType] = {}
    for discriminator in discriminators:
        for tag, reference in as_object(discriminator.get("mapping")).items():
            model = reader.of({"$ref": reference})
            if model in schemas and isinstance(model, ModelType):
                found[tag] = model
    for model, members in schemas.items():
        for value in (*as_list(members.get(TAGS)), *_values_at(reader, members, (name,))):
            found.setdefault(value, model)
    return ((name,), found) if found else None


def _discriminators(reader: SchemaTypes, schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    discriminator = as_object(schema.get("discriminator"))
    if isinstance(discriminator.get("propertyName"), str):
        yield discriminator
        return
    for member in [*as_list(schema.get("oneOf")), *as_list(schema.get("anyOf"))]:
        inner = reader.resolved(as_object(member))
        if not as_object(inner.get("properties")) and inner != schema:
            yield from _discriminators(reader, inner)


def _constants(reader: SchemaTypes, schemas: Mapping[ModelType, Mapping[str, Any]]) -> Tags | None:
    """An implicit tag without a discriminator: a member that every variant requires with different constant values."""
    first = next(iter(schemas.values()))
    for path in _constant_paths(reader, first, ()):
        found: dict[str | int, ModelType] = {}
        for model, members in schemas.items():
            values = _values_at(reader, members, path)
            if not values or any(value in found for value in values):
                break
            found.update(dict.fromkeys(values, model))
        else:
            return path, found
    return None


def _constant_paths(
    reader: SchemaTypes, schema: Mapping[str, Any], above: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    """Paths of required members with constant values, the shallow ones first."""
    deeper: list[tuple[str, Mapping[str, Any]]] = []
    for name in as_list(schema.get("required")):
        member = reader.resolved(as_object(as_object(schema.get("properties")).get(name)))
        if _only_values(member):
            yield (*above, name)
        elif as_object(member.get("properties")):
            deeper.append((name, member))
    if len(above) + 1 < _DEPTH:
        for name, inner in deeper:
            yield from _constant_paths(reader, inner, (*above, name))


def _values_at(reader: SchemaTypes, schema: Mapping[str, Any], path: Sequence[str]) -> list[str | int]:
    found = dict(schema)
    for name in path:
        found = reader.resolved(as_object(as_object(found.get("properties")).get(name)))
    return _only_values(found)


def _only_values(schema: Mapping[str, Any]) -> list[str | int]:
    values = [schema["const"]] if "const" in schema else as_list(schema.get("enum"))
    return values if values and all(isinstance(value, str | int) for value in values) else []

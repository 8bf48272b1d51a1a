"""Preparation of a document: the steps that bring its schemas into the form that models are made from."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from copy import deepcopy
from typing import Any

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.media_types import describe_items, name_wildcards
from sdkgen.models.aliases import replace_aliases
from sdkgen.models.all_of import Unmergeable, merge_all_of
from sdkgen.models.binary_texts import files_only_in_multipart
from sdkgen.models.class_names import class_names
from sdkgen.models.distribute import distribute_unions
from sdkgen.models.hoist import Hoister, bears_class, component_reference
from sdkgen.models.inner_schemas import inner_schemas_to_components
from sdkgen.models.normal_form import NULL_SCHEMA, annotations_of, normalise, split_null
from sdkgen.models.reader import MAX_UNFOLDED, SchemaTypes, only_constraints
from sdkgen.models.secret_members import mark_secret_members
from sdkgen.models.token_members import remove_token_members
from sdkgen.models.unions import explicit_mapping
from sdkgen.models.variants import references_to_variants
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import Problem, Severity
from sdkgen.references import referenced
from sdkgen.structure import walk
from sdkgen.unfolding import MAX_DEPTH, MAX_PARTS, Unfolding

__all__ = ["Prepared", "prepare"]


@frozen(eq=False)
class Prepared:
    """A spec with all schemas in normal form and a component for each class."""

    spec: str
    """The spec as named in generated files."""
    document: dict[str, Any]
    """Schemas in normal form, ``allOf`` merged, members with the token removed. Operations keep their pointers."""
    types: SchemaTypes
    problems: tuple[Problem, ...]


def prepare(bundle: Bundle, reserved: Collection[str] = ()) -> Prepared:
    """Rewrite a copy of the bundled document.

    Args:
        bundle: The spec.
        reserved: Class names that the package needs for itself.
    """
    document = deepcopy(bundle.document)
    name_wildcards(document)
    describe_items(document)
    inner = inner_schemas_to_components(document)
    components = as_object(as_object(document.get("components")).get("schemas"))
    for schema in _outermost(document):
        normalise(schema)
    for schema in _schemas(document):
        explicit_mapping(schema, components)
    replace_aliases(document)
    distribute_unions(document)
    references_to_variants(document)
    _move_null_to_references(document, components)
    hoister = Hoister(document, inner)
    hoister.run()
    problems = list(_merge(bundle, document, hoister))
    remove_token_members(document)
    files_only_in_multipart(document)
    types = SchemaTypes(document, class_names(hoister.components, reserved))
    mark_secret_members(document, types.resolved)
    problems += _untyped(bundle, document, types, hoister)
    return Prepared(bundle.name, document, types, tuple(problems))


def _schemas(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [node.value for node in walk(document) if node.kind == "schema"]


def _outermost(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The outermost schemas: every other schema is inside one of them."""
    found: list[dict[str, Any]] = []
    last = "/"
    for node in walk(document):
        if node.kind == "schema" and not node.pointer.startswith(f"{last}/"):
            found.append(node.value)
            last = node.pointer
    return found


def _move_null_to_references(document: dict[str, Any], components: dict[str, Any]) -> None:
    """Move ``null`` from schemas with a class, which cannot be ``null``, to the references to them."""
    nullable: set[str] = set()
    for name, schema in components.items():
        rest, null = split_null(as_object(schema))
        if null and bears_class(rest):
            components[name] = rest
            nullable.add(component_reference(name))
    for schema in _schemas(document) if nullable else []:
        if schema.get("$ref") in nullable:
            inner = {"$ref": schema["$ref"]}
            outer = annotations_of(schema)
            schema.clear()
            schema.update({**outer, "anyOf": [inner, dict(NULL_SCHEMA)]})


def _merge(bundle: Bundle, document: dict[str, Any], hoister: Hoister) -> Iterator[Problem]:
    """Merge every ``allOf``; one that cannot be merged is a loss, and accepts any value."""

    def copy_of(reference: str) -> dict[str, Any]:
        return deepcopy(referenced(document, reference))

    unfolding = Unfolding(document)
    nodes = [node for node in walk(document) if node.kind == "schema" and "allOf" in node.value]
    endless = {node.pointer for node in nodes if unfolding.parts(node.value) is None}
    for node in nodes:
        if "allOf" not in node.value:
            continue
        try:
            if node.pointer in endless:
                raise Unmergeable(f"it is made of more than {MAX_PARTS} schemas, or of more than {MAX_DEPTH} in a row")
            merge_all_of(node.value, copy_of, (f"#{node.pointer}",))
        except Unmergeable as reason:
            rest = annotations_of(node.value)
            node.value.clear()
            node.value.update(rest)
            what = f"`allOf` cannot be one class: {reason}; any value is accepted"
            yield _loss(bundle, hoister, node.pointer, what, "all-of")


def _untyped(bundle: Bundle, document: dict[str, Any], types: SchemaTypes, hoister: Hoister) -> Iterator[Problem]:
    """Losses of schemas whose type is wider than they declare."""
    for node in walk(document):
        if node.kind != "schema":
            continue
        types.of(node.value)
        for key in ("oneOf", "anyOf"):
            members = as_list(node.value.get(key))
            if as_object(node.value.get("properties")) and members and not only_constraints(members):
                what = f"`{key}` next to `properties` is ignored: a value is read as an object with the properties"
                yield _loss(bundle, hoister, node.pointer, what, "union-with-properties")
    for reference in types.recursive:
        what = "it contains itself without an object in between; inside itself any value is accepted"
        yield _loss(bundle, hoister, reference[1:], what, "endless-type")
    for reference in types.too_large:
        what = f"it is made of more than {MAX_UNFOLDED} schemas without a class; any value is accepted"
        yield _loss(bundle, hoister, reference[1:], what, "endless-type")


def _loss(bundle: Bundle, hoister: Hoister, pointer: str, what: str, rule: str) -> Problem:
    for name, origin in reversed(hoister.origins.items()):  # the inner ones were moved first
        moved = child("/components/schemas", name)
        if pointer == moved or pointer.startswith(f"{moved}/"):
            pointer = origin + pointer.removeprefix(moved)
    return bundle.problem(pointer, what, rule=rule, severity=Severity.LOSS)

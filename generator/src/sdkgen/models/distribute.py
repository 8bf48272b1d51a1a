"""A union of objects next to other members: each variant becomes an object with all members."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from math import prod
from typing import Any

from attrs import define, field

from sdkgen.models.hoist import bears_class, component_reference
from sdkgen.models.normal_form import annotations_of, is_null, subschemas
from sdkgen.models.reader import only_constraints
from sdkgen.models.variants import BASE
from sdkgen.pointers import as_list, as_object
from sdkgen.structure import walk

__all__ = ["TAGS", "distribute_unions"]

TAGS = "x-sdkgen-tags"
"""Set on a member of a union: the tags of the discriminator for the schema it was made from."""

_OF_OBJECTS = ("type", "properties", "required", "additionalProperties")
_KEYS = ("oneOf", "anyOf")
_MOST = 64
"""The most members of a union that is the product of several; a larger one is not distributed."""


def distribute_unions(document: dict[str, Any]) -> None:
    """Rewrite ``properties`` or ``allOf`` next to ``oneOf`` or ``anyOf`` as one union, in place.

    Aliases must be replaced, and mappings of discriminators complete.
    """
    _Distribution(document).run()


@define
class _Distribution:
    """The unions of one document."""

    document: dict[str, Any]
    components: dict[str, Any] = field(init=False)
    begun: set[int] = field(init=False, factory=set[int])
    """Schemas that are rewritten or being rewritten; a recursive schema is distributed once."""
    done: set[int] = field(init=False, factory=set[int])

    def __attrs_post_init__(self) -> None:
        self.components = as_object(as_object(self.document.get("components")).get("schemas"))

    def run(self) -> None:
        for name in list(self.components):
            self.visit(as_object(self.components[name]), name)
        for node in list(walk(self.document)):
            if node.kind == "schema":
                self.visit(node.value, None)

    def visit(self, schema: dict[str, Any], name: str | None) -> None:
        """Rewrite a schema after those inside it."""
        if id(schema) in self.begun:
            return
        self.begun.add(id(schema))
        for inner in subschemas(schema):
            self.visit(inner, None)
        self.distribute(schema, name)
        self.done.add(id(schema))

    def distribute(self, schema: dict[str, Any], name: str | None) -> None:
        union, parts = schema, [as_object(part) for part in as_list(schema.get("allOf"))]
        key = self.key(schema)
        own: dict[str, Any] = {one: schema[one] for one in _OF_OBJECTS if one in schema}
        if own.get("properties"):
            parts.append(own)
        if key is None:
            found = next((part for part in parts if self.key(self.target(part))), None)
            if found is None:
                return
            union = self.target(found)
            key = self.key(union)
            parts = [part for part in parts if part is not found]
        if key is None or not self.members(parts)[0]:
            return
        members = as_list(union[key])
        if (
            len(members) * prod(len(as_list(one[of])) for one in map(self.target, parts) if (of := self.key(one)))
            > _MOST
        ):
            return
        base = self.base(name, own, members) if name is not None and own in parts else None
        parts = [{"$ref": base} if base is not None and part is own else part for part in parts]
        mapping = as_object(as_object(union.get("discriminator")).get("mapping"))
        variants = [one for member in members for one in self.variants(as_object(member), parts, mapping, key)]
        rewritten = {**annotations_of(schema), key: variants}
        if len(variants) == 1:
            rewritten = {**variants[0], **annotations_of(schema)}
        elif "discriminator" in union:
            rewritten["discriminator"] = {**as_object(union["discriminator"]), "mapping": _kept(mapping, variants)}
            unknown = base or union.get(BASE)  # objects with an unknown tag are decoded as the base
            if unknown is not None:
                rewritten |= {BASE: unknown, key: [*variants, *([{"$ref": base}] if base else [])]}
        schema.clear()
        schema.update(rewritten)

    def variants(
        self, member: dict[str, Any], parts: list[dict[str, Any]], mapping: Mapping[str, Any], key: str
    ) -> list[dict[str, Any]]:
        """A member of the union combined with the parts: unchanged if it covers them, several if it is a union."""
        if not self.may_be_object(member) or self.covers(member, parts):
            return [member]
        reference = member.get("$ref")
        tags = [*as_list(member.get(TAGS)), *(tag for tag, target in mapping.items() if target == reference)]
        title = member.get("title", str(reference).rpartition("/")[2] if reference else None)
        made: dict[str, Any] = {"allOf": [*deepcopy(parts), deepcopy(member)]}
        made |= {TAGS: tags} if tags else {}
        made |= {"title": title} if title else {}
        self.distribute(made, None)
        if key not in made or "discriminator" in made:
            return [made]
        for index, inner in enumerate(as_list(made[key])):
            inner["title"] = f"{title or ''} {inner.get('title') or f'type {index}'}"
        return as_list(made[key])

    def base(self, name: str, own: dict[str, Any], members: list[Any]) -> str | None:
        """A reference to a new component with a component's own members, if variants or nested classes require one."""
        reference = component_reference(name)
        derived = any(reference in self.bases(as_object(member)) for member in members)
        if not derived and not any(map(bears_class, _inside(own))):
            return None
        base = f"{name}Base"
        while base in self.components:
            base += "_"
        self.components[base] = own
        self.begun.add(id(own))
        for node in walk(self.document) if derived else ():
            for part in as_list(node.value.get("allOf")) if node.kind == "schema" else ():
                if as_object(part).get("$ref") == reference:
                    part["$ref"] = component_reference(base)
        return component_reference(base)

    def key(self, schema: Mapping[str, Any]) -> str | None:
        """The keyword (``oneOf`` or ``anyOf``) of a union in which at least one member is an object with members."""
        for key in _KEYS:
            members = as_list(schema.get(key))
            if members and not only_constraints(members) and any(self.members([as_object(one)])[0] for one in members):
                return key
        return None

    def target(self, part: dict[str, Any]) -> dict[str, Any]:
        """The union that a part of ``allOf`` is or refers to; empty if it has other members or is not rewritten yet."""
        found = part
        if "$ref" in part:
            found = self.resolved(part)
            self.visit(found, str(part["$ref"]).rpartition("/")[2])
            if id(found) not in self.done:
                return {}
        return {} if found.get("properties") or found.get("allOf") else found

    def may_be_object(self, schema: dict[str, Any]) -> bool:
        found = self.resolved(schema)
        return found.get("type", "object") == "object" and not is_null(found) and "enum" not in found

    def covers(self, member: dict[str, Any], parts: list[dict[str, Any]]) -> bool:
        """Whether a schema has and requires all members of the parts."""
        names, required = self.members([member])
        wanted, demanded = self.members(parts)
        return "$ref" in member and wanted <= names and demanded <= required

    def members(self, schemas: list[dict[str, Any]], seen: set[str] | None = None) -> tuple[set[str], set[str]]:
        """The names of all members, and of the required members, of an object that matches all these schemas."""
        names, required = set[str](), set[str]()
        known = set[str]() if seen is None else seen
        for schema in schemas:
            reference = schema.get("$ref")
            inside = [as_object(part) for part in as_list(schema.get("allOf"))]
            if isinstance(reference, str) and reference not in known:
                known.add(reference)
                inside.append(self.resolved(schema))
            more = self.members(inside, known) if inside else (set[str](), set[str]())
            names |= {*as_object(schema.get("properties")), *more[0]}
            required |= {*map(str, as_list(schema.get("required"))), *more[1]}
            for key in _KEYS:
                names |= self.members([as_object(member) for member in as_list(schema.get(key))], known)[0]
        return names, required

    def bases(self, schema: dict[str, Any], seen: frozenset[str] = frozenset()) -> frozenset[str]:
        """The references of a schema: its own, or those in its ``allOf``, followed recursively."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return seen if reference in seen else self.bases(self.resolved(schema), seen | {reference})
        for part in as_list(schema.get("allOf")):
            seen |= self.bases(as_object(part), seen)
        return seen

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        name = str(schema.get("$ref")).rpartition("/")[2]
        known = schema.get("$ref") == component_reference(name)
        return as_object(self.components.get(name)) if known else {} if "$ref" in schema else schema


def _kept(mapping: Mapping[str, Any], variants: list[dict[str, Any]]) -> dict[str, Any]:
    """The tags of members that are unchanged."""
    references = {variant.get("$ref") for variant in variants}
    return {tag: target for tag, target in mapping.items() if target in references}


def _inside(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for inner in subschemas(schema):
        yield inner
        yield from _inside(inner)

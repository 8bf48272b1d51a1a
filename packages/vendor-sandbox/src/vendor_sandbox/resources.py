"""State of REST resources: create, read, list, update and delete, starting with the documented examples.

A *collection* is a path like ``/api/subjects`` together with ``/api/subjects/{client_subject_id}``. The action of an
operation follows from its method and path; the vendor's :class:`Shape` defines how a body contains items.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from collections.abc import Collection as Collection_
from typing import Any, Literal, Protocol

from attrs import define, field, frozen

from vendor_sandbox.document import Document, Media, Operation
from vendor_sandbox.json_values import JsonObject, object_of
from vendor_sandbox.schemas import types_of
from vendor_sandbox.synthetic import Synthetic, like

__all__ = ["Collection", "Resources", "Role", "Shape"]

RoleName = Literal["list", "create", "read", "update", "replace", "delete"]
ITEM_ROLES: Mapping[str, RoleName] = {"GET": "read", "PATCH": "update", "PUT": "replace", "DELETE": "delete"}
COLLECTION_ROLES: Mapping[str, RoleName] = {"GET": "list", "POST": "create"}


class Shape(Protocol):
    """How a vendor writes items into bodies."""

    def items_in(self, body: object) -> list[JsonObject]:
        """The items of a documented response."""
        ...

    def member_names(self, document: Document, media: Media | None) -> set[str]:
        """The names of an item's own members in the schema of a response; empty if the schema lists none."""
        ...

    def new_item(self, example: JsonObject, key: str, value: object, members: Mapping[str, Any]) -> JsonObject:
        """An item like ``example`` with these members, identified by ``value``."""
        ...

    def change(self, item: JsonObject, members: Mapping[str, Any]) -> None:
        """Set members of an item."""
        ...


@frozen
class Role:
    """The action of an operation on a collection."""

    name: RoleName
    collection: Collection


@define(eq=False)
class Collection:
    """Items of one kind. ``scope`` contains the values of the path's other parameters (such as a user or a profile)."""

    path: str
    key: str
    key_parameter: str
    items: dict[tuple[tuple[str, ...], str], JsonObject] = field(factory=dict[tuple[tuple[str, ...], str], JsonObject])
    hidden: set[tuple[tuple[str, ...], str]] = field(factory=set[tuple[tuple[str, ...], str]])
    """Soft-deleted items: readable, but not listed."""
    example: JsonObject = field(factory=dict[str, Any])
    """An item with the members that the server fills in."""
    integer_keys: bool = False
    synthetic: Synthetic = field(factory=Synthetic)
    created: int = 0
    """The number of keys generated, or the highest key if keys are numbers."""

    def scope(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """The scope that a call's path parameters name."""
        return tuple(str(parameters.get(name, "")) for name in _parameter_names(self.path))

    def list(self, parameters: Mapping[str, Any]) -> list[JsonObject]:
        """The items of a scope, in order of creation."""
        scope = self.scope(parameters)
        return [item for place, item in self.items.items() if place[0] == scope and place not in self.hidden]

    def get(self, parameters: Mapping[str, Any]) -> JsonObject | None:
        """The item that a call's path parameters name."""
        return self.items.get(self._place(parameters))

    def put(self, parameters: Mapping[str, Any], value: object, item: JsonObject) -> None:
        """Store an item under its key."""
        self.items[self.scope(parameters), str(value)] = item

    def remove(self, parameters: Mapping[str, Any]) -> None:
        """Remove the item that a call names."""
        self.items.pop(self._place(parameters), None)

    def hide(self, parameters: Mapping[str, Any]) -> None:
        """Hide the item that a call names from lists."""
        self.hidden.add(self._place(parameters))

    def next_key(self) -> int | str:
        """A new key: the next number, or a UUID that is the same in every run."""
        if self.integer_keys:
            self.created = max(self.created, *(int(key) for _, key in self.items if key.isdecimal()), 0)
        self.created += 1
        if self.integer_keys:
            return self.created
        return str(self.synthetic.key(f"{self.path}#{self.created}"))

    def _place(self, parameters: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
        return self.scope(parameters), str(parameters.get(self.key_parameter, ""))


class Resources:
    """The collections of one document."""

    def __init__(self, document: Document, shape: Shape, synthetic: Synthetic) -> None:
        self._document = document
        self._synthetic = synthetic
        self._shape = shape
        self.collections: dict[str, Collection] = {}
        self._roles: dict[str, Role] = {}
        by_path: dict[str, list[Operation]] = {}
        for operation in document.operations:
            by_path.setdefault(operation.path, []).append(operation)
        for path, operations in by_path.items():
            found = re.fullmatch(r"(.+)/\{([^}]+)\}", path)
            if found is None:
                continue
            parents = by_path.get(found[1], [])
            if not any(operation.method in COLLECTION_ROLES for operation in parents):
                continue
            self._add(found[1], found[2], operations, parents)
        for path, operations in by_path.items():
            if path not in self.collections and {"GET", "POST"} <= {operation.method for operation in operations}:
                self._add(path, "id", [], operations)

    def fill(self, without: Collection_[str] = (), kind: Callable[[JsonObject], object] = lambda item: None) -> None:
        """Fill each list with synthetic items like its first, up to the configured number; skips the named collections.

        Where another operation lists a subset of the items, ``kind`` distinguishes them: each kind gets that number.
        """
        for path, collection in self.collections.items():
            if path in without:
                continue
            alike: dict[tuple[tuple[str, ...], object], list[JsonObject]] = {}
            for (scope, _), item in collection.items.items():
                alike.setdefault((scope, kind(item)), []).append(item)
            for (scope, _), present in alike.items():
                for number in range(len(present), self._synthetic.records):
                    key = collection.next_key()
                    collection.items[scope, str(key)] = {**like(present[0], number), collection.key: key}

    def role(self, operation: Operation) -> Role | None:
        """The action of an operation; ``None`` if it belongs to no collection."""
        return self._roles.get(operation.operation_id)

    def collection(self, path: str) -> Collection:
        """The collection of a path; an empty one if the document has none."""
        return self.collections.setdefault(path, Collection(path, "id", "id", synthetic=self._synthetic))

    def create(self, role: Role, operation: Operation, parameters: Mapping[str, Any], body: JsonObject) -> JsonObject:
        """Create an item from a request body, store it and return it."""
        collection = role.collection
        value = body.get(collection.key)
        if value is None:
            value = collection.next_key()
        item = self._shape.new_item(collection.example, collection.key, value, self.storable(operation, body))
        collection.put(parameters, value, item)
        return item

    def storable(self, operation: Operation, body: JsonObject) -> JsonObject:
        """The members of a request body that are also in the response's schema."""
        known = self._shape.member_names(self._document, operation.success_media)
        return {name: value for name, value in body.items() if not known or name in known}

    def change(self, item: JsonObject, operation: Operation, body: JsonObject) -> None:
        """Update an item with those members of a request body that it can have."""
        self._shape.change(item, self.storable(operation, body))

    def _add(self, path: str, key_parameter: str, on_items: list[Operation], on_collection: list[Operation]) -> None:
        operations = [*on_collection, *on_items]
        parameters = {p.name: p for operation in operations for p in operation.parameters if p.location == "path"}
        examples = [
            (operation, item)
            for operation in operations
            for item in self._examples(operation)
            if COLLECTION_ROLES.get(operation.method) or operation.method == "GET"
        ]
        if not examples:
            return
        key = key_parameter if any(key_parameter in item for _, item in examples) else "id"
        declared = parameters.get(key_parameter)
        collection = Collection(path, key, key_parameter, synthetic=self._synthetic)
        collection.integer_keys = (
            "integer" in types_of(declared.schema) if declared else isinstance(examples[0][1].get("id"), int)
        )
        scope = {name: p.examples[0] for name, p in parameters.items() if p.examples and name != key_parameter}
        for operation, item in examples:
            if operation.method != "POST" and item.get(key) is not None:
                known = collection.items.get((collection.scope(scope), str(item[key])), {})
                collection.put(scope, item[key], {**known, **copy.deepcopy(item)})
            if operation.method == "POST" or not collection.example:
                collection.example = self._server_made(operation, item)
        self.collections[path] = collection
        for operation in on_collection:
            if operation.method in COLLECTION_ROLES:
                self._roles[operation.operation_id] = Role(COLLECTION_ROLES[operation.method], collection)
        for operation in on_items:
            if operation.method in ITEM_ROLES:
                self._roles[operation.operation_id] = Role(ITEM_ROLES[operation.method], collection)

    def _examples(self, operation: Operation) -> list[JsonObject]:
        media = operation.success_media
        return [
            item for example in (media.examples if media is not None else ()) for item in self._shape.items_in(example)
        ]

    def _server_made(self, operation: Operation, item: JsonObject) -> JsonObject:
        """An example without the members that the request sets."""
        sent = {name for media in operation.body.values() for example in media.examples for name in _names(example)}
        return copy.deepcopy({name: value for name, value in item.items() if name not in sent})


def _parameter_names(path: str) -> list[str]:
    return re.findall(r"\{([^}]+)\}", path)


def _names(example: object) -> list[str]:
    return list(object_of(example))

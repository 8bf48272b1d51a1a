"""``x-entries``: an object in a form as several fields for each of its members, read and written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from vendor_sandbox.json_values import JsonObject, object_of, read_json, text_of

__all__ = ["Entries", "with_objects"]


@frozen
class Entries:
    """How one object is written. The names of the fields have ``{index}`` in place of the number."""

    name: str
    value: str
    type: str | None
    types: Mapping[str, str] = field(repr=False)
    """The API's name for each type of JSON."""

    @classmethod
    def of(cls, encoding: JsonObject) -> Entries | None:
        """The declaration in an Encoding Object; ``None`` without one."""
        node = object_of(encoding.get("x-entries"))
        if not node:
            return None
        types = {kind: str(name) for kind, name in object_of(node.get("types")).items()}
        return cls(str(node["name"]), str(node["value"]), text_of(node.get("type")), types)

    def read(self, fields: Mapping[str, str]) -> tuple[dict[str, Any], set[str]]:
        """The members, numbered from 0 without gaps, and the names of the fields that they are read from."""
        members: dict[str, Any] = {}
        taken: set[str] = set()
        index = 0
        while (name := fields.get(_numbered(self.name, index))) is not None:
            places = [_numbered(template, index) for template in (self.name, self.value, self.type) if template]
            text = fields.get(places[1], "")
            members[name] = self._value(text, fields.get(places[-1]) if self.type is not None else None)
            taken |= fields.keys() & set(places)
            index += 1
        return members, taken

    def write(self, members: Mapping[str, Any]) -> dict[str, str]:
        """The fields of an object."""
        fields: dict[str, str] = {}
        for index, (name, value) in enumerate(members.items()):
            text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
            fields |= {_numbered(self.name, index): name, _numbered(self.value, index): text}
            if self.type is not None:
                fields[_numbered(self.type, index)] = self.types.get(_json_type(value), "")
        return fields

    def _value(self, text: str, type_name: str | None) -> Any:
        """The value of a text: a number or a boolean if its type says so. An empty text may stand for null as well."""
        if type_name not in {self.types.get(kind) for kind in ("number", "boolean")}:
            return text
        try:
            return read_json(text.lower().encode())
        except ValueError:
            return text


def with_objects(fields: Iterable[tuple[str, str]], entries: Mapping[str, Entries]) -> dict[str, Any]:
    """The fields of a form, with the objects that are written entry by entry in place of their fields."""
    found: dict[str, Any] = dict(fields)
    for name, declared in entries.items():
        members, taken = declared.read(found)
        found = {field: value for field, value in found.items() if field not in taken}
        if members:
            found[name] = members
    return found


def _numbered(template: str, index: int) -> str:
    return template.replace("{index}", str(index))


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"

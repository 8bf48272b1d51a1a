"""An object in a form, written as several fields for each of its members (``x-entries``). No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlencode

from attrs import frozen

from .request import text


@frozen
class EntryFields:
    """Serialize the members of an object as fields that are numbered from 0, in the order of the object.

    The fields' names have ``{index}`` in place of the number.
    """

    name: str
    """The field with the name of the member."""
    value: str
    """The field with its value; empty for ``None``."""
    type: str | None = None
    """The field with the API's name for the value's type."""
    types: Mapping[str, str] = MappingProxyType({})
    """The API's name for each type of JSON."""

    def __call__(self, field: str, value: object) -> str:
        """Return the fields, percent-encoded.

        Args:
            field: The name of the whole object, which is not sent.
            value: The object.
        """
        fields: list[tuple[str, str]] = []
        members = cast("Mapping[str, Any]", value or {})
        for index, (name, member) in enumerate(members.items()):
            entry = [(self.name, name), (self.value, "" if member is None else text(member))]
            if self.type is not None:
                entry.append((self.type, self.types[json_type(member)]))
            fields += [(template.replace("{index}", str(index)), content) for template, content in entry]
        return urlencode(fields)


def json_type(value: object) -> str:
    """Return the type that a value has in JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else "string"

"""Facts of enumerations: a name for every value."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from openapi_python_client.strings import sanitize

from sdkgen.code import Code, literal, snake_case
from sdkgen.pointers import as_list

__all__ = ["EnumFacts", "MemberFacts", "member_names"]


@frozen
class MemberFacts:
    """One value."""

    name: Code
    value: Code


@frozen
class EnumFacts:
    """One class of an enumeration."""

    name: Code
    doc: Code
    base: Code
    """``StrEnum`` or ``IntEnum``."""
    value: Code
    """``str`` or ``int``."""
    members: tuple[MemberFacts, ...]
    open: bool


def member_names(schema: Mapping[str, Any], class_name: Code) -> dict[str | int, Code]:
    """The name of each value, in the order of the schema; ``x-enum-varnames`` names them if it has as many.

    No value has the name of the class: its methods would find the member instead of the class.
    """
    values: list[str | int] = list(dict.fromkeys(as_list(schema.get("enum"))))
    given = as_list(schema.get("x-enum-varnames"))
    found: dict[str | int, Code] = {}
    for index, value in enumerate(values):
        text = str(given[index]) if len(given) == len(values) else _words(value)
        name = _constant(text)
        number = 2
        candidate = name
        while candidate in found.values() or candidate == class_name:
            candidate = Code(f"{name}_{number}")
            number += 1
        found[value] = candidate
    return found


def _words(value: str | int) -> str:
    if isinstance(value, int):
        return f"VALUE_{value}" if value >= 0 else f"VALUE_NEGATIVE_{-value}"
    return {"": "EMPTY", "+": "PLUS", "-": "MINUS", "*": "ANY"}.get(value, value)


def _constant(text: str) -> Code:
    plain = unicodedata.normalize("NFKC", text)
    name = unicodedata.normalize("NFKC", snake_case(plain).upper() if not _is_constant(plain) else sanitize(plain))
    name = name.strip("_")
    if not name.isidentifier():
        name = f"VALUE_{name}".rstrip("_") if f"VALUE_{name}".isidentifier() else "VALUE"
    return Code(name)


def _is_constant(text: str) -> bool:
    return text.isidentifier() and text == text.upper()


def members_of(schema: Mapping[str, Any], class_name: Code) -> tuple[MemberFacts, ...]:
    return tuple(MemberFacts(name, literal(value)) for value, name in member_names(schema, class_name).items())

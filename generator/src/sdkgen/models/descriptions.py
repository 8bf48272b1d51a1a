"""What the document says of a class or a member, as a docstring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.code import Code, prose
from sdkgen.models.reader import are_numbers
from sdkgen.pointers import as_list

__all__ = ["choices", "class_doc", "docstring"]

_WIDTH = 110
"""Columns left inside a class, quotes taken off."""


def docstring(text: str) -> Code:
    """Text as it stands between the quotes inside a class; of several lines, the quotes at the end have their own."""
    lines = prose(text, width=_WIDTH)
    return Code(f"{lines.rstrip()}\n" if "\n" in lines else lines)


def class_doc(schema: Mapping[str, Any], name: str) -> Code:
    """The docstring of a class: what the schema says of itself."""
    text = str(schema.get("description") or schema.get("title") or f"{name}.")
    if schema.get("deprecated") is True:
        text = f"Deprecated.\n\n{text}"
    return docstring(text)


def choices(schema: Mapping[str, Any]) -> str:
    """The documented values of an enumeration of numbers, whose type is any number."""
    values = ", ".join(map(str, as_list(schema.get("enum")))) if are_numbers(schema) else ""
    return f"One of {values}." if values else ""

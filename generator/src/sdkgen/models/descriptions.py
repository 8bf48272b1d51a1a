"""Docstrings of classes and members, from the descriptions in the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.code import Code, prose
from sdkgen.models.reader import are_numbers
from sdkgen.pointers import as_list

__all__ = ["choices", "class_doc", "docstring"]

_WIDTH = 110
"""Columns available inside a class, without the quotes."""


def docstring(text: str) -> Code:
    """The text of a docstring inside a class; after several lines, the closing quotes are on a line of their own."""
    lines = prose(text, width=_WIDTH)
    return Code(f"{lines.rstrip()}\n" if "\n" in lines else lines)


def class_doc(schema: Mapping[str, Any], name: str) -> Code:
    """The docstring of a class, from its schema."""
    text = str(schema.get("description") or schema.get("title") or f"{name}.")
    if schema.get("deprecated") is True:
        text = f"Deprecated.\n\n{text}"
    return docstring(text)


def choices(schema: Mapping[str, Any]) -> str:
    """List the values of an enumeration of numbers, which is typed as any number."""
    values = ", ".join(map(str, as_list(schema.get("enum")))) if are_numbers(schema) else ""
    return f"One of {values}." if values else ""

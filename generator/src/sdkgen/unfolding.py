"""The number of schemas in a schema, references followed: a document of one page can unfold to billions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sdkgen.pointers import as_list
from sdkgen.references import follow

__all__ = ["MAX_DEPTH", "MAX_PARTS", "Unfolding"]

MAX_DEPTH = 100
"""The maximum depth of nested schemas."""
MAX_PARTS = 10_000
"""The maximum number of schemas in a schema."""


class Unfolding:
    """Counts the parts of the schemas of one document."""

    def __init__(self, document: Mapping[str, Any], keywords: tuple[str, ...] = ("allOf",)) -> None:
        """``keywords``: the keywords whose schemas are counted as parts."""
        self._document = document
        self._keywords = keywords
        self._known: dict[int, tuple[int, int]] = {}

    def parts(self, schema: Mapping[str, Any]) -> int | None:
        """The number of parts, itself included; None if there are more than ``MAX_PARTS``, or they are too deep.

        A part that contains itself counts once.
        """
        measured = self._measure(schema, 0)
        return None if measured is None else measured[0]

    def _measure(self, schema: Mapping[str, Any], above: int) -> tuple[int, int] | None:
        """The number of parts, and their depth."""
        if id(schema) in self._known:
            return self._known[id(schema)]
        self._known[id(schema)] = (1, 1)
        parts, height = 1, 1
        for inner in (part for name in self._keywords for part in _listed(schema.get(name))):
            more = self._measure(follow(self._document, inner), above + 1) if above < MAX_DEPTH else None
            if more is None or parts + more[0] > MAX_PARTS or more[1] >= MAX_DEPTH:
                del self._known[id(schema)]
                return None
            parts, height = parts + more[0], max(height, more[1] + 1)
        self._known[id(schema)] = (parts, height)
        return parts, height


def _listed(value: object) -> list[Any]:
    return [cast(object, value)] if isinstance(value, dict) else as_list(value)

"""How many schemas a schema is made of, once references are followed: some documents of a page unfold to billions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sdkgen.pointers import as_list
from sdkgen.references import follow

__all__ = ["MAX_DEPTH", "MAX_PARTS", "Unfolding"]

MAX_DEPTH = 100
"""Schemas one above the other in ``allOf``."""
MAX_PARTS = 10_000
"""Schemas that one is made of."""


class Unfolding:
    """Counts the parts of the schemas of one document."""

    def __init__(self, document: Mapping[str, Any], keywords: tuple[str, ...] = ("allOf",)) -> None:
        """``keywords``: those whose schemas are parts."""
        self._document = document
        self._keywords = keywords
        self._known: dict[int, int] = {}

    def parts(self, schema: Mapping[str, Any], depth: int = 0) -> int | None:
        """The number of parts, itself included; None if there are more than ``MAX_PARTS``, or they are too deep.

        A part that contains itself counts once.
        """
        if depth > MAX_DEPTH:
            return None
        if id(schema) not in self._known:
            self._known[id(schema)] = 1
            found = 1
            for inner in (part for name in self._keywords for part in _listed(schema.get(name))):
                more = self.parts(follow(self._document, inner), depth + 1)
                if more is None or found + more > MAX_PARTS:
                    del self._known[id(schema)]
                    return None
                found += more
            self._known[id(schema)] = found
        return self._known[id(schema)]


def _listed(value: object) -> list[Any]:
    return as_list(value) if isinstance(value, list) else [value] if isinstance(value, dict) else []

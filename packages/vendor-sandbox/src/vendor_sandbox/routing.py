"""Match a method and a path to an operation of the document."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from urllib.parse import unquote

from attrs import frozen

from vendor_sandbox.document import Operation

__all__ = ["Match", "Router"]


@frozen
class Match:
    """A matched path: the operation and its path parameters, or the methods that the path allows instead."""

    operation: Operation | None
    path_parameters: Mapping[str, str]
    allowed_methods: tuple[str, ...] = ()


class Router:
    """Matches paths segment by segment, before percent-decoding; literal segments win over templates.

    Args:
        ignore_case: literals match in any case (Cinchy's ``/API`` and ``/api``).
    """

    def __init__(self, operations: Sequence[Operation], *, ignore_case: bool = False) -> None:
        # the last Unicode character represents a parameter, so that /cases/active sorts before /cases/{id}
        ordered = sorted(operations, key=lambda each: re.sub(r"\{[^}]*\}", chr(sys.maxunicode), each.path).casefold())
        # an exact match wins over a match that ignores case
        passes = (0, re.IGNORECASE) if ignore_case else (0,)
        self._routes = [(*_pattern(operation.path, flags), operation) for flags in passes for operation in ordered]

    def match(self, method: str, path: str) -> Match | None:
        """Match a path; ``None`` if no operation has such a path."""
        allowed: list[str] = []
        for pattern, names, operation in self._routes:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            if operation.method == method:
                return Match(operation, dict(zip(names, map(unquote, found.groups()), strict=True)))
            allowed.append(operation.method)
        return Match(None, {}, tuple(dict.fromkeys(allowed))) if allowed else None


@cache
def _pattern(path: str, flags: int) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Cached, because ``re`` remembers fewer than one document has, and every sandbox needs all of them again."""
    names: list[str] = []
    pieces: list[str] = []
    for index, piece in enumerate(re.split(r"\{([^}]*)\}", path)):
        if index % 2:
            names.append(piece)
            pieces.append("([^/]+)")
        else:
            pieces.append(re.escape(piece))
    return re.compile("".join(pieces), flags), tuple(names)

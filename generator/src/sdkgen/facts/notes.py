"""Docstring notes from ``x-pagination``, ``x-idempotency``, ``x-safe`` and ``x-deprecation``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import one_line, sentence
from sdkgen.facts.parameters import ParameterFact
from sdkgen.pointers import as_object

__all__ = ["Deprecation", "deprecation", "page_notes", "repetition_notes"]

_UNKNOWN = "unknown"


@frozen
class Deprecation:
    """The deprecation of an operation."""

    since: str
    """The vendor's release; empty if unknown."""
    replacement: str
    """An operation id, or a sentence; empty if unknown."""

    def text(self, methods: Mapping[str, str]) -> str:
        """Return the notice for users; ``methods`` has ``resource.method`` by operation id."""
        since = f" since {self.since}" if self.since else ""
        method = methods.get(self.replacement)
        instead = f"Use `{method}` instead." if method else sentence(self.replacement)
        return f"Deprecated by the API{since}. {instead}".rstrip()


def deprecation(operation: Mapping[str, Any]) -> Deprecation | None:
    """Return the deprecation of an operation; ``None`` if it is not deprecated."""
    if operation.get("deprecated") is not True:
        return None
    details = as_object(operation.get("x-deprecation"))
    since, replacement = (_known(details.get(key)) for key in ("since", "replacement"))
    return Deprecation(since, replacement)


def _known(value: object) -> str:
    text = one_line(str(value or ""))
    return "" if text == _UNKNOWN else text


def page_notes(operation: Mapping[str, Any], arguments: Iterable[ParameterFact]) -> str:
    """Describe the pagination of an operation for its docstring; empty without ``x-pagination``."""
    return " ".join(_pages(as_object(operation.get("x-pagination")), list(arguments)))


def repetition_notes(operation: Mapping[str, Any], method: str, arguments: Iterable[ParameterFact]) -> str:
    """Describe the effect of repeated calls for the docstring; empty without ``x-safe`` and ``x-idempotency``."""
    return " ".join(_repetition(operation, method, list(arguments)))


def _pages(pagination: Mapping[str, Any], arguments: list[ParameterFact]) -> Iterator[str]:
    def place(key: str) -> str:
        return _place(pagination.get(key), arguments)

    match pagination.get("style"):
        case "offset":
            unit = "pages" if pagination.get("unit") == "pages" else "items"
            first = pagination.get("first", 0)
            yield f"The response is one page: {place('offset')} counts {unit}, starting at {first}."
        case "cursor":
            yield f"The response is one page: its {place('next')} is the {place('cursor')} of the next page."
        case "link":
            yield f"The response is one page: its {place('next')} is the URL of the next page."
        case _:
            return
    usual, most = pagination.get("default_limit"), pagination.get("max_limit")
    if "limit" in pagination:
        numbers = [f"default {usual}"] if usual else []
        numbers += [f"at most {most}"] if most else []
        yield f"{place('limit')} is the number of items per page{': ' if numbers else ''}{', '.join(numbers)}."
    elif usual or most:
        yield f"A page has {usual} items." if usual else f"A page has at most {most} items."
    if "total" in pagination:
        yield f"The total number of items is in {place('total')}."


def _repetition(operation: Mapping[str, Any], method: str, arguments: list[ParameterFact]) -> Iterator[str]:
    article = "an" if method[:1] in "AEIO" else "a"
    match operation.get("x-safe"):
        case True:
            yield f"This operation only reads, although it is {article} {method}."
        case False:
            yield f"This operation may change data, although it is {article} {method}."
        case _:
            pass
    key = as_object(operation.get("x-idempotency")).get("key")
    if key is not None:
        yield f"The server detects a repeated call by {_place(key, arguments)}."


def _place(expression: object, arguments: list[ParameterFact]) -> str:
    """Translate a runtime expression for users: the argument, or the member of the body as a dotted path."""
    source, _, pointer = str(expression).partition("#/")
    words = source.split(".", 2)
    if len(words) == 3 and not pointer:
        name = words[2].lower() if words[1] == "header" else words[2]
        for one in arguments:
            if one.location == words[1] and name == (one.name.lower() if words[1] == "header" else one.name):
                return f"`{one.python}`"
        return f"`{one_line(words[2])}`"
    if source == "$request.body":
        for one in arguments:
            if one.location == "body" and one.name == pointer:
                return f"`{one.python}`"
    return f"`{one_line(pointer.replace('/', '.')).replace('~1', '/').replace('~0', '~')}`"

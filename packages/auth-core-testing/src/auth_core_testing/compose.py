"""Build responses that a declared lifecycle accepts: the inverse of ``expressions.py`` and ``conditions.py``. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

from auth_core.conditions import matches
from auth_core.errors import ConfigurationError
from auth_core.expressions import ABSENT, ResponseView, evaluate, resolve_pointer
from auth_core.lifecycle import ResponseCondition, ResponseDetails, ValueCondition

from .exchange import ProviderResponse

__all__ = ["Composition", "compose_condition", "compose_success"]

UNLIKELY = "SOMETHING_ELSE"


class Composition:
    """A response under construction. A value that has been set is never replaced."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self._headers: dict[str, str] = {}
        self._document: Any = ABSENT
        self._text: str | None = None

    def put(self, expression: str, value: Any) -> bool:
        """Set the value that an OpenAPI runtime expression refers to; ``False`` if another value is set there."""
        if expression == "$response.body":
            if self._document is not ABSENT or self._text not in (None, value):
                return False
            self._text = str(value)
            return True
        if expression.startswith("$response.body#"):
            return self._put_in_document(expression.removeprefix("$response.body#"), value)
        name = expression.removeprefix("$response.header.")
        return self._headers.setdefault(name, str(value)) == str(value)

    def has(self, expression: str) -> bool:
        """Whether the value that an expression refers to is set."""
        return evaluate(expression, read(self.response())) is not ABSENT

    def _put_in_document(self, pointer: str, value: Any) -> bool:
        if self._text is not None:
            return False
        there = ABSENT if self._document is ABSENT else resolve_pointer(self._document, pointer)
        if there is not ABSENT:
            return bool(there == value)
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        try:
            self._document = _grown(self._document, parts, value)
        except _Taken:
            return False
        return True

    def response(self) -> ProviderResponse:
        if self._text is not None:
            headers = {"Content-Type": "text/plain; charset=utf-8", **self._headers}
            return ProviderResponse(status=self.status, headers=headers, content=self._text.encode())
        document: Any = {} if self._document is ABSENT else self._document
        headers = {"Content-Type": "application/json", **self._headers}
        return ProviderResponse(status=self.status, headers=headers, content=json.dumps(document).encode())


def compose_condition(
    condition: ResponseCondition, details: ResponseDetails, *, code: str = "refused", message: str = "not accepted"
) -> ProviderResponse:
    """Build a response that meets the condition, with the vendor's error code and message where possible.

    Raises:
        ConfigurationError: no response can meet the condition.
    """
    composition = Composition(_status(condition))
    for pointer, required in condition.body.items():
        if required.present is not False:
            composition.put(f"$response.body#{pointer}", _meeting(required))
    for name, required in condition.headers.items():
        if required.present is not False:
            composition.put(f"$response.header.{name}", _meeting(required))
    forbidden = {
        f"$response.body#{pointer}" for pointer, required in condition.body.items() if required.present is False
    }
    for expressions, text in ((details.code, code), (details.message, message)):
        for expression in expressions:
            if expression not in forbidden and (composition.has(expression) or composition.put(expression, text)):
                break
    response = composition.response()
    if not matches([condition], read(response)):
        raise ConfigurationError(f"no response can meet the declared condition {condition}")
    return response


def compose_success(composition: Composition, failures: Sequence[ResponseCondition]) -> ProviderResponse:
    """Complete the response so that it meets none of the conditions for failures.

    Raises:
        ConfigurationError: a success that the lifecycle declares also meets a condition for failures.
    """
    for condition in failures:
        for pointer, required in condition.body.items():
            if required.none_of:
                composition.put(f"$response.body#{pointer}", required.none_of[0])
        for name, required in condition.headers.items():
            if required.none_of:
                composition.put(f"$response.header.{name}", required.none_of[0])
    response = composition.response()
    if matches(failures, read(response)):
        raise ConfigurationError(f"the declared conditions do not distinguish a success from a failure: {failures}")
    return response


def read(response: ProviderResponse) -> ResponseView:
    """The response in the form that conditions evaluate."""
    return ResponseView(
        response.status, {name.lower(): value for name, value in response.headers.items()}, response.content
    )


def _status(condition: ResponseCondition) -> int:
    if not condition.status:
        return 400
    first = str(condition.status[0])
    return int(first[0]) * 100 if first[1:].upper() == "XX" else int(first)


def _meeting(required: ValueCondition) -> Any:
    if required.any_of is not None:
        return required.any_of[0]
    value = UNLIKELY
    while value in (required.none_of or ()):
        value += "_"
    return value


class _Taken(Exception):
    """Another value is set at the pointer."""


def _grown(document: Any, parts: Sequence[str], value: Any) -> Any:
    """The document with the value at the path. Missing parents are created: lists for numbers, else objects."""
    if not parts:
        if document is not ABSENT:
            raise _Taken
        return value
    part, rest = parts[0], parts[1:]
    if document is ABSENT:
        document = [] if part.isdigit() else {}
    if isinstance(document, dict):
        members = cast("dict[str, Any]", document)
        return {**members, part: _grown(members.get(part, ABSENT), rest, value)}
    if isinstance(document, list) and part.isdigit():
        entries: list[Any] = [*document]
        entries += [ABSENT] * (int(part) + 1 - len(entries))
        entries[int(part)] = _grown(entries[int(part)], rest, value)
        return [{} if entry is ABSENT else entry for entry in entries]
    raise _Taken

"""Match a received request against the declared token requests: the inverse of ``token_requests.py``. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast
from urllib.parse import unquote, unquote_plus

from attrs import field, frozen
from auth_core.expressions import ABSENT
from auth_core.lifecycle import (
    NOTHING,
    BasicAuthentication,
    FromCredential,
    FromToken,
    Placement,
    RequestValue,
    TokenRequest,
)

from .exchange import ProviderRequest

__all__ = ["Bindings", "is_for", "recognise", "shown_token"]

Pairs: TypeAlias = Sequence[tuple[str, str]]


@frozen(kw_only=True)
class Bindings:
    """The values of a received request where the declared one names credentials and parts of the token."""

    credentials: Mapping[str, str] = field(default=NOTHING, repr=False)
    parts: Mapping[str, str] = field(default=NOTHING, repr=False)


class _Mismatch(Exception):
    """The received request does not match the declared one."""


def is_for(declared: TokenRequest, arrived: ProviderRequest) -> bool:
    """Whether method and path match the declared request; nothing else is compared."""
    return arrived.method == declared.method.upper() and _path(declared).fullmatch(arrived.path) is not None


def recognise(
    declared: TokenRequest,
    arrived: ProviderRequest,
    *,
    optional: frozenset[str] = frozenset(),
    member_names: Mapping[str, str] = NOTHING,
    shown_at: Placement | None = None,
) -> Bindings | None:
    """Return the values if the request matches the declared one: equal constants, no missing or extra members.

    Args:
        optional: credentials that may be left out.
        member_names: other names of members, as configured in the client: ``{"username": "email"}``.
        shown_at: where the request also carries a token (a logout).
    """
    if not is_for(declared, arrived):
        return None
    reading = _Reading(optional, member_names)
    found = _path(declared).fullmatch(arrived.path)
    assert found is not None
    try:
        for name, value in declared.path_parameters.items():
            reading.text(value, unquote(found[_group(name)]))
        background = {shown_at.location: shown_at.name} if shown_at is not None else {}
        reading.pairs(declared.query, [pair for pair in arrived.query_pairs if pair[0] != background.get("query")])
        # Every client adds headers of its own, so only the declared ones are compared.
        headers = {name: arrived.headers.get(name.lower(), ABSENT) for name in declared.headers}
        reading.members(declared.headers, headers, flat=True, renamed=False)
        cookies = {name: ABSENT if (value := arrived.cookie(name)) is None else value for name in declared.cookies}
        reading.members(declared.cookies, cookies, flat=True, renamed=False)
        if declared.basic is not None:
            reading.basic(declared.basic, arrived.basic)
        if declared.encoding == "json":
            sent = {name: value for name, value in _json_object(arrived).items() if name != background.get("body")}
            reading.members(declared.body, sent)
        elif declared.encoding == "form":
            _require("x-www-form-urlencoded" in arrived.headers.get("content-type", ""))
            reading.pairs(declared.body, arrived.form_pairs)
        else:
            _require(not arrived.content or "body" in background)
    except _Mismatch:
        return None
    return Bindings(credentials=reading.credentials, parts=reading.parts)


def shown_token(request: ProviderRequest, placement: Placement) -> str | None:
    """The token at the declared place of a request, without the prefix; ``None`` if there is none."""
    match placement.location:
        case "header":
            value: Any = request.headers.get(placement.name.lower())
        case "query":
            value = request.query.get(placement.name)
        case "cookie":
            value = request.cookie(placement.name)
        case "body":
            value = request.form.get(placement.name) if request.is_json else None
    if not isinstance(value, str) or not value.startswith(placement.prefix):
        return None
    return value.removeprefix(placement.prefix)


class _Reading:
    """Collects the values of credentials and token parts from a request; raises :class:`_Mismatch`."""

    def __init__(self, optional: frozenset[str], member_names: Mapping[str, str]) -> None:
        self.credentials: dict[str, str] = {}
        self.parts: dict[str, str] = {}
        self._optional = optional
        self._names = member_names

    def members(
        self, declared: Mapping[str, RequestValue], arrived: Any, *, flat: bool = False, renamed: bool = True
    ) -> None:
        _require(isinstance(arrived, Mapping))
        there = {name: value for name, value in cast("Mapping[str, Any]", arrived).items() if value is not ABSENT}
        for name, value in declared.items():
            sent_as = self._names.get(name, name) if renamed else name
            self._value(value, there.pop(sent_as, ABSENT), flat=flat)
        _require(not there)

    def pairs(self, declared: Mapping[str, RequestValue], arrived: Pairs) -> None:
        """A form or a query: everything is text, a list repeats its name, ``null`` is left out."""
        values: dict[str, list[str]] = {}
        for name, value in arrived:
            values.setdefault(name, []).append(value)
        lists = {self._names.get(name, name) for name, value in declared.items() if _is_list(value)}
        members = {name: value if name in lists else _only(value) for name, value in values.items()}
        self.members({name: value for name, value in declared.items() if value is not None}, members, flat=True)

    def basic(self, declared: BasicAuthentication, arrived: tuple[str, str] | None) -> None:
        decode = unquote_plus if declared.form_encoded else str
        username, password = (ABSENT, ABSENT) if arrived is None else map(decode, arrived)
        self._value(declared.username, username, flat=True)
        if arrived is not None:
            self._value(declared.password, password, flat=True)

    def text(self, declared: RequestValue, arrived: str) -> None:
        self._value(declared, arrived, flat=True)

    def _value(self, declared: RequestValue, arrived: Any, *, flat: bool) -> None:
        match declared:
            case FromCredential(name):
                self._bind(self.credentials, name, arrived, may_lack=name in self._optional)
            case FromToken(name):
                self._bind(self.parts, name, arrived, may_lack=False)
            case Mapping():
                self.members(declared, arrived)
            case str() | int() | float() | None:
                _require(arrived == _text(declared) if flat else _same(arrived, declared))
            case _:
                _require(isinstance(arrived, list))
                entries: list[Any] = [*arrived]
                _require(len(entries) == len(declared))
                for entry, value in zip(declared, entries, strict=True):
                    self._value(entry, value, flat=flat)

    def _bind(self, values: dict[str, str], name: str, arrived: Any, *, may_lack: bool) -> None:
        if arrived is ABSENT:
            _require(may_lack)
            return
        _require(isinstance(arrived, (str, int, float)))
        _require(values.setdefault(name, _text(arrived)) == _text(arrived))


def _require(holds: bool) -> None:
    if not holds:
        raise _Mismatch


def _path(declared: TokenRequest) -> re.Pattern[str]:
    """A pattern for the declared path after any URL prefix, with one group for each parameter."""
    pattern = re.escape(declared.path)
    for name in declared.path_parameters:
        pattern = pattern.replace(re.escape(f"{{{name}}}"), f"(?P<{_group(name)}>[^/]+)")
    return re.compile(f".*{pattern}")


def _group(name: str) -> str:
    return "p_" + name.encode().hex()


def _json_object(arrived: ProviderRequest) -> Mapping[str, Any]:
    _require(arrived.is_json)
    try:
        found = json.loads(arrived.content)
    except ValueError:
        raise _Mismatch from None
    _require(isinstance(found, dict))
    return cast("Mapping[str, Any]", found)


def _is_list(value: RequestValue) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _only(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _same(value: Any, other: Any) -> bool:
    """JSON equality: ``true`` is not 1."""
    return type(value) is type(other) and value == other if isinstance(value, bool) else bool(value == other)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

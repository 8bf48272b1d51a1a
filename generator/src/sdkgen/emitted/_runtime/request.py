"""Serialization of requests: path, query, headers and body as text and bytes. No I/O."""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote

from attrs import define, evolve, field, frozen

from .._readers import Reader
from ..errors import InvalidArgument
from ..types import UNSET, NaiveDateTime, RequestFiles


@frozen
class Operation:
    """The constant part of an operation's requests."""

    operation_id: str
    method: str
    path: str
    """The path template, for error messages; it does not contain parameter values."""
    server: str = "base_url"
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each a set of security schemes; an empty set means no authentication."""
    accept: str = "*/*"
    json_response: bool = True
    safe: bool | None = None
    """Whether it only reads; ``None``: as its method implies."""
    idempotency_key: str | None = None
    """Location of the value by which the server recognises a repeated request: ``$request.header.Idempotency-Key``."""
    makes_key: bool = False
    """Whether a call without that value gets a new one."""
    errors: Mapping[str, Callable[[Any], object]] = MappingProxyType({})
    """Decoders of error bodies by status (``404``, ``4XX``, ``default``)."""
    streams: tuple[str, ...] = ()
    """The statuses (``200``, ``2XX``) of successes whose body is read later, as it arrives."""

    def streamed(self, *statuses: str, accept: str | None = None) -> Operation:
        """Return the same operation, with bodies that are read as they arrive.

        Args:
            statuses: The statuses of such successes.
            accept: The media types to accept instead of all that the operation has.
        """
        return evolve(self, streams=statuses, accept=accept or self.accept, json_response=False)


@define
class RequestParts:
    """The variable part of an operation's requests."""

    path: str
    """Percent-encoded."""
    query: str = ""
    """Percent-encoded, without the question mark."""
    headers: Mapping[str, str] | None = None
    content: bytes | None = field(default=None, repr=False)
    file: bytes | Reader | None = field(default=None, repr=False)
    """The content, if it is a file."""
    content_type: str | None = None
    files: RequestFiles | None = field(default=None, repr=False)
    """Parts of a multipart body; the boundary is chosen at random when the request is sent."""


def text(value: object) -> str:
    """Serialize one value for a URL, a header or a form.

    Raises:
        InvalidArgument: It is an array, an object, or a date-time without a time zone.
    """
    if isinstance(value, str):
        return str(value.value) if isinstance(value, Enum) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return text(value.value)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None and not isinstance(value, NaiveDateTime):
            message = "a date-time requires a time zone: use datetime.now(timezone.utc) or datetime.astimezone()"
            raise InvalidArgument(message)
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list | tuple | Mapping):
        message = "an array or object inside another value cannot be sent: OpenAPI defines no form for it here"
        raise InvalidArgument(message)
    return "" if value is None else str(value)


def path_segment(name: str, value: object) -> str:
    """Serialize a parameter as one segment of the path.

    Raises:
        InvalidArgument: The value is empty, ``.`` or ``..``, which would change the path.
    """
    segment = text(value)
    if segment in {"", ".", ".."}:
        message = f"`{name}` is a path parameter and cannot be {segment!r}"
        raise InvalidArgument(message)
    return quote(segment, safe="")


def query_string(*parts: str) -> str:
    """Join the parts of a query; empty parts are omitted."""
    return "&".join(filter(None, parts))


_RESERVED = "!$'()*,/:;=?@"  # RFC 3986 section 2.2, except those that would end the value or encode a space


def query_value(name: str, value: object, *, reserved: bool = False) -> str:
    """Serialize as ``name=value``; with ``reserved``, reserved characters such as ``:`` are not percent-encoded."""
    if value is None:
        return ""
    return f"{quote(name, safe='')}={quote(text(value), safe=_RESERVED if reserved else '')}"


def query_values(name: str, values: Iterable[object] | None) -> str:
    """Serialize as ``name=1&name=2``."""
    return "" if values is None else query_string(*(query_value(name, value) for value in values))


def query_members(values: Mapping[str, object] | None) -> str:
    """Serialize each member as a parameter; a list as several, ``None`` is omitted."""
    if values is None:
        return ""
    parts: list[str] = []
    for name, value in values.items():
        if isinstance(value, list | tuple):
            parts.append(query_values(name, cast("Sequence[object]", value)))
        else:
            parts.append(query_value(name, value))
    return query_string(*parts)


def header_fields(fields: Mapping[str, object]) -> dict[str, str]:
    """Serialize the headers whose value is not ``None``.

    Raises:
        InvalidArgument: A value contains a line break, which would start another header, leading or trailing
            whitespace, or characters beyond ASCII.
    """
    found: dict[str, str] = {}
    for name, value in fields.items():
        if value is not None:
            found[name] = text(value)
            if found[name] != found[name].strip() or any(character in found[name] for character in "\r\n\0"):
                message = f"the value of the header `{name}` has a line break, or leading or trailing whitespace"
                raise InvalidArgument(message)
            if not found[name].isascii():
                message = f"the value of the header `{name}` is not ASCII; encode it as the API documents"
                raise InvalidArgument(message)
    return found


T = TypeVar("T")


def or_unset(value: object) -> Any:
    """Return ``UNSET``, a member that is not sent, for an omitted argument, and any other as it is."""
    return UNSET if value is None else value


def for_request(value: T, send_read_only: bool) -> T:
    """Return a value as it is sent: a copy without what only the server sets, in the models inside it too."""
    return value if send_read_only else cast("T", _writable(value))


def _writable(value: Any) -> Any:
    if isinstance(value, list | tuple):
        items = map(_writable, cast("Sequence[Any]", value))
        return tuple(items) if isinstance(value, tuple) else list(items)
    if isinstance(value, dict):
        return {key: _writable(member) for key, member in cast("dict[str, Any]", value).items()}
    return _writable_model(value) if hasattr(value, "to_dict") else value


def _writable_model(model: Any) -> Any:
    result = model.replace(**dict.fromkeys(getattr(model, "READ_ONLY", ()), UNSET))
    for each in model.__attrs_attrs__:
        if (value := getattr(result, each.name)) is not None:
            setattr(result, each.name, _writable(value))
    return result


class Extensible(Protocol):
    """A model that accepts members which its schema does not name."""

    additional_properties: dict[str, Any]


M = TypeVar("M", bound=Extensible)


def extended(model: M, members: Mapping[str, Any] | None) -> M:
    """Add additional members to a model."""
    if members:
        model.additional_properties.update(members)
    return model


def json_bytes(value: object) -> bytes:
    """Serialize a JSON body."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def json_text(value: object, *, ascii_only: bool = False) -> str:
    """Serialize a parameter whose content is JSON; with ``ascii_only``, other characters are escaped, for a header."""
    return json.dumps(value, ensure_ascii=ascii_only, separators=(",", ":"), allow_nan=False)


def if_any(members: Mapping[str, object], write: Callable[[Mapping[str, object]], bytes]) -> bytes | None:
    """Serialize an optional body; ``None``, which is not sent, if no member was given."""
    return write(members) if members else None

"""The pure half of a request: path, query, headers and body as text and bytes. Sends nothing."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import quote, urlencode

from attrs import define, field, frozen
from auth_core.contract import is_cookie_value

from ..errors import InvalidArgument
from ..types import UNSET, RequestFiles, Unset


@frozen
class Operation:
    """What is the same in all calls of one operation."""

    operation_id: str
    method: str
    path: str
    """The template, for errors: never the values."""
    server: str = "base_url"
    security: tuple[tuple[str, ...], ...] = ()
    """Alternatives, each a set of security schemes; an empty one is anonymous."""
    accept: str = "*/*"
    json_response: bool = True
    errors: Mapping[str, Callable[[Any], object]] = MappingProxyType({})
    """How the body of a failure is read, by status (``404``, ``4XX``, ``default``)."""


@define
class RequestParts:
    """What differs from call to call."""

    path: str
    """Percent-encoded."""
    query: str = ""
    """Percent-encoded, without the question mark."""
    headers: Mapping[str, str] | None = None
    content: bytes | None = field(default=None, repr=False)
    content_type: str | None = None
    files: RequestFiles | None = field(default=None, repr=False)
    """Parts of a multipart body; the boundary is chosen at random when it is sent."""


def text(value: object) -> str:
    """A value as it stands in a URL, a header or a form."""
    if isinstance(value, str):
        return str(value.value) if isinstance(value, Enum) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return text(value.value)
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            message = "a date-time needs a time zone: use datetime.now(timezone.utc) or datetime.astimezone()"
            raise InvalidArgument(message)
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ",".join(text(item) for item in cast("Sequence[object]", value))
    return "" if value is None else str(value)


def path_segment(name: str, value: object) -> str:
    """A parameter as one segment of the path.

    Raises:
        InvalidArgument: It would be no segment: it is empty, or ``.`` or ``..``, which lead elsewhere.
    """
    segment = text(value)
    if segment in {"", ".", ".."}:
        message = f"`{name}` stands in the path of the request and cannot be {segment!r}"
        raise InvalidArgument(message)
    return quote(segment, safe="")


def query_string(*parts: str) -> str:
    """The parts of a query in one; parts that were left out are empty."""
    return "&".join(filter(None, parts))


_RESERVED = "!$'()*,/:;=?@"  # RFC 3986 section 2.2, without those that would end the value or mean a space


def query_value(name: str, value: object, *, reserved: bool = False) -> str:
    """``name=value``; ``reserved``: characters such as ``=`` stay as they are in the value."""
    if value is None:
        return ""
    return f"{quote(name, safe='')}={quote(text(value), safe=_RESERVED if reserved else '')}"


def query_values(name: str, values: Iterable[object] | None) -> str:
    """``name=1&name=2``."""
    return "" if values is None else "&".join(query_value(name, value) for value in values)


def joined_query_value(name: str, values: Iterable[object] | None, separator: str) -> str:
    """``name=1,2``."""
    if values is None:
        return ""
    return f"{quote(name, safe='')}=" + quote(separator, safe=",").join(quote(text(value), safe="") for value in values)


def query_members(values: Mapping[str, object] | None) -> str:
    """Each member as a parameter of its own; a list as several, ``None`` not at all."""
    if values is None:
        return ""
    parts: list[str] = []
    for name, value in values.items():
        if isinstance(value, list | tuple):
            parts.append(query_values(name, cast("Sequence[object]", value)))
        else:
            parts.append(query_value(name, value))
    return query_string(*parts)


def deep_query_object(name: str, values: Mapping[str, object] | None) -> str:
    """``name[member]=value``."""
    return "" if values is None else query_members({f"{name}[{member}]": value for member, value in values.items()})


def header_fields(fields: Mapping[str, object]) -> dict[str, str]:
    """The headers that were given.

    Raises:
        InvalidArgument: A value has a line break, which would start another header, or white space around it.
    """
    found: dict[str, str] = {}
    for name, value in fields.items():
        if value is not None:
            found[name] = text(value)
            if found[name] != found[name].strip() or any(character in found[name] for character in "\r\n\0"):
                message = f"the header `{name}` cannot have a line break in its value, nor white space around it"
                raise InvalidArgument(message)
    return found


def cookie_header(cookies: Mapping[str, object]) -> str | None:
    """The value of the ``Cookie`` header, if a cookie was given."""
    given = [f"{name}={_cookie_value(value)}" for name, value in cookies.items() if value is not None]
    return "; ".join(given) or None


def _cookie_value(value: object) -> str:
    """A value that a cookie can hold goes back as the server set it; any other is percent-encoded."""
    if isinstance(value, list | tuple):
        return ",".join(map(_cookie_value, cast("Sequence[object]", value)))
    plain = text(value)
    return plain if is_cookie_value(plain) else quote(plain, safe="")


T = TypeVar("T")


def or_unset(value: T | None) -> T | Unset:
    """An argument that was not given is a member that is not sent."""
    return UNSET if value is None else value


class Extensible(Protocol):
    """A model that takes members which its schema does not name."""

    additional_properties: dict[str, Any]


M = TypeVar("M", bound=Extensible)


def extended(model: M, members: Mapping[str, Any] | None) -> M:
    """The model with additional members."""
    if members:
        model.additional_properties.update(members)
    return model


def json_bytes(value: object) -> bytes:
    """A JSON body."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def json_text(value: object) -> str:
    """A parameter that is JSON."""
    return json_bytes(value).decode()


def if_any(members: Mapping[str, object], write: Callable[[Mapping[str, object]], bytes]) -> bytes | None:
    """An optional body of which nothing was given is not sent."""
    return write(members) if members else None


def form_bytes(members: Mapping[str, object]) -> bytes:
    """A form (``application/x-www-form-urlencoded``): a list as several fields, an object as JSON."""
    fields: list[tuple[str, str]] = []
    for name, value in members.items():
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            fields.append((name, text(item) if not isinstance(item, dict) else json_text(cast("object", item))))
    return urlencode(fields).encode()

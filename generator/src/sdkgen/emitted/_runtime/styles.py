"""Arrays and objects in a path, query, header, cookie or form, in the styles of OpenAPI 3.1 (RFC 6570). No I/O.

An empty array or object is undefined (RFC 6570, section 2.3) and not sent, nor is ``None`` inside one. An array or
object inside another has a form in ``deepObject`` only: ``name[member][0]=value``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeGuard, cast
from urllib.parse import quote, urlencode

from auth_core.contract import is_cookie_value

from ..errors import InvalidArgument
from .request import json_text, query_members, query_string, query_value, query_values, text

Encode = Callable[[str], str]


def percent_encoded(value: str) -> str:
    return quote(value, safe="")


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, Mapping)


def _is_array(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def items_of(value: object, *, explode: bool = False, encode: Encode = percent_encoded) -> list[str]:
    """Return the items of an array; of an object ``name, value, …``, or with ``explode`` ``name=value, …``.

    Raises:
        InvalidArgument: An item is an array or an object.
    """
    if _is_object(value):
        members = [(encode(text(name)), encode(text(item))) for name, item in value.items() if item is not None]
        return [f"{name}={item}" for name, item in members] if explode else [part for both in members for part in both]
    if _is_array(value):
        return [encode(text(item)) for item in value if item is not None]
    return [] if value is None else [encode(text(value))]


# --- path -------------------------------------------------------------------------------------------------------------


def simple_path(name: str, value: object, *, explode: bool = False) -> str:
    """Serialize as ``1,2`` (style ``simple``)."""
    return whole_segment(name, ",".join(items_of(value, explode=explode)))


def label_path(name: str, value: object, *, explode: bool = False) -> str:
    """Serialize as ``.1,2``, with ``explode`` as ``.1.2`` (style ``label``)."""
    return "." + ("." if explode else ",").join(_defined(name, items_of(value, explode=explode)))


def matrix_path(name: str, value: object, *, explode: bool = False) -> str:
    """Serialize as ``;name=1,2``, with ``explode`` as ``;name=1;name=2`` (style ``matrix``)."""
    items = _defined(name, items_of(value, explode=explode))
    if explode and _is_object(value):
        return "".join(f";{item.removesuffix('=')}" for item in items)
    key = percent_encoded(name)
    return "".join(f";{key}={item}" if item else f";{key}" for item in (items if explode else [",".join(items)]))


def whole_segment(name: str, segment: str) -> str:
    """Return a segment of the path.

    Raises:
        InvalidArgument: It is empty, ``.`` or ``..``, which would change the path.
    """
    if segment in {"", ".", ".."}:
        message = f"`{name}` is a path parameter and cannot be {segment!r}"
        raise InvalidArgument(message)
    return segment


def _defined(name: str, items: list[str]) -> list[str]:
    if not items:
        message = f"`{name}` is a path parameter and cannot be empty"
        raise InvalidArgument(message)
    return items


# --- query and forms --------------------------------------------------------------------------------------------------


def exploded_query_value(name: str, value: object) -> str:
    """Serialize as ``name=1&name=2``, an object as ``member=1&member=2`` (style ``form``)."""
    if _is_object(value):
        return query_members(value)
    return query_values(name, value) if _is_array(value) else query_value(name, value)


def comma_delimited(name: str, value: object) -> str:
    """Serialize as ``name=1,2`` (style ``form``, ``explode: false``)."""
    return _delimited(name, value, ",")


def space_delimited(name: str, value: object) -> str:
    """Serialize as ``name=1%202`` (style ``spaceDelimited``)."""
    return _delimited(name, value, "%20")


def pipe_delimited(name: str, value: object) -> str:
    """Serialize as ``name=1%7C2`` (style ``pipeDelimited``)."""
    return _delimited(name, value, "%7C")


def _delimited(name: str, value: object, separator: str) -> str:
    items = items_of(value)
    return f"{percent_encoded(name)}={separator.join(items)}" if items else ""


def deep_query_object(name: str, value: object) -> str:
    """Serialize as ``name[member]=value``, an array inside as ``name[member][0]=value`` (style ``deepObject``)."""
    members: Iterable[tuple[object, object]]
    if _is_object(value):
        members = value.items()
    elif _is_array(value):
        members = enumerate(value)
    else:
        return query_value(name, value)
    return query_string(*(deep_query_object(f"{name}[{member}]", item) for member, item in members))


def json_field(name: str, value: object) -> str:
    """Serialize as ``name=`` and JSON."""
    return query_value(name, json_text(value))


Write = Callable[[str, object], str]


def form_bytes(members: Mapping[str, object], styles: Mapping[str, Write] = MappingProxyType({})) -> bytes:
    """Serialize a form (``application/x-www-form-urlencoded``): a list as several fields, an object as JSON.

    Args:
        members: The values of the fields.
        styles: The functions that serialize the other fields, by name.
    """
    fields: list[str] = []
    for name, value in members.items():
        if name in styles:
            fields.append(styles[name](name, value))
            continue
        for item in cast("list[object]", value) if isinstance(value, list) else [value]:
            fields.append(urlencode([(name, json_text(item) if _is_object(item) else text(item))]))
    return query_string(*fields).encode()


# --- headers and cookies ----------------------------------------------------------------------------------------------


def delimited(value: object, *, explode: bool = False) -> str | None:
    """Serialize as ``1,2`` for a header (style ``simple``), without percent-encoding; ``None`` if nothing is left."""
    items = items_of(value, explode=explode, encode=str)
    return ",".join(items) if items else None


def cookie_header(cookies: Mapping[str, object], exploded: Mapping[str, object] = MappingProxyType({})) -> str | None:
    """Return the value of the ``Cookie`` header; ``None`` without cookies.

    Args:
        cookies: The values; an array or object is one cookie, ``name=1,2``.
        exploded: Arrays and objects of which each item is a cookie.
    """
    found = [(name, items) for name, value in cookies.items() if (items := items_of(value, encode=_cookie_text))]
    for name, value in exploded.items():
        members = value.items() if _is_object(value) else [(name, item) for item in value] if _is_array(value) else []
        found += [(percent_encoded(key), [_cookie_text(text(item))]) for key, item in members if item is not None]
    return "; ".join(f"{name}={','.join(items)}" for name, items in found) or None


def _cookie_text(plain: str) -> str:
    """Serialize a cookie value: unchanged if RFC 6265 permits it, else percent-encoded."""
    return plain if is_cookie_value(plain) else percent_encoded(plain)

"""Pagination: the request for the next page of a list. No I/O."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import httpx
from attrs import evolve, frozen
from auth_core.contract import ABSENT, evaluate, pointer_parts, resolve_pointer

from ..errors import DecodeError
from ..types import is_array
from .masking import without_tokens
from .request import RequestParts, header_fields, json_bytes, text
from .response import ReceivedResponse


@frozen
class Pages(ABC):
    """The pagination of one operation. Locations are OpenAPI runtime expressions."""

    items: str

    def has_items(self, response: ReceivedResponse) -> bool:
        """Return whether the page has items."""
        return self.count(response) > 0

    def count(self, response: ReceivedResponse) -> int:
        """Return the number of items on the page."""
        items = evaluate(self.items, response.view)
        return len(items) if is_array(items) else 0

    @abstractmethod
    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        """Return the request for the next page; ``None`` after the last.

        Raises:
            DecodeError: The page refers to itself as the next one, or the reference cannot be parsed.
        """

    @abstractmethod
    def position(self, start: RequestParts, parts: RequestParts) -> Any:
        """Return what the request for a page has instead of the first one's, as a JSON value."""

    @abstractmethod
    def at(self, start: RequestParts, position: Any) -> RequestParts:
        """Return the request for the page at a position."""


@frozen
class OffsetPages(Pages):
    """Pagination by item offset or page number; it ends with the first empty page.

    A page with fewer items than requested need not be the last, since servers have their own limits.
    """

    offset: str
    first: int = 0
    counts_pages: bool = False
    total: str | None = None

    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        count = self.count(response)
        if count == 0:
            return None
        asked = requested(parts, self.offset)
        start = self.first if asked is None else int(asked)
        total = None if self.total is None else evaluate(self.total, response.view)
        if isinstance(total, int) and not self.counts_pages and start - self.first + count >= total:
            return None
        return asking(parts, self.offset, start + (1 if self.counts_pages else count))

    def position(self, start: RequestParts, parts: RequestParts) -> Any:
        return requested(parts, self.offset)

    def at(self, start: RequestParts, position: Any) -> RequestParts:
        return asking(start, self.offset, position)


@frozen
class CursorPages(Pages):
    """Pagination by a cursor: each page contains the value to send with the next request."""

    cursor: str
    next: str

    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        cursor = evaluate(self.next, response.view)
        if _is_nothing(cursor):
            return None
        what = "the cursor of the next page cannot be sent"
        return _following(parts, self.next, what, lambda: asking(parts, self.cursor, cursor))

    def position(self, start: RequestParts, parts: RequestParts) -> Any:
        return requested(parts, self.cursor)

    def at(self, start: RequestParts, position: Any) -> RequestParts:
        return asking(start, self.cursor, position)


@frozen
class LinkPages(Pages):
    """Pagination by links: each page contains the URL of the next. Only its query is used, never its host or path."""

    next: str

    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        link = evaluate(self.next, response.view)
        if _is_nothing(link):
            return None
        what = "the link to the next page is not a valid URL"

        def linked() -> RequestParts:
            query = without_tokens(urlsplit(_scalar(link)).query, response.response.request)
            return evolve(parts, query=query)

        return _following(parts, self.next, what, linked)

    def position(self, start: RequestParts, parts: RequestParts) -> Any:
        before, after = _parameters(start.query), _parameters(parts.query)
        names = [name for name in {**before, **after} if _decoded(before, name) != _decoded(after, name)]
        return {name: after.get(name, []) for name in names}  # not what the arguments say already: it may be personal

    def at(self, start: RequestParts, position: Any) -> RequestParts:
        parameters = {**_parameters(start.query), **position}
        return evolve(start, query="&".join(part for parts in parameters.values() for part in parts))


def _parameters(query: str) -> dict[str, list[str]]:
    """Return the parts of a query, as they are written, by the name of their parameter."""
    found: dict[str, list[str]] = {}
    for part in filter(None, query.split("&")):
        found.setdefault(unquote_plus(part.partition("=")[0], errors="surrogateescape"), []).append(part)
    return found


def _decoded(parameters: dict[str, list[str]], name: str) -> list[str]:
    return [unquote_plus(part, errors="surrogateescape") for part in parameters.get(name, ())]


def _is_nothing(value: Any) -> bool:
    return value is ABSENT or value is None or value == ""


def _following(parts: RequestParts, place: str, what: str, make: Callable[[], RequestParts]) -> RequestParts:
    """Return the request for the next page. Raises :class:`DecodeError` if what the page contains cannot be sent."""
    try:
        following = make()
        httpx.URL(f"http://host/?{following.query}")
    except (ValueError, httpx.InvalidURL):  # also InvalidArgument, but the caller gave no argument
        raise DecodeError(_json_path(place), what) from None
    if following == parts:
        message = "the page refers to itself as the next page, so the list would never end"
        raise DecodeError(_json_path(place), message)
    return following


def _json_path(place: str) -> str:
    return f"${place.partition('#')[2].replace('/', '.')}"


_FORM = "application/x-www-form-urlencoded"


def requested(parts: RequestParts, place: str) -> Any:
    """Return the value at a location of the request, such as ``$request.query.offset``; ``None`` if there is none."""
    match _located(parts, place):
        case "query", name:
            return dict(parse_qsl(parts.query)).get(name)
        case "header", name:
            return httpx.Headers(parts.headers).get(name)
        case "form", name:
            return dict(parse_qsl((parts.content or b"").decode())).get(name)
        case _, pointer:
            found = resolve_pointer(_json_body(parts), f"/{pointer}")
            return None if found is ABSENT else found


def asking(parts: RequestParts, place: str, value: object) -> RequestParts:
    """Return the request with another value at a location."""
    match _located(parts, place):
        case "query", name:
            return evolve(parts, query=_with_parameter(parts.query, name, _scalar(value)))
        case "header", name:
            headers = httpx.Headers(parts.headers)
            headers.update(header_fields({name: _scalar(value)}))
            return evolve(parts, headers=headers)
        case "form", name:
            return evolve(
                parts, content=_with_parameter((parts.content or b"").decode(), name, _scalar(value)).encode()
            )
        case _, pointer:
            body = target = _json_body(parts)
            *parents, last = pointer_parts(f"/{pointer}")
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
            return evolve(parts, content=json_bytes(body))


def _located(parts: RequestParts, place: str) -> tuple[str, str]:
    """Resolve ``$request.query.offset`` or ``$request.body#/page``: part of the request, and name or pointer in it."""
    source, _, pointer = place.partition("#/")
    if source == "$request.body":
        return "form" if (parts.content_type or "").startswith(_FORM) else "json", pointer
    _, location, name = place.split(".", 2)
    return location, name


def _json_body(parts: RequestParts) -> dict[str, Any]:
    return json.loads(parts.content or b"{}")  # type: ignore[no-any-return]


def _with_parameter(encoded: str, name: str, value: str) -> str:
    """Return the query or form with another value of a parameter; the rest is unchanged."""
    kept = [part for part in encoded.split("&") if part and unquote_plus(part.partition("=")[0]) != name]
    return "&".join([*kept, urlencode({name: value})])


def _scalar(value: object) -> str:
    """Serialize a value for a URL, a header or a form. Raises ``ValueError`` for an object or a list."""
    if isinstance(value, dict | list):
        message = "an object or a list"
        raise ValueError(message)
    return text(value)

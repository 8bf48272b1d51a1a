"""Lists that come in pages: what the request for the next page is. Sends nothing."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import httpx
from attrs import evolve, frozen
from auth_core.contract import ABSENT, evaluate, pointer_parts, resolve_pointer

from ..errors import DecodeError
from ..types import is_array
from .request import RequestParts, json_bytes, text
from .response import ReceivedResponse


@frozen
class Pages(ABC):
    """How the list of one operation comes in pages. Places are runtime expressions of OpenAPI."""

    items: str

    def has_items(self, response: ReceivedResponse) -> bool:
        """Whether anything is on the page."""
        return self.count(response) > 0

    def count(self, response: ReceivedResponse) -> int:
        """How many items are on the page."""
        items = evaluate(self.items, response.view)
        return len(items) if is_array(items) else 0

    @abstractmethod
    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        """The request for the page after this one; ``None`` after the last.

        Raises:
            DecodeError: The page names itself as the next one, or names none in a way that can be read.
        """


@frozen
class OffsetPages(Pages):
    """The request says at which item the page starts, or which page it is. After the last one comes an empty one.

    A page with fewer items than were asked for need not be the last: servers have limits of their own.
    """

    offset: str
    first: int = 0
    counts_pages: bool = False
    total: str | None = None

    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        count = self.count(response)
        if count == 0:
            return None
        asked = _asked(parts, self.offset)
        start = self.first if asked is None else int(asked)
        total = None if self.total is None else evaluate(self.total, response.view)
        if isinstance(total, int) and not self.counts_pages and start - self.first + count >= total:
            return None
        return _asking(parts, self.offset, start + (1 if self.counts_pages else count))


@frozen
class CursorPages(Pages):
    """The page has a value that the next request sends."""

    cursor: str
    next: str

    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        cursor = evaluate(self.next, response.view)
        if _is_nothing(cursor):
            return None
        following = _asking(parts, self.cursor, cursor)
        return _checked(parts, following, self.next)


@frozen
class LinkPages(Pages):
    """The page has the URL of the next one. Only its query is used, so that it can lead to no other server."""

    next: str

    def after(self, parts: RequestParts, response: ReceivedResponse) -> RequestParts | None:
        link = evaluate(self.next, response.view)
        if _is_nothing(link):
            return None
        try:
            query = urlsplit(str(link)).query
        except ValueError:
            raise DecodeError(_json_path(self.next), "the link to the next page is no URL") from None
        return _checked(parts, evolve(parts, query=query), self.next)


def _is_nothing(value: Any) -> bool:
    return value is ABSENT or value is None or value == ""


def _checked(parts: RequestParts, following: RequestParts, place: str) -> RequestParts:
    if following == parts:
        message = "the page names itself as the next one, so that the list would never end"
        raise DecodeError(_json_path(place), message)
    return following


def _json_path(place: str) -> str:
    return f"${place.partition('#')[2].replace('/', '.')}"


_FORM = "application/x-www-form-urlencoded"


def _asked(parts: RequestParts, place: str) -> Any:
    """What the request has at a place; ``None`` where it has nothing."""
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


def _asking(parts: RequestParts, place: str, value: object) -> RequestParts:
    """The request with another value at a place."""
    match _located(parts, place):
        case "query", name:
            return evolve(parts, query=_with_parameter(parts.query, name, value))
        case "header", name:
            headers = httpx.Headers(parts.headers)
            headers[name] = text(value)
            return evolve(parts, headers=headers)
        case "form", name:
            return evolve(parts, content=_with_parameter((parts.content or b"").decode(), name, value).encode())
        case _, pointer:
            body = target = _json_body(parts)
            *parents, last = pointer_parts(f"/{pointer}")
            for parent in parents:
                target = target.setdefault(parent, {})
            target[last] = value
            return evolve(parts, content=json_bytes(body))


def _located(parts: RequestParts, place: str) -> tuple[str, str]:
    """Where ``$request.query.offset`` or ``$request.body#/page`` is in this request, and its name or pointer."""
    source, _, pointer = place.partition("#/")
    if source == "$request.body":
        return "form" if (parts.content_type or "").startswith(_FORM) else "json", pointer
    _, location, name = place.split(".", 2)
    return location, name


def _json_body(parts: RequestParts) -> dict[str, Any]:
    return json.loads(parts.content or b"{}")  # type: ignore[no-any-return]


def _with_parameter(encoded: str, name: str, value: object) -> str:
    """The query or form with another value of a parameter; what else it has stays as it is written."""
    kept = [part for part in encoded.split("&") if part and unquote_plus(part.partition("=")[0]) != name]
    return "&".join([*kept, urlencode({name: text(value)})])

"""Requests that a vendor receives, and its responses."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from attrs import evolve, field, frozen

from vendor_sandbox.json_values import read_json, write_json

__all__ = ["Request", "Response", "html_response", "json_response", "media_type_of"]


def media_type_of(content_type: str) -> str:
    """``application/json`` of ``Application/JSON; charset=utf-8``."""
    return content_type.partition(";")[0].strip().lower()


@frozen
class Request:
    """One complete request. ``path`` is relative to the server's URL and still percent-encoded."""

    method: str
    server_url: str
    path: str
    query_string: str
    headers: tuple[tuple[str, str], ...]
    """Names in lower case, in the order of arrival."""
    body: bytes = field(repr=False)
    parts: Mapping[str, Sequence[str]] = field(factory=dict[str, Sequence[str]], repr=False)
    """The parts of a ``multipart/form-data`` body by name: text values, and the names of files."""

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key == name.lower()), None)

    def cookie(self, name: str) -> str | None:
        """The first cookie of this name, as it was sent."""
        pairs = (piece.strip().partition("=") for piece in (self.header("cookie") or "").split(";"))
        return next((value for key, _, value in pairs if key == name), None)

    @property
    def media_type(self) -> str:
        """The body's media type without parameters; empty if none was stated."""
        return media_type_of(self.header("content-type") or "")

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def form(self) -> list[tuple[str, str]] | None:
        """The fields of a form body; ``None`` if the body is not ``application/x-www-form-urlencoded``."""
        if self.media_type != "application/x-www-form-urlencoded":
            return None
        return parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The JSON body; ``None`` if there is none or it cannot be parsed."""
        try:
            return read_json(self.body)
        except ValueError:
            return None

    def credentials_of(self, scheme: str) -> str | None:
        """The value after ``scheme``, in any case, in the ``Authorization`` header (RFC 9110 section 11.6.2)."""
        word, _, rest = (self.header("authorization") or "").partition(" ")
        return rest.strip() if word.lower() == scheme.lower() and rest.strip() else None

    @property
    def basic(self) -> tuple[str, str] | None:
        """User name and password of HTTP Basic authentication (RFC 7617)."""
        encoded = self.credentials_of("Basic")
        if encoded is None:
            return None
        try:
            text = base64.b64decode(encoded, validate=True).decode()
        except (binascii.Error, ValueError):
            return None
        username, colon, password = text.partition(":")
        return (username, password) if colon else None


@frozen
class Response:
    """One response. ``Date`` and ``Content-Length`` are added when it is sent."""

    status: int
    body: bytes = b""
    media_type: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def with_header(self, name: str, value: str) -> Response:
        """A copy of the response with one more header."""
        return evolve(self, headers=(*self.headers, (name, value)))


def json_response(status: int, data: object, *, media_type: str = "application/json") -> Response:
    """A response with a JSON body."""
    return Response(status, write_json(data), media_type)


def html_response(status: int, title: str, text: str) -> Response:
    """A small HTML page, as web servers and proxies show on errors. Both texts must be free of markup."""
    page = (
        f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>\n"
    )
    return Response(status, page.encode(), "text/html; charset=utf-8")

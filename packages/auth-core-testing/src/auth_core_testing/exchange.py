"""One request to a scripted provider, its response, and how that response is delivered. No I/O."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol, cast
from urllib.parse import parse_qsl, urlsplit

from attrs import field, frozen
from attrs.validators import ge, le
from auth_core.lifecycle import NOTHING

__all__ = ["Delivery", "ProviderRequest", "ProviderResponse", "Responding"]


@frozen(kw_only=True)
class ProviderRequest:
    """A request as it arrived. Header names are in lower case."""

    method: str
    target: str
    """Path and query."""
    headers: Mapping[str, str] = NOTHING
    content: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        """The query parameters in order; names may repeat."""
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("content-type", "")

    @property
    def form(self) -> dict[str, Any]:
        """The members of a form or JSON body."""
        if not self.is_json:
            return dict(self.form_pairs)
        try:
            members = json.loads(self.content or b"{}")
        except ValueError:
            return {}
        return cast("dict[str, Any]", members) if isinstance(members, dict) else {}

    @property
    def form_pairs(self) -> list[tuple[str, str]]:
        """The form fields in order; names may repeat."""
        return parse_qsl(self.content.decode("utf-8", "replace"), keep_blank_values=True)

    @property
    def basic(self) -> tuple[str, str] | None:
        """User name and password of HTTP Basic authentication (RFC 7617), or ``None``."""
        scheme, _, encoded = self.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            username, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return (username, password) if colon else None

    def cookie(self, name: str) -> str | None:
        try:
            found = SimpleCookie(self.headers.get("cookie", "")).get(name)
        except CookieError:
            return None
        return None if found is None else found.value


@frozen(kw_only=True)
class Delivery:
    """How a response is delivered; by default completely and at once."""

    reset: bool = False
    """Reset the connection (TCP RST) without sending anything."""
    hang_seconds: float = field(default=0.0, validator=ge(0))
    """Send nothing for this long, or until the provider is released; then reset the connection."""
    share: float = field(default=1.0, validator=[ge(0), le(1)])
    """Share of the body that is sent before the connection is closed; ``Content-Length`` states the whole."""
    pause_seconds: float = field(default=0.0, validator=ge(0))
    """Send the body byte by byte, with a pause before each byte."""


@frozen(kw_only=True)
class ProviderResponse:
    """A response: ``ProviderResponse(status=503, headers={"Retry-After": "7"})``."""

    status: int = 200
    headers: Mapping[str, str] = NOTHING
    content: bytes = b""
    delivery: Delivery = Delivery()

    @classmethod
    def json(cls, body: Any, status: int = 200, **headers: str) -> ProviderResponse:
        plain = {name.replace("_", "-"): value for name, value in headers.items()}
        return cls(
            status=status, headers={"Content-Type": "application/json", **plain}, content=json.dumps(body).encode()
        )

    @classmethod
    def html(cls, status: int, text: str = "<html><body>Sign in</body></html>") -> ProviderResponse:
        return cls(status=status, headers={"Content-Type": "text/html"}, content=text.encode())

    @property
    def sent(self) -> bytes:
        """The part of the body that arrives."""
        return self.content[: int(len(self.content) * self.delivery.share)]


class Responding(Protocol):
    """The interface through which a transport or a server calls a provider, from many threads."""

    def handle(self, request: ProviderRequest) -> ProviderResponse:
        """Return the response to one request, and how to deliver it."""
        ...

    def hang(self, seconds: float) -> bool:
        """Block for ``seconds``, or until :meth:`release`; returns ``True`` if released."""
        ...

    def release(self) -> None:
        """Let every blocked request continue now."""
        ...

"""A request that the sandbox sends to itself."""

from __future__ import annotations

import http.client
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

from attrs import define, field

from vendor_sandbox.recording import RecordedResponse
from vendor_sandbox.vendor import KEPT_BODY_BYTES

__all__ = ["FORM", "NoResponse", "Outgoing"]

TIMEOUT_SECONDS = 30.0
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
BOUNDARY = f"vendor-sandbox-{secrets.token_hex(8)}"
"""Random, so that no part can contain it."""


class NoResponse(Exception):
    """Raised when the connection ends without a complete response: by a fault, for example."""


@define
class Outgoing:
    """A request that is being built. ``body`` is a JSON value, a text, or the members of a form."""

    method: str
    url: str
    query: list[tuple[str, str]] = field(factory=list[tuple[str, str]], repr=False)
    headers: dict[str, str] = field(factory=dict[str, str], repr=False)
    body: Any = field(default=None, repr=False)
    media_type: str | None = None
    files: tuple[str, ...] = ()
    """The members of the body that are files."""

    @property
    def path(self) -> str:
        """The path with the vendor's prefix."""
        return urlsplit(self.url).path

    @property
    def query_string(self) -> str:
        """The query as it is sent."""
        return urlencode(self.query)

    @property
    def content(self) -> bytes:
        """The body as it is sent."""
        if self.body is None:
            return b""
        if self.media_type == FORM:
            return urlencode([(name, _text(value)) for name, value in self.body.items()]).encode()
        if self.media_type == MULTIPART:
            return _multipart(self.body, self.files)
        if isinstance(self.body, str) and "json" not in (self.media_type or ""):
            return self.body.encode()
        return json.dumps(self.body).encode()

    @property
    def all_headers(self) -> dict[str, str]:
        """The headers as they are sent, without those of the connection."""
        if self.body is None or self.media_type is None:
            return self.headers
        boundary = f"; boundary={BOUNDARY}" if self.media_type == MULTIPART else ""
        return {"content-type": f"{self.media_type}{boundary}", **self.headers}

    def send(self) -> tuple[RecordedResponse, bytes]:
        """Send it and return the response, with its whole body.

        Raises:
            NoResponse: there is none, or not all of it.
        """
        target = urlsplit(self.url)
        connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=TIMEOUT_SECONDS)
        query = f"?{self.query_string}" if self.query else ""
        try:
            connection.request(self.method, f"{target.path}{query}", self.content or None, self.all_headers)
            response = connection.getresponse()
            body = response.read()
        except TimeoutError:
            raise NoResponse(f"no response within {TIMEOUT_SECONDS:g} s") from None
        except (OSError, http.client.HTTPException) as error:
            raise NoResponse(f"no complete response: {type(error).__name__}") from None
        finally:
            connection.close()
        headers = tuple(response.getheaders())
        return RecordedResponse(response.status, headers, len(body), body[:KEPT_BODY_BYTES]), body


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _multipart(members: Mapping[str, Any], files: Sequence[str]) -> bytes:
    parts: list[str] = []
    for name, value in members.items():
        file = '; filename="file.txt"\r\nContent-Type: text/plain' if name in files else ""
        parts.append(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n{_text(value)}\r\n')
    return f"{''.join(parts)}--{BOUNDARY}--\r\n".encode()

"""Token requests and responses, independent of the HTTP library."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from .lifecycle import NOTHING


@frozen(kw_only=True)
class TokenHttpRequest:
    """A token request. ``shown_url`` is its URL without secrets, for logs and errors."""

    operation_id: str
    method: str
    url: str = field(repr=False)
    shown_url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    content: bytes = field(default=b"", repr=False)
    timeout_seconds: float = 30.0
    """Limit for the whole exchange."""
    repeatable: bool = False
    """Whether it may be sent again if a kept-alive connection ended without a response; the server may have read it."""


@frozen(kw_only=True)
class TokenHttpResponse:
    """A response of the token server, with header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default=NOTHING, repr=False)
    content: bytes = field(default=b"", repr=False)


class TokenSendError(Exception):
    """There was no response. ``request_sent`` is ``False`` only if the request certainly did not reach the server."""

    def __init__(self, message: str, *, request_sent: bool = True) -> None:
        super().__init__(message)
        self.request_sent = request_sent


class TokenSender(Protocol):
    """Sends token requests, without following redirects. Called on the renewal's thread."""

    def __call__(self, request: TokenHttpRequest, /) -> TokenHttpResponse:
        """Send a request. Raises :class:`TokenSendError` if there is no response."""
        ...


def transport_failure(error: Exception) -> str:
    """Describe a failed connection, with a remedy if known. Holds no URL and no header."""
    if type(error).__name__ == "LocalProtocolError":  # its text quotes the refused value
        return "LocalProtocolError: the request is not valid HTTP (a line break in a header?)"
    if is_bad_redirect(error):
        return "the location that the response redirects to is not a valid URL"
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        text += (
            "; if the server's certificate is from a private certificate authority, trust it with"
            " `verify=ssl.create_default_context(cafile=...)`"
        )
    elif "WRONG_VERSION_NUMBER" in text:
        text += "; the server does not use https on this port"
    return text


def is_bad_redirect(error: Exception) -> bool:
    """Whether the error is about an invalid ``Location`` in a response; its text quotes that URL.

    httpx parses it even if redirects are not followed, and not all of the errors are an ``httpx.RequestError``.
    """
    known = isinstance(error, UnicodeError) or type(error).__name__ == "InvalidURL"
    return known or str(error).startswith("Invalid URL in location header")

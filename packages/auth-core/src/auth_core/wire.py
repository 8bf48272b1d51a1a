"""What passes between the policy and an HTTP library: one token request, one response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen

from .lifecycle import NOTHING


@frozen(kw_only=True)
class TokenHttpRequest:
    """A token request, ready to send. ``shown_url`` is what may appear in logs and errors."""

    operation_id: str
    method: str
    url: str = field(repr=False)
    shown_url: str
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    content: bytes = field(default=b"", repr=False)
    timeout_seconds: float = 30.0
    """For the whole exchange."""


@frozen(kw_only=True)
class TokenHttpResponse:
    """A response of the token server. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str] = field(default=NOTHING, repr=False)
    content: bytes = field(default=b"", repr=False)


class TokenSendError(Exception):
    """No response. ``request_sent`` is ``False`` only if the request certainly did not reach the server."""

    def __init__(self, message: str, *, request_sent: bool = True) -> None:
        super().__init__(message)
        self.request_sent = request_sent


class TokenSender(Protocol):
    """Sends token requests; called on the renewal's own thread. Follows no redirects."""

    def __call__(self, request: TokenHttpRequest, /) -> TokenHttpResponse:
        """Raises :class:`TokenSendError` when there is no response."""
        ...


def transport_failure(error: Exception) -> str:
    """What a failed connection says, and what to do where that is known. Shows no URL and no header."""
    if type(error).__name__ == "LocalProtocolError":  # whose text quotes what it refuses
        return "LocalProtocolError: the request holds what HTTP cannot carry (a line break in a header?)"
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        text += (
            "; if the server's certificate comes from an authority of your own, trust it with"
            " `verify=ssl.create_default_context(cafile=...)`"
        )
    elif "WRONG_VERSION_NUMBER" in text:
        text += "; the server does not speak https on this port"
    return text

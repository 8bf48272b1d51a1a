"""Detect that a request failed because the server had closed the kept-alive connection that it was sent on.

A server may close an idle connection just when the client uses it again (RFC 9112 section 9.3.1). The events of
httpcore's ``trace`` extension show this. Other transports report no events, so their requests are not repeated.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .library import http_errors

MAX_CLOSED_CONNECTIONS = 20
"""How many closed connections in a row one request is sent on; httpx keeps this many alive by default."""
AT_ONCE_SECONDS = 2.0
"""Longer than a round trip, and shorter than the time that a proxy waits for the response of a server."""
_DISCONNECTED = ("RemoteProtocolError", "ReadError", "WriteError")


class Attempt:
    """Observes one request through its ``trace`` extension: :meth:`trace`, or :meth:`trace_async` if it is async."""

    def __init__(self) -> None:
        self._started = self._is_new = self._is_connect = self._responded = False
        self._sent_at = 0.0
        self.incomplete = False
        """The server cannot have received the whole request."""

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        step = event.partition(".")[2]
        if step.startswith("connect_"):
            self._is_new = True
        elif step == "send_request_headers.started":
            self._is_connect = info["request"].method == b"CONNECT"  # for a proxy: the request itself follows
            self._started, self._responded, self.incomplete = True, False, False
            self._sent_at = time.monotonic()
        elif step in {"send_request_headers.failed", "send_request_body.failed"}:
            self.incomplete = True
        elif step == "receive_response_headers.complete" and not self._is_connect:
            self._responded, self._is_new = True, False

    async def trace_async(self, event: str, info: Mapping[str, Any]) -> None:
        self.trace(event, info)

    @property
    def was_sent(self) -> bool:
        """Whether at least the beginning of the request was sent. ``False`` with a transport that reports no events."""
        return self._started and not self._is_connect

    @property
    def ended_at_once(self) -> bool:
        """Whether the request was sent a moment ago."""
        return time.monotonic() - self._sent_at < AT_ONCE_SECONDS

    def met_closed_connection(self, error: Exception) -> bool:
        """Whether the request was sent on a kept-alive connection that ended without a response."""
        sent_on_kept = self._started and not self._is_new and not self._responded
        return sent_on_kept and isinstance(error, http_errors(*_DISCONNECTED))

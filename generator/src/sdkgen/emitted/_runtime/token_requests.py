"""The httpx client that token requests are sent with."""

from __future__ import annotations

import threading
from collections.abc import Callable

import httpx
from auth_core.fork import reset_in_child
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.wire import TokenHttpRequest, TokenHttpResponse


class LazyTokenSender:
    """Sends token requests; the client for it is made for the first of them."""

    def __init__(self, make: Callable[[], httpx.Client], given: httpx.Client | None) -> None:
        self._make = make
        self._given = given
        self._inherited: list[httpx.Client] = []
        self._made: httpx.Client | None = None
        self._closed = False
        self._without_requests()
        reset_in_child(self)

    def _without_requests(self) -> None:
        self._busy = 0
        self._lock = threading.Lock()

    def after_fork_in_child(self) -> None:
        """The connections are the parent's: they are kept open, and not used here."""
        self._without_requests()
        if self._made is not None:
            self._inherited.append(self._made)
            self._made = None

    def __call__(self, request: TokenHttpRequest, /) -> TokenHttpResponse:
        if self._given is not None:
            return HttpxTokenSender(self._given)(request)
        with self._lock:
            self._busy += 1
            if self._made is None:
                self._made = self._make()
            client = self._made
        try:
            return HttpxTokenSender(client)(request)
        finally:
            with self._lock:
                self._busy -= 1
            self._close_when_idle()

    def close(self) -> None:
        """Close the client, after the token requests under way: their answer may be the only one with a new token."""
        self._closed = True
        self._close_when_idle()

    def _close_when_idle(self) -> None:
        with self._lock:
            idle = self._closed and self._busy == 0
            made, self._made = (self._made, None) if idle else (None, self._made)
        if made is not None:
            made.close()

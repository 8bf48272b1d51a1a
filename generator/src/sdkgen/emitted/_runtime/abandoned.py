"""Responses that were dropped without being closed."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

import httpx


class Abandoned:
    """Closes dropped responses with the next call.

    A destructor cannot close them: it runs anywhere, also where the connection pool holds its lock.
    """

    def __init__(self) -> None:
        self._responses = deque[tuple[httpx.Response, asyncio.AbstractEventLoop | None]]()

    def append(self, response: httpx.Response, loop: asyncio.AbstractEventLoop | None = None) -> None:
        """Add a response, and the event loop that it belongs to."""
        self._responses.append((response, loop))

    def close(self) -> None:
        """Close the responses."""
        with suppress(IndexError):
            while self._responses:
                self._responses.popleft()[0].close()

    async def close_async(self) -> None:
        """Close the responses of this event loop; those of an event loop that has ended were closed with it."""
        if not self._responses:
            return
        own = asyncio.get_running_loop()
        with suppress(IndexError):
            for _ in range(len(self._responses)):
                response, loop = self._responses.popleft()
                if loop is own:
                    await response.aclose()
                elif loop is not None and not loop.is_closed():
                    self._responses.append((response, loop))

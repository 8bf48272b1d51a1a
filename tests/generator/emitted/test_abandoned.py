"""Responses that were dropped are closed in the event loop that they belong to."""

from __future__ import annotations

import asyncio

import httpx

from generator.emitted.test_beginning import Pieces
from sdkgen.emitted._runtime.abandoned import Abandoned


def test_each_response_is_closed_once_and_where_it_belongs() -> None:
    abandoned = Abandoned()
    streams = [Pieces(b"") for _ in range(4)]
    responses = [httpx.Response(200, stream=stream) for stream in streams]
    ended, own = asyncio.new_event_loop(), asyncio.new_event_loop()
    another = asyncio.new_event_loop()
    ended.close()
    for response, loop in zip(responses, (ended, own, another, own), strict=True):
        abandoned.append(response, loop)
    own.run_until_complete(abandoned.close_async())
    assert [stream.closed for stream in streams] == [0, 1, 0, 1]
    own.run_until_complete(abandoned.close_async())
    another.run_until_complete(abandoned.close_async())
    assert [stream.closed for stream in streams] == [0, 1, 1, 1]
    own.close()
    another.close()
    blocking = Pieces(b"")
    abandoned.append(httpx.Response(200, stream=blocking))
    abandoned.close()
    abandoned.close()
    assert blocking.closed == 1

"""Streamed calls over real connections, sync and async, for the tests of the modules that are copied into clients."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender

EXPORT = Operation("exportThings", "GET", "/things").streamed("200")


async def both(
    url: str, read: Callable[[Any], Any], operation: Operation = EXPORT, headers: dict[str, str] | None = None
) -> list[Any]:
    """What reading the response gives, sync and async: a value, the list of what is iterated over, or the error."""
    sender, async_sender = Sender(connection(url), None), AsyncSender(connection(url), None)
    found: list[Any] = []
    try:
        with sender.stream(operation, RequestParts("/things"), {"extra_headers": headers or {}}) as response:
            value = read(response)
            found.append([*value] if isinstance(value, Iterator) else value)
    except Exception as error:
        found.append(error)
    try:
        async with async_sender.stream(
            operation, RequestParts("/things"), {"extra_headers": headers or {}}
        ) as response:
            value = read(response)
            if isinstance(value, AsyncIterator):
                found.append([each async for each in value])
            else:
                found.append(await value if inspect.isawaitable(value) else value)
    except Exception as error:
        found.append(error)
    sender.close()
    await async_sender.close()
    return found

"""The example call of each method, in its docstring and in the reference."""

from __future__ import annotations

import re
from typing import Literal

from sdkgen.code import Code
from sdkgen.facts.examples import example_arguments
from sdkgen.facts.operations import OperationFact
from sdkgen.render.layout import call_lines

__all__ = ["Kind", "example_lines"]

Kind = Literal["call", "list", "stream", "items"]
"""How a method returns its response: whole, as a page of a list, as a file that arrives, or as items that arrive."""


def example_lines(
    resource: Code, method: Code, operation: OperationFact, kind: Kind, *, width: int, is_async: bool = False
) -> Code:
    """The example of a method, as lines of a program.

    Args:
        resource: ``cinchy.queries``.
        method: The name of the method, of which an operation can have several.
        operation: The operation.
        kind: How the method returns the response.
        width: Columns.
        is_async: Whether it is the method of the async client.
    """
    call = Code(f"{resource}.{method}({example_arguments(operation).source})")
    if kind == "stream":
        opened = call_lines(call, width, "async with ", " as response:")
        lines = f'{opened}\n    await response.to_file("result")'
    elif kind == "items":
        lines = f"{call_lines(call, width, 'async for item in ', ':')}\n    print(item)"
    else:
        lines = call_lines(call, width, "await ")
    return Code(lines if is_async else _sync(lines))


_ASYNC = re.compile(r"\A(?:async|await) |(?<=\n    )await (?=response\.to_file)")


def _sync(lines: str) -> str:
    """The example without the words of asynchronous code, broken into the same lines."""
    return _ASYNC.sub("", lines)

"""Calls in lines that are short enough to read, where no formatter comes after the template."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from sdkgen.code import Code, joined

__all__ = ["call_lines", "signature_lines"]

_MARGIN = "    "


def call_lines(call: Code, width: int, before: str = "", after: str = "") -> Code:
    """A call in one line, or with an argument in each line, and so on inside of them.

    Args:
        call: The expression.
        width: Columns.
        before: What precedes it: ``await``, with a space.
        after: What follows it.
    """
    if len(before) + len(call) + len(after) <= width:
        return Code(f"{before}{call}{after}")
    node = ast.parse(call, mode="eval").body
    return Code("\n".join(_lines(call.encode(), node, before, after, "", width)))


def _lines(source: bytes, node: ast.expr, before: str, after: str, margin: str, width: int) -> Iterator[str]:
    whole = f"{margin}{before}{_text(source, node)}{after}"
    opening, parts, closing = _parts(source, node)
    if len(whole) <= width or not parts:
        yield whole
        return
    yield f"{margin}{before}{opening}"
    for name, part in parts:
        yield from _lines(source, part, name, ",", margin + _MARGIN, width)
    yield f"{margin}{closing}{after}"


def _parts(source: bytes, node: ast.expr) -> tuple[str, list[tuple[str, ast.expr]], str]:
    """What opens an expression, its parts with their names, and what closes it; no parts if it is not divided."""
    match node:
        case ast.Call():
            named = [(f"{one.arg}=", one.value) for one in node.keywords]
            return f"{_text(source, node.func)}(", [*(("", one) for one in node.args), *named], ")"
        case ast.Dict():
            keys = [f"{_text(source, key)}: " for key in node.keys if key is not None]
            return "{", list(zip(keys, node.values, strict=True)), "}"
        case ast.List():
            return "[", [("", one) for one in node.elts], "]"
        case _:
            return "", [], ""


def _text(source: bytes, node: ast.expr) -> str:
    """The source of an expression that is in one line; its columns count bytes."""
    return source[node.col_offset : node.end_col_offset].decode()


def signature_lines(name: Code, parameters: list[Code], result: Code, width: int) -> Code:
    """The signature of a method in one line, or with a parameter in each line."""
    whole = Code(f"{name}({joined(', ', parameters)}) -> {result}")
    if len(whole) <= width:
        return whole
    return Code(f"{name}(\n" + "".join(f"{_MARGIN}{one},\n" for one in parameters) + f") -> {result}")

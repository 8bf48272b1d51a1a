"""Rule for ``x-result``: the responses have the member that it names."""

from __future__ import annotations

from collections.abc import Iterator

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.places import locate
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import child
from sdkgen.structure import operations

EXTENSION = "x-result"
_WHOLE = "$response.body"


@rule("result-expression")
def result_expression(whole: Bundle) -> Iterator[Finding]:
    """``x-result`` names a member: at an operation, of its response; at the root, of a response of some operation."""
    everywhere = whole.document.get(EXTENSION)
    applies = False
    for _, _, node in operations(whole.document):
        pointer, own = child(node.pointer, EXTENSION), node.value.get(EXTENSION)
        inherits = "x-pagination" not in node.value and _is_found(whole, node.pointer, everywhere)
        applies = applies or inherits
        if own == _WHOLE and not inherits:
            yield pointer, "the result is the whole response without it too", "Remove it."
        elif own == everywhere and inherits:
            yield pointer, f"{shown(own)} is declared at the root", "Remove it here."
        elif isinstance(own, str) and own.startswith(f"{_WHOLE}#"):
            place = locate(whole.document, node.pointer, own)
            if place.what:
                yield pointer, place.what, place.next_step
    if everywhere is not None and not applies:
        what = f"no operation without `x-pagination` has {shown(everywhere)} in a response"
        yield f"/{EXTENSION}", what, "Name a member that responses have, or remove it."


def _is_found(whole: Bundle, operation: str, expression: object) -> bool:
    is_member = isinstance(expression, str) and expression.startswith(f"{_WHOLE}#")
    return is_member and not locate(whole.document, operation, str(expression)).what

"""Rules for ``x-safe`` and ``x-idempotency``, the common method properties of RFC 9110."""

from __future__ import annotations

from collections.abc import Iterator

from sdkgen.bundle import Bundle
from sdkgen.lint.places import locate
from sdkgen.lint.registry import Finding, rule
from sdkgen.pointers import as_object, child
from sdkgen.structure import operations

SAFE_METHODS = frozenset({"get", "head", "options", "trace"})  # RFC 9110, section 9.2.1


@rule("safe-method")
def safe_method(whole: Bundle) -> Iterator[Finding]:
    """``x-safe`` is used only where the operation differs from its HTTP method."""
    for path, method, node in operations(whole.document):
        if "x-safe" in node.value and node.value["x-safe"] is (method in SAFE_METHODS):
            default = "safe" if method in SAFE_METHODS else "not safe"
            what = f"`x-safe` is redundant: {method.upper()} {path} is {default} by its method"
            yield child(node.pointer, "x-safe"), what, "Remove it."


@rule("idempotency-key")
def idempotency_key(whole: Bundle) -> Iterator[Finding]:
    """The key of ``x-idempotency`` is part of the operation's request."""
    for _, _, node in operations(whole.document):
        key = as_object(node.value.get("x-idempotency")).get("key")
        if isinstance(key, str) and key.startswith("$request."):
            place = locate(whole.document, node.pointer, key)
            if place.what:
                yield child(node.pointer, "x-idempotency", "key"), place.what, place.next_step

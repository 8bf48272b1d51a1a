"""Which requests may be sent again, and the key by which a server recognises one that is. Pure."""

from __future__ import annotations

from enum import Enum, auto
from uuid import uuid4

from .pages import asking, requested
from .request import Operation, RequestParts

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""RFC 9110 section 9.2.1. Not PUT and DELETE: a repeated DELETE could report 404 for its own success."""


class Repetition(Enum):
    """When a request that may have arrived may be sent again."""

    ALWAYS = auto()
    """It only reads, or the server recognises a repetition."""
    ENDED_AT_ONCE = auto()
    """If a kept connection ended at once: then the server had closed it before the request arrived."""
    NEVER = auto()


def repetition(operation: Operation, parts: RequestParts) -> Repetition:
    """Return when the request may be sent again.

    Everything on the way may repeat a GET (RFC 9110 section 9.2.2). One that is declared to change data is repeated
    only if the server cannot have worked on it for long.
    """
    key = operation.idempotency_key
    by_method = operation.method in _SAFE_METHODS
    if (by_method if operation.safe is None else operation.safe) or (key and requested(parts, key) is not None):
        return Repetition.ALWAYS
    return Repetition.ENDED_AT_ONCE if by_method else Repetition.NEVER


def with_key(operation: Operation, parts: RequestParts) -> RequestParts:
    """Return the request of a call with an idempotency key: the given one, else a new UUID."""
    key = operation.idempotency_key
    if not operation.makes_key or key is None or requested(parts, key) is not None:
        return parts
    if key.startswith("$request.body") and parts.content is None:  # an optional body that is not sent
        return parts
    return asking(parts, key, str(uuid4()))

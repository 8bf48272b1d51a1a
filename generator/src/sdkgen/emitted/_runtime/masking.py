"""Masking of likely secrets in the parts of a response that errors contain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, cast
from urllib.parse import unquote_plus

import httpx
from auth_core.contract import SHOWN_TOKENS

from ..types import is_array

MASK = "[secret]"
SEARCHED_BYTES = 65_536
"""How much of a request's body is searched for secrets that the response may repeat."""

_SECRET_MEMBER = re.compile(
    r"""(["']?[\w-]*(?:token|password|passwd|secret|api_?key|assertion|pass_code|jwt)(?:_?[Vv]alue)?["']?\s*[:=]\s*)"""
    r"""("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s&,;<>}]+)""",
    re.IGNORECASE,
)
_JWT = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*")
_SCHEME = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE)
_SECRET_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization", "x-api-key", "api-key", "apikey"})


def masked(text: str, request: httpx.Request) -> str:
    """Mask likely secrets and the credentials of the request in a text."""
    text = _without(_secrets(request), text)
    text = _JWT.sub(MASK, _SCHEME.sub(rf"\1 {MASK}", text))
    return _SECRET_MEMBER.sub(rf"\1{MASK}", text)


def masked_headers(headers: httpx.Headers, request: httpx.Request) -> httpx.Headers:
    """Mask the credentials of the request in headers."""
    secrets = _secrets(request)
    shown = [(name, _without(secrets, value)) for name, value in headers.multi_items()]
    return httpx.Headers(shown, encoding="utf-8")


def masked_json(value: Any, request: httpx.Request) -> Any:
    """Mask the credentials of the request in a JSON value."""
    secrets = _secrets(request)

    def mask(part: Any) -> Any:
        if isinstance(part, str):
            return _without(secrets, part)
        if is_array(part):
            return [mask(item) for item in part]
        if isinstance(part, dict):
            return {_without(secrets, name): mask(item) for name, item in cast("dict[str, Any]", part).items()}
        return part

    return mask(value)


def _without(secrets: Iterable[str], text: str) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _secrets(request: httpx.Request) -> list[str]:
    """Return the credentials of the request: its tokens, and secrets in its headers, query and body."""
    secrets = [token.reveal() for token in request.extensions.get(SHOWN_TOKENS, ())]
    secrets += [value.rpartition(" ")[2] for name, value in request.headers.items() if name.lower() in _SECRET_HEADERS]
    secrets += [value for name, value in request.url.params.multi_items() if _SECRET_MEMBER.match(f"{name}=x")]
    with suppress(httpx.RequestNotRead):
        body = request.content[:SEARCHED_BYTES].decode("utf-8", "replace")
        secrets += [unquote_plus(found[2].strip("\"'")) for found in _SECRET_MEMBER.finditer(body)]
    return sorted((secret for secret in secrets if len(secret) >= 4), key=len, reverse=True)

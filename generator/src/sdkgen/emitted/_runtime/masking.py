"""Masking of likely secrets in the parts of a response that errors contain. Linear in what it reads."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast
from urllib.parse import unquote_plus

import httpx
from auth_core.contract import MASK, SHOWN_TOKENS, contains_secret, http_errors, mask_secrets

from ..types import is_array

SEARCHED_BYTES = 65_536
"""How much of a request's body is searched for secrets that the response may repeat."""
SEARCHED_SECRETS = 64
"""A text that answers a request with more secrets is not shown: looking for each would not be linear."""
SHORTEST = 4
"""Characters of the shortest value that is looked for: a PIN."""
ENCODED_CHARACTER = 12
"""How many characters one of a secret takes when it is encoded twice."""

_STEMS = ("token", "passw", "secret", "api", "assertion", "pass", "jwt")
_NAME = r"(?:token|passw(?:or)?d|secret|api_?key|assertion|pass_?code|jwt)(?:_?value)?"
_SECRET_NAME = re.compile(rf"{_NAME}$", re.IGNORECASE)
_SECRET_MEMBER = re.compile(  # for text in lower case: ignoring the case takes ten times as long
    rf"""{_NAME}(["']?)(\s*[:=]\s*\[?\s*)("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"'&,;<>\[\]{{}}]+)"""
)
_JWT = re.compile(r"eyJ[\w-]{8,}(?:\.[\w-]*)*")
_SCHEME = re.compile(r"\b([Bb](?:earer|asic))\s+([\w.~+/-]+=*)(?![\w\"'])")
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "apikey"})
_NO_VALUE = frozenset({"", "null", "true", "false", "none", "undefined"})
_RANDOM = re.compile(r"\d[^\W\d_]|[^\W\d_]\d+[^\W\d_]")


class Masking:
    """Masks what a response may repeat of its request, and what looks like a secret."""

    def __init__(self, request: httpx.Request) -> None:
        self._secrets = _secrets(request)
        self._longest = max(map(len, self._secrets), default=0)

    def text(self, text: str) -> str:
        """Mask likely secrets and the credentials of the request in a text."""
        text = _JWT.sub(MASK, self._known(text))
        if "earer" in text or "asic" in text:
            text = _SCHEME.sub(_masked_scheme, text)
        shown: list[str] = []
        position = 0
        for found in _members(text):
            start, end = found.span(3)
            if _is_secret(found[1], found[2], text[start:end]):
                shown += text[position:start], MASK
                position = end
        return "".join((*shown, text[position:]))

    def searched(self, length: int) -> int:
        """How many characters :meth:`beginning` reads, to show so many."""
        return 8 * length + ENCODED_CHARACTER * self._longest

    def beginning(self, text: str, length: int) -> str:
        """Return the beginning of a text on one line, masked before it is cut, so that no part of a secret remains."""
        return " ".join(self._masked_beginning(text, length).split())[:length]

    def lines(self, text: str, length: int) -> str:
        """Return the beginning of a text with its line breaks, masked before it is cut."""
        return self._masked_beginning(text, length)[:length]

    def _masked_beginning(self, text: str, length: int) -> str:
        at_the_edge = ENCODED_CHARACTER * self._longest
        searched = text[: self.searched(length)]
        shown = self.text(searched)
        if len(searched) < len(text):
            shown = shown[: len(shown) - at_the_edge]
        return shown

    def headers(self, headers: httpx.Headers) -> httpx.Headers:
        """Mask cookies, likely secrets and the credentials of the request in the headers of a response."""
        shown = [
            (name, MASK if name.lower() == "set-cookie" else self.text(value)) for name, value in headers.multi_items()
        ]
        return httpx.Headers(shown, encoding="utf-8")

    def json(self, value: Any) -> Any:
        """Mask the credentials of the request in a JSON value."""
        return self._json(value) if contains_secret("\n".join(_strings(value)), self._secrets) else value

    def _json(self, part: Any) -> Any:
        if isinstance(part, str):
            return self._known(part)
        if is_array(part):
            return [self._json(item) for item in part]
        if isinstance(part, dict):
            return {self._known(name): self._json(item) for name, item in cast("dict[str, Any]", part).items()}
        return part

    def _known(self, text: str) -> str:
        return mask_secrets(text, self._secrets) if len(self._secrets) <= SEARCHED_SECRETS else MASK


def masked(text: str, request: httpx.Request) -> str:
    """Mask likely secrets and the credentials of the request in a text."""
    return Masking(request).text(text)


def without_tokens(query: str, request: httpx.Request) -> str:
    """Return a query that a server made from that of a request, without the tokens that the request was sent with."""
    tokens = tuple(token.reveal() for token in request.extensions.get(SHOWN_TOKENS, ()))
    return "&".join(part for part in query.split("&") if not unquote_plus(part).endswith(tokens)) if tokens else query


def _strings(value: Any) -> Iterator[str]:
    """Iterate over the strings and names in a JSON value."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            yield part
        elif is_array(part):
            waiting += part
        elif isinstance(part, dict):
            waiting += [*part, *cast("dict[str, Any]", part).values()]


def _members(text: str) -> Iterator[re.Match[str]]:
    """Find members with the name of a secret: the closing quote of the name, the separator and the value."""
    if "=" not in text and ":" not in text:
        return iter(())
    lowered = text.replace("\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}", "I").lower()  # no other letter gets longer
    return _SECRET_MEMBER.finditer(lowered) if any(stem in lowered for stem in _STEMS) else iter(())


def _masked_scheme(found: re.Match[str]) -> str:
    return f"{found[1]} {MASK}" if _is_no_word(found[2]) else found[0]


def _is_secret(closing: str, separator: str, value: str) -> bool:
    """Whether the value of a member with the name of a secret is one, and not a sentence about it."""
    bare = value.strip("\"'")
    if bare.lower() in _NO_VALUE:
        return False
    if any(character.isspace() for character in bare):
        return _RANDOM.search(bare) is not None
    structured = closing or value != bare or separator == "="  # JSON, a form, a query; not "token: expired"
    return bool(structured) or _is_no_word(bare)


def _is_no_word(text: str) -> bool:
    return len(text) >= SHORTEST and (len(text) >= 24 or text.endswith("=") or any(map(str.isdigit, text)))


def _secrets(request: httpx.Request) -> list[str]:
    """Return the credentials of the request: its tokens, and secrets in its headers, query and body."""
    secrets = [token.reveal() for token in request.extensions.get(SHOWN_TOKENS, ())]
    for name, value in request.headers.items():
        if name.lower() == "cookie":
            secrets += [pair.partition("=")[2].strip() for pair in value.split(";")]
        elif name.lower() in _SECRET_HEADERS:
            secrets.append(value.rpartition(" ")[2])
    secrets += [password for secret in secrets if (password := _basic_password(secret))]
    secrets += [value for name, value in request.url.params.multi_items() if _SECRET_NAME.search(name)]
    with suppress(*http_errors("RequestNotRead")):
        body = request.content[:SEARCHED_BYTES].decode("utf-8", "replace")
        secrets += [spelling for found in _members(body) for spelling in _spellings(body[slice(*found.span(3))])]
    return list({secret for secret in secrets if len(secret) >= SHORTEST and secret != MASK})


def _spellings(value: str) -> set[str]:
    """Return what a member of a JSON body or a form may mean."""
    bare = value.strip("\"'")
    found = {bare, unquote_plus(bare)}
    with suppress(ValueError):
        found.add(str(json.loads(value)))
    return found


def _basic_password(text: str) -> str:
    """Return the password in the credentials of HTTP Basic authentication; ``""`` if they are not of this form."""
    try:
        return base64.b64decode(text, validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""

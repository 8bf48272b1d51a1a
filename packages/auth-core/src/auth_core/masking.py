"""Mask known secrets in a text that a server sent. Pure, and linear in the text."""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Iterator
from urllib.parse import unquote

MASK = "****"

NESTED_ENCODINGS = 2
"""How many nested encodings are decoded, such as a percent-encoded text in a JSON string."""
WORD_LENGTH = 6
"""Shorter secrets are masked as whole words only: the password ``test`` does not mask the end of ``latest``."""

_JSON_UNITS = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")


def mask_secrets(text: str, secrets: Collection[str]) -> str:
    """Replace every secret by :data:`MASK`.

    If the text has a secret percent-encoded, with JSON escapes or with HTML entities, it is decoded before it is
    masked.
    """
    known = sorted({spelling for secret in secrets if secret for spelling in _spellings(secret)}, key=len, reverse=True)
    for _ in range(NESTED_ENCODINGS + 1):
        text = _without(known, text)
        decoded = next((form for form in decoded_forms(text) if any(secret in form for secret in known)), text)
        if decoded == text:
            break
        text = decoded
    return _without(known, text)


def contains_secret(text: str, secrets: Collection[str]) -> bool:
    """Whether :func:`mask_secrets` may change the text."""
    forms = (text, *decoded_forms(text))
    return any(spelling in form for secret in secrets if secret for spelling in _spellings(secret) for form in forms)


def decoded_forms(text: str) -> Iterator[str]:
    """The distinct results of percent-, JSON- and HTML-decoding a text."""
    forms = [text]
    for _ in range(NESTED_ENCODINGS):
        for form in tuple(forms):
            for decode in (unquote, _without_json_escapes, html.unescape):
                decoded = decode(form)
                if decoded not in forms:
                    forms.append(decoded)
                    yield decoded


def _spellings(secret: str) -> set[str]:
    return {secret, secret.replace(" ", "+")}  # form encoding


def _without(secrets: Collection[str], text: str) -> str:
    for secret in secrets:
        if secret not in text:
            continue
        if len(secret) < WORD_LENGTH:
            text = re.sub(rf"(?<![^\W_]){re.escape(secret)}(?![^\W_])", MASK, text)
        else:
            text = text.replace(secret, MASK)
    return text


def _without_json_escapes(text: str) -> str:
    return "\\".join(map(_unescaped, text.split("\\\\"))) if "\\" in text else text


def _unescaped(text: str) -> str:
    return _JSON_UNITS.sub(_units, text).replace('\\"', '"').replace("\\/", "/").replace("\\'", "'")


def _units(escaped: re.Match[str]) -> str:
    return bytes.fromhex(escaped[0].replace("\\u", "")).decode("utf-16-be", "replace")

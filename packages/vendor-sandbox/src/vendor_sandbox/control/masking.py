"""Masking of secrets: the output of the control API contains none."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import unquote, unquote_plus

from vendor_sandbox.vendor import Vendor

__all__ = ["MASK", "Masking"]

MASK = "…"
SECRET_NAME = re.compile(
    r"token|key|secret|passw|pass_code|passcode|\bpin\b|\bcode\b|_code|jwt|credential|assertion|signature|auth|session",
    re.IGNORECASE,
)
SECRET_PATTERN = re.compile(r"eyJ[\w-]{5,}|[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|[\w+/=-]{40,}")
"""JWTs, and strings too long to be a word: possible secrets under unexpected names."""


class Masking:
    """Masks the secrets of these vendors."""

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self._vendors = vendors
        self._known: dict[str, frozenset[str]] = {}

    def masked_path(self, vendor: str, path: str, query_string: str) -> str:
        """A request's path and query as sent, with every value masked that is or may be a secret."""
        known = self._secrets_of(vendor)
        shown = "/".join(
            MASK if SECRET_PATTERN.search(segment) or unquote(segment) in known else segment
            for segment in path.split("/")
        )
        pieces = [_masked_parameter(piece, known) for piece in query_string.split("&")] if query_string else []
        return f"{shown}?{'&'.join(pieces)}" if pieces else shown

    def _secrets_of(self, vendor: str) -> frozenset[str]:
        """The secret credentials of the sandbox's account; read once, because some are signed on each read."""
        if vendor not in self._known:
            self._known[vendor] = frozenset(
                value
                for credentials in self._vendors[vendor].credentials.values()
                for name, value in credentials.items()
                if SECRET_NAME.search(name)
            )
        return self._known[vendor]


def _masked_parameter(piece: str, known: Collection[str]) -> str:
    name, equals, value = piece.partition("=")
    if not equals:
        return MASK if SECRET_PATTERN.search(piece) or unquote_plus(piece) in known else piece
    plain = unquote_plus(value)
    secret = SECRET_NAME.search(unquote_plus(name)) or SECRET_PATTERN.search(plain) or plain in known
    return f"{name}={MASK}" if value and secret else piece

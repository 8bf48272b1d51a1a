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

NESTED_SECRET = re.compile(rf"(?:{SECRET_NAME.pattern})[\w-]*\s*[=:]", re.IGNORECASE)
"""A parameter within the value of another: a URL with a query, or a percent-encoded `;`."""
PATH_SEPARATOR = re.compile(r"([/;])")
QUERY_SEPARATOR = re.compile(r"([&;])")
"""Some servers and frameworks accept `;` as a separator too."""


class Masking:
    """Masks the secrets of these vendors."""

    def __init__(self, vendors: Mapping[str, Vendor]) -> None:
        self._vendors = vendors
        self._known: dict[str, frozenset[str]] = {}

    def masked_path(self, vendor: str, path: str, query_string: str) -> str:
        """A request's path and query as sent, with every value masked that is or may be a secret."""
        known = self._secrets_of(vendor)
        shown = "".join(_masked_segment(segment, known) for segment in PATH_SEPARATOR.split(path))
        pieces = [_masked_parameter(piece, known) for piece in QUERY_SEPARATOR.split(query_string)]
        return f"{shown}?{''.join(pieces)}" if query_string else shown

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


def _masked_segment(segment: str, known: Collection[str]) -> str:
    if "=" in segment:  # a matrix parameter
        return _masked_parameter(segment, known)
    return MASK if SECRET_PATTERN.search(segment) or unquote(segment) in known else segment


def _masked_parameter(piece: str, known: Collection[str]) -> str:
    name, equals, value = piece.partition("=")
    if not equals:
        return MASK if SECRET_PATTERN.search(piece) or unquote_plus(piece) in known else piece
    plain = unquote_plus(value)
    found = SECRET_NAME.search(unquote_plus(name)) or SECRET_PATTERN.search(plain) or plain in known
    # CRM.COM names a product by its code, which is no secret: `product_identifier=code=BROADBAND`.
    nested = plain.removeprefix("code=") if name.endswith("_identifier") else plain
    secret = found or NESTED_SECRET.search(nested)
    return f"{name}={MASK}" if value and secret else piece

"""Masking of secrets: the output of the control API contains none."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import unquote, unquote_plus

from vendor_sandbox.json_values import is_array, is_object
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
SECRET_IN_TEXT = re.compile(rf"(?:{SECRET_NAME.pattern})[\w-]*[\"']?\s*[=:]", re.IGNORECASE)
TABLES = ("text/csv", "text/tab-separated-values")
CONSTANT = re.compile(r"\d{1,3}|[A-Z][A-Z_.]+")
"""A value of a JSON member `code` that is no secret: a status, the code of an error or of a product."""
LONG = 8
"""Credentials of at least so many characters are also found inside other texts."""
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

    def is_secret(self, vendor: str, name: str, value: str) -> bool:
        """Whether a value with this name is or may be a secret."""
        return bool(
            SECRET_NAME.search(name)
            or SECRET_PATTERN.search(value)
            or NESTED_SECRET.search(_without_product_code(name, value))
            or any(value == known or (len(known) >= LONG and known in value) for known in self._secrets_of(vendor))
        )

    def masked_header(self, vendor: str, name: str, value: str) -> str:
        """The value of a header; of credentials the name of the scheme is left."""
        if name.lower() in ("authorization", "proxy-authorization", "www-authenticate"):
            scheme, _, rest = value.partition(" ")
            return f"{scheme} {MASK}" if rest and scheme.isalpha() else MASK
        return MASK if value and self.is_secret(vendor, name, value) else value

    def masked_json(self, vendor: str, value: object, name: str = "") -> Any:
        """A JSON value with its secrets masked: all texts and numbers below a member whose name tells of a secret."""
        return self.replaced(vendor, value, lambda name, value: MASK, name)

    def replaced(self, vendor: str, value: object, replace: Callable[[str, str], Any], name: str = "") -> Any:
        """A JSON value with each secret replaced, given its name and its text."""
        if is_object(value):
            return {
                key: self.replaced(vendor, member, replace, key if not SECRET_NAME.search(name) else name)
                for key, member in value.items()
            }
        if is_array(value):
            return [self.replaced(vendor, item, replace, name) for item in value]
        if isinstance(value, bool) or value is None or value == "":
            return value
        if name == "code" and CONSTANT.fullmatch(str(value)):
            return value
        return replace(name, str(value)) if self.is_secret(vendor, name, str(value)) else value

    def masked_text(self, vendor: str, text: str, media_type: str) -> str:
        """Any other text. One that names a secret is masked as a whole, since its form is not known."""
        # in a table, and in JSON that cannot be parsed, a value may be far from its name
        named = SECRET_NAME if media_type in TABLES or "json" in media_type else SECRET_IN_TEXT
        if named.search(text) or any(known in text for known in self._secrets_of(vendor)):
            return MASK
        return SECRET_PATTERN.sub(MASK, text)

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
    secret = found or NESTED_SECRET.search(_without_product_code(name, plain))
    return f"{name}={MASK}" if value and secret else piece


def _without_product_code(name: str, value: str) -> str:
    """CRM.COM names a product by its code, which is no secret: ``product_identifier=code=BROADBAND``."""
    return value.removeprefix("code=") if name.endswith("_identifier") else value

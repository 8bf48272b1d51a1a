"""Mask secrets in requests: in reprs, logs and spans while they are sent, and in the request objects afterwards."""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import httpx

from ..masking import MASK
from .library import library_of, with_bases

if TYPE_CHECKING:
    _Url = httpx.URL
else:
    _Url = object


class MaskedUrl(_Url):
    """A URL with a secret, which is masked in reprs and in httpx's log records.

    Args:
        shown: the URL without the secret.
        by_parts: ``str()`` returns ``shown`` too, so that spans of tracing tools are masked. Only for transports that
            send the parts of a URL: others may send its ``str()``.
    """

    def __init__(self, url: httpx.URL, shown: str, *, by_parts: bool, **parts: Any) -> None:
        super().__init__(url, **parts)
        self.shown = shown
        self._by_parts = by_parts

    def __str__(self) -> str:
        return self.shown if self._by_parts else super().__str__()

    def __repr__(self) -> str:
        return f"URL({self.shown!r})"


def masked_url(url: httpx.URL, shown: str, *, by_parts: bool, **parts: Any) -> MaskedUrl:
    """A :class:`MaskedUrl` of the library of the URL."""
    return with_bases(MaskedUrl, library_of(url).URL)(url, shown, by_parts=by_parts, **parts)


SENT_BY_PARTS = "auth_core.sent_by_parts"
"""Request extension: the transport sends the parts of the URL, so ``str()`` of the URL may be masked."""


_LIBRARIES = ("httpx", "httpx2")
_HTTPCORES = ("httpcore", "httpcore2")
_HTTPCORE_MODULES = ("connection", "http11", "http2", "proxy", "socks")
_HPACK = ("hpack", "table")
_HEADER = re.compile(r"""\((b'[^']*'), b(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\)""")
_secret_headers = {"authorization", "cookie", "location", "proxy-authorization", "set-cookie"}
_all_are_secret = ContextVar("all_headers_are_secret", default=False)


def mask_logs(*headers: str) -> None:
    """Mask URLs in the log records of httpx, and secret headers in the DEBUG records of httpcore and hpack.

    Args:
        headers: names of secret headers, in addition to those of cookies, redirects and credentials.
    """
    _secret_headers.update(map(str.lower, headers))
    for library in _LIBRARIES:
        logging.getLogger(library).addFilter(_mask_urls)
    for core, module in itertools.product(_HTTPCORES, _HTTPCORE_MODULES):
        logging.getLogger(f"{core}.{module}").addFilter(_mask_headers)  # added only once
    for name in _HPACK:
        logging.getLogger(f"hpack.{name}").addFilter(_mask_arguments)


@contextmanager
def every_header_masked() -> Generator[None]:
    """Mask the values of all headers in logs: any header of a token response may hold a token."""
    mask_logs()
    before = _all_are_secret.set(True)
    try:
        yield
    finally:
        _all_are_secret.reset(before)


def _mask_urls(record: logging.LogRecord) -> bool:
    if isinstance(record.args, tuple):
        record.args = tuple(part.shown if isinstance(part, MaskedUrl) else part for part in record.args)
    return True


def _mask_headers(record: logging.LogRecord) -> bool:
    if isinstance(record.msg, str):
        record.msg = _HEADER.sub(_masked_header, record.msg)
    return True


def _masked_header(found: re.Match[str]) -> str:
    secret = _all_are_secret.get() or found[1][2:-1].lower() in _secret_headers
    return f"({found[1]}, {MASK})" if secret else found[0]


def _mask_arguments(record: logging.LogRecord) -> bool:
    """Mask everything but numbers: hpack also logs headers in their encoded form."""
    if isinstance(record.args, tuple):
        record.args = tuple(part if isinstance(part, int) else MASK for part in record.args)
    return True


def overwrite(sent: httpx.Request, shown: httpx.Request) -> None:
    """Overwrite a sent request with one without the secret: an event hook may have kept it."""
    sent.__setstate__(shown.__getstate__())
    sent.stream, sent.extensions = shown.stream, shown.extensions

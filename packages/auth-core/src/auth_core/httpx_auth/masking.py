"""Mask secrets in requests: in reprs and logs while they are sent, and in the request objects afterwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import httpx


class MaskedUrl(httpx.URL):
    """A URL with a secret, which is masked in reprs and in httpx's log records."""

    def __init__(self, url: httpx.URL, show: Callable[[], str], **parts: Any) -> None:
        super().__init__(url, **parts)
        self.show = show

    def __repr__(self) -> str:
        return f"URL({self.show()!r})"


class _MaskUrlFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and any(isinstance(part, MaskedUrl) for part in record.args):
            record.args = tuple(part.show() if isinstance(part, MaskedUrl) else part for part in record.args)
        return True


_MASK_URLS = _MaskUrlFilter()


def mask_urls_in_logs() -> None:
    logging.getLogger(httpx.__name__).addFilter(_MASK_URLS)  # added only once


def overwrite(sent: httpx.Request, shown: httpx.Request) -> None:
    """Overwrite a sent request with one without the secret: an event hook may have kept it."""
    sent.__setstate__(shown.__getstate__())
    sent.stream, sent.extensions = shown.stream, shown.extensions

"""Whether and how the rest of a body can be requested after the connection broke (RFC 9110, section 14). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from attrs import frozen

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


@frozen
class Resumption:
    """How to request the rest of a body.

    Attributes:
        validator: The strong entity tag, or the date, by which the server knows that the resource is still the same.
    """

    validator: str

    def headers(self, offset: int) -> dict[str, str]:
        """Return the headers of the request for everything from an offset on."""
        return {"Range": f"bytes={offset}-", "If-Range": self.validator, "Accept-Encoding": "identity"}


def resumption(method: str, request: Mapping[str, str], status: int, headers: Mapping[str, str]) -> Resumption | str:
    """Return how to resume the body of a response, or else the reason why it cannot be resumed.

    Args:
        method: The method of the request; ranges are defined for GET only.
        request: The headers of the request.
        status: The status of the response.
        headers: The headers of the response.
    """
    if method != "GET":
        return f"a response to {method} has no ranges"
    if status != 200 or "range" in request:
        return "only a part of it was requested"
    if headers.get("accept-ranges", "").strip().lower() != "bytes":
        return "the server does not offer ranges (Accept-Ranges)"
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return "it is compressed; extra_headers={'Accept-Encoding': 'identity'} requests it as it is"
    tag = headers.get("etag", "")
    if tag.startswith('"'):
        return Resumption(tag)
    if not tag and _is_strong_date(headers):
        return Resumption(headers["last-modified"])
    return "the server does not say by what to recognise the same content (a strong ETag, or Last-Modified)"


def _is_strong_date(headers: Mapping[str, str]) -> bool:
    """Whether ``Last-Modified`` is a strong validator: content can change twice within a second (section 8.8.2.2)."""
    try:
        modified, date = (parsedate_to_datetime(headers.get(name, "")) for name in ("last-modified", "date"))
        return (date - modified).total_seconds() >= 1
    except (TypeError, ValueError, IndexError):
        return False


def resumed(status: int, headers: Mapping[str, str], *, offset: int, size: int | None, validator: str) -> str | None:
    """Return why the response to a request for a range is not the rest of the body; ``None`` if it is."""
    if status != 206:
        return "the content has changed on the server" if status == 200 else f"the server responded with {status}"
    found = _CONTENT_RANGE.fullmatch(headers.get("content-range", "").strip())
    if found is None:
        return "the server did not say which range it sent (Content-Range)"
    first, last, total = found.groups()
    if int(first) != offset:
        return f"the server sent the bytes from {first} on instead of from {offset}"
    if size is not None and total not in ("*", str(size)):
        return f"the server sent a range of {total} bytes instead of {size}"
    if size is not None and int(last) + 1 != size:
        return f"it ends at byte {last} instead of at the last one"
    if headers.get("etag", validator) != validator and validator.startswith('"'):
        return "the content has changed on the server"
    if headers.get("content-encoding", "identity").strip().lower() != "identity":
        return "the server compressed the rest"
    return None

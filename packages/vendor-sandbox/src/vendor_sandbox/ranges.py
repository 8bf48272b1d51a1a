"""Parts of a response (RFC 9110 section 14), so that a client can resume a download."""

from __future__ import annotations

import hashlib
import re

from attrs import evolve

from vendor_sandbox.messages import Request, Response

__all__ = ["with_ranges"]

ONE_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


def with_ranges(request: Request, response: Response) -> Response:
    """The response with a strong ETag, or the part of it that a GET requests.

    A range that the server need not understand, or an ``If-Range`` with another ETag, gets the whole response.
    """
    if request.method != "GET" or response.status != 200:
        return response
    tag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    whole = response.with_header("Accept-Ranges", "bytes").with_header("ETag", tag)
    found = ONE_RANGE.fullmatch((request.header("range") or "").strip())
    if found is None or request.header("if-range") not in (None, tag):
        return whole
    size = len(response.body)
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    if found[2] and int(found[2]) < first:
        return whole  # an invalid range is ignored
    if first >= size:
        return Response(416).with_header("Content-Range", f"bytes */{size}")
    part = evolve(whole, status=206, body=response.body[first : last + 1])
    return part.with_header("Content-Range", f"bytes {first}-{last}/{size}")

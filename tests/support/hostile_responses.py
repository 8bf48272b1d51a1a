"""Responses that no server should send, as bytes. ``SECRET`` in one is replaced by a secret of its request."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from support.raw_server import response

SECRET = b"<secret>"
CHARSETS = ("hex", "zlib", "idna", "punycode", "rot13", "undefined", "utf-7", "unicode_escape", "no-such", "\u00e9", "")
DEEP = (600, 3_000, 100_000)
DATES = (
    "Wed, 21 Oct 99999 07:28:00 GMT",
    "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
    "Wed, 21 Oct 0000 07:28:00 GMT",
    "Wed, 01 Jan 0001 00:00:00 +2359",
    "Fri, 31 Dec 9999 23:59:59 -2359",
    "Wed, 99 Oct 2026 99:99:99 GMT",
    "9" * 5000,
    "-1",
    "1e400",
    "\u0661\u0662",
    "",
)
LOCATIONS = (
    "javascript:1",
    "http://h:<secret>/",
    "http://[::1",
    "//",
    "http://",
    "http://user:<secret>@127.0.0.1:1/",
    "http://127.0.0.1:99999/",
    "\u00ff\u00fe",
    "http://xn--/",
    "http://\u2100.example/",
    "?" + "a" * 70_000,
    "data:,<secret>",
    "/\\..\\..",
    "http://a.example:<secret>@b.example/",
    "",
)
HEADERS = (
    "X-Odd: \u00ff\u00fe",
    "Content-Type: \u00ff",
    "Content-Type: text/<secret>",
    "Content-Type: application/json; charset",
    'Content-Type: application/json; charset="',
    "Content-Type: ;;;===",
    "Content-Type: " + "x" * 60_000,
    "Set-Cookie: a=b; expires=Wed, 21 Oct 99999 07:28:00 GMT",
    "Content-Encoding: \u00ff",
    "Content-Encoding: " + ", ".join(["identity"] * 2000),
)
BODIES = (
    b"",
    b"\0" * 2000,
    b"\xff\xfe{\0}\0",
    b"\xef\xbb\xbf{}",
    b"\xff" * 2000,
    b'{"a": ' + b"9" * 5_000 + b"}",
    b"[1e400, -1e400, NaN, Infinity]",
    b'{"data": NaN, "schema": 1e400}',
    b'{"a": 1, "a": 2, "data": [], "data": {}}',
    b'{"\\ud800": "\\udfff", "error": "\\ud800", "message": "\\udc00", "data": "\\ud800"}',
    b'"\\u0000"',
    b"null",
    b"0",
    b'{"data": [[[]]], "schema": [[]]}',
    b'{"error": {"error": {"error": []}}, "error_description": {}, "status": [], "message": 9}',
    b"<html>" + b"&lt;" * 20_000,
    b"{" * 5_000 + b'"<secret>"',
    *(b"[" * depth + b"]" * depth for depth in DEEP),
    *(b'{"a":' * depth + b"1" + b"}" * depth for depth in DEEP),
)
STATUSES = ("000 x", "099 x", "200", "204 x", "206 x", "299 x", "304 x", "400 x", "401 x", "500 \xff", "600 x", "999 x")
STATUSES += ("-1 x", "2e2 x", "1000 x", "200 OK\r\nHTTP/1.1 200 OK")


def hostile_responses() -> Iterator[tuple[str, bytes]]:
    """All responses, by name."""
    for number, body in enumerate(BODIES):
        for status in ("200 OK", "404 Not Found"):
            yield f"body {number} {body[:20]!r} {status[:3]}", response(body, status=status)
    for charset in CHARSETS:
        for status in ("200 OK", "500 No"):
            yield (
                f"charset {charset} {status[:3]}",
                _with(f"Content-Type: text/html; charset={charset}", status, b"\xffa"),
            )
    for date in DATES:
        yield f"date {date[:40]}", _with(f"Retry-After: {date}\r\nDate: {date}\r\nExpires: {date}", "503 Busy")
    for location in LOCATIONS:
        for status in ("302 Found", "308 Moved", "200 OK"):
            yield f"location {location[:40]} {status[:3]}", _with(f"Location: {location}", status)
    for header in HEADERS:
        for status in ("200 OK", "418 No"):
            yield f"header {header[:40]} {status[:3]}", _with(header, status)
    for status in STATUSES:
        yield f"status {status!r}", response(b"" if status[:3] in {"204", "304"} else b"{}", status=status)
    yield from _framing()


def _with(header: str, status: str, body: bytes = b"{}") -> bytes:
    """A response with a header of its own, which may have characters that are not ASCII."""
    type_ = "" if header.startswith("Content-Type") else "Content-Type: application/json\r\n"
    head = f"HTTP/1.1 {status}\r\n{type_}{header}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode("utf-8", "replace") + body


def _framing() -> Iterator[tuple[str, bytes]]:
    """Wrong lengths, broken compression and chunks, and informational responses."""
    ok = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    yield "nothing", b""
    yield "no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n"
    yield "half a head", b"HTTP/1.1 200"
    yield "bare line feeds", b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}"
    yield "too short", ok + b"Content-Length: 100\r\n\r\n{}"
    yield "too long", ok + b"Content-Length: 1\r\n\r\n{}{}{}"
    for length in (b"-1", b"a", b"1, 2", b"9" * 400, b"1e3", b""):
        yield f"length {length[:10]!r}", ok + b"Content-Length: " + length + b"\r\n\r\n{}"
    yield "two lengths", ok + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"
    chunked = ok + b"Transfer-Encoding: chunked\r\n"
    for chunks in (
        b"5\r\n{}",
        b"zz\r\n{}\r\n",
        b"-1\r\n",
        b"f" * 40 + b"\r\n{}",
        b"2\r\n{}\r\n",
        b"2;a=\xff\r\n{}\r\n0\r\n\r\n",
    ):
        yield f"chunks {chunks[:10]!r}", chunked + b"\r\n" + chunks
    yield "chunked and a length", chunked + b"Content-Length: 1\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    yield "unknown transfer", ok + b"Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    packed = gzip.compress(b'{"data": []}', mtime=0)
    for encoding, body in (
        ("gzip", b"{}"),
        ("gzip", packed[:-9]),
        ("gzip", packed[:-2] + b"\0\0"),
        ("gzip, gzip", packed),
        ("deflate", b"\xff" * 20),
        ("deflate", zlib.compress(b"{}")[:-3]),
        ("br", b"\xff" * 20),
        ("zstd", b"\x28\xb5\x2f\xfd\xff"),
        ("no-such", b"{}"),
    ):
        yield f"encoding {encoding} {body[:8]!r}", response(body, f"Content-Encoding: {encoding}")
    yield "flood of 103", b"HTTP/1.1 103 Early Hints\r\nLink: <secret>\r\n\r\n" * 2000 + response()
    yield "101", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n" + response()
    yield "flood of headers", b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 20_000 + b"\r\n"
    yield "folded headers", b"HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\n{}"
    yield "header without a name", b"HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 2\r\n\r\n{}"
    yield "null in a header", b"HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 2\r\n\r\n{}"


def with_secret(data: bytes, secret: str) -> bytes:
    """Put the secret into a response. Its length is kept in a body, where lengths are stated."""
    head, separator, body = data.partition(b"\r\n\r\n")
    return head.replace(SECRET, secret.encode()) + separator + body

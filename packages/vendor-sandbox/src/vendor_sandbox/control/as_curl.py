"""A recorded request as a command for curl, with variables in place of its secrets."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import shlex
from collections.abc import Iterable, Sequence
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus

from vendor_sandbox.control.masking import PATH_SEPARATOR, QUERY_SEPARATOR
from vendor_sandbox.control.secret_names import SecretNames, Variable
from vendor_sandbox.json_values import read_json
from vendor_sandbox.messages import media_type_of
from vendor_sandbox.recording import RecordedRequest

__all__ = ["as_curl"]

SET_BY_CURL = frozenset({"host", "content-length", "connection", "accept-encoding", "user-agent", "transfer-encoding"})
FORM = "application/x-www-form-urlencoded"

Piece = str | Variable


def as_curl(request: RecordedRequest, origin: str, names: SecretNames, *, show_body: bool) -> str:
    """The command, one option a line.

    Args:
        request: the request.
        origin: the origin of the sandbox.
        names: finds its secrets.
        show_body: whether the body may be shown; if not, and for bodies that are not text, it is read from a file.
    """
    method, body = request.method, request.body
    usual = (method == "GET" and not body) or (method == "POST" and body)
    parts = ["curl" if usual else f"curl --request {quoted([method])}"]
    url = [origin, *_path(request.path, names), *_query(request.query_string, names)]
    plain = "".join(piece for piece in url if isinstance(piece, str))
    if re.search(r"[\[\]{}]", plain):
        parts.append("--globoff")
    if "/." in request.path:
        parts.append("--path-as-is")
    parts[0] += f" {quoted(url)}"
    for name, value in request.headers:
        if name not in SET_BY_CURL:
            parts.append(f"--header {quoted(_header(name, value, names))}")
    if body:
        content = _content(request, names) if show_body else None
        parts.append(f"--data-raw {quoted(content)}" if content is not None else "--data-binary @body")
    command = " \\\n  ".join(parts)
    needs_token = names.token_command and f'"${names.access_token}"' in command
    return f"{names.access_token}=$({names.token_command} token)\n{command}" if needs_token else command


def quoted(pieces: Iterable[Piece]) -> str:
    """One word of a shell: texts in quotation marks, variables expanded."""
    joined: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and joined and isinstance(joined[-1], str):
            joined[-1] += piece
        elif piece != "":
            joined.append(piece)
    return (
        "".join(f'"${piece.name}"' if isinstance(piece, Variable) else _quoted_text(piece) for piece in joined) or "''"
    )


def _quoted_text(text: str) -> str:
    """In single quotes; control characters are escaped as ``$'\\x1b'``, so that a terminal does not obey them."""
    if all(letter.isprintable() or letter == "\n" for letter in text):
        return shlex.quote(text)
    escaped = "".join(letter if letter.isprintable() and letter not in "'\\" else _escaped(letter) for letter in text)
    return f"$'{escaped}'"


def _escaped(letter: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in letter.encode("utf-8", "surrogateescape"))


def _path(path: str, names: SecretNames) -> list[Piece]:
    return [
        piece if index % 2 else names.text_or_variable("", piece)
        for index, piece in enumerate(PATH_SEPARATOR.split(path))
    ]


def _query(query: str, names: SecretNames) -> list[Piece]:
    pieces: list[Piece] = ["?"] if query else []
    for piece in QUERY_SEPARATOR.split(query):
        name, equals, value = piece.partition("=")
        if equals:
            found = names.text_or_variable(unquote_plus(name), unquote_plus(value))
            pieces += [f"{name}=", found if isinstance(found, Variable) else value]
        else:
            found = names.text_or_variable("", unquote_plus(piece))
            pieces.append(found if isinstance(found, Variable) else piece)
    return pieces


def _header(name: str, value: str, names: SecretNames) -> list[Piece]:
    if value == "":
        return [f"{name};"]
    if name in ("authorization", "proxy-authorization"):
        return [f"{name}: ", *_credentials(value, names)]
    return [f"{name}: ", names.text_or_variable(name, value)]


def _credentials(value: str, names: SecretNames) -> Sequence[Piece]:
    scheme, space, rest = value.partition(" ")
    if not space or not scheme.isalpha():
        return [names.variable("authorization", value)]
    if scheme.lower() == "basic":
        return [f"{scheme} ", names.variable("basic_credentials", _decoded(rest))]
    return [f"{scheme} ", names.variable("authorization", rest)]


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def _content(request: RecordedRequest, names: SecretNames) -> list[Piece] | None:
    """The body as pieces; ``None`` if it is not JSON, a form or plain text."""
    media_type = media_type_of(request.header("content-type") or "")
    try:
        text = request.body.decode()
        if "json" in media_type:
            return _json(names.json_or_variables(read_json(text)))
    except ValueError:
        return None
    if media_type == FORM:
        return _form(text, names)
    is_open = media_type.startswith("text/") and names.masking.masked_text(names.vendor, text, media_type) == text
    return [text] if is_open else None


def _json(value: object) -> list[Piece]:
    """The JSON text, cut where a variable stands. The marker is random: no request can contain it."""
    marker = secrets.token_hex(8)

    def mark(value: object) -> str:
        assert isinstance(value, Variable)
        return f"{marker}{value.name}{marker}"

    pieces = json.dumps(value, ensure_ascii=False, default=mark).split(marker)
    return [Variable(piece) if index % 2 else piece for index, piece in enumerate(pieces)]


def _form(text: str, names: SecretNames) -> list[Piece]:
    pieces: list[Piece] = []
    for name, value in parse_qsl(text, keep_blank_values=True):
        found = names.text_or_variable(name, value)
        pieces += ["&" if pieces else "", f"{quote(name)}="]
        pieces.append(found if isinstance(found, Variable) else quote_plus(value))
    return pieces

"""JSON encoding of records, for persistent stores. Tokens are in clear text: keep it where only the user can read it.

Moments are written as seconds since the Unix epoch, so that a restart does not extend a token's life. A reader counts
the remaining lifetime on both of its own clocks and limits it to the full lifetime: a clock that was set back revives
an expired token for at most that long. A record with a wrong digest is rejected: a single changed character makes a
token that the server never issued.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, cast

from ..clock import Moment
from ..credentials import fingerprint
from ..lifecycle import ExtraValue
from ..policy import Refusal
from ..token import Secret, Token
from .protocol import RefreshIntent, TokenRecord

VERSION = 1


def encode_record(record: TokenRecord, *, clock_offset: float = 0.0) -> str:
    """Encode a record as JSON.

    Args:
        clock_offset: seconds that the store's clock, used for moments in the text, is ahead of this machine's.
    """
    token, intent = record.token, record.intent
    document: dict[str, Any] = {"version": VERSION, "generation": record.generation}
    if token is not None:
        document["token"] = {
            "access_token": token.access_token.reveal(),
            "refresh_token": token.refresh_token.reveal() if token.refresh_token else None,
            "extras": {name: _encode_extra(value) for name, value in token.extras.items()},
            "issued_at": token.issued.wall + clock_offset,
            "lifetime": token.lifetime,
            "generation": token.generation,
            "grant": token.grant,
            "server_offset": token.server_offset,
        }
    if intent is not None:
        document["intent"] = {
            "refresh_token_digest": intent.refresh_token_digest,
            "at": intent.at_wall + clock_offset,
            "process_id": intent.process_id,
        }
    return _sealed(document)


def decode_record(text: str | bytes, now: Moment, *, clock_offset: float = 0.0) -> TokenRecord:
    """Decode a record. Raises ``ValueError`` for anything that :func:`encode_record` does not write."""
    document = _document(text)
    try:
        token, intent = document.get("token"), document.get("intent")
        record = TokenRecord(
            token=None if token is None else _decode_token(_object(token), now, clock_offset),
            generation=int(document["generation"]),
            intent=None if intent is None else _decode_intent(_object(intent), clock_offset),
        )
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError) as error:
        message = f"not a token record: {type(error).__name__}"
        raise ValueError(message) from None
    _require_intact(document)
    return record


def encode_refusals(refusals: tuple[Refusal, ...], *, clock_offset: float = 0.0) -> str:
    entries = [
        {"at": refusal.at_wall + clock_offset, "status": refusal.status, "code": refusal.code} for refusal in refusals
    ]
    return _sealed({"version": VERSION, "refusals": entries})


def decode_refusals(text: str | bytes, *, clock_offset: float = 0.0) -> tuple[Refusal, ...]:
    """Decode refused logins. Raises ``ValueError`` for anything that :func:`encode_refusals` does not write."""
    document = _document(text)
    try:
        refusals = tuple(
            Refusal(_number(entry["at"]) - clock_offset, int(entry["status"]), _text(entry["code"]))
            for entry in map(_object, document["refusals"])
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        message = f"not a list of refused logins: {type(error).__name__}"
        raise ValueError(message) from None
    _require_intact(document)
    return refusals


def _encode_extra(value: ExtraValue | Secret) -> dict[str, ExtraValue]:
    return {"secret": value.reveal()} if isinstance(value, Secret) else {"value": value}


def _decode_token(token: Mapping[str, Any], now: Moment, clock_offset: float) -> Token:
    issued_wall = min(_number(token["issued_at"]) - clock_offset, now.wall)  # later if the clock was set back
    lifetime, refresh_token = token["lifetime"], token["refresh_token"]
    return Token(
        access_token=_secret(token["access_token"]),
        refresh_token=None if refresh_token is None else _secret(refresh_token),
        extras={name: _decode_extra(_object(value)) for name, value in token["extras"].items()},
        issued=Moment(issued_wall, now.monotonic - (now.wall - issued_wall)),
        lifetime=None if lifetime is None else _number(lifetime),
        generation=int(token["generation"]),
        grant=str(token["grant"]),
        server_offset=None if token["server_offset"] is None else _number(token["server_offset"]),
    )


def _decode_extra(value: Mapping[str, Any]) -> ExtraValue | Secret:
    if "secret" in value:
        return _secret(value["secret"])
    if not isinstance(value["value"], str | int | float):
        raise TypeError
    return value["value"]


def _decode_intent(intent: Mapping[str, Any], clock_offset: float) -> RefreshIntent:
    return RefreshIntent(
        str(intent["refresh_token_digest"]), _number(intent["at"]) - clock_offset, int(intent["process_id"])
    )


def _sealed(document: Mapping[str, Any]) -> str:
    """The document as text, with a digest of its content."""
    return json.dumps({**document, "digest": _digest(document)}, separators=(",", ":"))


def _require_intact(document: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` if the content was changed after it was written: a damaged token may look valid."""
    if document.get("digest") != _digest(document):
        message = "its content does not match its digest: it was damaged, or changed by another program"
        raise ValueError(message)


def _digest(document: Mapping[str, Any]) -> str:
    try:
        return fingerprint(b"record", {name: value for name, value in document.items() if name != "digest"})
    except RecursionError:
        return ""


# Messages name the error's type only: the text of a ValueError may quote the content.


def _document(text: str | bytes) -> Mapping[str, Any]:
    """The JSON object in a text, if it has the version that this release writes."""
    try:
        document = _object(json.loads(text))
    except (ValueError, RecursionError) as error:
        message = f"not a JSON object: {type(error).__name__}"
        raise ValueError(message) from None
    if document.get("version") != VERSION:
        message = "this release cannot read its version"
        raise ValueError(message)
    return document


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError  # not TypeError: every malformed document raises ValueError
    return cast("Mapping[str, Any]", value)


def _secret(value: object) -> Secret:
    if not isinstance(value, str):
        raise TypeError
    return Secret(value)


def _text(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> float:
    """A finite number: a lifetime of NaN seconds would never expire."""
    number = float(value)
    if not math.isfinite(number):
        raise ValueError
    return number

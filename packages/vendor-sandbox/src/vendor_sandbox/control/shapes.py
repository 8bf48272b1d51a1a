"""The JSON forms of vendors, requests, tokens and events in the control API."""

from __future__ import annotations

from typing import Any, cast

from auth_core_testing import ListedToken

from vendor_sandbox.client_calls import client_calls_of
from vendor_sandbox.control.masking import MASK, Masking
from vendor_sandbox.journal import Entry, FinishedRequest
from vendor_sandbox.json_values import JsonObject, object_of
from vendor_sandbox.vendor import Vendor

__all__ = ["shown_event", "shown_request", "shown_token", "shown_vendor"]


def shown_vendor(vendor: Vendor) -> JsonObject:
    """An entry of ``/_sandbox/vendors``."""
    info = object_of(vendor.document.raw.get("info"))
    return {
        "name": vendor.name,
        "title": str(info.get("title", vendor.name)),
        "servers": vendor.servers,
        "grants": list(vendor.credentials),
        "operations": len(vendor.document.operations),
        "client": client_calls_of(vendor.name) is not None,
    }


def shown_request(entry: Entry, masking: Masking) -> JsonObject:
    """An entry of ``/_sandbox/requests``."""
    finished = cast(FinishedRequest, entry.about)
    recorded = finished.recorded
    return {
        "id": entry.id,
        "at": recorded.at,
        "vendor": recorded.vendor,
        "operation_id": recorded.operation_id,
        "method": recorded.method,
        "path": masking.masked_path(recorded.vendor, recorded.path, recorded.query_string),
        "status": recorded.status,
        "seconds": round(finished.seconds, 6),
        "fault": recorded.fault,
        "token_request": recorded.grant,
    }


def shown_token(vendor: str, token: ListedToken) -> JsonObject:
    """An entry of ``/_sandbox/tokens``."""
    return {
        "vendor": vendor,
        "kind": token.kind,
        "subject": token.subject,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "lifetime": token.lifetime,
        "state": token.state,
        "family": token.family,
        "shown": f"{MASK}{token.ending}",
        "number": token.number,
    }


def shown_event(entry: Entry, masking: Masking) -> JsonObject:
    """The data of an event of ``/_sandbox/events``, or an entry of ``/_sandbox/timeline``."""
    about: Any = entry.about
    match entry.type:
        case "request":
            shape = shown_request(entry, masking)
        case "token":
            shape = shown_token(entry.vendor or "", about)
        case _:
            shape = about
    return {"type": entry.type, "event_id": entry.id, "at": entry.at, **shape}

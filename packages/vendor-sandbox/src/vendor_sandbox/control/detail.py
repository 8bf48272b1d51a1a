"""The JSON form of one request in full: query, headers, bodies, and what to copy."""

from __future__ import annotations

import json

from attrs import frozen

from vendor_sandbox.client_calls import client_calls_of
from vendor_sandbox.control.as_curl import FORM, as_curl
from vendor_sandbox.control.as_python import as_python
from vendor_sandbox.control.masking import MASK, Masking
from vendor_sandbox.control.secret_names import SecretNames
from vendor_sandbox.json_values import JsonObject, read_json
from vendor_sandbox.messages import Request, media_type_of
from vendor_sandbox.recording import RecordedRequest, RecordedResponse
from vendor_sandbox.vendor import KEPT_BODY_BYTES, Vendor

__all__ = ["Details"]


@frozen
class Details:
    """Shows requests of one vendor in full, without secrets."""

    vendor: Vendor
    masking: Masking
    show_bodies: bool

    def shown(self, recorded: RecordedRequest, origin: str) -> JsonObject:
        """Query, headers, body, response and what to copy."""
        names = SecretNames.of(self.vendor, self.masking)
        calls = client_calls_of(self.vendor.name)
        document = self.vendor.document
        return {
            "query": [[name, self._text(name, value)] for name, value in recorded.query],
            "headers": self._headers(recorded.headers),
            "body": self._body(recorded.header("content-type"), recorded.body, len(recorded.body)),
            "response": self._response(recorded.response) if recorded.response is not None else None,
            "curl": as_curl(recorded, origin, names, show_body=self.show_bodies),
            "python": as_python(recorded, document, calls, names, show_body=self.show_bodies) if calls else None,
        }

    def _response(self, response: RecordedResponse) -> JsonObject:
        media_type = next((value for name, value in response.headers if name.lower() == "content-type"), None)
        return {
            "status": response.status,
            "headers": self._headers(response.headers),
            "body": self._body(media_type, response.body, response.size),
        }

    def _headers(self, headers: tuple[tuple[str, str], ...]) -> list[list[str]]:
        return [[name, self.masking.masked_header(self.vendor.name, name, value)] for name, value in headers]

    def _text(self, name: str, value: str) -> str:
        return MASK if value and self.masking.is_secret(self.vendor.name, name, value) else value

    def _body(self, content_type: str | None, content: bytes | None, size: int) -> JsonObject | None:
        """Size and media type; the text if bodies are shown and it is text. ``None``: there is no body."""
        if size == 0:
            return None
        text = self._shown_text(content_type or "", content) if content is not None and self.show_bodies else None
        return {"size": size, "media_type": media_type_of(content_type or ""), "text": text}

    def _shown_text(self, content_type: str, content: bytes) -> str | None:
        """The text without secrets; ``None`` for bytes, for parts of a form, and for JSON that is cut."""
        media_type, vendor = media_type_of(content_type), self.vendor.name
        try:
            text = content[:KEPT_BODY_BYTES].decode()
        except UnicodeDecodeError:
            return None
        if media_type == FORM:
            form = Request("POST", "", "", "", (("content-type", FORM),), content).form or []
            return "\n".join(f"{name}={self._text(name, value)}" for name, value in form)
        if "json" in media_type:
            try:
                masked = self.masking.masked_json(vendor, read_json(text))
                return json.dumps(masked, indent=2, ensure_ascii=False)
            except ValueError:
                return self.masking.masked_text(vendor, text, media_type)
        return self.masking.masked_text(vendor, text, media_type) if media_type.startswith("text/") else None
